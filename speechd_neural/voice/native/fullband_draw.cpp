// What the outputs of the full-band WaveRNN say becomes a sample: one of its classes, or of a mixture of logistics.
#include <algorithm>

#include "fullband_steps.h"

namespace speech {

namespace {
constexpr float kMinLogScale = -32.23619f;  // log 1e-14, as the public implementations clamp it
constexpr size_t kComponents = 10;
constexpr size_t kMostOutputs = 1024;
}  // namespace

float FullBandSteps::draw(const FullBandLane& lane, FullBandShare& s, size_t step) const {
    return network_->dims.mixture() ? draw_mixture(lane, s, step) : draw_class(lane, s, step);
}

float FullBandSteps::draw_class(const FullBandLane& lane, FullBandShare& s, size_t step) const {
    const size_t n = network_->dims.outputs;
    const float* logits = lane.outputs.data();
    float tops[kRows];  // sixteen at a time, which the compiler makes vectors of
    std::copy_n(logits, kRows, tops);
    for (size_t k = kRows; k < n; k += kRows)
        for (size_t i = 0; i < kRows; ++i) tops[i] = logits[k + i] > tops[i] ? logits[k + i] : tops[i];
    const float largest = *std::max_element(tops, tops + kRows), factor = 1.0f / std::max(temperature_, 1e-3f);
    for (size_t k = 0; k < n; ++k) s.likely[k] = (logits[k] - largest) * factor;
    kernels_.exponential(s.likely.data(), n);
    // First the group of sixteen classes, then the class: groups are summed independently of each other.
    float groups[kMostOutputs / kRows], total = 0;
    for (size_t g = 0; g < n / kRows; ++g) {
        float sum = 0;
        for (size_t i = 0; i < kRows; ++i) sum += s.likely[g * kRows + i];
        groups[g] = sum;
        total += sum;
    }
    const float wanted = random_.uniform(step) * total;
    size_t group = 0;
    float before = 0;
    while (group + 1 < n / kRows && wanted >= before + groups[group]) before += groups[group++];
    size_t chosen = group * kRows;
    float below = before + s.likely[chosen];
    while (chosen + 1 < (group + 1) * kRows && wanted >= below) below += s.likely[++chosen];
    s.previous = 2.0f * static_cast<float>(chosen) / static_cast<float>(n - 1) - 1.0f;
    return network_->expanded[chosen];
}

float FullBandSteps::draw_mixture(const FullBandLane& lane, FullBandShare& s, size_t step) const {
    const float* logits = lane.outputs.data();
    const float largest = *std::max_element(logits, logits + kComponents);
    for (size_t k = 0; k < kRows; ++k) s.likely[k] = k < kComponents ? logits[k] - largest : 0.0f;
    kernels_.exponential(s.likely.data(), kRows);
    float total = 0;
    for (size_t k = 0; k < kComponents; ++k) total += s.likely[k];
    const float wanted = random_.uniform(2 * step) * total;
    size_t chosen = 0;
    float below = s.likely[0];
    while (chosen + 1 < kComponents && wanted >= below) below += s.likely[++chosen];
    alignas(64) float scale[kRows] = {}, noise[kRows];
    const float u = std::clamp(random_.uniform(2 * step + 1), 1e-5f, 1 - 1e-5f);
    std::fill(noise, noise + kRows, u / (1 - u));
    scale[0] = std::max(logits[2 * kComponents + chosen], kMinLogScale);
    kernels_.exponential(scale, kRows);
    kernels_.logarithm(noise, kRows);
    s.previous = std::clamp(logits[kComponents + chosen] + temperature_ * scale[0] * noise[0], -1.0f, 1.0f);
    return s.previous;
}

}  // namespace speech
