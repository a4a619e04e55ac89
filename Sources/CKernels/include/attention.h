#pragma once
#include <stddef.h>

/// Turns the scores of one head into its attention pattern, row by row, in place.
///
/// scores: [rows, stride], products of a query with the keys at positions 0 ..< columns, before
/// scaling. Row i may see the keys below visible[i % period], and of those the last `window` if
/// window > 0; the others become 0. soft_cap > 0 caps the scaled scores as Gemma 2 does.
void ckernels_attention_softmax(float *scores, size_t rows, size_t columns, size_t stride,
                                const int *visible, size_t period, int window, float scale,
                                float soft_cap);

/// The gradient of the scores (before scaling) from that of the pattern, in place in `gradient`.
/// Both are [rows, stride]. No soft cap: its slope is applied by the caller.
void ckernels_attention_softmax_backward(float *gradient, const float *pattern, size_t rows,
                                         size_t columns, size_t stride, float scale);
