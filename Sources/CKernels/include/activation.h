#pragma once
#include <stddef.h>

/// The pointwise non-linearity of an MLP.
typedef enum {
  ckernels_gelu,       // x Phi(x), with erf
  ckernels_gelu_tanh,  // GPT-2's approximation of it with tanh
  ckernels_silu,       // x sigmoid(x)
  ckernels_relu,
} ckernels_activation;

/// y = f(x), in place if they are the same.
void ckernels_activate(ckernels_activation f, float *y, const float *x, size_t count);
/// y = f(gate) * x: the hidden layer of a gated MLP.
void ckernels_activate_gated(ckernels_activation f, float *y, const float *gate, const float *x,
                             size_t count);
/// dx = dy f'(x)
void ckernels_activate_backward(ckernels_activation f, float *dx, const float *dy, const float *x,
                                size_t count);
/// dgate = dy x f'(gate) and dx = dy f(gate)
void ckernels_activate_gated_backward(ckernels_activation f, float *dgate, float *dx,
                                      const float *dy, const float *gate, const float *x,
                                      size_t count);
/// x = cap tanh(x / cap), Gemma 2's soft cap of attention scores and logits.
void ckernels_soft_cap(float *x, float cap, size_t count);
/// dx *= the slope of a soft cap at x, 1 - tanh(factor x)^2: factor is 1 / cap.
void ckernels_soft_cap_backward(float *dx, const float *x, float factor, size_t count);
