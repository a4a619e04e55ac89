#include "COpenBLAS.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef void (*sgemm_function)(int order, int transA, int transB, int m, int n, int k, float alpha,
                               const float *a, int lda, const float *b, int ldb, float beta,
                               float *c, int ldc);

enum { row_major = 101, no_transpose = 111, transpose = 112 };

static sgemm_function sgemm;
static const char *kernel = "";
static const char *configuration = "";
static char failure[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// The best kernel set that OpenBLAS 0.3.21 has for this processor, or NULL to let it choose.
static const char *best_core_type(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return "SKYLAKEX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "HASWELL";
#endif
  return NULL;
}

static void load(void) {
  // OPENBLAS_CORETYPE itself is overridden: container images set it to a common denominator, and
  // a processor's own kernels are twice as fast. CIRCUITTOOLS_BLAS_KERNEL is the user's say.
  const char *core = getenv("CIRCUITTOOLS_BLAS_KERNEL");
  if (!core || !*core) core = best_core_type();
  if (core) setenv("OPENBLAS_CORETYPE", core, 1);
  // One BLAS thread: the engine spreads work over cores itself, since OpenBLAS's results change
  // with its number of threads.
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  setenv("OMP_NUM_THREADS", "1", 0);

  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(failure, sizeof failure, "OpenBLAS can't be loaded (%s); install libopenblas-dev",
             dlerror());
    return;
  }
  sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
  if (!sgemm) {
    snprintf(failure, sizeof failure, "libopenblas.so.0 has no cblas_sgemm; install libopenblas-dev");
    return;
  }
  char *(*core_name)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
  char *(*get_config)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
  void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  if (set_threads) set_threads(1);
  if (core_name) kernel = core_name();
  if (get_config) configuration = get_config();
}

const char *copenblas_load(void) {
  pthread_once(&once, load);
  return sgemm ? NULL : failure;
}

const char *copenblas_kernel(void) { return kernel; }

const char *copenblas_configuration(void) { return configuration; }

void copenblas_sgemm(int transA, int transB, int m, int n, int k, float alpha, const float *a,
                     int lda, const float *b, int ldb, float beta, float *c, int ldc) {
  sgemm(row_major, transA ? transpose : no_transpose, transB ? transpose : no_transpose, m, n, k,
        alpha, a, lda, b, ldb, beta, c, ldc);
}
