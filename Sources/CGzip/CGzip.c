#include "CGzip.h"

#include <stdlib.h>
#include <zlib.h>

struct gzip_stream {
  z_stream zlib;
};

// Windows of 32 KB, and gzip's header and checksums around them.
static const int window_bits = 15 + 16;

gzip_stream *gzip_open(void) {
  gzip_stream *stream = calloc(1, sizeof *stream);
  if (stream && inflateInit2(&stream->zlib, window_bits) != Z_OK) {
    free(stream);
    return NULL;
  }
  return stream;
}

enum gzip_status gzip_unpack(gzip_stream *stream, const uint8_t *packed, size_t *packed_count,
                             uint8_t *space, size_t *space_count) {
  z_stream *zlib = &stream->zlib;
  zlib->next_in = (Bytef *)packed;
  zlib->avail_in = (uInt)*packed_count;
  zlib->next_out = space;
  zlib->avail_out = (uInt)*space_count;
  int status = inflate(zlib, Z_NO_FLUSH);
  *packed_count -= zlib->avail_in;
  *space_count -= zlib->avail_out;
  switch (status) {
    case Z_OK: return GZIP_MORE;
    case Z_STREAM_END: return GZIP_END;
    case Z_BUF_ERROR: return GZIP_STARVED;
    case Z_MEM_ERROR: return GZIP_OUT_OF_MEMORY;
    default: return GZIP_DAMAGED;
  }
}

void gzip_restart(gzip_stream *stream) { inflateReset(&stream->zlib); }

void gzip_close(gzip_stream *stream) {
  if (!stream) return;
  inflateEnd(&stream->zlib);
  free(stream);
}
