#include "activation.h"

#include "dispatch.h"

#define INLINE static inline __attribute__((always_inline))

INLINE float sigmoid(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

INLINE float tanh_by_exp(float x) { return 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f); }

// Abramowitz and Stegun 7.1.26's form of erf with more terms would do for float32 only near 1e-7
// absolute; the C library's erff is exact to the last place and GELU with erf is rare.
INLINE float normal_cdf(float x) { return 0.5f * (1.0f + erff(x * 0.70710678118654752f)); }

static const float root_two_over_pi = 0.79788456080286536f;

INLINE float gelu_tanh_inner(float x) { return root_two_over_pi * (x + 0.044715f * x * x * x); }

INLINE float value(ckernels_activation f, float x) {
  switch (f) {
    case ckernels_gelu: return x * normal_cdf(x);
    case ckernels_gelu_tanh: return x * sigmoid(2.0f * gelu_tanh_inner(x));
    case ckernels_silu: return x * sigmoid(x);
    case ckernels_relu: return x > 0 ? x : 0;
  }
  return x;
}

INLINE float slope(ckernels_activation f, float x) {
  switch (f) {
    case ckernels_gelu:
      return normal_cdf(x) + x * 0.39894228040143268f * fast_exp(-0.5f * x * x);
    case ckernels_gelu_tanh: {
      float s = sigmoid(2.0f * gelu_tanh_inner(x));
      return s + x * s * (1.0f - s) * 2.0f * root_two_over_pi * (1.0f + 0.134145f * x * x);
    }
    case ckernels_silu: {
      float s = sigmoid(x);
      return s * (1.0f + x * (1.0f - s));
    }
    case ckernels_relu: return x > 0 ? 1 : 0;
  }
  return 1;
}

// Values are read before their place is written, and results may go where the arguments were: each
// loop may be vectorised without a look at whether its arrays overlap. (erff keeps its loop scalar.)
#define IN_PLACE _Pragma("clang loop vectorize(assume_safety)")

// The switch is taken once, outside the loop, so that each loop is branch-free.
#define FOR_EACH_ACTIVATION(f, LOOP)                       \
  switch (f) {                                             \
    case ckernels_gelu: LOOP(, ckernels_gelu) break;       \
    case ckernels_gelu_tanh: LOOP(IN_PLACE, ckernels_gelu_tanh) break; \
    case ckernels_silu: LOOP(IN_PLACE, ckernels_silu) break; \
    case ckernels_relu: LOOP(IN_PLACE, ckernels_relu) break; \
  }

DISPATCHED void ckernels_activate(ckernels_activation f, float *y, const float *x, size_t count) {
#define LOOP(HINT, F) HINT for (size_t i = 0; i < count; i++) y[i] = value(F, x[i]);
  FOR_EACH_ACTIVATION(f, LOOP)
#undef LOOP
}

DISPATCHED void ckernels_activate_gated(ckernels_activation f, float *y, const float *gate,
                                        const float *x, size_t count) {
#define LOOP(HINT, F) HINT for (size_t i = 0; i < count; i++) y[i] = value(F, gate[i]) * x[i];
  FOR_EACH_ACTIVATION(f, LOOP)
#undef LOOP
}

DISPATCHED void ckernels_activate_backward(ckernels_activation f, float *dx, const float *dy,
                                           const float *x, size_t count) {
#define LOOP(HINT, F) HINT for (size_t i = 0; i < count; i++) dx[i] = dy[i] * slope(F, x[i]);
  FOR_EACH_ACTIVATION(f, LOOP)
#undef LOOP
}

DISPATCHED void ckernels_activate_gated_backward(ckernels_activation f, float *dgate, float *dx,
                                                 const float *dy, const float *gate,
                                                 const float *x, size_t count) {
#define LOOP(HINT, F)                          \
  HINT                                         \
  for (size_t i = 0; i < count; i++) {         \
    float upstream = dy[i], g = gate[i];       \
    dgate[i] = upstream * x[i] * slope(F, g);  \
    dx[i] = upstream * value(F, g);            \
  }
  FOR_EACH_ACTIVATION(f, LOOP)
#undef LOOP
}

DISPATCHED void ckernels_soft_cap(float *x, float cap, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = cap * tanh_by_exp(x[i] / cap);
}

DISPATCHED void ckernels_soft_cap_backward(float *dx, const float *x, float factor, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float t = tanh_by_exp(x[i] * factor);
    dx[i] *= 1.0f - t * t;
  }
}
