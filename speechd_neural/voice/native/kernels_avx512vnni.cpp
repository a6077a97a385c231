// AVX-512 with VNNI: one instruction multiplies 16 rows by 4 columns. Its left side is unsigned, so 128 is added to
// every element of x and taken out again by `correction`.
#include "kernels.h"

#ifdef __AVX512VNNI__
#include <immintrin.h>

namespace speech {
namespace {

constexpr size_t WIDTH = 16, FRAMES = 8, GROUPS = 2;
// GCC 12 warns about the register that the functions without a mask leave undefined on purpose (GCC bug 105593).
constexpr __mmask16 kAll = 0xffff;

inline __m512i unsigned_four(const int8_t* x) {
    int32_t four;
    __builtin_memcpy(&four, x, 4);
    return _mm512_xor_si512(_mm512_set1_epi32(four), _mm512_set1_epi32(static_cast<int32_t>(0x80808080)));
}

inline void finish(const Int8View& m, size_t g, __m512i sum, float scale, float* y) {
    const __m512 factor = _mm512_mul_ps(_mm512_loadu_ps(m.scale + g * kRows), _mm512_set1_ps(scale));
    const __m512 product = _mm512_mul_ps(_mm512_maskz_cvtepi32_ps(kAll, sum), factor);
    _mm512_storeu_ps(y + g * kRows, _mm512_add_ps(_mm512_loadu_ps(y + g * kRows), product));
}

// The blocks are read in the order in which they are stored: the processor fetches a single stream ahead best. Four sums
// for each vector, because an instruction waits for the one before it that added to the same sum.
template <size_t N>
struct Sums {
    __m512i sum[N][4];

    explicit Sums(const int32_t* correction) {
        for (size_t n = 0; n < N; ++n) {
            sum[n][0] = _mm512_loadu_si512(correction);
            for (size_t k = 1; k < 4; ++k) sum[n][k] = _mm512_setzero_si512();
        }
    }
    void add(size_t n, size_t k, __m512i x, __m512i weights) { sum[n][k] = _mm512_dpbusd_epi32(sum[n][k], x, weights); }
    __m512i total(size_t n) const {
        return _mm512_add_epi32(_mm512_add_epi32(sum[n][0], sum[n][1]), _mm512_add_epi32(sum[n][2], sum[n][3]));
    }
};

// Number K of every four.
template <int K>
inline __m512i spread(__m512i x) {
    return _mm512_maskz_shuffle_epi32(kAll, x, static_cast<_MM_PERM_ENUM>(K * 0x55));
}

// All columns are there. Four column groups of x come with one load: a load for each would take as long as the weights'.
template <size_t N>
inline size_t multiply_dense(const int8_t* w, size_t count, const Int8Product (&products)[N], Sums<N>& sums) {
    size_t b = 0;
    for (; b + 4 <= count; b += 4) {
        __m512i x[N];
        for (size_t n = 0; n < N; ++n) {
            const __m128i four = _mm_loadu_si128(reinterpret_cast<const __m128i*>(products[n].x + b * kColumns));
            const __m512i everywhere = _mm512_maskz_broadcast_i32x4(kAll, four);
            x[n] = _mm512_xor_si512(everywhere, _mm512_set1_epi32(static_cast<int32_t>(0x80808080)));
        }
        auto add = [&](size_t k, const auto& spread) {
            const __m512i weights = _mm512_loadu_si512(w + (b + k) * 64);
            for (size_t n = 0; n < N; ++n) sums.add(n, k, spread(x[n]), weights);
        };
        add(0, spread<0>);
        add(1, spread<1>);
        add(2, spread<2>);
        add(3, spread<3>);
    }
    return b;
}

template <size_t N>
inline void multiply_group(const Int8View& m, size_t g, const Int8Product (&products)[N]) {
    const int8_t* w = m.blocks + size_t{m.first[g]} * 64;
    const size_t count = m.first[g + 1] - m.first[g];
    Sums<N> sums(m.correction + g * kRows);
    auto add = [&](size_t b, size_t k, size_t column) {
        const __m512i weights = _mm512_loadu_si512(w + b * 64);
        for (size_t n = 0; n < N; ++n) sums.add(n, k, unsigned_four(products[n].x + column * kColumns), weights);
    };
    size_t b = 0;
    if (const uint16_t* columns = m.columns ? m.columns + m.first[g] : nullptr) {
        for (; b + 4 <= count; b += 4)
            for (size_t k = 0; k < 4; ++k) add(b + k, k, columns[b + k]);
        for (; b < count; ++b) add(b, 0, columns[b]);
    } else {
        b = multiply_dense(w, count, products, sums);
        for (; b < count; ++b) add(b, 0, b);
    }
    for (size_t n = 0; n < N; ++n) finish(m, g, sums.total(n), products[n].scale, products[n].y);
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
