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
    return _mm512_xor_si512(_mm512_set1_epi32(four), _mm512_set1_epi32(static_cast<int32_t>(0x80808080)));
}

inline void finish(const Int8View& m, size_t g, __m512i sum, float scale, float* y) {
    const __m512 factor = _mm512_mul_ps(_mm512_loadu_ps(m.scale + g * kRows), _mm512_set1_ps(scale));
    // Not _mm512_cvtepi32_ps: GCC 12 warns about the register it leaves undefined on purpose (GCC bug 105593).
    const __m512 product = _mm512_mul_ps(__builtin_convertvector(reinterpret_cast<__v16si>(sum), __m512), factor);
    _mm512_storeu_ps(y + g * kRows, _mm512_add_ps(_mm512_loadu_ps(y + g * kRows), product));
}

// A row group at a time, in the order in which its blocks are stored: the processor fetches a single stream ahead best.
// Four sums, because an instruction waits for the one before it that added to the same sum.
template <typename Column>
inline void row_group(const Int8View& m, size_t g, const int8_t* w, size_t count, const Column& column, float scale, float* y) {
    __m512i sum[4] = {_mm512_loadu_si512(m.correction + g * kRows), _mm512_setzero_si512(), _mm512_setzero_si512(),
                      _mm512_setzero_si512()};
    size_t b = 0;
    for (; b + 4 <= count; b += 4)
        for (size_t k = 0; k < 4; ++k)
            sum[k] = _mm512_dpbusd_epi32(sum[k], unsigned_four(column(b + k)), _mm512_loadu_si512(w + (b + k) * 64));
    for (; b < count; ++b) sum[0] = _mm512_dpbusd_epi32(sum[0], unsigned_four(column(b)), _mm512_loadu_si512(w + b * 64));
    const __m512i total = _mm512_add_epi32(_mm512_add_epi32(sum[0], sum[1]), _mm512_add_epi32(sum[2], sum[3]));
    finish(m, g, total, scale, y);
}

void multiply_int8(const Int8View& m, const int8_t* x, float scale, float* y) {
    for (size_t g = 0; g < m.row_groups; ++g) {
        const int8_t* w = m.blocks + size_t{m.first[g]} * 64;
        const size_t count = m.first[g + 1] - m.first[g];
        if (const uint16_t* columns = m.columns ? m.columns + m.first[g] : nullptr)
            row_group(m, g, w, count, [=](size_t b) { return x + columns[b] * kColumns; }, scale, y);
        else
            row_group(m, g, w, count, [=](size_t b) { return x + b * kColumns; }, scale, y);
    }
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
