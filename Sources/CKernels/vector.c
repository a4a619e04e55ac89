#include "vector.h"

#include "dispatch.h"

DISPATCHED void ckernels_add(float *y, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

DISPATCHED void ckernels_subtract(float *y, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] -= x[i];
}

DISPATCHED void ckernels_add_scaled(float *y, const float *x, float scale, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += scale * x[i];
}

DISPATCHED void ckernels_difference(float *z, const float *x, const float *y, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] = x[i] - y[i];
}

DISPATCHED void ckernels_scale(float *y, float scale, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] *= scale;
}

DISPATCHED void ckernels_add_bias(float *y, const float *bias, size_t rows, size_t columns,
                                  size_t stride) {
  for (size_t row = 0; row < rows; row++, y += stride)
    for (size_t i = 0; i < columns; i++) y[i] += bias[i];
}

DISPATCHED float ckernels_dot(const float *x, const float *y, size_t count) {
  RELAXED
  float sum = 0;
  for (size_t i = 0; i < count; i++) sum += x[i] * y[i];
  return sum;
}

DISPATCHED float ckernels_sum_of_magnitudes(const float *x, size_t count) {
  RELAXED
  float sum = 0;
  for (size_t i = 0; i < count; i++) sum += fabsf(x[i]);
  return sum;
}

DISPATCHED void ckernels_subtract_both(float *z, const float *x, const float *y, size_t count) {
  for (size_t i = 0; i < count; i++) z[i] -= x[i] + y[i];
}

DISPATCHED void ckernels_add_products(float *z, const float *x, const float *y, float scale,
                                      size_t count) {
  for (size_t i = 0; i < count; i++) z[i] += scale * x[i] * y[i];
}

DISPATCHED void ckernels_scale_rows(float *y, const float *scales, size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; row++, y += columns)
    for (size_t i = 0; i < columns; i++) y[i] *= scales[row];
}
