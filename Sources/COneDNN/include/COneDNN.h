// The one use of oneDNN: products of bfloat16 matrices with sums and results in single precision.
// What is hidden here: its objects, and the difference between its C interfaces 2.x and 3.x.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// A matrix of bfloat16 values, as an operand. Its rows begin `stride` values apart in memory; where
/// it is `transposed`, what lies in memory is its transpose.
typedef struct {
  const uint16_t *values;
  int64_t stride;
  bool transposed;
} onednn_operand;

/// c = a·b, or c += a·b, for a [m, k], b [k, n] and c [m, n], whose rows begin `c_stride` apart. No
/// size may be 0. Returns 0, or oneDNN's status. May be called from any thread.
int onednn_product(onednn_operand a, onednn_operand b, float *c, int64_t c_stride, int64_t m,
                   int64_t n, int64_t k, bool accumulate);

/// The number of threads of a product. oneDNN takes them from OpenMP; where it was built for
/// another runtime this does nothing.
void onednn_set_threads(int count);

/// "2.6.3", the library that is loaded.
const char *onednn_version(void);
