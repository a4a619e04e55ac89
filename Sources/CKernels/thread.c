#include "thread.h"

#include <sched.h>
#include <stddef.h>

static _Thread_local ckernels_operations counted;
static _Thread_local void *team;

void ckernels_count_product(double operations, int ways) {
  int class = ways < 2 ? 0 : 31 - __builtin_clz((unsigned)ways);
  counted.of_class[class < ckernels_way_classes ? class : ckernels_way_classes - 1] += operations;
}

ckernels_operations ckernels_counted(void) { return counted; }

void *ckernels_product_team(void) { return team; }
void ckernels_set_product_team(void *new_team) { team = new_team; }

void ckernels_spin(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void ckernels_yield(void) { sched_yield(); }
