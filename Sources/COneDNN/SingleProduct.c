#include "COneDNN.h"
#include "Objects.h"

// The longest sum of aᵀ·b in one go: of longer ones the library reads the transposed operand more slowly.
enum { DEEPEST = 512, DEPTH_UNIT = 8 };

bool onednn_sgemm_pays(void) {
  // With another runtime's threads, whose number the library chooses, bits would depend on the machine.
  const unsigned runtime = dnnl_version()->cpu_runtime;
  if (runtime != DNNL_RUNTIME_OMP && runtime != DNNL_RUNTIME_SEQ) return false;
  const int vectors = dnnl_cpu_isa_avx512_core;
  return (onednn_instruction_set() & vectors) == vectors;
}

// Equal pieces, so that the last one is not a thin one.
static int64_t piece_of(int64_t k) {
  const int64_t pieces = (k + DEEPEST - 1) / DEEPEST;
  const int64_t depth = (k + pieces - 1) / pieces;
  return (depth + DEPTH_UNIT - 1) / DEPTH_UNIT * DEPTH_UNIT;
}

int onednn_sgemm(onednn_single_operand a, onednn_single_operand b, float *c,
                 int64_t c_stride, int64_t m, int64_t n, int64_t k, bool accumulate) {
  onednn_apply_threads();
  const int64_t piece = a.transposed && k > DEEPEST ? piece_of(k) : k;
  for (int64_t done = 0; done < k; done += piece) {
    const int64_t depth = k - done < piece ? k - done : piece;
    const float *left = a.values + done * (a.transposed ? a.stride : 1);
    const float *right = b.values + done * (b.transposed ? 1 : b.stride);
    CHECK(dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, depth, 1, left,
                     a.stride, right, b.stride, accumulate || done > 0 ? 1 : 0, c, c_stride));
  }
  return 0;
}
