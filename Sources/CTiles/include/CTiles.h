// Products of small bfloat16 matrices with sums in single precision, inside attention, where a call of a
// large library would spend its time on preparation. A target of its own, because each unit's code is
// compiled for the instructions that it needs, whatever the rest is compiled for.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// What multiplies.
typedef enum {
  /// Vectors of pairs (AVX512-BF16).
  TILES_OF_VECTORS,
  /// Matrix tiles (AMX).
  TILES_OF_MATRICES,
} tile_unit;

/// Whether this build has code for the unit, and the system lets this process use it. Of the processor
/// it says nothing: ask that first.
bool tile_unit_is_usable(tile_unit unit);

/// How a thread's tiles are set up, in the processor's layout.
typedef struct {
  uint8_t palette, first_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_state;

/// Sets the calling thread's tiles up for `multiply_tiles`. Returns how they were: another library may
/// rely on it, so give it back by `restore_tiles`.
tile_state set_up_tiles(tile_unit unit);
void restore_tiles(tile_unit unit, tile_state previous);

/// c = a·b, or c += a·b: a [m, k], b [k, n], c [m, n]; m, n and k are multiples of 32.
/// a: rows `a_stride` values apart. b: [k/2, n] pairs, each two values below each other, the upper one
/// in the low half; rows `b_stride` pairs apart. c: rows `c_stride` floats apart.
void multiply_tiles(tile_unit unit, const uint16_t *a, long a_stride, const uint32_t *b, long b_stride,
                    float *c, long c_stride, long m, long n, long k, bool accumulate);
