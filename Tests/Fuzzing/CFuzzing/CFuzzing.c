#include "CFuzzing.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

extern int LLVMFuzzerRunDriver(int *count, char ***arguments,
                               int (*reader)(const uint8_t *data, size_t size));
extern int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
                                                     void (*freed)(const volatile void *));
extern size_t __sanitizer_get_allocated_size(const volatile void *pointer);

static _Atomic int64_t inUse;
static _Atomic int64_t peak;
static _Atomic int64_t limit = INT64_MAX;

static void allocated(const volatile void *pointer, size_t size) {
    (void)pointer;
    int64_t now = atomic_fetch_add(&inUse, (int64_t)size) + (int64_t)size;
    if (now <= atomic_load(&peak)) return;
    atomic_store(&peak, now);
    int64_t most = atomic_load(&limit);
    if (now <= most) return;
    // Once only: printing may allocate.
    atomic_store(&limit, INT64_MAX);
    fprintf(stderr, "memory: %lld bytes in use, the limit for this input is %lld\n", (long long)now,
            (long long)most);
    abort();
}

static void freed(const volatile void *pointer) {
    if (pointer != NULL) atomic_fetch_sub(&inUse, (int64_t)__sanitizer_get_allocated_size(pointer));
}

int CFuzzing_run(int count, char **arguments, int (*reader)(const uint8_t *data, size_t size)) {
    __sanitizer_install_malloc_and_free_hooks(allocated, freed);
    return LLVMFuzzerRunDriver(&count, &arguments, reader);
}

void CFuzzing_startMeter(int64_t most) {
    atomic_store(&limit, INT64_MAX);
    atomic_store(&inUse, 0);
    atomic_store(&peak, 0);
    atomic_store(&limit, most);
}

int64_t CFuzzing_peak(void) { return atomic_load(&peak); }
