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

inline __m512i to_unsigned(__m512i x) { return _mm512_xor_si512(x, _mm512_set1_epi32(static_cast<int32_t>(0x80808080))); }

// Four elements of x for every row.
inline __m512i unsigned_four(const int8_t* x) {
    int32_t four;
    __builtin_memcpy(&four, x, 4);
    return to_unsigned(_mm512_set1_epi32(four));
}

// Sixteen for every four rows, and the four of them with number K for every row.
inline __m512i unsigned_sixteen(const int8_t* x) {
    return to_unsigned(_mm512_maskz_broadcast_i32x4(kAll, _mm_loadu_si128(reinterpret_cast<const __m128i*>(x))));
}
template <int K>
inline __m512i spread(__m512i x) {
    return _mm512_maskz_shuffle_epi32(kAll, x, static_cast<_MM_PERM_ENUM>(K * 0x55));
}

inline void add_product(const Int8View& m, size_t g, __m512i sum, float scale, float* y) {
    const __m512 factor = _mm512_mul_ps(_mm512_loadu_ps(m.scale + g * kRows), _mm512_set1_ps(scale));
    const __m512 product = _mm512_mul_ps(_mm512_maskz_cvtepi32_ps(kAll, sum), factor);
    _mm512_storeu_ps(y + g * kRows, _mm512_add_ps(_mm512_loadu_ps(y + g * kRows), product));
}

// Sums of G row groups for N vectors, SUMS of each, because an instruction waits for the one before it that added to the same.
template <size_t G, size_t N, size_t SUMS>
struct Totals {
    __m512i sum[G][N][SUMS];

    Totals(const Int8View& m, size_t g) {
        for (size_t r = 0; r < G; ++r)
            for (size_t n = 0; n < N; ++n) {
                sum[r][n][0] = _mm512_loadu_si512(m.correction + (g + r) * kRows);
                for (size_t k = 1; k < SUMS; ++k) sum[r][n][k] = _mm512_setzero_si512();
            }
    }

    // Block number b of each row group, the groups' blocks `apart`.
    void add(const int8_t* w, size_t apart, size_t b, const __m512i (&x)[N]) {
        for (size_t r = 0; r < G; ++r) {
            __m512i weights = _mm512_loadu_si512(w + (r * apart + b) * 64);
            if (N > 1) asm("" : "+v"(weights));  // GCC would load them again for every vector
            for (size_t n = 0; n < N; ++n) sum[r][n][b % SUMS] = _mm512_dpbusd_epi32(sum[r][n][b % SUMS], x[n], weights);
        }
    }

    void finish(const Int8View& m, size_t g, const Int8Product (&products)[N]) {
        for (size_t r = 0; r < G; ++r)
            for (size_t n = 0; n < N; ++n) {
                __m512i total = sum[r][n][0];
                for (size_t k = 1; k < SUMS; ++k) total = _mm512_add_epi32(total, sum[r][n][k]);
                add_product(m, g + r, total, products[n].scale, products[n].y);
            }
    }
};

template <size_t N>
inline void multiply_sparse(const Int8View& m, size_t g, const Int8Product (&products)[N]) {
    const size_t count = m.first[g + 1] - m.first[g];
    const int8_t* w = m.blocks + size_t{m.first[g]} * 64;
    const uint16_t* columns = m.columns + m.first[g];
    Totals<1, N, 4> totals(m, g);
    auto add = [&](size_t b) {
        __m512i x[N];
        for (size_t n = 0; n < N; ++n) x[n] = unsigned_four(products[n].x + columns[b] * kColumns);
        totals.add(w, 0, b, x);
    };
    size_t b = 0;
    for (; b + 4 <= count; b += 4)
        for (size_t k = 0; k < 4; ++k) add(b + k);
    for (; b < count; ++b) add(b);
    totals.finish(m, g, products);
}

// Four column groups of x come with one load: a load for each would take as long as the weights'.
template <size_t G, size_t N, size_t SUMS>
inline void multiply_dense(const Int8View& m, size_t g, const Int8Product (&products)[N]) {
    const size_t count = m.column_groups;
    const int8_t* w = m.blocks + g * count * 64;
    Totals<G, N, SUMS> totals(m, g);
    size_t b = 0;
    for (; b + 4 <= count; b += 4) {
        __m512i x[N];
        for (size_t n = 0; n < N; ++n) x[n] = unsigned_sixteen(products[n].x + b * kColumns);
        auto add = [&](size_t k, const auto& spread) {
            __m512i four[N];
            for (size_t n = 0; n < N; ++n) four[n] = spread(x[n]);
            totals.add(w, count, b + k, four);
        };
        add(0, spread<0>);
        add(1, spread<1>);
        add(2, spread<2>);
        add(3, spread<3>);
    }
    for (; b < count; ++b) {
        __m512i x[N];
        for (size_t n = 0; n < N; ++n) x[n] = unsigned_four(products[n].x + b * kColumns);
        totals.add(w, count, b, x);
    }
    totals.finish(m, g, products);
}

// Blocks in the order in which they are stored, since the processor fetches a single stream ahead best; but with two
// vectors, reading is not all that takes time, and two row groups share the work on x.
template <size_t N>
inline void multiply_all(const Int8View& m, const Int8Product (&products)[N]) {
    size_t g = 0;
    if (m.columns)
        for (; g < m.row_groups; ++g) multiply_sparse(m, g, products);
    if constexpr (N > 1)
        for (; g + 2 <= m.row_groups; g += 2) multiply_dense<2, N, 2>(m, g, products);
    for (; g < m.row_groups; ++g) multiply_dense<1, N, 4>(m, g, products);
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
