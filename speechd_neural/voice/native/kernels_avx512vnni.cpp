// AVX-512 with VNNI: one instruction multiplies 16 rows by 4 columns. Its left side is unsigned, so 128 is added to
// every element of x and taken out again by `correction`.
#include "kernels.h"

#ifdef __AVX512VNNI__
#include <immintrin.h>

namespace speech {
namespace {

constexpr size_t WIDTH = 16, FRAMES = 8, GROUPS = 2;

inline __m512i unsigned_four(const int8_t* x) {
    int32_t four;
    __builtin_memcpy(&four, x, 4);
    return _mm512_set1_epi32(four ^ static_cast<int32_t>(0x80808080));
}

inline void finish(const Int8View& m, size_t g, __m512i sum, float scale, float* y) {
    const __m512 factor = _mm512_mul_ps(_mm512_loadu_ps(m.scale + g * kRows), _mm512_set1_ps(scale));
    // Not _mm512_cvtepi32_ps: GCC 12 warns about the register it leaves undefined on purpose (GCC bug 105593).
    const __m512 product = _mm512_mul_ps(__builtin_convertvector(reinterpret_cast<__v16si>(sum), __m512), factor);
    _mm512_storeu_ps(y + g * kRows, _mm512_add_ps(_mm512_loadu_ps(y + g * kRows), product));
}

template <size_t N>
inline void dense(const Int8View& m, size_t g, const int8_t* x, float scale, float* y) {
    __m512i sum[N];
    const int8_t* w[N];
    for (size_t k = 0; k < N; ++k) {
        sum[k] = _mm512_loadu_si512(m.correction + (g + k) * kRows);
        w[k] = m.blocks + (g + k) * m.column_groups * kRows * kColumns;
    }
    for (size_t c = 0; c < m.column_groups; ++c) {
        const __m512i value = unsigned_four(x + c * kColumns);
        for (size_t k = 0; k < N; ++k) sum[k] = _mm512_dpbusd_epi32(sum[k], value, _mm512_loadu_si512(w[k] + c * 64));
    }
    for (size_t k = 0; k < N; ++k) finish(m, g + k, sum[k], scale, y);
}

inline void sparse(const Int8View& m, size_t g, const int8_t* x, float scale, float* y) {
    __m512i sum[4] = {_mm512_loadu_si512(m.correction + g * kRows), _mm512_setzero_si512(), _mm512_setzero_si512(),
                      _mm512_setzero_si512()};
    uint32_t b = m.first[g];
    const uint32_t end = m.first[g + 1];
    for (; b + 4 <= end; b += 4)
        for (uint32_t k = 0; k < 4; ++k)
            sum[k] = _mm512_dpbusd_epi32(sum[k], unsigned_four(x + m.columns[b + k] * kColumns),
                                         _mm512_loadu_si512(m.blocks + size_t{b + k} * 64));
    for (; b < end; ++b)
        sum[0] = _mm512_dpbusd_epi32(sum[0], unsigned_four(x + m.columns[b] * kColumns),
                                     _mm512_loadu_si512(m.blocks + size_t{b} * 64));
    const __m512i total = _mm512_add_epi32(_mm512_add_epi32(sum[0], sum[1]), _mm512_add_epi32(sum[2], sum[3]));
    finish(m, g, total, scale, y);
}

void multiply_int8(const Int8View& m, const int8_t* x, float scale, float* y) {
    size_t g = 0;
    if (m.columns) {
        for (; g < m.row_groups; ++g) sparse(m, g, x, scale, y);
        return;
    }
    for (; g + 8 <= m.row_groups; g += 8) dense<8>(m, g, x, scale, y);
    for (; g + 4 <= m.row_groups; g += 4) dense<4>(m, g, x, scale, y);
    for (; g < m.row_groups; ++g) dense<1>(m, g, x, scale, y);
}

#include "kernels_shared.h"

}  // namespace

const Kernels* avx512vnni_kernels() {
    static constexpr Kernels kernels = table("avx512vnni");
    return &kernels;
}

}  // namespace speech
#else
const speech::Kernels* speech::avx512vnni_kernels() { return nullptr; }
#endif
