#pragma once
#include <stddef.h>

/// Whether this processor has what the product here needs (AVX-512) and the user doesn't name a
/// kernel of OpenBLAS (CIRCUITTOOLS_BLAS_KERNEL). Without AVX-512, the product does nothing.
int ckernels_product_available(void);

/// c = scale * a b + keep * c, row-major.
///
/// a: [rows, inner]; b: [inner, columns] or, if `transposed`, [columns, inner]; c: [rows, columns];
/// `inner` is at least 1. The numbers of b are of the type `b_type` (`ct_number_type`): float32,
/// float16 or bfloat16. Of the same numbers the result is the same, to the bit.
/// The chains of fused multiply-adds that make a value of c don't depend on `rows`, so neither does
/// a row's result on how many rows are computed with it. Uses one thread.
void ckernels_product(const float *a, size_t a_stride, const void *b, int b_type, size_t b_stride,
                      int transposed, float *c, size_t c_stride, size_t rows, size_t columns,
                      size_t inner, float scale, float keep);
