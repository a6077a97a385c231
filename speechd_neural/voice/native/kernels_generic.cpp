// Plain C++: what every processor can run.
#include "kernels.h"

namespace speech {
namespace {

constexpr size_t WIDTH = 4, FRAMES = 2, GROUPS = 1;

// One vector after the other: a row group's weights are near when the next one wants them.
template <size_t N>
inline void multiply_all(const Int8View& m, const Int8Product (&products)[N]) {
    for (size_t g = 0; g < m.row_groups; ++g)
        for (const Int8Product& p : products) {
            int32_t sum[kRows] = {};
            for (uint32_t b = m.first[g]; b < m.first[g + 1]; ++b) {
                const int8_t* w = m.blocks + size_t{b} * kRows * kColumns;
                const int8_t* v = p.x + (m.columns ? m.columns[b] : b - m.first[g]) * kColumns;
                for (size_t r = 0; r < kRows; ++r)
                    sum[r] += w[4 * r] * v[0] + w[4 * r + 1] * v[1] + w[4 * r + 2] * v[2] + w[4 * r + 3] * v[3];
            }
            for (size_t r = 0; r < kRows; ++r)
                p.y[g * kRows + r] += static_cast<float>(sum[r]) * (m.scale[g * kRows + r] * p.scale);
        }
}

#include "kernels_shared.h"

}  // namespace

const Kernels* generic_kernels() {
    static constexpr Kernels kernels = table("generic");
    return &kernels;
}

}  // namespace speech
