// Matrix products of few to many rows.
//
// OpenBLAS copies the weights into the order its kernel wants at every call, which costs it half
// the speed at 30 rows and a sixth at 130. Here they are packed in registers, and come out of memory
// while the weights before them are multiplied. The left matrix is read where it is, and 14 x 32
// sums stay in registers, which 28 fused multiply-adds a step keep busy at any number of rows (the
// scheme is that of Goto and van de Geijn 2008). Weights of 16 bits are widened while they are packed:
// the panels, and so all that follows, are those of the same numbers in float32.

#include "product.h"

#include "dequantize.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <stdlib.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))
#define INLINE static inline __attribute__((always_inline)) AVX512
// For functions that are kept apart: inlined into their caller, their loops are no longer unrolled.
#define SEPARATE static __attribute__((noinline)) AVX512

enum {
  tile_rows = 14,       // rows of c in registers
  line_bytes = 64,      // of a cache line
  group_columns = 128,  // columns whose panels stay in the L2 cache while all rows pass
  group_inner = 512,    // steps of them that are packed at a time: two groups fit into the cache
  lines_ahead = 4,      // how far ahead memory is asked for
};

int ckernels_product_available(void) {
  // A kernel of OpenBLAS that the user names is used for all products.
  const char *wanted = getenv("CIRCUITTOOLS_BLAS_KERNEL");
  return !(wanted && *wanted) && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

/// The bytes of a number of a type, float32 or one of 16 bits.
INLINE size_t bytes_of(int type) { return type == CT_F32 ? 4 : 2; }

/// 16 numbers of 16 bits as float32, all of which are exact.
INLINE __m512 widen(int type, __m256i x) {
  if (type == CT_F16) return _mm512_cvtph_ps(x);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}

/// The numbers at b that the mask names; the others are 0.
INLINE __m512 load(int type, __mmask16 mask, const char *b) {
  if (type == CT_F32) return _mm512_maskz_loadu_ps(mask, b);
  return widen(type, _mm256_maskz_loadu_epi16(mask, b));
}

/// Which of the 16 columns from `first` on are below `columns`.
INLINE __mmask16 columns_below(size_t columns, size_t first) {
  if (columns >= first + 16) return 0xffff;
  return columns > first ? (__mmask16)((1u << (columns - first)) - 1) : 0;
}

/// Transposes 16 rows of 16 values.
INLINE void transpose(__m512 r[16]) {
  __m512 t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    for (int j = 0; j < 2; j++) {
      __m512d a = _mm512_castps_pd(t[i + j]), b = _mm512_castps_pd(t[i + j + 2]);
      r[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
      r[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
    }
  }
  // r[4 g + j] now has columns j, 4 + j, 8 + j, 12 + j of rows 4 g ... 4 g + 3, one in each lane.
  for (int j = 0; j < 4; j++) {
    __m512 a = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x88);
    __m512 b = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x88);
    __m512 c = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xdd);
    __m512 d = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xdd);
    t[j] = _mm512_shuffle_f32x4(a, b, 0x88);
    t[8 + j] = _mm512_shuffle_f32x4(a, b, 0xdd);
    t[4 + j] = _mm512_shuffle_f32x4(c, d, 0x88);
    t[12 + j] = _mm512_shuffle_f32x4(c, d, 0xdd);
  }
  for (int i = 0; i < 16; i++) r[i] = t[i];
}

/// Packs up to 32 columns of a matrix whose rows are steps of the inner dimension.
INLINE void pack_panel(int type, float *panel, const char *b, size_t stride, size_t inner,
                       size_t columns) {
  __mmask16 low = columns_below(columns, 0), high = columns_below(columns, 16);
  size_t row = stride * bytes_of(type), half = 16 * bytes_of(type);
  for (size_t k = 0; k < inner; k++) {
    if (k + 8 < inner) {
      _mm_prefetch(b + (k + 8) * row, _MM_HINT_T0);
      _mm_prefetch(b + (k + 8) * row + half, _MM_HINT_T0);
    }
    _mm512_store_ps(panel + 32 * k, load(type, low, b + k * row));
    _mm512_store_ps(panel + 32 * k + 16, load(type, high, b + k * row + half));
  }
}

/// A cache line of one column, from step k on: 16 numbers of float32, or 32 of 16 bits in pairs.
INLINE __m512 load_line(int type, const char *column, size_t k, size_t steps) {
  if (type == CT_F32) return _mm512_maskz_loadu_ps(columns_below(steps, 0), column + 4 * k);
  __mmask32 mask = steps >= 32 ? ~(__mmask32)0 : ((__mmask32)1 << steps) - 1;
  return _mm512_castsi512_ps(_mm512_maskz_loadu_epi16(mask, column + 2 * k));
}

