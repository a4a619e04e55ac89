#pragma once
#include <stddef.h>

/// Whether this processor has what the products here need (AVX-512) and nobody asked for a kernel
/// of OpenBLAS (CIRCUITTOOLS_BLAS_KERNEL). Without AVX-512, the functions do nothing.
int ckernels_packed_available(void);

/// The columns of a panel: weights are packed as [panel, inner, 32], the last panel with zeros.
enum { ckernels_panel_columns = 32 };

/// Packs b, [inner, columns] or, if `transposed`, [columns, inner], into panels.
void ckernels_pack(float *panels, const float *b, size_t stride, int transposed, size_t inner,
                   size_t columns);

/// c = a b + keep * c, row-major, with b packed and its panels `panel_stride` values apart.
///
/// a: [rows, inner]; c: [rows, columns]. Every value of c is one chain of fused multiply-adds in
/// the order of `inner`, so a row's result doesn't depend on how many rows are computed with it.
/// Uses one thread.
void ckernels_packed_product(const float *a, size_t a_stride, const float *panels,
                             size_t panel_stride, float *c, size_t c_stride, size_t rows,
                             size_t columns, size_t inner, float keep);

/// The same with weights that are packed on the way, b as `ckernels_pack` takes it.
void ckernels_product(const float *a, size_t a_stride, const float *b, size_t b_stride,
                      int transposed, float *c, size_t c_stride, size_t rows, size_t columns,
                      size_t inner, float keep);
