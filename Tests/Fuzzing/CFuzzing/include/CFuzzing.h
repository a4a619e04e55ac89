/// libFuzzer behind C functions, and a meter of the memory that one input takes.
#ifndef CFUZZING_H
#define CFUZZING_H

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer on `reader` with the options of the command line, and returns its exit status.
int CFuzzing_run(int count, char **arguments, int (*reader)(const uint8_t *data, size_t size));

/// Starts counting what is allocated and not yet freed, from 0; `limit` bytes are too many, which ends the
/// process as a finding of libFuzzer.
void CFuzzing_startMeter(int64_t limit);

/// The most that was in use at once since the start.
int64_t CFuzzing_peak(void);

#endif
