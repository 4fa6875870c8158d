// Unpacking gzip with zlib. Its own header is not shown to Swift: it includes headers of the system, which
// then belong to two modules.

#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct gzip_stream gzip_stream;

enum gzip_status {
  // Bytes were read or written, and there may be more.
  GZIP_MORE,
  // The end of a packed file; `gzip_restart` begins the next one.
  GZIP_END,
  // Nothing could be done with these bytes: more of them are wanted.
  GZIP_STARVED,
  GZIP_DAMAGED,
  GZIP_OUT_OF_MEMORY,
};

// NULL where there is no memory.
gzip_stream *gzip_open(void);

// Unpacks from `packed` into `space`. The counts, at most 2³¹, become those of what was read and written.
enum gzip_status gzip_unpack(gzip_stream *stream, const uint8_t *packed, size_t *packed_count,
                             uint8_t *space, size_t *space_count);

void gzip_restart(gzip_stream *stream);
void gzip_close(gzip_stream *stream);
