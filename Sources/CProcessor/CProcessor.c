#include "CProcessor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "CKernelLevel.h"

static bool kernels_need(unsigned instructions) {
  return (kernel_needs & instructions) == instructions;
}

// The level of x86-64 that the kernels are compiled for: 4 with AVX-512, 3 with AVX2 and FMA, 0 for less, and
// on other processors.
static int kernel_level(void) {
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

// The name of an instruction set that the kernels use and is not there; null if there is none.
static const char *missing_instructions(void) {
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
static const char *missing_instructions(void) { return NULL; }
#endif

static void end(const char *name, int status, const char *message) {
  const char *rank = getenv("OMPI_COMM_WORLD_LOCAL_RANK");
  if (!rank || strcmp(rank, "0") == 0) {
    fprintf(stderr, "%s: error: %s\n", name, message);
  } else {
    // mpirun ends all ranks as soon as one ends with an error: the first must come to print.
    sleep(1);
  }
  exit(status);
}

void processor_require_kernels(const char *name, int status) {
  char message[512];
  const char *missing = missing_instructions(), *chosen = getenv("DDP_TRAIN_KERNELS");
  if (missing) {
    snprintf(message, sizeof message,
             "this processor lacks %s, which this program was built for; build it with "
             "DDP_TRAIN_MARCH=x86-64-v3, or, with the Python package, set DDP_TRAIN_KERNELS=v3",
             missing);
    end(name, status, message);
  }
  if (!chosen || !*chosen) return;
  if (strcmp(chosen, "v3") != 0 && strcmp(chosen, "v4") != 0) {
    snprintf(message, sizeof message, "DDP_TRAIN_KERNELS is \"%.80s\"; it must be v3 or v4", chosen);
    end(name, status, message);
  }
  if (chosen[1] - '0' != kernel_level()) {
    snprintf(message, sizeof message,
             "DDP_TRAIN_KERNELS asks for %s, and this program was built for another level; build it "
             "with DDP_TRAIN_MARCH=x86-64-%s, or use the Python package, which has both",
             chosen, chosen);
    end(name, status, message);
  }
}
