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

DISPATCHED void ckernels_multiply(float *y, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] *= x[i];
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

// Two rows at a time share what is read of x.
DISPATCHED void ckernels_add_dots(float *sums, size_t sum_stride, const float *x, const float *y,
                                  size_t stride, size_t rows, size_t count) {
  RELAXED
  size_t row = 0;
  for (; row + 2 <= rows; row += 2, y += 2 * stride, sums += 2 * sum_stride) {
    const float *z = y + stride;
    float first = 0, second = 0;
    for (size_t i = 0; i < count; i++) {
      first += x[i] * y[i];
      second += x[i] * z[i];
    }
    sums[0] += first;
    sums[sum_stride] += second;
  }
  if (row < rows) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * y[i];
    *sums += sum;
  }
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

// Four rows of x at a time stay in the first-level cache while all rows of y take their share of them.
DISPATCHED void ckernels_add_mixture(float *y, size_t y_stride, const float *weights,
                                     size_t weight_stride, const float *x, size_t x_stride,
                                     size_t rows, size_t columns, size_t inner) {
  RELAXED
  for (size_t first = 0; first < columns; first += 512) {
    size_t count = columns - first < 512 ? columns - first : 512;
    size_t i = 0;
    for (; i + 4 <= inner; i += 4) {
      const float *a = x + i * x_stride + first, *b = a + x_stride;
      const float *c = b + x_stride, *d = c + x_stride;
      for (size_t row = 0; row < rows; row++) {
        const float *w = weights + row * weight_stride + i;
        float p = w[0], q = w[1], r = w[2], s = w[3];
        if (p == 0 && q == 0 && r == 0 && s == 0) continue;
        float *target = y + row * y_stride + first;
        for (size_t j = 0; j < count; j++) target[j] += p * a[j] + q * b[j] + r * c[j] + s * d[j];
      }
    }
    for (; i < inner; i++) {
      const float *a = x + i * x_stride + first;
      for (size_t row = 0; row < rows; row++) {
        float p = weights[row * weight_stride + i];
        if (p == 0) continue;
        float *target = y + row * y_stride + first;
        for (size_t j = 0; j < count; j++) target[j] += p * a[j];
      }
    }
  }
}
