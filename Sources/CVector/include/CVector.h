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
static inline f32x16 vector_abs(f32x16 a) { return __builtin_elementwise_abs(a); }
static inline f32x16 vector_sqrt(f32x16 a) { return __builtin_elementwise_sqrt(a); }
static inline i32x16 vector_truncate(f32x16 a) { return __builtin_convertvector(a, i32x16); }
static inline f32x16 vector_float(i32x16 a) { return __builtin_convertvector(a, f32x16); }

/// a · 2^n, for results that are normal numbers.
static inline f32x16 vector_scale(f32x16 a, i32x16 n) {
  return (f32x16)((i32x16)a + (n << 23));
}

/// The high 32 bits of each 64-bit product.
static inline u32x16 vector_multiply_high(u32x16 a, uint32_t b) {
  u64x16 product = __builtin_convertvector(a, u64x16) * (u64x16)(uint64_t)b;
  return __builtin_convertvector(product >> 32, u32x16);
}

/// a < b ? yes : no, lane by lane.
static inline f32x16 vector_select_less(u32x16 a, u32x16 b, f32x16 yes, f32x16 no) {
  return a < b ? yes : no;
}

typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef double f64x8 __attribute__((ext_vector_type(8)));
static inline f64x8 vector_double(f32x8 a) { return __builtin_convertvector(a, f64x8); }

typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));

/// The bits of the nearest bfloat16, ties to even; NaN stays NaN.
static inline u16x16 vector_bfloat16(f32x16 a) {
  u32x16 bits = (u32x16)a;
  u32x16 rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  return __builtin_convertvector(a == a ? rounded : (bits >> 16 | 0x40), u16x16);
}
