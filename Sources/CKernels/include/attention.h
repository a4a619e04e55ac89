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

/// Turns products of queries with keys, [rows, columns], into attention scores, in place: scaled, soft
/// capped if soft_cap > 0, and -infinity for the keys that a row doesn't see, as above.
void ckernels_attention_scores(float *scores, size_t rows, size_t columns, const int *visible,
                               int window, float scale, float soft_cap);

/// The softmax of each row of scores, [rows, columns], in place: 0 where the score is -infinity, and
/// nothing but 0 in a row where all are.
void ckernels_masked_softmax(float *scores, size_t rows, size_t columns);

/// The gradient of the scores (before scaling) from that of the pattern, in place in `gradient`.
/// Both are [rows, stride]. No soft cap: its slope is applied by the caller.
void ckernels_attention_softmax_backward(float *gradient, const float *pattern, size_t rows,
                                         size_t columns, size_t stride, float scale);
