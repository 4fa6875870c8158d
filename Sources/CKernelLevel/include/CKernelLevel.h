// The instructions that the vector kernels were compiled for. A target of data alone: it is compiled as the
// kernels are, so code in it might use the very instructions that a processor lacks.
#pragma once
#include <stdint.h>

/// Instructions beyond plain x86-64, one bit each.
enum {
  needs_avx = 1 << 0,
  needs_avx2 = 1 << 1,
  needs_fma = 1 << 2,
  needs_bmi = 1 << 3,
  needs_bmi2 = 1 << 4,
  needs_avx512f = 1 << 5,
  needs_avx512bw = 1 << 6,
  needs_avx512cd = 1 << 7,
  needs_avx512dq = 1 << 8,
  needs_avx512vl = 1 << 9,
  needs_avx512vbmi = 1 << 10,
  needs_avx512vbmi2 = 1 << 11,
  needs_avx512vnni = 1 << 12,
  needs_avx512bf16 = 1 << 13,
};

/// What the kernels use.
extern const uint32_t kernel_needs;
