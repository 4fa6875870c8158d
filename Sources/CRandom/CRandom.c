#include "CRandom.h"

#include <stdbool.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are read as bytes");

enum { ROUNDS = 7, COUNTERS_PER_BLOCK = 16 };

// The keys of the rounds: each is the one before plus constants, of 64 bits each (a Weyl sequence, with the
// golden ratio and √3 − 1).
typedef struct {
  uint64_t halves[ROUNDS + 1][2];
} round_keys;

static round_keys keys_of(uint64_t key) {
  round_keys keys;
  for (uint64_t round = 0; round <= ROUNDS; round++) {
    keys.halves[round][0] = key + round * 0x9E3779B97F4A7C15;
    keys.halves[round][1] = round * 0xBB67AE8584CAA73B;
  }
  return keys;
}

static uint8_t xtime(uint8_t x) { return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1B : 0)); }

// AES's S-box: the inverse in GF(2⁸), and an affine map of its bits. (FIPS 197, section 5.1.1)
static uint8_t sbox[256];

__attribute__((constructor)) static void fill_sbox(void) {
  // x goes through the powers of 3, y through those of its inverse.
  uint8_t x = 1, y = 1;
  do {
    x = (uint8_t)(x ^ xtime(x));
    y = (uint8_t)(y ^ y << 1);
    y = (uint8_t)(y ^ y << 2);
    y = (uint8_t)(y ^ y << 4);
    if (y & 0x80) y ^= 0x09;
    uint8_t map = y;
    for (int turn = 1; turn <= 4; turn++) map ^= (uint8_t)(y << turn | y >> (8 - turn));
    sbox[x] = map ^ 0x63;
  } while (x != 1);
  sbox[0] = 0x63;
}

static void portable_round(uint8_t state[16], const uint8_t key[16], bool mixes) {
  uint8_t moved[16];
  for (int column = 0; column < 4; column++) {
    for (int row = 0; row < 4; row++) {
      moved[4 * column + row] = sbox[state[4 * ((column + row) % 4) + row]];
    }
  }
  for (int i = 0; i < 16; i++) {
    const uint8_t *column = moved + i / 4 * 4;
    const uint8_t own = column[i % 4], next = column[(i + 1) % 4];
    const uint8_t rest = column[(i + 2) % 4] ^ column[(i + 3) % 4];
    state[i] = (mixes ? xtime(own) ^ xtime(next) ^ next ^ rest : own) ^ key[i];
  }
}

static void portable_counter(const uint32_t counter[4], const round_keys *keys, uint16_t words[8]) {
  uint8_t state[16], key[16];
  memcpy(state, counter, sizeof state);
  memcpy(key, keys->halves[0], sizeof key);
  for (int i = 0; i < 16; i++) state[i] ^= key[i];
  for (int round = 1; round <= ROUNDS; round++) {
    memcpy(key, keys->halves[round], sizeof key);
    portable_round(state, key, round < ROUNDS);
  }
  memcpy(words, state, sizeof state);
}

