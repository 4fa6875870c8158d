// Whether this processor has the instructions that the vector kernels were compiled for. In C, and compiled for
// any processor, because it is asked first of all: of Swift's generic functions the linker may keep the copy of
// a module that was compiled for the kernels' processor.
#pragma once

/// Ends the program with `status`, and one message that says what to do, where the processor, or its system,
/// lacks instructions of the kernels, or where DDP_TRAIN_KERNELS asks for kernels of another level. The message
/// begins with the program's `name`; of the ranks on a machine one prints it.
void processor_require_kernels(const char *name, int status);
