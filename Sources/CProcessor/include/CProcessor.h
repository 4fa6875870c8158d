// Whether this processor has the instructions that the vector kernels were compiled for. Compiled for any
// processor, because it is asked first of all.
#pragma once
#include <stdbool.h>

/// The name of an instruction set that the kernels use and this processor, or its system, lacks; null if there
/// is none.
const char *processor_missing_instructions(void);

/// The level of x86-64 that the kernels are compiled for: 4 with AVX-512, 3 with AVX2 and FMA, 0 for less,
/// and on other processors.
int processor_kernel_level(void);
