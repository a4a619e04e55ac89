#pragma once
#include <stddef.h>

/// log(sum(exp(x))), accumulated in double precision.
double ckernels_log_sum_exp(const float *x, size_t count);

/// The sum of weights * (x - y), accumulated in double precision. With probabilities as weights
/// and two rows of logits it is what a KL divergence has besides the normalisers.
double ckernels_weighted_difference(const float *weights, const float *x, const float *y,
                                    size_t count);

/// y = x - log_sum_exp: log-probabilities from logits.
void ckernels_log_probabilities(float *y, const float *x, double log_sum_exp, size_t count);

/// y = exp(x)
void ckernels_exp(float *y, const float *x, size_t count);
