// One plain body a type, compiled for three processors: the compiler vectorises these loops well,
// and three copies of the same C can't disagree. Products and sums are never fused, so that all
// three give the same bits.
#include "dequantize.h"

#include <stdlib.h>
#include <string.h>

#pragma clang fp contract(off)

#define BODY static inline __attribute__((always_inline))

BODY float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Half precision without branches (subnormals included), so that a loop over it vectorises.
BODY float float_of_half(uint16_t half) {
    const uint32_t shifted = (uint32_t)half << 16;
    const uint32_t sign = shifted & 0x80000000u;
    const uint32_t twice = shifted + shifted;
    const float normal = float_of_bits((twice >> 4) + (0xE0u << 23)) * float_of_bits(0x07800000u);
    const float subnormal = float_of_bits((twice >> 17) | (126u << 23)) - 0.5f;
    const float magnitude = twice < (1u << 27) ? subnormal : normal;
    uint32_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    return float_of_bits(sign | bits);
}

BODY uint16_t half_at(const uint8_t *source) {
    uint16_t half;
    memcpy(&half, source, sizeof half);
    return half;
}

BODY float scale_at(const uint8_t *source) { return float_of_half(half_at(source)); }

BODY void f16(const uint8_t *source, size_t count, float *result) {
    for (size_t i = 0; i < count; i++) result[i] = scale_at(source + 2 * i);
}

BODY void bf16(const uint8_t *source, size_t count, float *result) {
    for (size_t i = 0; i < count; i++)
        result[i] = float_of_bits((uint32_t)half_at(source + 2 * i) << 16);
}

// A byte's low half is value j, its high half value j + 16.
BODY void q4_0(const uint8_t *source, size_t blocks, float *result) {
    for (size_t b = 0; b < blocks; b++, source += 18, result += 32) {
        const float d = scale_at(source);
        for (int j = 0; j < 16; j++) {
            result[j] = d * (float)((source[2 + j] & 15) - 8);
            result[j + 16] = d * (float)((source[2 + j] >> 4) - 8);
        }
    }
}

BODY void q4_1(const uint8_t *source, size_t blocks, float *result) {
    for (size_t b = 0; b < blocks; b++, source += 20, result += 32) {
        const float d = scale_at(source), m = scale_at(source + 2);
        for (int j = 0; j < 16; j++) {
            result[j] = d * (float)(source[4 + j] & 15) + m;
            result[j + 16] = d * (float)(source[4 + j] >> 4) + m;
        }
    }
}

// As q4, with the fifth bits of all 32 values in one word.
BODY void q5_0(const uint8_t *source, size_t blocks, float *result) {
    for (size_t b = 0; b < blocks; b++, source += 22, result += 32) {
        const float d = scale_at(source);
        uint32_t high;
        memcpy(&high, source + 2, sizeof high);
        for (int j = 0; j < 16; j++) {
            const int low5 = (int)((high >> j) & 1) << 4, high5 = (int)((high >> (j + 16)) & 1) << 4;
            result[j] = d * (float)(((source[6 + j] & 15) | low5) - 16);
            result[j + 16] = d * (float)(((source[6 + j] >> 4) | high5) - 16);
        }
    }
}

BODY void q5_1(const uint8_t *source, size_t blocks, float *result) {
    for (size_t b = 0; b < blocks; b++, source += 24, result += 32) {
        const float d = scale_at(source), m = scale_at(source + 2);
        uint32_t high;
        memcpy(&high, source + 4, sizeof high);
        for (int j = 0; j < 16; j++) {
            const int low5 = (int)((high >> j) & 1) << 4, high5 = (int)((high >> (j + 16)) & 1) << 4;
            result[j] = d * (float)((source[8 + j] & 15) | low5) + m;
            result[j + 16] = d * (float)((source[8 + j] >> 4) | high5) + m;
        }
    }
}