/// The first or second numbers of 16 pairs, as float32.
INLINE __m512 widen_pairs(int type, __m512 pairs, int second) {
  __m512i x = _mm512_castps_si512(pairs);
  if (type == CT_F16) return widen(type, _mm512_cvtepi32_epi16(second ? _mm512_srli_epi32(x, 16) : x));
  x = second ? _mm512_and_si512(x, _mm512_set1_epi32((int)0xffff0000)) : _mm512_slli_epi32(x, 16);
  return _mm512_castsi512_ps(x);
}

/// The same of a transposed matrix, whose rows are the columns.
INLINE void pack_transposed(int type, float *panel, const char *b, size_t stride, size_t inner,
                            size_t columns) {
  size_t size = bytes_of(type), line = line_bytes / size;
  for (size_t k = 0; k < inner; k += line) {
    size_t steps = inner - k < line ? inner - k : line;
    for (size_t half = 0; half < 32; half += 16) {
      __m512 r[16];
      for (size_t i = 0; i < 16; i++) {
        const char *column = b + (half + i) * stride * size;
        r[i] = _mm512_setzero_ps();
        if (half + i < columns) {
          // What is read some lines later: where the row ends, the same row of the next panel.
          size_t later = k + lines_ahead * line;
          _mm_prefetch(column + (later < inner ? later : later + 32 * stride - inner) * size,
                       _MM_HINT_T0);
          r[i] = load_line(type, column, k, steps);
        }
      }
      transpose(r);
      float *target = panel + 32 * k + half;
      if (type == CT_F32) {
        for (size_t i = 0; i < steps; i++) _mm512_store_ps(target + 32 * i, r[i]);
      } else {
        for (size_t i = 0; i < steps; i++)
          _mm512_store_ps(target + 32 * i, widen_pairs(type, r[i / 2], i & 1));
      }
    }
  }
}

/// Cache lines that are asked of memory during a tile, one a step k: that of row `k & rows`, after as
/// many values as the rest of k. `rows` is all ones for a line of every row, or one less than the
/// values of a line for all the lines of so many rows. Strides are in bytes, a value has 1 << shift.
typedef struct {
  const char *from;
  size_t stride, rows;
  int shift;
} wanted_lines;

/// What of the next group is asked of memory during one of this group's tiles: the columns of a line.
INLINE wanted_lines wanted_in_tile(size_t tile, const char *next, int type, size_t stride,
                                   int transposed) {
  size_t size = bytes_of(type), line = line_bytes / size;
  if (!transposed) return (wanted_lines){next + tile * line_bytes, stride * size, ~(size_t)0, 0};
  return (wanted_lines){
      next + tile * line * stride * size, stride * size, line - 1, type == CT_F32 ? 2 : 1};
}

/// c = scale * a b + keep * c for one panel and a constant number of rows.
INLINE void multiply_tile(int rows, const float *a, size_t a_stride, const float *panel,
                          size_t inner, float *c, size_t c_stride, size_t columns, float scale,
                          float keep, wanted_lines wanted) {
  __m512 low[tile_rows], high[tile_rows];
#pragma unroll
  for (int i = 0; i < rows; i++) low[i] = high[i] = _mm512_setzero_ps();
  for (size_t k = 0; k < inner; k++) {
    __m512 b0 = _mm512_load_ps(panel + 32 * k), b1 = _mm512_load_ps(panel + 32 * k + 16);
    size_t row = k & wanted.rows;
    _mm_prefetch(wanted.from + row * wanted.stride + ((k - row) << wanted.shift), _MM_HINT_T1);
#pragma unroll
    for (int i = 0; i < rows; i++) {
      __m512 x = _mm512_set1_ps(a[(size_t)i * a_stride + k]);
      low[i] = _mm512_fmadd_ps(x, b0, low[i]);
      high[i] = _mm512_fmadd_ps(x, b1, high[i]);
    }
  }
  __mmask16 first = columns_below(columns, 0), second = columns_below(columns, 16);
  __m512 times = _mm512_set1_ps(scale), old = _mm512_set1_ps(keep);
#pragma unroll
  for (int i = 0; i < rows; i++) {
    float *target = c + (size_t)i * c_stride;
    low[i] = _mm512_mul_ps(low[i], times);
    high[i] = _mm512_mul_ps(high[i], times);
    if (keep != 0) {
      low[i] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(first, target), old, low[i]);
      high[i] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(second, target + 16), old, high[i]);
    }
    _mm512_mask_storeu_ps(target, first, low[i]);
    _mm512_mask_storeu_ps(target + 16, second, high[i]);
  }
}

