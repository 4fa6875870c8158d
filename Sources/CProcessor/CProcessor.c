#include "CProcessor.h"

#include <stddef.h>

#include "CKernelLevel.h"

static bool kernels_need(unsigned instructions) {
  return (kernel_needs & instructions) == instructions;
}

int processor_kernel_level(void) {
  const unsigned third = needs_avx | needs_avx2 | needs_fma | needs_bmi | needs_bmi2;
  const unsigned fourth =
      needs_avx512f | needs_avx512bw | needs_avx512cd | needs_avx512dq | needs_avx512vl;
  if (kernels_need(third | fourth)) return 4;
  return kernels_need(third) ? 3 : 0;
}

#if defined(__x86_64__)
// The compiler's check wants the name as a literal; it also asks whether the system keeps the registers.
#define CHECK(name) \
  if (kernels_need(needs_##name) && !__builtin_cpu_supports(#name)) return #name

const char *processor_missing_instructions(void) {
  __builtin_cpu_init();
  CHECK(avx);
  CHECK(avx2);
  CHECK(fma);
  CHECK(bmi);
  CHECK(bmi2);
  CHECK(avx512f);
  CHECK(avx512bw);
  CHECK(avx512cd);
  CHECK(avx512dq);
  CHECK(avx512vl);
  CHECK(avx512vbmi);
  CHECK(avx512vbmi2);
  CHECK(avx512vnni);
  CHECK(avx512bf16);
  return NULL;
}
#else
const char *processor_missing_instructions(void) { return NULL; }
#endif