static void portable_bits(uint8_t *bits, random_stream stream, uint32_t first, long count,
                          uint16_t threshold) {
  const round_keys keys = keys_of(stream.key);
  for (long i = 0; i < count; i++) {
    const uint32_t counter[4] = {first + (uint32_t)i, stream.words[0], stream.words[1],
                                 stream.words[2]};
    uint16_t words[8];
    portable_counter(counter, &keys, words);
    uint8_t byte = 0;
    for (int word = 0; word < 8; word++) byte |= (uint8_t)((words[word] >= threshold) << word);
    bits[i] = byte;
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

// Eight counters at a time, since a round takes the processor some cycles until the next can begin.
__attribute__((target("aes,sse4.1"))) static void aes_bits(
    uint8_t *bits, random_stream stream, uint32_t first, long count, uint16_t threshold) {
  enum { TOGETHER = 8 };
  const round_keys keys = keys_of(stream.key);
  const __m128i limit = _mm_set1_epi16((short)threshold);
  for (long i = 0; i < count; i += TOGETHER) {
    __m128i states[TOGETHER], key = _mm_loadu_si128((const __m128i *)keys.halves[0]);
    for (int j = 0; j < TOGETHER; j++) {
      states[j] = _mm_set_epi32((int)stream.words[2], (int)stream.words[1], (int)stream.words[0],
                                (int)(first + (uint32_t)(i + j)));
      states[j] = _mm_xor_si128(states[j], key);
    }
    for (int round = 1; round < ROUNDS; round++) {
      key = _mm_loadu_si128((const __m128i *)keys.halves[round]);
      for (int j = 0; j < TOGETHER; j++) states[j] = _mm_aesenc_si128(states[j], key);
    }
    key = _mm_loadu_si128((const __m128i *)keys.halves[ROUNDS]);
    for (int j = 0; j < TOGETHER; j++) {
      states[j] = _mm_aesenclast_si128(states[j], key);
      states[j] = _mm_cmpeq_epi16(_mm_max_epu16(states[j], limit), states[j]);
    }
    for (int j = 0; j < TOGETHER; j += 2) {
      const int pair = _mm_movemask_epi8(_mm_packs_epi16(states[j], states[j + 1]));
      bits[i + j] = (uint8_t)pair;
      bits[i + j + 1] = (uint8_t)(pair >> 8);
    }
  }
}

__attribute__((target("vaes,avx512f,avx512bw"))) static void vaes_bits(
    uint8_t *bits, random_stream stream, uint32_t first, long count, uint16_t threshold) {
  const round_keys keys = keys_of(stream.key);
  __m512i round[ROUNDS + 1];
  for (int i = 0; i <= ROUNDS; i++) {
    round[i] = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)keys.halves[i]));
  }
  const __m512i limit = _mm512_set1_epi16((short)threshold);
  const __m512i next = _mm512_set_epi32(0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4);
  __m512i counter = _mm512_broadcast_i32x4(
      _mm_set_epi32((int)stream.words[2], (int)stream.words[1], (int)stream.words[0], (int)first));
  counter = _mm512_add_epi32(
      counter, _mm512_set_epi32(0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0));
  for (long i = 0; i < count; i += COUNTERS_PER_BLOCK) {
    __m512i states[4];
    for (int j = 0; j < 4; j++) {
      states[j] = _mm512_xor_si512(counter, round[0]);
      counter = _mm512_add_epi32(counter, next);
    }
    for (int k = 1; k < ROUNDS; k++) {
      for (int j = 0; j < 4; j++) states[j] = _mm512_aesenc_epi128(states[j], round[k]);
    }
    for (int j = 0; j < 4; j++) {
      states[j] = _mm512_aesenclast_epi128(states[j], round[ROUNDS]);
      const __mmask32 kept = _mm512_cmpge_epu16_mask(states[j], limit);
      memcpy(bits + i + 4 * j, &kept, sizeof kept);
    }
  }
}
#elif defined(__aarch64__)
#include <arm_neon.h>

// Arm's instruction adds the key before a round, x86's after it.
__attribute__((target("aes"))) static void aes_bits(
    uint8_t *bits, random_stream stream, uint32_t first, long count, uint16_t threshold) {
  const round_keys keys = keys_of(stream.key);
  const uint16_t weights[8] = {1, 2, 4, 8, 16, 32, 64, 128};
  const uint16x8_t limit = vdupq_n_u16(threshold), weight = vld1q_u16(weights);
  for (long i = 0; i < count; i++) {
    const uint32_t counter[4] = {first + (uint32_t)i, stream.words[0], stream.words[1],
                                 stream.words[2]};
    uint8x16_t state = vreinterpretq_u8_u32(vld1q_u32(counter));
    for (int round = 0; round < ROUNDS; round++) {
      const uint8x16_t key = vld1q_u8((const uint8_t *)keys.halves[round]);
      state = vaeseq_u8(state, key);
      if (round < ROUNDS - 1) state = vaesmcq_u8(state);
    }
    state = veorq_u8(state, vld1q_u8((const uint8_t *)keys.halves[ROUNDS]));
    const uint16x8_t kept = vcgeq_u16(vreinterpretq_u16_u8(state), limit);
    bits[i] = (uint8_t)vaddvq_u16(vandq_u16(kept, weight));
  }
}
#endif

void random_bits(random_unit unit, uint8_t *bits, random_stream stream, uint32_t first_block,
                 long blocks, uint16_t threshold) {
  const uint32_t first = first_block * COUNTERS_PER_BLOCK;
  const long count = blocks * COUNTERS_PER_BLOCK;
  switch (unit) {
#if defined(__x86_64__)
    case RANDOM_VAES:
      vaes_bits(bits, stream, first, count, threshold);
      break;
#endif
#if defined(__x86_64__) || defined(__aarch64__)
    case RANDOM_AES:
      aes_bits(bits, stream, first, count, threshold);
      break;
#endif
    default:
      portable_bits(bits, stream, first, count, threshold);
  }
}
