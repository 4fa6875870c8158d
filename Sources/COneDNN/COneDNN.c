#define _GNU_SOURCE
#include "COneDNN.h"

#include <dlfcn.h>
#include <stdio.h>

#include "Objects.h"

_Thread_local dnnl_engine_t onednn_engine;
_Thread_local dnnl_stream_t onednn_stream;
// By a.transposed, b.transposed, accumulate.
static _Thread_local dnnl_primitive_t products[2][2][2];

static int create_product(dnnl_primitive_t *product, onednn_operand a_form, onednn_operand b_form,
                          int64_t c_stride, int64_t m, int64_t n, int64_t k, bool accumulate) {
  layout_t a, b, c;
  dnnl_primitive_desc_t description;
  CHECK(layout_of(&a, dnnl_bf16, m, k, a_form.stride, a_form.transposed));
  CHECK(layout_of(&b, dnnl_bf16, k, n, b_form.stride, b_form.transposed));
  CHECK(layout_of(&c, dnnl_f32, m, n, c_stride, false));
  CHECK(describe_product(&description, a, b, c, accumulate));
  CHECK(dnnl_primitive_create(product, description));
  dnnl_primitive_desc_destroy(description);
  destroy_layout(a);
  destroy_layout(b);
  destroy_layout(c);
  return 0;
}

// All sizes are left to run time: a batch brings a new number of rows every time, and oneDNN would
// compile a kernel for each.
static int create_product_of_any_size(dnnl_primitive_t *product, onednn_operand a, onednn_operand b,
                                      bool accumulate) {
  const int64_t any = DNNL_RUNTIME_DIM_VAL;
  a.stride = b.stride = any;
  return create_product(product, a, b, any, any, any, any, accumulate);
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

static int prepare_thread(void) {
  onednn_apply_threads();
  if (!onednn_engine) CHECK(dnnl_engine_create(&onednn_engine, dnnl_cpu, 0));
  if (!onednn_stream) {
    CHECK(dnnl_stream_create(&onednn_stream, onednn_engine, dnnl_stream_default_flags));
  }
  return 0;
}

static int run_product(dnnl_primitive_t product, onednn_operand a, onednn_operand b, float *c,
                       int64_t c_stride, int64_t m, int64_t n, int64_t k) {
  dnnl_exec_arg_t arguments[3];
  CHECK(create_argument(&arguments[0], DNNL_ARG_SRC, dnnl_bf16, a.values, m, k, a.stride,
                        a.transposed));
  CHECK(create_argument(&arguments[1], DNNL_ARG_WEIGHTS, dnnl_bf16, b.values, k, n, b.stride,
                        b.transposed));
  CHECK(create_argument(&arguments[2], DNNL_ARG_DST, dnnl_f32, c, m, n, c_stride, false));
  CHECK(run_primitive(product, 3, arguments));
  for (int i = 0; i < 3; i++) dnnl_memory_destroy(arguments[i].memory);
  return 0;
}

int onednn_product(onednn_operand a, onednn_operand b, float *c, int64_t c_stride, int64_t m,
                   int64_t n, int64_t k, bool accumulate) {
  CHECK(prepare_thread());
  dnnl_primitive_t *product = &products[a.transposed][b.transposed][accumulate];
  if (!*product) CHECK(create_product_of_any_size(product, a, b, accumulate));
  return run_product(*product, a, b, c, c_stride, m, n, k);
}

int onednn_product_of_stated_size(onednn_operand a, onednn_operand b, float *c, int64_t c_stride,
                                  int64_t m, int64_t n, int64_t k) {
  CHECK(prepare_thread());
  dnnl_primitive_t product;
  CHECK(create_product(&product, a, b, c_stride, m, n, k, false));
  const int status = run_product(product, a, b, c, c_stride, m, n, k);
  dnnl_primitive_destroy(product);
  return status;
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
