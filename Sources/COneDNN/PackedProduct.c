#include "PackedProduct.h"

#include <stdlib.h>

#include "Objects.h"

// Rows of a block: with 64 the tiles are full, and a block of c stays in the cache. The last block has a
// multiple of 16, and begins earlier where that is too many: each size is a kernel that stays in memory.
enum { BLOCK = 64, BLOCK_UNIT = 16 };
// With fewer rows the packing costs more than it gains.
enum { FEWEST_ROWS = 128 };
// Values of a row of a that a tile holds. Where they don't divide k the kernel, and so the last bits of
// the result, would depend on the strides.
enum { TILE_DEPTH = 32 };

// The product of one block, compiled for its number of rows.
typedef struct {
  dnnl_primitive_t product;
  dnnl_memory_t a, c;
} block_t;

// What has been made for products of one shape and layout: the sizes but the rows come from the model, so
// there are few of them.
typedef struct {
  int64_t n, k, a_stride, b_stride, c_stride;
  bool b_transposed;
} shape_t;

typedef struct {
  shape_t shape;
  layout_t packed_layout;
  dnnl_primitive_t packing;
  dnnl_memory_t b, packed;
  // By the number of rows, in units.
  block_t blocks[BLOCK / BLOCK_UNIT + 1];
} plan_t;

static _Thread_local plan_t **plans;
static _Thread_local int plan_count;
// Memory that is kept from product to product.
typedef struct {
  void *values;
  size_t size;
} scratch_t;
// Of the product under way: b packed, and a block of a·b that is then added to c.
static _Thread_local scratch_t packed_b, block_of_c;

static int reserve(scratch_t *scratch, size_t size) {
  if (size <= scratch->size) return 0;
  free(scratch->values);
  scratch->size = 0;
  scratch->values = aligned_alloc(64, (size + 63) / 64 * 64);
  if (!scratch->values) return dnnl_out_of_memory;
  scratch->size = size;
  return 0;
}

bool packing_pays(onednn_operand a, int64_t m, int64_t k) {
  if (a.transposed || m < FEWEST_ROWS || k % TILE_DEPTH != 0) return false;
  const int tiles = dnnl_cpu_isa_avx512_core_amx;
  return (onednn_instruction_set() & tiles) == tiles;
}

static bool is_same(const shape_t *x, const shape_t *y) {
  return x->n == y->n && x->k == y->k && x->a_stride == y->a_stride && x->b_stride == y->b_stride &&
         x->c_stride == y->c_stride && x->b_transposed == y->b_transposed;
}

// The description of the product of a block of `rows`; b in a layout of oneDNN's choice, or in `packed`.
static int describe_block(dnnl_primitive_desc_t *description, const shape_t *shape, int64_t rows,
                          const layout_t *packed) {
  layout_t a, b, c;
  dnnl_dims_t b_sizes = {shape->k, shape->n};
  CHECK(layout_of(&a, dnnl_bf16, rows, shape->k, shape->a_stride, false));
  CHECK(layout_of(&c, dnnl_f32, rows, shape->n, shape->c_stride, false));
  if (!packed) CHECK(create_free_layout(&b, dnnl_bf16, b_sizes));
  CHECK(describe_product(description, a, packed ? *packed : b, c, false));
  if (!packed) destroy_layout(b);
  destroy_layout(a);
  destroy_layout(c);
  return 0;
}

static int create_packing(plan_t *plan, const shape_t *shape) {
  dnnl_primitive_desc_t block, packing;
  layout_t plain;
  CHECK(describe_block(&block, shape, BLOCK, NULL));
  CHECK(copy_layout(&plan->packed_layout, dnnl_primitive_desc_query_md(block, dnnl_query_weights_md, 0)));
  dnnl_primitive_desc_destroy(block);
  CHECK(layout_of(&plain, dnnl_bf16, shape->k, shape->n, shape->b_stride, shape->b_transposed));
  CHECK(dnnl_reorder_primitive_desc_create(&packing, borrowed(&plain), onednn_engine,
                                           borrowed(&plan->packed_layout), onednn_engine, NULL));
  CHECK(dnnl_primitive_create(&plan->packing, packing));
  dnnl_primitive_desc_destroy(packing);
  CHECK(dnnl_memory_create(&plan->b, borrowed(&plain), onednn_engine, DNNL_MEMORY_NONE));
  CHECK(dnnl_memory_create(&plan->packed, borrowed(&plan->packed_layout), onednn_engine,
                           DNNL_MEMORY_NONE));
  destroy_layout(plain);
  return 0;
}

