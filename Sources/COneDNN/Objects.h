// oneDNN's objects as this target uses them, with the difference between its C interfaces
// 2.x and 3.x: version 3 made descriptors of memory opaque objects, and dropped those of operations.
#pragma once
#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stdint.h>

#define CHECK(call)                                   \
  do {                                                \
    dnnl_status_t status_ = (call);                   \
    if (status_ != dnnl_success) return (int)status_; \
  } while (0)

/// Gives the calling thread the number of threads that products are to use.
void onednn_apply_threads(void);

/// How values lie in memory.
typedef dnnl_memory_desc_t layout_t;

/// The engine and the stream of the calling thread: the library's own scratch memory belongs to a
/// thread, so nothing of it is shared between threads.
extern _Thread_local dnnl_engine_t onednn_engine;
extern _Thread_local dnnl_stream_t onednn_stream;

#if DNNL_VERSION_MAJOR >= 3
/// A layout that belongs to another object.
typedef const_dnnl_memory_desc_t borrowed_layout_t;

static inline dnnl_status_t create_layout(layout_t *layout, dnnl_data_type_t type,
                                          const dnnl_dims_t sizes, const dnnl_dims_t strides) {
  return dnnl_memory_desc_create_with_strides(layout, 2, sizes, type, strides);
}

static inline borrowed_layout_t borrowed(const layout_t *layout) { return *layout; }

static inline void destroy_layout(layout_t layout) { dnnl_memory_desc_destroy(layout); }

static inline dnnl_status_t create_description(dnnl_primitive_desc_t *description, layout_t a,
                                               layout_t b, layout_t c,
                                               dnnl_primitive_attr_t attributes) {
  return dnnl_matmul_primitive_desc_create(description, onednn_engine, a, b, NULL, c, attributes);
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
}
#else
typedef const dnnl_memory_desc_t *borrowed_layout_t;

static inline dnnl_status_t create_layout(layout_t *layout, dnnl_data_type_t type,
                                          const dnnl_dims_t sizes, const dnnl_dims_t strides) {
  return dnnl_memory_desc_init_by_strides(layout, 2, sizes, type, strides);
}

static inline borrowed_layout_t borrowed(const layout_t *layout) { return layout; }

static inline void destroy_layout(layout_t layout) { (void)layout; }

static inline dnnl_status_t create_description(dnnl_primitive_desc_t *description, layout_t a,
                                               layout_t b, layout_t c,
                                               dnnl_primitive_attr_t attributes) {
  dnnl_matmul_desc_t operation;
  dnnl_status_t status = dnnl_matmul_desc_init(&operation, &a, &b, NULL, &c);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(description, &operation, attributes, onednn_engine, NULL);
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1);
}
#endif

/// The layout of a matrix of `rows` and `columns` whose rows begin `stride` apart, or, where it is
/// `transposed`, of which the transpose lies in memory so.
static inline dnnl_status_t layout_of(layout_t *layout, dnnl_data_type_t type, int64_t rows,
                                      int64_t columns, int64_t stride, bool transposed) {
  dnnl_dims_t sizes = {rows, columns};
  dnnl_dims_t strides = {transposed ? 1 : stride, transposed ? stride : 1};
  return create_layout(layout, type, sizes, strides);
}

/// The description of c = a·b, or c += a·b.
static inline int describe_product(dnnl_primitive_desc_t *description, layout_t a, layout_t b,
                                   layout_t c, bool accumulate) {
  dnnl_primitive_attr_t attributes;
  dnnl_post_ops_t operations;
  CHECK(dnnl_primitive_attr_create(&attributes));
  CHECK(dnnl_post_ops_create(&operations));
  if (accumulate) CHECK(append_sum(operations));
  CHECK(dnnl_primitive_attr_set_post_ops(attributes, operations));
  CHECK(create_description(description, a, b, c, attributes));
  dnnl_post_ops_destroy(operations);
  dnnl_primitive_attr_destroy(attributes);
  return 0;
}

/// Runs a primitive to its end.
static inline int run_primitive(dnnl_primitive_t primitive, int count,
                                const dnnl_exec_arg_t *arguments) {
  CHECK(dnnl_primitive_execute(primitive, onednn_stream, count, arguments));
  CHECK(dnnl_stream_wait(onednn_stream));
  return 0;
}
