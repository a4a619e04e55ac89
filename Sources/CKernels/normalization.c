#include "normalization.h"

#include "dispatch.h"

// Rows may be normalised in place: every value is read before its place is written.
#define IN_PLACE _Pragma("clang loop vectorize(assume_safety)")

DISPATCHED void ckernels_rms_norm(float *y, const float *x, const float *gain, float epsilon,
                                  size_t rows, size_t columns, float *inverse_scale) {
  RELAXED
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += x[i] * x[i];
    float inverse = 1.0f / sqrtf(sum / (float)columns + epsilon);
    if (gain)
      IN_PLACE for (size_t i = 0; i < columns; i++) y[i] = x[i] * inverse * gain[i];
    else
      IN_PLACE for (size_t i = 0; i < columns; i++) y[i] = x[i] * inverse;
    if (inverse_scale) inverse_scale[row] = inverse;
  }
}

DISPATCHED void ckernels_layer_norm(float *y, const float *x, const float *gain, const float *bias,
                                    float epsilon, size_t rows, size_t columns,
                                    float *inverse_scale) {
  RELAXED
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += x[i];
    float mean = sum / (float)columns;
    float squares = 0;
    for (size_t i = 0; i < columns; i++) squares += (x[i] - mean) * (x[i] - mean);
    float inverse = 1.0f / sqrtf(squares / (float)columns + epsilon);
    IN_PLACE for (size_t i = 0; i < columns; i++) y[i] = (x[i] - mean) * inverse;
    if (gain)
      for (size_t i = 0; i < columns; i++) y[i] *= gain[i];
    if (bias)
      for (size_t i = 0; i < columns; i++) y[i] += bias[i];
    if (inverse_scale) inverse_scale[row] = inverse;
  }
}

// With n = x / rms: dx = (g - n mean(g n)) / rms, where g = dy * gain.
DISPATCHED void ckernels_rms_norm_backward(float *dx, const float *dy, const float *x,
                                           const float *gain, float epsilon, size_t rows,
                                           size_t columns, int accumulate) {
  RELAXED
  for (size_t row = 0; row < rows; row++, x += columns, dy += columns, dx += columns) {
    float squares = 0, product = 0;
    for (size_t i = 0; i < columns; i++) squares += x[i] * x[i];
    if (gain)
      for (size_t i = 0; i < columns; i++) product += dy[i] * gain[i] * x[i];
    else
      for (size_t i = 0; i < columns; i++) product += dy[i] * x[i];
    float inverse = 1.0f / sqrtf(squares / (float)columns + epsilon);
    float along = product * inverse * inverse * inverse / (float)columns;
    if (accumulate) {
      for (size_t i = 0; i < columns; i++)
        dx[i] += (gain ? dy[i] * gain[i] : dy[i]) * inverse - along * x[i];
    } else {
      for (size_t i = 0; i < columns; i++)
        dx[i] = (gain ? dy[i] * gain[i] : dy[i]) * inverse - along * x[i];
    }
  }
}

// With n = (x - mean) / s: dx = (g - mean(g) - n mean(g n)) / s, where g = dy * gain.
DISPATCHED void ckernels_layer_norm_backward(float *dx, const float *dy, const float *x,
                                             const float *gain, float epsilon, size_t rows,
                                             size_t columns, int accumulate) {
  RELAXED
  for (size_t row = 0; row < rows; row++, x += columns, dy += columns, dx += columns) {
    float sum = 0;
    for (size_t i = 0; i < columns; i++) sum += x[i];
    float mean = sum / (float)columns;
    float squares = 0, total = 0, product = 0;
    for (size_t i = 0; i < columns; i++) {
      float g = gain ? dy[i] * gain[i] : dy[i];
      float centred = x[i] - mean;
      squares += centred * centred;
      total += g;
      product += g * centred;
    }
    float inverse = 1.0f / sqrtf(squares / (float)columns + epsilon);
    float level = total / (float)columns;
    float along = product * inverse * inverse / (float)columns;
    if (!accumulate) memset(dx, 0, columns * sizeof *dx);
    for (size_t i = 0; i < columns; i++) {
      float g = gain ? dy[i] * gain[i] : dy[i];
      dx[i] += (g - level - along * (x[i] - mean)) * inverse;
    }
  }
}
