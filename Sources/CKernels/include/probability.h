#pragma once
#include <stddef.h>

/// log(sum(exp(x))), accumulated in double precision.
double ckernels_log_sum_exp(const float *x, size_t count);

/// The sum of weights * (x - y), accumulated in double precision. With probabilities as weights
/// and two rows of logits it is what a KL divergence has besides the normalisers.
double ckernels_weighted_difference(const float *weights, const float *x, const float *y,
                                    size_t count);

/// The sum of (x - y)^2, accumulated in double precision.
double ckernels_squared_distance(const float *x, const float *y, size_t count);

/// How many values are greater than `bound`.
size_t ckernels_count_greater(const float *x, float bound, size_t count);

/// The Jensen-Shannon divergence of two distributions, in nats.
double ckernels_jensen_shannon(const float *p, const float *q, size_t count);

/// Replaces the probabilities q, those of a softmax, by the gradient of the Jensen-Shannon divergence
/// from p with respect to its logits.
void ckernels_jensen_shannon_gradient(float *q, const float *p, size_t count);

/// y = x - log_sum_exp: log-probabilities from logits.
void ckernels_log_probabilities(float *y, const float *x, double log_sum_exp, size_t count);

/// y = exp(x)
void ckernels_exp(float *y, const float *x, size_t count);
