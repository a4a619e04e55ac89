#pragma once
#include <stddef.h>

/// y += x
void ckernels_add(float *y, const float *x, size_t count);
/// y -= x
void ckernels_subtract(float *y, const float *x, size_t count);
/// y += scale * x
void ckernels_add_scaled(float *y, const float *x, float scale, size_t count);
/// y *= x
void ckernels_multiply(float *y, const float *x, size_t count);
/// z = x - y
void ckernels_difference(float *z, const float *x, const float *y, size_t count);
/// y *= scale
void ckernels_scale(float *y, float scale, size_t count);
/// Each row of y, [rows, columns], *= its scale.
void ckernels_scale_rows(float *y, const float *scales, size_t rows, size_t columns);
/// Each of `rows` rows of y, `stride` apart, += bias [columns].
void ckernels_add_bias(float *y, const float *bias, size_t rows, size_t columns, size_t stride);
/// The sum of x * y.
float ckernels_dot(const float *x, const float *y, size_t count);
/// Of each of `rows` rows of y, `stride` apart, the sum of x * y is added to sums[row * sum_stride].
void ckernels_add_dots(float *sums, size_t sum_stride, const float *x, const float *y, size_t stride,
                       size_t rows, size_t count);
/// The sum of |x|.
float ckernels_sum_of_magnitudes(const float *x, size_t count);
/// z -= x + y
void ckernels_subtract_both(float *z, const float *x, const float *y, size_t count);
/// z += scale * x * y
void ckernels_add_products(float *z, const float *x, const float *y, float scale, size_t count);
/// y += weights x for a few rows of y `[rows, columns]` and many columns: a matrix product that reads
/// x `[inner, columns]` once, in place, and skips weights `[rows, inner]` that are 0. (A general
/// matrix product would copy x into blocks first, which costs more than so few rows are worth.)
void ckernels_add_mixture(float *y, size_t y_stride, const float *weights, size_t weight_stride,
                          const float *x, size_t x_stride, size_t rows, size_t columns,
                          size_t inner);
