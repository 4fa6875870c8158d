// Files that are mapped into memory, and what to say when one of them becomes shorter: reading what
// is gone is a SIGBUS. What is hidden here: a signal's handler, which may call next to nothing.
#pragma once
#include <stddef.h>

/// Remembers that the file's bytes lie at `base`.
void mapped_file_watch(const void *base, size_t byte_count, const char *path);

/// Forgets what lies at `base`, before it is unmapped.
void mapped_file_forget(const void *base);

/// From here on reading what is gone of a watched file ends the program with this status, and the
/// message `prefix`, the file's path and what happened on standard error. `prefix` must stay.
void mapped_files_end_with(int status, const char *prefix);
