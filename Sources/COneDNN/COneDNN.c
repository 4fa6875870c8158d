#define _GNU_SOURCE
#include "COneDNN.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>

#define CHECK(call)                                   \
  do {                                                \
    dnnl_status_t status_ = (call);                   \
    if (status_ != dnnl_success) return (int)status_; \
  } while (0)

// Version 3 made descriptors of memory opaque objects, and dropped those of operations.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t layout_t;

static dnnl_status_t create_layout(layout_t *layout, dnnl_data_type_t type, const dnnl_dims_t sizes,
                                   const dnnl_dims_t strides) {
  return dnnl_memory_desc_create_with_strides(layout, 2, sizes, type, strides);
}

static void destroy_layout(layout_t layout) { dnnl_memory_desc_destroy(layout); }

static dnnl_status_t create_memory(dnnl_memory_t *memory, layout_t layout, dnnl_engine_t engine,
                                   void *values) {
  return dnnl_memory_create(memory, layout, engine, values);
}

static dnnl_status_t create_description(dnnl_primitive_desc_t *description, dnnl_engine_t engine,
                                        layout_t a, layout_t b, layout_t c,
                                        dnnl_primitive_attr_t attributes) {
  return dnnl_matmul_primitive_desc_create(description, engine, a, b, NULL, c, attributes);
}

static dnnl_status_t append_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
}
#else
typedef dnnl_memory_desc_t layout_t;

static dnnl_status_t create_layout(layout_t *layout, dnnl_data_type_t type, const dnnl_dims_t sizes,
                                   const dnnl_dims_t strides) {
  return dnnl_memory_desc_init_by_strides(layout, 2, sizes, type, strides);
}

static void destroy_layout(layout_t layout) { (void)layout; }

static dnnl_status_t create_memory(dnnl_memory_t *memory, layout_t layout, dnnl_engine_t engine,
                                   void *values) {
  return dnnl_memory_create(memory, &layout, engine, values);
}

static dnnl_status_t create_description(dnnl_primitive_desc_t *description, dnnl_engine_t engine,
                                        layout_t a, layout_t b, layout_t c,
                                        dnnl_primitive_attr_t attributes) {
  dnnl_matmul_desc_t operation;
  dnnl_status_t status = dnnl_matmul_desc_init(&operation, &a, &b, NULL, &c);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(description, &operation, attributes, engine, NULL);
}

static dnnl_status_t append_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1);
}
#endif

// What a thread has made of oneDNN's objects: the library's own scratch memory belongs to a thread,
// so its primitives are not shared between threads.
static _Thread_local dnnl_engine_t engine;
static _Thread_local dnnl_stream_t stream;
// By a.transposed, b.transposed, accumulate.
static _Thread_local dnnl_primitive_t products[2][2][2];

static dnnl_status_t layout_of(layout_t *layout, dnnl_data_type_t type, int64_t rows,
                               int64_t columns, int64_t stride, bool transposed) {
  dnnl_dims_t sizes = {rows, columns};
  dnnl_dims_t strides = {transposed ? 1 : stride, transposed ? stride : 1};
  return create_layout(layout, type, sizes, strides);
}

// All sizes are left to run time: a batch brings a new number of rows every time, and oneDNN would
// compile a kernel for each.
static int create_product(dnnl_primitive_t *product, bool a_transposed, bool b_transposed,
                          bool accumulate) {
  const int64_t any = DNNL_RUNTIME_DIM_VAL;
  layout_t a, b, c;
  dnnl_primitive_attr_t attributes;
  dnnl_post_ops_t operations;
  dnnl_primitive_desc_t description;
  CHECK(layout_of(&a, dnnl_bf16, any, any, any, a_transposed));
  CHECK(layout_of(&b, dnnl_bf16, any, any, any, b_transposed));
  CHECK(layout_of(&c, dnnl_f32, any, any, any, false));
  CHECK(dnnl_primitive_attr_create(&attributes));
  CHECK(dnnl_post_ops_create(&operations));
  if (accumulate) CHECK(append_sum(operations));
  CHECK(dnnl_primitive_attr_set_post_ops(attributes, operations));
  CHECK(create_description(&description, engine, a, b, c, attributes));
  CHECK(dnnl_primitive_create(product, description));
  dnnl_primitive_desc_destroy(description);
  dnnl_post_ops_destroy(operations);
  dnnl_primitive_attr_destroy(attributes);
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
  CHECK(create_memory(&argument->memory, layout, engine, (void *)values));
  destroy_layout(layout);
  return 0;
}

// OpenMP's number of threads belongs to the calling thread, so each product sets it anew.
static int thread_count = 1;

static void apply_threads(void) {
  static void (*set_threads)(int);
  static bool is_known;
  if (!is_known) {
    set_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    is_known = true;
  }
  if (set_threads) set_threads(thread_count);
}

void onednn_set_threads(int count) { thread_count = count; }

int onednn_product(onednn_operand a, onednn_operand b, float *c, int64_t c_stride, int64_t m,
                   int64_t n, int64_t k, bool accumulate) {
  apply_threads();
  if (!engine) CHECK(dnnl_engine_create(&engine, dnnl_cpu, 0));
  if (!stream) CHECK(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
  dnnl_primitive_t *product = &products[a.transposed][b.transposed][accumulate];
  if (!*product) CHECK(create_product(product, a.transposed, b.transposed, accumulate));
  dnnl_exec_arg_t arguments[3];
  CHECK(create_argument(&arguments[0], DNNL_ARG_SRC, dnnl_bf16, a.values, m, k, a.stride,
                        a.transposed));
  CHECK(create_argument(&arguments[1], DNNL_ARG_WEIGHTS, dnnl_bf16, b.values, k, n, b.stride,
                        b.transposed));
  CHECK(create_argument(&arguments[2], DNNL_ARG_DST, dnnl_f32, c, m, n, c_stride, false));
  CHECK(dnnl_primitive_execute(*product, stream, 3, arguments));
  CHECK(dnnl_stream_wait(stream));
  for (int i = 0; i < 3; i++) dnnl_memory_destroy(arguments[i].memory);
  return 0;
}

const char *onednn_version(void) {
  static char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}
