#include "attention.h"

#include "dispatch.h"

DISPATCHED void ckernels_attention_softmax(float *scores, size_t rows, size_t columns,
                                           size_t stride, const int *visible, size_t period,
                                           int window, float scale, float soft_cap) {
  RELAXED
  for (size_t row = 0; row < rows; row++) {
    float *s = scores + row * stride;
    size_t limit = (size_t)visible[row % period];
    size_t end = limit < columns ? limit : columns;
    size_t start = window > 0 && end > (size_t)window ? end - (size_t)window : 0;
    for (size_t i = start; i < end; i++) s[i] *= scale;
    if (soft_cap > 0)
      for (size_t i = start; i < end; i++)
        s[i] = soft_cap * (1.0f - 2.0f / (fast_exp(2.0f * s[i] / soft_cap) + 1.0f));
    float maximum = -INFINITY;
    for (size_t i = start; i < end; i++) maximum = s[i] > maximum ? s[i] : maximum;
    float sum = 0;
    for (size_t i = start; i < end; i++) {
      float e = fast_exp(s[i] - maximum);
      s[i] = e;
      sum += e;
    }
    float inverse = 1.0f / sum;
    for (size_t i = start; i < end; i++) s[i] *= inverse;
    for (size_t i = 0; i < start; i++) s[i] = 0;
    for (size_t i = end; i < columns; i++) s[i] = 0;
  }
}

DISPATCHED void ckernels_attention_scores(float *scores, size_t rows, size_t columns,
                                          const int *visible, int window, float scale,
                                          float soft_cap) {
  RELAXED
  for (size_t row = 0; row < rows; row++) {
    float *s = scores + row * columns;
    size_t limit = (size_t)visible[row];
    size_t end = limit < columns ? limit : columns;
    size_t start = window > 0 && end > (size_t)window ? end - (size_t)window : 0;
    for (size_t i = start; i < end; i++) s[i] *= scale;
    if (soft_cap > 0)
      for (size_t i = start; i < end; i++)
        s[i] = soft_cap * (1.0f - 2.0f / (fast_exp(2.0f * s[i] / soft_cap) + 1.0f));
    for (size_t i = 0; i < start; i++) s[i] = -INFINITY;
    for (size_t i = end; i < columns; i++) s[i] = -INFINITY;
  }
}

DISPATCHED void ckernels_masked_softmax(float *scores, size_t rows, size_t columns) {
  RELAXED
  for (size_t row = 0; row < rows; row++) {
    float *s = scores + row * columns;
    float maximum = -INFINITY;
    for (size_t i = 0; i < columns; i++) maximum = s[i] > maximum ? s[i] : maximum;
    float sum = 0;
    for (size_t i = 0; i < columns; i++) {
      float e = s[i] == -INFINITY ? 0 : fast_exp(s[i] - maximum);
      s[i] = e;
      sum += e;
    }
    float inverse = sum > 0 ? 1.0f / sum : 0;
    for (size_t i = 0; i < columns; i++) s[i] *= inverse;
  }
}

DISPATCHED void ckernels_attention_softmax_backward(float *gradient, const float *pattern,
                                                    size_t rows, size_t columns, size_t stride,
                                                    float scale) {
  RELAXED
  for (size_t row = 0; row < rows; row++) {
    float *g = gradient + row * stride;
    const float *p = pattern + row * stride;
    float mean = 0;
    for (size_t i = 0; i < columns; i++) mean += g[i] * p[i];
    for (size_t i = 0; i < columns; i++) g[i] = p[i] * (g[i] - mean) * scale;
  }
}
