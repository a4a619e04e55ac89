#include "rotary.h"

#include "dispatch.h"

DISPATCHED void ckernels_rotate(float *x, size_t rows, size_t stride, size_t heads,
                                size_t head_width, size_t dimensions, const int *positions,
                                size_t period, const float *cosines, const float *sines,
                                int interleaved, int transposed) {
  size_t half = dimensions / 2;
  float sign = transposed ? -1.0f : 1.0f;
  for (size_t row = 0; row < rows; row++) {
    size_t angle = (size_t)positions[row % period] * half;
    const float *c = cosines + angle;
    const float *s = sines + angle;
    for (size_t head = 0; head < heads; head++) {
      float *v = x + row * stride + head * head_width;
      if (interleaved) {
        for (size_t i = 0; i < half; i++) {
          float a = v[2 * i], b = v[2 * i + 1];
          v[2 * i] = a * c[i] - sign * b * s[i];
          v[2 * i + 1] = b * c[i] + sign * a * s[i];
        }
      } else {
        for (size_t i = 0; i < half; i++) {
          float a = v[i], b = v[i + half];
          v[i] = a * c[i] - sign * b * s[i];
          v[i + half] = b * c[i] + sign * a * s[i];
        }
      }
    }
  }
}
