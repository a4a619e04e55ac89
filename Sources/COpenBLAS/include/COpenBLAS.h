#pragma once

/// OpenBLAS, loaded when the first product is asked for instead of when the process starts.
///
/// OpenBLAS picks its kernels for the processor in a constructor, from the environment variable
/// OPENBLAS_CORETYPE or its own table. Debian's 0.3.21 doesn't know processors newer than itself
/// and falls back to AVX2 kernels, at half the speed of the AVX-512 ones it has. Loading it with
/// `dlopen` lets the variable be set first, and keeps 36 MB of library out of tools that compute
/// nothing.

/// Loads the library and binds its functions, once. Returns NULL, or what went wrong in one line.
const char *copenblas_load(void);

/// The kernel set OpenBLAS chose ("SkylakeX"), or "" before `copenblas_load`.
const char *copenblas_kernel(void);

/// The library's description of itself ("OpenBLAS 0.3.21 DYNAMIC_ARCH ..."), or "" before `copenblas_load`.
const char *copenblas_configuration(void);

/// C := alpha * op(A) * op(B) + beta * C, all row-major, with `trans` not zero for a transposed operand.
/// Runs on the calling thread alone.
void copenblas_sgemm(int transA, int transB, int m, int n, int k, float alpha, const float *a,
                     int lda, const float *b, int ldb, float beta, float *c, int ldc);
