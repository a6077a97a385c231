// NEON (64-bit ARM): 8-bit products are exact in 16 bits, because neither side reaches -128.
#include "kernels.h"

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

namespace speech {
namespace {

constexpr size_t WIDTH = 4, FRAMES = 5, GROUPS = 1;

// One vector after the other: a row group's weights are near when the next one wants them.
template <size_t N>
inline void multiply_all(const Int8View& m, const Int8Product (&products)[N]) {
    for (size_t g = 0; g < m.row_groups; ++g)
        for (const Int8Product& p : products) {
            int32x4_t pairs[8] = {};  // two rows each, two partial sums a row
            const int8_t* w = m.blocks + size_t{m.first[g]} * kRows * kColumns;
            for (uint32_t i = m.first[g]; i < m.first[g + 1]; ++i, w += kRows * kColumns) {
                int32_t four;
                __builtin_memcpy(&four, p.x + (m.columns ? m.columns[i] : i - m.first[g]) * kColumns, 4);
                const int8x8_t value = vreinterpret_s8_s32(vdup_n_s32(four));
                for (size_t k = 0; k < 8; ++k) pairs[k] = vpadalq_s16(pairs[k], vmull_s8(vld1_s8(w + 8 * k), value));
            }
            for (size_t k = 0; k < 4; ++k) {
                const float32x4_t sum = vcvtq_f32_s32(vpaddq_s32(pairs[2 * k], pairs[2 * k + 1]));
                float* out = p.y + g * kRows + 4 * k;
                const float32x4_t factor = vmulq_n_f32(vld1q_f32(m.scale + g * kRows + 4 * k), p.scale);
                vst1q_f32(out, vaddq_f32(vld1q_f32(out), vmulq_f32(sum, factor)));
            }
        }
}

#include "kernels_shared.h"

}  // namespace

const Kernels* neon_kernels() {
    static constexpr Kernels kernels = table("neon");
    return &kernels;
}

}  // namespace speech
#else
const speech::Kernels* speech::neon_kernels() { return nullptr; }
#endif
