#pragma once
#include <stddef.h>

/// Rotates the first `dimensions` of each head vector of `rows` rows by the angles of the row's
/// position (rotary position embedding, Su et al. 2021).
///
/// x: [rows, stride], with `heads` vectors of `head_width` from its start. Row i is at
/// positions[i % period].
/// cosines, sines: [position, dimensions / 2]. interleaved: pairs are (2i, 2i+1) instead of
/// (i, i + dimensions / 2). transposed: turns back instead, for gradients
/// (where the tables hold more than cosines and sines, lengths change as they do forwards).
void ckernels_rotate(float *x, size_t rows, size_t stride, size_t heads, size_t head_width,
                     size_t dimensions, const int *positions, size_t period,
                     const float *cosines, const float *sines, int interleaved, int transposed);
