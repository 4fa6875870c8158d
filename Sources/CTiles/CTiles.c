#include "CTiles.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// The first palette of tiles: eight of 16 rows of 64 bytes, each the operands or sums of a 16 × 16 product.
static const tile_state whole_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16},
};

// A block of 32 × 32 sums: tiles 0 to 3. 4 and 5 hold two times 16 rows of a, 6 and 7 two times 16
// columns of b.
__attribute__((target("amx-tile,amx-bf16"))) static void multiply_block(
    const uint16_t *a, long a_stride, const uint32_t *b, long b_stride, float *c, long c_stride, long k,
    bool accumulate) {
  const long a_bytes = a_stride * (long)sizeof *a, b_bytes = b_stride * (long)sizeof *b;
  const long c_bytes = c_stride * (long)sizeof *c;
  if (accumulate) {
    _tile_loadd(0, c, c_bytes);
    _tile_loadd(1, c + 16, c_bytes);
    _tile_loadd(2, c + 16 * c_stride, c_bytes);
    _tile_loadd(3, c + 16 * c_stride + 16, c_bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (long step = 0; step < k; step += 32) {
    _tile_loadd(4, a + step, a_bytes);
    _tile_loadd(5, a + 16 * a_stride + step, a_bytes);
    _tile_loadd(6, b + step / 2 * b_stride, b_bytes);
    _tile_loadd(7, b + step / 2 * b_stride + 16, b_bytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, c_bytes);
  _tile_stored(1, c + 16, c_bytes);
  _tile_stored(2, c + 16 * c_stride, c_bytes);
  _tile_stored(3, c + 16 * c_stride + 16, c_bytes);
}

__attribute__((target("amx-tile"))) tile_state set_up_tiles(void) {
  tile_state previous;
  _tile_storeconfig(&previous);
  _tile_loadconfig(&whole_tiles);
  return previous;
}

__attribute__((target("amx-tile"))) void restore_tiles(tile_state previous) {
  _tile_loadconfig(&previous);
}

void multiply_tiles(const void *a, long a_stride, const uint32_t *b, long b_stride, float *c,
                    long c_stride, long m, long n, long k, bool accumulate) {
  const uint16_t *values = a;
  for (long row = 0; row < m; row += 32) {
    for (long column = 0; column < n; column += 32) {
      multiply_block(values + row * a_stride, a_stride, b + column, b_stride, c + row * c_stride + column,
                     c_stride, k, accumulate);
    }
  }
}

__attribute__((target("amx-tile,amx-bf16"))) void multiply_packed_tiles(
    const uint16_t *a, const uint32_t *b, float *c, long blocks, result_lines first, result_lines second,
    long rows) {
  enum { HALF = 16 * 32, LINE = 64, ROW = 32 };
  // A few at a time: the processor has room for some ten lines that are on their way.
  const long rows_a_block = (rows + blocks - 1) / blocks;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (long block = 0; block < blocks; block++, a += 2 * HALF, b += HALF) {
    _tile_loadd(6, b, 2 * LINE);
    _tile_loadd(4, a, LINE);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + 16, 2 * LINE);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + HALF, LINE);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
    for (long row = 0; row < rows_a_block && rows > 0; row++, rows--) {
      __builtin_prefetch(first.start, 1, 3);
      __builtin_prefetch(second.start, 1, 3);
      first.start += first.stride;
      second.start += second.stride;
    }
  }
  _tile_stored(0, c, 2 * LINE);
  _tile_stored(1, c + 16, 2 * LINE);
  _tile_stored(2, c + 16 * ROW, 2 * LINE);
  _tile_stored(3, c + 16 * ROW + 16, 2 * LINE);
}

void *tile_scratch(size_t size) {
  static _Thread_local void *memory;
  static _Thread_local size_t available;
  if (size > available) {
    free(memory);
    memory = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
    available = memory ? size : 0;
  }
  return memory;
}

bool request_tiles(void) {
  // Linux saves a process's tiles from when it asks for them (Documentation/arch/x86/xstate.rst).
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

#else
#include <stdlib.h>

bool request_tiles(void) { return false; }

tile_state set_up_tiles(void) { abort(); }

void restore_tiles(tile_state previous) { abort(); }

void multiply_packed_tiles(const uint16_t *a, const uint32_t *b, float *c, long blocks, result_lines first,
                           result_lines second, long rows) {
  abort();
}

void *tile_scratch(size_t size) { abort(); }

void multiply_tiles(const void *a, long a_stride, const uint32_t *b, long b_stride, float *c,
                    long c_stride, long m, long n, long k, bool accumulate) {
  abort();
}

#endif
