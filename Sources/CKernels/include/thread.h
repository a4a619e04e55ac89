#pragma once

// What a thread keeps for itself: how many operations its matrix products were, and whom it shares
// products with. Swift has no variables of a thread.

enum { ckernels_way_classes = 8 };

/// Floating-point operations of matrix products, by how many threads could share each: those of class
/// k by 2^k or more, but fewer than 2^(k+1); those of the last class by any number from there on.
typedef struct {
  double of_class[ckernels_way_classes];
} ckernels_operations;

/// Counts a product of this thread that `ways` threads could share.
void ckernels_count_product(double operations, int ways);
/// What this thread has counted since it began.
ckernels_operations ckernels_counted(void);

/// With whom this thread shares products: NULL unless it was set.
void *ckernels_product_team(void);
void ckernels_set_product_team(void *team);

/// Tells the processor that this thread waits for another.
void ckernels_spin(void);
/// Lets another thread have this processor.
void ckernels_yield(void);
