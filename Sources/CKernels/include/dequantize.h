// Numbers as model files store them, turned into float32.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Types by their number in GGUF files. K-quants have blocks of 256 values, the older ones of 32.
enum ct_number_type {
    CT_F32 = 0,
    CT_F16 = 1,
    CT_Q4_0 = 2,
    CT_Q4_1 = 3,
    CT_Q5_0 = 6,
    CT_Q5_1 = 7,
    CT_Q8_0 = 8,
    CT_Q4_K = 12,
    CT_Q6_K = 14,
    CT_BF16 = 30,
};

// Turns `blocks` blocks of `type` at `source`, which needs no alignment, into float32. The result is
// the same on every processor, and that of the `gguf` Python package. An unknown type does nothing.
void ct_dequantize(
    int type, const void *_Nonnull source, size_t blocks, float *_Nonnull result);

// Part of a matrix in float32, row after row without gaps, in room that this thread keeps for the next:
// `rows` rows of `columns` numbers, `stride` apart. `type` is one of single numbers.
float *_Nonnull ct_widened(
    int type, const void *_Nonnull source, size_t stride, size_t rows, size_t columns);

// Rounds float32 to bfloat16, to the nearest, ties to even.
void ct_round_to_bf16(const float *_Nonnull values, size_t count, uint16_t *_Nonnull result);

// The index of the first value that is infinite or not a number; `count` if there is none.
size_t ct_first_nonfinite(const float *_Nonnull values, size_t count);

// The same of numbers of 16 bits, of type float16 or bfloat16.
size_t ct_first_nonfinite16(int type, const uint16_t *_Nonnull values, size_t count);
