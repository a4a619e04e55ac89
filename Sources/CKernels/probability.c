#include "probability.h"

#include "dispatch.h"

// Sums run in float over blocks and in double across them: as exact as double throughout, at the
// speed of float.
enum { block = 1024 };

DISPATCHED double ckernels_log_sum_exp(const float *x, size_t count) {
  RELAXED
  float maximum = -INFINITY;
  for (size_t i = 0; i < count; i++) maximum = x[i] > maximum ? x[i] : maximum;
  double total = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    float sum = 0;
    for (size_t i = start; i < end; i++) sum += fast_exp(x[i] - maximum);
    total += sum;
  }
  return (double)maximum + log(total);
}

DISPATCHED double ckernels_weighted_difference(const float *weights, const float *x,
                                               const float *y, size_t count) {
  RELAXED
  double total = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    float sum = 0;
    for (size_t i = start; i < end; i++) sum += weights[i] * (x[i] - y[i]);
    total += sum;
  }
  return total;
}

DISPATCHED void ckernels_log_probabilities(float *y, const float *x, double log_sum_exp,
                                           size_t count) {
  float normaliser = (float)log_sum_exp;
  for (size_t i = 0; i < count; i++) y[i] = x[i] - normaliser;
}

DISPATCHED void ckernels_exp(float *y, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = fast_exp(x[i]);
}