BODY void q8_0(const uint8_t *source, size_t blocks, float *result) {
    for (size_t b = 0; b < blocks; b++, source += 34, result += 32) {
        const float d = scale_at(source);
        for (int j = 0; j < 32; j++) result[j] = d * (float)(int8_t)source[2 + j];
    }
}

// Eight scales and eight minima of 6 bits in 12 bytes: the low 6 bits of bytes 0-3 and 4-7 are the
// first four of each; the last four have their low 4 bits in bytes 8-11 and their high 2 bits on
// top of the first.
BODY void q4_k(const uint8_t *source, size_t blocks, float *result) {
    for (size_t b = 0; b < blocks; b++, source += 144, result += 256) {
        const float d = scale_at(source), dmin = scale_at(source + 2);
        const uint8_t *packed = source + 4, *q = source + 16;
        float scale[8], minimum[8];
        for (int j = 0; j < 4; j++) {
            scale[j] = d * (float)(packed[j] & 63);
            minimum[j] = dmin * (float)(packed[j + 4] & 63);
            scale[j + 4] = d * (float)((packed[j + 8] & 15) | ((packed[j] >> 6) << 4));
            minimum[j + 4] = dmin * (float)((packed[j + 8] >> 4) | ((packed[j + 4] >> 6) << 4));
        }
        for (int part = 0; part < 4; part++)
            for (int j = 0; j < 32; j++) {
                const uint8_t pair = q[32 * part + j];
                float *to = result + 64 * part + j;
                to[0] = scale[2 * part] * (float)(pair & 15) - minimum[2 * part];
                to[32] = scale[2 * part + 1] * (float)(pair >> 4) - minimum[2 * part + 1];
            }
    }
}

// 128 bytes of low 4 bits, 64 of high 2 bits, 16 signed scales, then the block's scale.
BODY void q6_k(const uint8_t *source, size_t blocks, float *result) {
    for (size_t b = 0; b < blocks; b++, source += 210, result += 256) {
        const float d = scale_at(source + 208);
        for (int half = 0; half < 2; half++) {
            const uint8_t *low = source + 64 * half, *high = source + 128 + 32 * half;
            const uint8_t *scales = source + 192 + 8 * half;
            float *to = result + 128 * half;
            for (int group = 0; group < 2; group++) {
                float scale[4];
                for (int part = 0; part < 4; part++)
                    scale[part] = d * (float)(int8_t)scales[2 * part + group];
                for (int j = 16 * group; j < 16 * group + 16; j++) {
                    const int a = low[j], c = low[j + 32], h = high[j];
                    to[j] = scale[0] * (float)(((a & 15) | ((h & 3) << 4)) - 32);
                    to[j + 32] = scale[1] * (float)(((c & 15) | ((h >> 2 & 3) << 4)) - 32);
                    to[j + 64] = scale[2] * (float)(((a >> 4) | ((h >> 4 & 3) << 4)) - 32);
                    to[j + 96] = scale[3] * (float)(((c >> 4) | ((h >> 6) << 4)) - 32);
                }
            }
        }
    }
}

BODY void dequantize(int type, const uint8_t *source, size_t blocks, float *result) {
    switch (type) {
    case CT_F32: memcpy(result, source, 4 * blocks); break;
    case CT_F16: f16(source, blocks, result); break;
    case CT_BF16: bf16(source, blocks, result); break;
    case CT_Q4_0: q4_0(source, blocks, result); break;
    case CT_Q4_1: q4_1(source, blocks, result); break;
    case CT_Q5_0: q5_0(source, blocks, result); break;
    case CT_Q5_1: q5_1(source, blocks, result); break;
    case CT_Q8_0: q8_0(source, blocks, result); break;
    case CT_Q4_K: q4_k(source, blocks, result); break;
    case CT_Q6_K: q6_k(source, blocks, result); break;
    default: break;
    }
}