/// multiply_tile for 1 to 14 rows.
static AVX512 void multiply_rows(size_t rows, const float *a, size_t a_stride, const float *panel,
                                 size_t inner, float *c, size_t c_stride, size_t columns,
                                 float scale, float keep, wanted_lines wanted) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    multiply_tile(n, a, a_stride, panel, inner, c, c_stride, columns, scale, keep, wanted);        \
    break;
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7)
    CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
  }
#undef CASE
}

/// Packs columns into panels of 32, `[panel, inner, 32]`, the last one with zeros.
INLINE void pack_as(int type, float *panels, const char *b, size_t stride, int transposed,
                    size_t inner, size_t columns) {
  for (size_t column = 0; column < columns; column += 32) {
    float *panel = panels + column * inner;
    const char *first = b + column * (transposed ? stride : 1) * bytes_of(type);
    if (transposed) {
      pack_transposed(type, panel, first, stride, inner, columns - column);
    } else {
      pack_panel(type, panel, first, stride, inner, columns - column);
    }
  }
}

#define PACK(name, type)                                                                           \
  SEPARATE void name(float *panels, const char *b, size_t stride, int transposed, size_t inner,    \
                     size_t columns) {                                                             \
    pack_as(type, panels, b, stride, transposed, inner, columns);                                  \
  }
PACK(pack_float32, CT_F32)
PACK(pack_float16, CT_F16)
PACK(pack_bfloat16, CT_BF16)
#undef PACK

/// c = scale * a b + keep * c for a group of panels, which stay in the cache while all rows pass.
///
/// Meanwhile the group that comes `next` is fetched into the cache, as far as there are tiles: eight
/// fetch all of it.
SEPARATE void multiply_group(const float *a, size_t a_stride, const float *panels, float *c,
                             size_t c_stride, size_t rows, size_t columns, size_t inner,
                             float scale, float keep, const char *next, int type,
                             size_t next_columns, size_t next_stride, int transposed) {
  const wanted_lines none = {(const char *)a, 0, 0, 0};  // the same again and again
  size_t tile = 0, line_values = line_bytes / bytes_of(type);
  for (size_t row = 0; row < rows; row += tile_rows) {
    size_t count = rows - row < tile_rows ? rows - row : tile_rows;
    for (size_t column = 0; column < columns; column += 32, tile++) {
      int fetches = tile * line_values < next_columns;
      multiply_rows(count, a + row * a_stride, a_stride, panels + column * inner, inner,
                    c + row * c_stride + column, c_stride, columns - column, scale, keep,
                    fetches ? wanted_in_tile(tile, next, type, next_stride, transposed) : none);
    }
  }
}

/// How many columns the group that starts at one has; none after the last.
INLINE size_t group_width(size_t columns, size_t group) {
  if (group >= columns) return 0;
  return columns - group < group_columns ? columns - group : group_columns;
}

/// This thread's room for a group of panels, kept for its next product.
static float *packing_room(void) {
  static _Thread_local float *room;
  if (!room && !(room = aligned_alloc(64, sizeof(float) * group_columns * group_inner))) abort();
  return room;
}

AVX512 void ckernels_product(const float *a, size_t a_stride, const void *b, int b_type,
                             size_t b_stride, int transposed, float *c, size_t c_stride,
                             size_t rows, size_t columns, size_t inner, float scale, float keep) {
  float *panels = packing_room();
  size_t groups = (columns + group_columns - 1) / group_columns;
  size_t blocks = (inner + group_inner - 1) / group_inner;
  const char *first = b, *next = first;
  for (size_t i = 0; i < groups * blocks; i++) {
    size_t group = i / blocks * group_columns, block = i % blocks;
    size_t start = inner * block / blocks, steps = inner * (block + 1) / blocks - start;
    size_t width = group_width(columns, group);
    switch (b_type) {
      case CT_F16: pack_float16(panels, next, b_stride, transposed, steps, width); break;
      case CT_BF16: pack_bfloat16(panels, next, b_stride, transposed, steps, width); break;
      default: pack_float32(panels, next, b_stride, transposed, steps, width);
    }
    size_t j = i + 1, column = j / blocks * group_columns, step = inner * (j % blocks) / blocks;
    next = first
        + (transposed ? column * b_stride + step : step * b_stride + column) * bytes_of(b_type);
    multiply_group(a + start, a_stride, panels, c + group, c_stride, rows, width, steps, scale,
                   block == 0 ? keep : 1, next, b_type, group_width(columns, column), b_stride,
                   transposed);
  }
}
#else
int ckernels_product_available(void) { return 0; }
void ckernels_product(const float *a, size_t a_stride, const void *b, int b_type, size_t b_stride,
                      int transposed, float *c, size_t c_stride, size_t rows, size_t columns,
                      size_t inner, float scale, float keep) {}
#endif
