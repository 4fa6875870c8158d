// Products of bfloat16 matrices by matrix tiles (AMX) with sums in single precision: of small ones inside
// attention, and of packed blocks of large ones. A target of its own, because its
// code is compiled for tiles, whatever the rest is compiled for.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Asks the system to let this process use tiles, and returns whether it may. To be called first of all,
/// on processors with amx_tile and amx_bf16.
bool request_tiles(void);

/// How a thread's tiles are set up, in the processor's layout.
typedef struct {
  uint8_t palette, first_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_state;

/// Sets the calling thread's tiles up for the two products below. Returns how they were: another library may
/// rely on it, so give it back by `restore_tiles`.
tile_state set_up_tiles(void);
void restore_tiles(tile_state previous);

/// c = a·b, or c += a·b: a [m, k], b [k, n], c [m, n]; m, n and k are multiples of 32.
/// a: bfloat16, rows `a_stride` values apart. b: [k/2, n] pairs, each two values below each other, the upper one
/// in the low half; rows `b_stride` pairs apart. c: rows `c_stride` floats apart.
void multiply_tiles(const void *a, long a_stride, const uint32_t *b, long b_stride, float *c,
                    long c_stride, long m, long n, long k, bool accumulate);

/// A cache line of each row of a matrix, rows `stride` bytes apart.
typedef struct {
  const char *start;
  long stride;
} result_lines;

/// c = a·b for a block of 32 × 32, without gaps, and operands that are packed in `blocks` blocks of 2 KiB: a
/// [blocks][32][32] bfloat16, b [blocks][16][32] pairs. Meanwhile it asks for the lines of `rows` rows that will be
/// written next, in two matrices or in two parts of one; these addresses may be any.
void multiply_packed_tiles(const uint16_t *a, const uint32_t *b, float *c, long blocks, result_lines first,
                           result_lines second, long rows);

/// At least `size` bytes that belong to the calling thread and are kept for its next call, aligned to a page; NULL
/// where there is no memory.
void *tile_scratch(size_t size);
