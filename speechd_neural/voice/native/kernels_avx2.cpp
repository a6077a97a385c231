// AVX2: bytes are widened to 16 bits, because the 8-bit multiply-add saturates.
#include "kernels.h"

#ifdef __AVX2__
#include <immintrin.h>

namespace speech {
namespace {

constexpr size_t WIDTH = 8, FRAMES = 5, GROUPS = 1;

inline __m256i step(__m256i sum, const int8_t* w, __m256i value) {
    const __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w)));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(wide, value));
}

// One vector after the other: a row group's weights are near when the next one wants them.
template <size_t N>
inline void multiply_all(const Int8View& m, const Int8Product (&products)[N]) {
    for (size_t g = 0; g < m.row_groups; ++g)
        for (const Int8Product& p : products) {
            __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;  // 4 rows each, two partial sums a row
            const int8_t* w = m.blocks + size_t{m.first[g]} * kRows * kColumns;
            for (uint32_t i = m.first[g]; i < m.first[g + 1]; ++i, w += kRows * kColumns) {
                int32_t four;
                __builtin_memcpy(&four, p.x + (m.columns ? m.columns[i] : i - m.first[g]) * kColumns, 4);
                const __m256i value = _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(four)));
                a = step(a, w, value);
                b = step(b, w + 16, value);
                c = step(c, w + 32, value);
                d = step(d, w + 48, value);
            }
            // hadd pairs within each half: (a0 a1 b0 b1 | a2 a3 b2 b3) -> rows in order.
            const __m256i low = _mm256_permute4x64_epi64(_mm256_hadd_epi32(a, b), 0xd8);
            const __m256i high = _mm256_permute4x64_epi64(_mm256_hadd_epi32(c, d), 0xd8);
            const __m256 factor = _mm256_set1_ps(p.scale);
            float* out = p.y + g * kRows;
            const float* s = m.scale + g * kRows;
            _mm256_storeu_ps(out, _mm256_add_ps(_mm256_loadu_ps(out), _mm256_mul_ps(_mm256_cvtepi32_ps(low),
                                                                      _mm256_mul_ps(_mm256_loadu_ps(s), factor))));
            _mm256_storeu_ps(out + 8, _mm256_add_ps(_mm256_loadu_ps(out + 8), _mm256_mul_ps(_mm256_cvtepi32_ps(high),
                                                                              _mm256_mul_ps(_mm256_loadu_ps(s + 8), factor))));
        }
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