static int create_block(block_t *block, const plan_t *plan, int64_t rows) {
  dnnl_primitive_desc_t description;
  CHECK(describe_block(&description, &plan->shape, rows, &plan->packed_layout));
  CHECK(dnnl_primitive_create(&block->product, description));
  CHECK(dnnl_memory_create(&block->a, dnnl_primitive_desc_query_md(description, dnnl_query_src_md, 0),
                           onednn_engine, DNNL_MEMORY_NONE));
  CHECK(dnnl_memory_create(&block->c, dnnl_primitive_desc_query_md(description, dnnl_query_dst_md, 0),
                           onednn_engine, DNNL_MEMORY_NONE));
  dnnl_primitive_desc_destroy(description);
  return 0;
}

static int find_plan(plan_t **found, const shape_t *shape) {
  for (int i = 0; i < plan_count; i++) {
    *found = plans[i];
    if (is_same(&plans[i]->shape, shape)) return 0;
  }
  plan_t **longer = realloc(plans, (size_t)(plan_count + 1) * sizeof *plans);
  if (!longer) return dnnl_out_of_memory;
  plans = longer;
  plan_t *plan = calloc(1, sizeof *plan);
  if (!plan) return dnnl_out_of_memory;
  plan->shape = *shape;
  CHECK(create_packing(plan, shape));
  *found = plans[plan_count++] = plan;
  return 0;
}

static int pack(plan_t *plan, const uint16_t *b) {
  CHECK(reserve(&packed_b, dnnl_memory_desc_get_size(borrowed(&plan->packed_layout))));
  CHECK(dnnl_memory_set_data_handle(plan->b, (void *)b));
  CHECK(dnnl_memory_set_data_handle(plan->packed, packed_b.values));
  const dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, plan->b}, {DNNL_ARG_TO, plan->packed}};
  return run_primitive(plan->packing, 2, arguments);
}

static void add(float *restrict c, int64_t c_stride, const float *restrict block, int64_t rows,
                int64_t n) {
  for (int64_t row = 0; row < rows; row++) {
    for (int64_t column = 0; column < n; column++) {
      c[row * c_stride + column] += block[row * n + column];
    }
  }
}

int packed_product(onednn_operand a, onednn_operand b, float *c, int64_t c_stride, int64_t m,
                   int64_t n, int64_t k, bool accumulate) {
  // oneDNN's own sum begins with c or ends with it, as the strides may be, which are other bits.
  const shape_t shape = {n, k, a.stride, b.stride, accumulate ? n : c_stride, b.transposed};
  if (accumulate) CHECK(reserve(&block_of_c, (size_t)(BLOCK * n) * sizeof *c));
  plan_t *plan;
  CHECK(find_plan(&plan, &shape));
  CHECK(pack(plan, b.values));
  for (int64_t done = 0; done < m; done += BLOCK) {
    const int64_t wanted = m - done < BLOCK ? m - done : BLOCK;
    const int64_t units = (wanted + BLOCK_UNIT - 1) / BLOCK_UNIT, rows = units * BLOCK_UNIT;
    const int64_t again = rows - wanted, row = done - again;
    block_t *block = &plan->blocks[units];
    if (!block->product) CHECK(create_block(block, plan, rows));
    CHECK(dnnl_memory_set_data_handle(block->a, (void *)(a.values + row * a.stride)));
    CHECK(dnnl_memory_set_data_handle(block->c,
                                      accumulate ? block_of_c.values : (void *)(c + row * c_stride)));
    const dnnl_exec_arg_t arguments[3] = {
        {DNNL_ARG_SRC, block->a}, {DNNL_ARG_WEIGHTS, plan->packed}, {DNNL_ARG_DST, block->c}};
    CHECK(run_primitive(block->product, 3, arguments));
    if (accumulate) {
      add(c + done * c_stride, c_stride, (float *)block_of_c.values + again * n, wanted, n);
    }
  }
  return 0;
}
