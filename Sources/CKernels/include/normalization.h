#pragma once
#include <stddef.h>

/// y = x / rms(x) * gain, row by row, with rms = sqrt(mean(x^2) + epsilon). `gain` may be NULL.
/// `x` and `y` may be the same. Stores 1 / rms in `inverse_scale` [rows] unless that is NULL.
void ckernels_rms_norm(float *y, const float *x, const float *gain, float epsilon, size_t rows,
                       size_t columns, float *inverse_scale);

/// y = (x - mean) / sqrt(variance + epsilon) * gain + bias, row by row. `gain` and `bias` may be
/// NULL. Stores the reciprocal of the divisor in `inverse_scale` [rows] unless that is NULL.
void ckernels_layer_norm(float *y, const float *x, const float *gain, const float *bias,
                         float epsilon, size_t rows, size_t columns, float *inverse_scale);

/// dx (+)= the gradient of ckernels_rms_norm at input x, for the gradient dy of its output.
/// `accumulate` not zero adds to dx. dx and dy must not be the same.
void ckernels_rms_norm_backward(float *dx, const float *dy, const float *x, const float *gain,
                                float epsilon, size_t rows, size_t columns, int accumulate);

/// dx (+)= the gradient of ckernels_layer_norm at input x, for the gradient dy of its output.
void ckernels_layer_norm_backward(float *dx, const float *dy, const float *x, const float *gain,
                                  float epsilon, size_t rows, size_t columns, int accumulate);
