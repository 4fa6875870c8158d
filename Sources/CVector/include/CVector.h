// Vector operations that Swift's SIMD types lower to per-lane code, as inline C. They import as
// functions on SIMD16<Float> and SIMD16<Int32>.
#pragma once
#include <stdint.h>

typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));

static inline f32x16 vector_max(f32x16 a, f32x16 b) { return __builtin_elementwise_max(a, b); }
static inline f32x16 vector_min(f32x16 a, f32x16 b) { return __builtin_elementwise_min(a, b); }
static inline f32x16 vector_abs(f32x16 a) { return __builtin_elementwise_abs(a); }
static inline f32x16 vector_sqrt(f32x16 a) { return __builtin_elementwise_sqrt(a); }
static inline i32x16 vector_truncate(f32x16 a) { return __builtin_convertvector(a, i32x16); }
static inline f32x16 vector_float(i32x16 a) { return __builtin_convertvector(a, f32x16); }
