#pragma once

// Small numeric kernels over rows of float32, each compiled for AVX-512, AVX2 and the baseline
// and dispatched by the processor it runs on. Swift keeps strict floating-point order, which costs
// reductions a factor of twenty; here reassociation is allowed, function by function.

#include "activation.h"
#include "attention.h"
#include "dequantize.h"
#include "normalization.h"
#include "probability.h"
#include "product.h"
#include "rotary.h"
#include "thread.h"
#include "vector.h"
