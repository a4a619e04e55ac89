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

DISPATCHED double ckernels_squared_distance(const float *x, const float *y, size_t count) {
  RELAXED
  double total = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    float sum = 0;
    for (size_t i = start; i < end; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    total += sum;
  }
  return total;
}

DISPATCHED size_t ckernels_count_greater(const float *x, float bound, size_t count) {
  size_t greater = 0;
  for (size_t i = 0; i < count; i++) greater += x[i] > bound;
  return greater;
}

// With p = m (1 - d) and q = m (1 + d), both divergences from m are functions of d alone, which
// stay exact where p and q are nearly the same.
enum { series_terms = 6 };

/// (1 - d) log(1 - d) + (1 + d) log(1 + d) = d^2 + d^4 / 6 + d^6 / 15 + ...
static double divergence_from_mean(double d) {
  double square = d * d;
  if (square > 0.04) {
    double low = 1 - d > 0 ? (1 - d) * log(1 - d) : 0;
    double high = 1 + d > 0 ? (1 + d) * log(1 + d) : 0;
    return low + high;
  }
  double sum = 0;
  for (int k = series_terms; k >= 1; k--) sum = sum * square + 1.0 / (k * (2 * k - 1));
  return sum * square;
}

double ckernels_jensen_shannon(const float *p, const float *q, size_t count) {
  double total = 0;
  for (size_t i = 0; i < count; i++) {
    double sum = (double)p[i] + q[i];
    // Less than this adds nothing to a sum of 1.
    if (sum > 1e-13) total += sum / 4 * divergence_from_mean((q[i] - (double)p[i]) / sum);
  }
  return total;
}

void ckernels_jensen_shannon_gradient(float *q, const float *p, size_t count) {
  double mean = 0;
  for (size_t i = 0; i < count; i++) {
    double sum = (double)p[i] + q[i];
    if (sum > 1e-30 && q[i] > 0) mean += q[i] * 0.5 * log1p((q[i] - (double)p[i]) / sum);
  }
  for (size_t i = 0; i < count; i++) {
    double sum = (double)p[i] + q[i];
    double own = sum > 1e-30 && q[i] > 0 ? 0.5 * log1p((q[i] - (double)p[i]) / sum) : 0;
    q[i] = (float)(q[i] * (own - mean));
  }
}

DISPATCHED void ckernels_log_probabilities(float *y, const float *x, double log_sum_exp,
                                           size_t count) {
  // Rounded once, after the difference: a rounded normaliser would scale all probabilities.
  for (size_t i = 0; i < count; i++) y[i] = (float)(x[i] - log_sum_exp);
}

DISPATCHED void ckernels_exp(float *y, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = fast_exp(x[i]);
}
