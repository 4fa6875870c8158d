// Random bits from rounds of AES on a counter: ARS with 7 rounds (Salmon, Moraes, Dror, Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", 2011, which tested that 5 are enough). Processors have an instruction for a
// round, so 128 bits cost seven of them; every way below gives the same bits.
#pragma once
#include <stdint.h>

/// What computes the rounds.
typedef enum {
  /// Plain C, for processors without the instructions.
  RANDOM_PORTABLE,
  /// A counter an instruction: AES-NI with SSE4.1, or Arm's AES.
  RANDOM_AES,
  /// Four counters an instruction: VAES with AVX-512 for bytes and words.
  RANDOM_VAES,
} random_unit;

/// Names a stream of random numbers: the key, and three of a counter's four words.
typedef struct {
  uint64_t key;
  uint32_t words[3];
} random_stream;

/// Bits that are 1 with a probability of 1 − threshold / 65,536, 128 of them in each block.
///
/// A block `n` has the counters 16·n to 16·n + 15, each of which gives 8 words of 16 bits; a bit is 1 where its
/// word is at least `threshold`. `bits` holds 16 bytes a block, a counter's bits in one byte, its first word's
/// the lowest. The processor must have the unit.
void random_bits(random_unit unit, uint8_t *bits, random_stream stream, uint32_t first_block,
                 long blocks, uint16_t threshold);
