// Vector operations that Swift's SIMD types lower to per-lane code, as inline C. They import as
// functions on SIMD16<Float>, SIMD16<Int32> and SIMD16<UInt32>.
#pragma once
#include <stdint.h>

typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef uint64_t u64x16 __attribute__((ext_vector_type(16)));

/// The larger and the smaller; b where one is not a number, as x86 has it in one instruction.
static inline f32x16 vector_max(f32x16 a, f32x16 b) { return a > b ? a : b; }
static inline f32x16 vector_min(f32x16 a, f32x16 b) { return a < b ? a : b; }
/// The largest lane, by halves. Where lanes are not numbers it may be one of these, or another lane.
static inline float vector_largest(f32x16 a) {
  f32x16 b = vector_max(a, __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  f32x16 c = vector_max(b, __builtin_shufflevector(b, b, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
  f32x16 d = vector_max(c, __builtin_shufflevector(c, c, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1));
  return d.x > d.y ? d.x : d.y;
}
static inline f32x16 vector_add(f32x16 a, f32x16 b) { return a + b; }
static inline f32x16 vector_subtract(f32x16 a, f32x16 b) { return a - b; }
static inline f32x16 vector_multiply(f32x16 a, f32x16 b) { return a * b; }
static inline f32x16 vector_divide(f32x16 a, f32x16 b) { return a / b; }
/// a·b + c, rounded once.
static inline f32x16 vector_multiply_add(f32x16 a, f32x16 b, f32x16 c) {
  return __builtin_elementwise_fma(a, b, c);
}
static inline f32x16 vector_abs(f32x16 a) { return __builtin_elementwise_abs(a); }
static inline f32x16 vector_sqrt(f32x16 a) { return __builtin_elementwise_sqrt(a); }
static inline i32x16 vector_truncate(f32x16 a) { return __builtin_convertvector(a, i32x16); }
static inline f32x16 vector_float(i32x16 a) { return __builtin_convertvector(a, f32x16); }

/// The bits of a float moved up by 23: a number whose low bits are n + 127 becomes 2^n.
static inline f32x16 vector_exponent(f32x16 a) { return (f32x16)((u32x16)a << 23); }

/// Lane i where bit i is set, else 0.
static inline f32x16 vector_keep(f32x16 a, uint16_t bits) {
  const u32x16 lanes = {1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                        1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};
  return ((u32x16)(uint32_t)bits & lanes) != 0 ? a : (f32x16)0.0f;
}

/// Lanes from `count` on are `value`, whatever they held.
static inline f32x16 vector_replace_from(f32x16 a, int32_t count, float value) {
  const i32x16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return lanes >= count ? (f32x16)value : a;
}

/// The high 32 bits of each 64-bit product.
static inline u32x16 vector_multiply_high(u32x16 a, uint32_t b) {
  u64x16 product = __builtin_convertvector(a, u64x16) * (u64x16)(uint64_t)b;
  return __builtin_convertvector(product >> 32, u32x16);
}

typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef double f64x8 __attribute__((ext_vector_type(8)));
static inline f64x8 vector_double(f32x8 a) { return __builtin_convertvector(a, f64x8); }
static inline f64x8 vector_multiply_add_double(f64x8 a, f64x8 b, f64x8 c) {
  return __builtin_elementwise_fma(a, b, c);
}

typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));

/// The bits of the nearest bfloat16, ties to even; subnormal numbers become 0, NaN stays NaN.
static inline u16x16 vector_bfloat16(f32x16 a) {
#ifdef __AVX512BF16__
  typedef __bf16 bf16x16 __attribute__((ext_vector_type(16)));
  return (u16x16)__builtin_convertvector(a, bf16x16);
#else
  u32x16 bits = (u32x16)a;
  u32x16 rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  u32x16 normal = (bits & 0x7F800000) != 0 ? rounded : (bits >> 16 & 0x8000);
  return __builtin_convertvector(a == a ? normal : (bits >> 16 | 0x40), u16x16);
#endif
}

/// bfloat16 numbers as floats.
static inline f32x16 vector_float_of_bfloat16(u16x16 a) {
  return (f32x16)(__builtin_convertvector(a, u32x16) << 16);
}

/// Pairs of 16 bits, those of `low` in the low halves.
static inline u32x16 vector_pair(u16x16 low, u16x16 high) {
  return __builtin_convertvector(low, u32x16) | __builtin_convertvector(high, u32x16) << 16;
}

/// Asks for the cache line at an address that will be read soon. Never faults, whatever the address.
static inline void prefetch_line(const void *address) { __builtin_prefetch(address, 0, 3); }
/// Likewise of a line that will be written soon.
static inline void prefetch_line_to_write(const void *address) { __builtin_prefetch(address, 1, 3); }

/// Two lines of a matrix exchange blocks of lanes: the first gets its own lanes k with bit d of k
/// clear, and in the places of the others those of the second; the second the rest.
static inline void vector_exchange8(f32x16 *a, f32x16 *b) {
  f32x16 x = *a, y = *b;
  *a = __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  *b = __builtin_shufflevector(x, y, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}
static inline void vector_exchange4(f32x16 *a, f32x16 *b) {
  f32x16 x = *a, y = *b;
  *a = __builtin_shufflevector(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
  *b = __builtin_shufflevector(x, y, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
}
static inline void vector_exchange2(f32x16 *a, f32x16 *b) {
  f32x16 x = *a, y = *b;
  *a = __builtin_shufflevector(x, y, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
  *b = __builtin_shufflevector(x, y, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}
static inline void vector_exchange1(f32x16 *a, f32x16 *b) {
  f32x16 x = *a, y = *b;
  *a = __builtin_shufflevector(x, y, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
  *b = __builtin_shufflevector(x, y, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
}

/// target = sourceᵀ for 16 × 16 values of 32 bits, lines `sourceStride` and `targetStride` values apart.
static inline void transpose_16x16(
    const void *sourceValues, long sourceStride, void *targetValues, long targetStride) {
  const char *source = (const char *)sourceValues;
  char *target = (char *)targetValues;
  f32x16 v[16];
#pragma unroll
  for (int i = 0; i < 16; i++) __builtin_memcpy(&v[i], source + 4 * i * sourceStride, sizeof v[i]);
#pragma unroll
  for (int i = 0; i < 8; i++) vector_exchange8(&v[i], &v[i + 8]);
#pragma unroll
  for (int i = 0; i < 16; i++) if (!(i & 4)) vector_exchange4(&v[i], &v[i + 4]);
#pragma unroll
  for (int i = 0; i < 16; i++) if (!(i & 2)) vector_exchange2(&v[i], &v[i + 2]);
#pragma unroll
  for (int i = 0; i < 16; i++) if (!(i & 1)) vector_exchange1(&v[i], &v[i + 1]);
#pragma unroll
  for (int i = 0; i < 16; i++) __builtin_memcpy(target + 4 * i * targetStride, &v[i], sizeof v[i]);
}