// Exponents of all ones, found by a comparison whose result is summed: a loop without an exit
// vectorises; the exact place is only looked for when there is one.
BODY size_t first_nonfinite(const float *values, size_t count) {
    for (size_t start = 0; start < count; start += 4096) {
        const size_t end = count - start < 4096 ? count : start + 4096;
        uint32_t found = 0;
        for (size_t i = start; i < end; i++) {
            uint32_t bits;
            memcpy(&bits, values + i, sizeof bits);
            found |= (bits & 0x7F800000u) == 0x7F800000u;
        }
        if (!found) continue;
        for (size_t i = start; i < end; i++) {
            uint32_t bits;
            memcpy(&bits, values + i, sizeof bits);
            if ((bits & 0x7F800000u) == 0x7F800000u) return i;
        }
    }
    return count;
}

BODY size_t first_nonfinite16(uint16_t exponent, const uint16_t *values, size_t count) {
    for (size_t start = 0; start < count; start += 4096) {
        const size_t end = count - start < 4096 ? count : start + 4096;
        uint16_t found = 0;
        for (size_t i = start; i < end; i++) found |= (values[i] & exponent) == exponent;
        if (!found) continue;
        for (size_t i = start; i < end; i++)
            if ((values[i] & exponent) == exponent) return i;
    }
    return count;
}

BODY void round_to_bf16(const float *values, size_t count, uint16_t *result) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        result[i] = (uint16_t)((bits + 0x7FFFu + ((bits >> 16) & 1)) >> 16);
    }
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,prefer-256-bit")))

AVX2 static void dequantize_avx2(int type, const uint8_t *source, size_t blocks, float *result) {
    dequantize(type, source, blocks, result);
}
AVX512 static void dequantize_avx512(
    int type, const uint8_t *source, size_t blocks, float *result) {
    dequantize(type, source, blocks, result);
}
AVX2 static size_t first_nonfinite_avx2(const float *values, size_t count) {
    return first_nonfinite(values, count);
}
AVX2 static size_t first_nonfinite16_avx2(
    uint16_t exponent, const uint16_t *values, size_t count) {
    return first_nonfinite16(exponent, values, count);
}
AVX2 static void round_to_bf16_avx2(const float *values, size_t count, uint16_t *result) {
    round_to_bf16(values, count, result);
}

static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

void ct_dequantize(int type, const void *source, size_t blocks, float *result) {
#if defined(__x86_64__)
    if (has_avx512()) return dequantize_avx512(type, source, blocks, result);
    if (__builtin_cpu_supports("avx2")) return dequantize_avx2(type, source, blocks, result);
#endif
    dequantize(type, source, blocks, result);
}

size_t ct_first_nonfinite(const float *values, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return first_nonfinite_avx2(values, count);
#endif
    return first_nonfinite(values, count);
}

size_t ct_first_nonfinite16(int type, const uint16_t *values, size_t count) {
    const uint16_t exponent = type == CT_F16 ? 0x7C00 : 0x7F80;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return first_nonfinite16_avx2(exponent, values, count);
#endif
    return first_nonfinite16(exponent, values, count);
}

void ct_round_to_bf16(const float *values, size_t count, uint16_t *result) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return round_to_bf16_avx2(values, count, result);
#endif
    round_to_bf16(values, count, result);
}

float *ct_widened(int type, const void *source, size_t stride, size_t rows, size_t columns) {
    static _Thread_local float *room;
    static _Thread_local size_t capacity;
    if (!room || rows * columns > capacity) {
        free(room);
        capacity = (rows * columns + 4095) / 4096 * 4096;
        if (capacity == 0) capacity = 4096;
        if (!(room = aligned_alloc(64, sizeof(float) * capacity))) abort();
    }
    const size_t size = type == CT_F32 ? 4 : 2;
    if (stride == columns) {
        ct_dequantize(type, source, rows * columns, room);
        return room;
    }
    for (size_t row = 0; row < rows; row++)
        ct_dequantize(type, (const char *)source + row * stride * size, columns, room + row * columns);
    return room;
}
