// AVX2: an instruction multiplies unsigned by signed bytes and adds neighbours in 16 bits, which would saturate. So x
// gives its signs to the weights; neither side reaches -128, and 2 * 127 * 127 fits.
#include "kernels.h"

#ifdef __AVX2__
#include <immintrin.h>

namespace speech {
namespace {

constexpr size_t WIDTH = 8, FRAMES = 5, GROUPS = 1;

// Eight rows of four columns, their products added up for each row.
inline __m256i rows_of(__m256i weights, __m256i x, __m256i magnitude) {
    const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(weights, x));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

inline void add_product(__m256i sum, const float* scale, float factor, float* y) {
    const __m256 each = _mm256_mul_ps(_mm256_loadu_ps(scale), _mm256_set1_ps(factor));
    _mm256_storeu_ps(y, _mm256_add_ps(_mm256_loadu_ps(y), _mm256_mul_ps(_mm256_cvtepi32_ps(sum), each)));
}

template <size_t N, typename Column>
inline void multiply_group(const Int8View& m, size_t g, const Column& column, const Int8Product (&products)[N]) {
    const int8_t* w = m.blocks + size_t{m.first[g]} * kRows * kColumns;
    const size_t count = m.first[g + 1] - m.first[g];
    __m256i low[N], high[N];
    for (size_t n = 0; n < N; ++n) low[n] = high[n] = _mm256_setzero_si256();
#pragma GCC unroll 4
    for (size_t b = 0; b < count; ++b) {
        const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + b * 64));
        const __m256i lower = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + b * 64 + 32));
        for (size_t n = 0; n < N; ++n) {
            int32_t four;
            __builtin_memcpy(&four, products[n].x + column(b) * kColumns, 4);
            const __m256i x = _mm256_set1_epi32(four), magnitude = _mm256_abs_epi8(x);
            low[n] = _mm256_add_epi32(low[n], rows_of(upper, x, magnitude));
            high[n] = _mm256_add_epi32(high[n], rows_of(lower, x, magnitude));
        }
    }
    for (size_t n = 0; n < N; ++n) {
        add_product(low[n], m.scale + g * kRows, products[n].scale, products[n].y + g * kRows);
        add_product(high[n], m.scale + g * kRows + 8, products[n].scale, products[n].y + g * kRows + 8);
    }
}

template <size_t N>
inline void multiply_all(const Int8View& m, const Int8Product (&products)[N]) {
    for (size_t g = 0; g < m.row_groups; ++g)
        if (const uint16_t* columns = m.columns ? m.columns + m.first[g] : nullptr)
            multiply_group(m, g, [=](size_t b) { return size_t{columns[b]}; }, products);
        else
            multiply_group(m, g, [](size_t b) { return b; }, products);
}

#include "kernels_shared.h"

}  // namespace

const Kernels* avx2_kernels() {
    static constexpr Kernels kernels = table("avx2");
    return &kernels;
}

}  // namespace speech
#else
const speech::Kernels* speech::avx2_kernels() { return nullptr; }
#endif
