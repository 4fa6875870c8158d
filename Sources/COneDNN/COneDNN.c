#define _GNU_SOURCE
#include "COneDNN.h"

#include <dlfcn.h>
#include <stdio.h>

#include "Objects.h"

_Thread_local dnnl_engine_t onednn_engine;
_Thread_local dnnl_stream_t onednn_stream;
// By a.transposed, b.transposed, accumulate.
static _Thread_local dnnl_primitive_t products[2][2][2];

// All sizes are left to run time: a batch brings a new number of rows every time, and oneDNN would
// compile a kernel for each.
static int create_product(dnnl_primitive_t *product, bool a_transposed, bool b_transposed,
                          bool accumulate) {
  const int64_t any = DNNL_RUNTIME_DIM_VAL;
  layout_t a, b, c;
  dnnl_primitive_desc_t description;
  CHECK(layout_of(&a, dnnl_bf16, any, any, any, a_transposed));
  CHECK(layout_of(&b, dnnl_bf16, any, any, any, b_transposed));
  CHECK(layout_of(&c, dnnl_f32, any, any, any, false));
  CHECK(describe_product(&description, a, b, c, accumulate));
  CHECK(dnnl_primitive_create(product, description));
  dnnl_primitive_desc_destroy(description);
  destroy_layout(a);
  destroy_layout(b);
  destroy_layout(c);
  return 0;
}

static int create_argument(dnnl_exec_arg_t *argument, int kind, dnnl_data_type_t type,
                           const void *values, int64_t rows, int64_t columns, int64_t stride,
                           bool transposed) {
  layout_t layout;
  CHECK(layout_of(&layout, type, rows, columns, stride, transposed));
  argument->arg = kind;
  CHECK(dnnl_memory_create(&argument->memory, borrowed(&layout), onednn_engine, (void *)values));
  destroy_layout(layout);
  return 0;
}

// OpenMP's number of threads belongs to the calling thread, so each product sets it anew.
static int thread_count = 1;

void onednn_apply_threads(void) {
  static void (*set_threads)(int);
  static bool is_known;
  if (!is_known) {
    set_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    is_known = true;
  }
  if (set_threads) set_threads(thread_count);
}

void onednn_set_threads(int count) { thread_count = count; }

int onednn_threads(void) { return thread_count; }

int onednn_product(onednn_operand a, onednn_operand b, float *c, int64_t c_stride, int64_t m,
                   int64_t n, int64_t k, bool accumulate) {
  onednn_apply_threads();
  if (!onednn_engine) CHECK(dnnl_engine_create(&onednn_engine, dnnl_cpu, 0));
  if (!onednn_stream) {
    CHECK(dnnl_stream_create(&onednn_stream, onednn_engine, dnnl_stream_default_flags));
  }
  dnnl_primitive_t *product = &products[a.transposed][b.transposed][accumulate];
  if (!*product) CHECK(create_product(product, a.transposed, b.transposed, accumulate));
  dnnl_exec_arg_t arguments[3];
  CHECK(create_argument(&arguments[0], DNNL_ARG_SRC, dnnl_bf16, a.values, m, k, a.stride,
                        a.transposed));
  CHECK(create_argument(&arguments[1], DNNL_ARG_WEIGHTS, dnnl_bf16, b.values, k, n, b.stride,
                        b.transposed));
  CHECK(create_argument(&arguments[2], DNNL_ARG_DST, dnnl_f32, c, m, n, c_stride, false));
  CHECK(run_primitive(*product, 3, arguments));
  for (int i = 0; i < 3; i++) dnnl_memory_destroy(arguments[i].memory);
  return 0;
}

bool onednn_may_use_tiles(void) {
  const int tiles = dnnl_cpu_isa_avx512_core_amx;
  return (onednn_instruction_set() & tiles) == tiles;
}

int onednn_instruction_set(void) { return (int)dnnl_get_effective_cpu_isa(); }

const char *onednn_version(void) {
  static char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}
