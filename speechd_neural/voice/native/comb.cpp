#include "comb.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace speech {

namespace {
constexpr double kLowest = 55.0;     // Hz: the longest period that is looked for
constexpr double kHighest = 3500.0;  // Hz: above, voiced speech is noise by nature
constexpr double kReach = 0.05;      // how far from the pitch that was asked for the period may be
constexpr float kUnlike = 0.3f, kAlike = 0.8f;  // correlation at which the comb begins, and is there in full
constexpr double kPi = 3.14159265358979323846;

// Sums by eight, so that they can be computed side by side.
float product(const float* a, const float* b, size_t count) {
    float sums[8] = {};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
    float total = 0;
    for (; i < count; ++i) total += a[i] * b[i];
    for (float sum : sums) total += sum;
    return total;
}
}  // namespace

HarmonicComb::HarmonicComb(double rate, size_t hop, float strength)
    : rate_(rate), hop_(hop), past_(0), strength_(strength) {
    if (!(rate >= 4000.0 && rate <= 192000.0) || hop == 0 || hop > 8192 || !(strength >= 0.0f && strength <= 1.0f))
        throw std::invalid_argument("comb: a rate of 4000 to 192000, a hop of 1 to 8192, a strength of 0 to 1");
    past_ = static_cast<size_t>(rate / kLowest * (1 + kReach)) + 2 + hop;
    samples_.assign(past_ + hop, 0.0f);
    const size_t delay = static_cast<size_t>(rate / 1000.0);
    const double cut = std::min(kHighest, 0.45 * rate) / rate;
    double total = 0;
    for (size_t i = 0; i <= 2 * delay; ++i) {
        const double t = double(i) - double(delay);
        const double window = 0.54 + 0.46 * std::cos(kPi * t / double(delay));
        low_.push_back(static_cast<float>(window * (t == 0 ? 2 * cut : std::sin(2 * kPi * cut * t) / (kPi * t))));
        total += low_.back();
    }
    for (float& tap : low_) tap = static_cast<float>(tap / total);
    difference_.assign(2 * delay + hop, 0.0f);
}

// The period near that of f0 at which the last two hops are most like what was before them.
HarmonicComb::Setting HarmonicComb::follow(double f0) const {
    const double period = rate_ / f0;
    if (!(f0 >= kLowest) || period < 8) return {before_.lag, 0.0f};
    const float* now = samples_.data() + past_ - hop_;
    const size_t count = 2 * hop_, first = static_cast<size_t>(std::ceil(period * (1 - kReach)));
    const size_t last = static_cast<size_t>(period * (1 + kReach));
    const float energy = product(now, now, count);
    Setting found{first, 0.0f};
    float best = 0;
    for (size_t lag = first; lag <= last; ++lag) {
        const float* ago = now - lag;
        const float like = product(now, ago, count) / std::sqrt(energy * product(ago, ago, count) + 1e-12f);
        if (like > best) best = like, found.lag = lag;
    }
    const float share = strength_ * std::clamp((best - kUnlike) / (kAlike - kUnlike), 0.0f, 1.0f);
    found.weight = share / (1 + share);
    return found;
}

std::vector<float> HarmonicComb::feed(const float* samples, const float* f0, size_t hops) {
    std::vector<float> out(hops * hop_);
    const size_t delay = this->delay();
    const auto moved = static_cast<std::ptrdiff_t>(hop_);
    for (size_t t = 0; t < hops; ++t) {
        std::copy(samples_.begin() + moved, samples_.end(), samples_.begin());
        std::copy(samples + t * hop_, samples + (t + 1) * hop_, samples_.end() - moved);
        std::copy(difference_.begin() + moved, difference_.end(), difference_.begin());
        const Setting now = follow(f0[t]);
        const float* x = samples_.data() + past_;
        float* d = difference_.data() + 2 * delay;
        const bool silent = now.weight == 0 && before_.weight == 0;
        for (size_t i = 0; i < hop_; ++i) {
            const float share = float(i + 1) / float(hop_);
            d[i] = silent ? 0.0f
                          : (1 - share) * before_.weight * (*(x + i - before_.lag) - x[i]) +
                                share * now.weight * (*(x + i - now.lag) - x[i]);
        }
        before_ = now;
        for (size_t i = 0; i < hop_; ++i)
            out[t * hop_ + i] =
                std::clamp(*(x + i - delay) + product(low_.data(), difference_.data() + i, low_.size()), -1.0f, 1.0f);
    }
    return out;
}

}  // namespace speech
