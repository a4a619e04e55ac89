#pragma once
#include <stddef.h>

/// log(sum(exp(x))), accumulated in double precision.
double ckernels_log_sum_exp(const float *x, size_t count);

/// KL(p || q) = sum p (log p - log q), where p has the log-probabilities `reference` and q those
/// of `logits` with the normaliser `log_sum_exp`.
double ckernels_kl_divergence(const float *reference, const float *logits, double log_sum_exp,
                              size_t count);

/// y = x - log_sum_exp: log-probabilities from logits.
void ckernels_log_probabilities(float *y, const float *x, double log_sum_exp, size_t count);

/// y = exp(x)
void ckernels_exp(float *y, const float *x, size_t count);
