// The uses of oneDNN: products of matrices in bfloat16, with sums and results in single precision, and in
// single precision. What is hidden here: its objects, and the difference between its C interfaces 2.x and
// 3.x.
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

/// c = a·b by a kernel for these very sizes. oneDNN compiles it at the first call and keeps a number of them. For
/// comparisons: with matrix tiles it is faster than the one for any size, but a batch brings new sizes every time.
int onednn_product_of_stated_size(onednn_operand a, onednn_operand b, float *c, int64_t c_stride,
                                  int64_t m, int64_t n, int64_t k);

/// A matrix in single precision, as an operand; as above.
typedef struct {
  const float *values;
  int64_t stride;
  bool transposed;
} onednn_single_operand;

/// The same in single precision.
int onednn_sgemm(onednn_single_operand a, onednn_single_operand b, float *c,
                 int64_t c_stride, int64_t m, int64_t n, int64_t k, bool accumulate);

/// Whether it is made for the instructions that oneDNN uses here, AVX-512, and keeps to the number of threads.
bool onednn_sgemm_pays(void);

/// Whether oneDNN uses matrix tiles here.
bool onednn_may_use_tiles(void);

/// The number of threads of a product. oneDNN takes them from OpenMP; where it was built for
/// another runtime this does nothing.
void onednn_set_threads(int count);
int onednn_threads(void);

/// What oneDNN uses of the processor, as its bits: DNNL_MAX_CPU_ISA may forbid some of it.
int onednn_instruction_set(void);

/// "2.6.3", the library that is loaded.
const char *onednn_version(void);
