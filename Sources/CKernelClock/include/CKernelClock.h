// Where a thread's time in kernels goes. What is hidden here: memory of a thread's own, which Swift
// cannot declare, so that no lock is needed and tests on many threads do not disturb each other.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Kinds of kernel that can be told apart.
enum { kernel_clock_kinds = 32 };

/// Begins a kernel on the calling thread. False inside another kernel, whose time this one's is then:
/// `kernel_clock_end` must not be called for it.
bool kernel_clock_begin(void);

/// Ends the kernel that began last, of kind `kind`.
void kernel_clock_end(int32_t kind);

/// Sets what the calling thread calls at the end of each kernel that is in no other one; null for nothing. Kernels
/// that it calls do not call it again.
void kernel_hook_set(void (*hook)(void *), void *context);

/// Writes the calling thread's nanoseconds by kind since the last call, and begins to count anew.
void kernel_clock_take(int64_t nanoseconds[kernel_clock_kinds]);
