// NEON with dot products (64-bit ARM from 2018 on): one instruction multiplies 4 rows by 4 columns.
#include "kernels.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>

namespace speech {
namespace {

constexpr size_t WIDTH = 4, FRAMES = 5, GROUPS = 1;

template <size_t N>
inline void multiply_all(const Int8View& m, const Int8Product (&products)[N]) {
    for (size_t g = 0; g < m.row_groups; ++g) {
        int32x4_t sum[N][4] = {};  // four rows each
        const int8_t* w = m.blocks + size_t{m.first[g]} * kRows * kColumns;
        for (uint32_t i = m.first[g]; i < m.first[g + 1]; ++i, w += kRows * kColumns) {
            const size_t column = (m.columns ? m.columns[i] : i - m.first[g]) * kColumns;
            const int8x16_t weights[] = {vld1q_s8(w), vld1q_s8(w + 16), vld1q_s8(w + 32), vld1q_s8(w + 48)};
            for (size_t n = 0; n < N; ++n) {
                int32_t four;
                __builtin_memcpy(&four, products[n].x + column, 4);
                const int8x16_t x = vreinterpretq_s8_s32(vdupq_n_s32(four));
                for (size_t k = 0; k < 4; ++k) sum[n][k] = vdotq_s32(sum[n][k], weights[k], x);
            }
        }
        for (size_t n = 0; n < N; ++n)
            for (size_t k = 0; k < 4; ++k) {
                float* out = products[n].y + g * kRows + 4 * k;
                const float32x4_t factor = vmulq_n_f32(vld1q_f32(m.scale + g * kRows + 4 * k), products[n].scale);
                vst1q_f32(out, vaddq_f32(vld1q_f32(out), vmulq_f32(vcvtq_f32_s32(sum[n][k]), factor)));
            }
    }
}

#include "kernels_shared.h"

}  // namespace

const Kernels* neondot_kernels() {
    static constexpr Kernels kernels = table("neondot");
    return &kernels;
}

}  // namespace speech
#else
const speech::Kernels* speech::neondot_kernels() { return nullptr; }
#endif
