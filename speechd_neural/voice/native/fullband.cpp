#include "fullband.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace speech {

namespace {
constexpr double kPi = 3.14159265358979323846;
constexpr size_t kAtOnce = 25;  // samples between two looks at the clock
// Frames. A fold is about so long, the first one less: who listens waits for it, and what follows is ready when it ends.
constexpr size_t kFold = 24, kFirst = 12, kLast = 8;
constexpr size_t kLead = 2, kFade = 1;  // a fold begins so early, and is faded in so long
constexpr size_t kNever = SIZE_MAX / 4096;  // a frame that is not reached; its samples can still be counted

// Fades `leaving` out and `coming` in, which becomes the sum. The power is kept whatever the two have in common.
void cross_fade(const float* leaving, float* coming, size_t n) {
    double leaving_power = 0, coming_power = 0, product = 0;
    for (size_t i = 0; i < n; ++i) {
        leaving_power += leaving[i] * leaving[i];
        coming_power += coming[i] * coming[i];
        product += leaving[i] * coming[i];
    }
    const double common = std::clamp(product / std::max(std::sqrt(leaving_power * coming_power), 1e-12), -0.5, 1.0);
    for (size_t i = 0; i < n; ++i) {
        const double angle = (static_cast<double>(i) + 0.5) / static_cast<double>(n) * (kPi / 2);
        const double away = std::cos(angle) * std::cos(angle), near = std::sin(angle) * std::sin(angle);
        const double gain = 1 / std::sqrt(away * away + near * near + 2 * common * away * near);
        coming[i] = static_cast<float>(std::clamp((away * leaving[i] + near * coming[i]) * gain, -1.0, 1.0));
    }
}
}  // namespace

FullBandRun::FullBandRun(std::shared_ptr<const FullBandNetwork> network, const Kernels& kernels,
                         std::shared_ptr<Crew> crew, uint64_t seed, float temperature)
    : steps_(std::move(network), kernels, std::move(crew), seed, temperature) {
    folds_.push_back({0, 0});
}

void FullBandRun::feed(const float* features, size_t count) {
    if (ended_) throw std::invalid_argument("vocoder: features after the end");
    const FullBandDims& d = steps_.network().dims;
    for (size_t t = 0; t < count; ++t) {
        float sum = 0;
        for (size_t k = 0; k < d.n_features; ++k) {
            float x = features[t * d.n_features + k];
            if (d.normalizes) x = std::clamp(d.gain * x + d.shift, 0.0f, 1.0f);
            mels_.push_back(x);
            sum += x;
        }
        level_.push_back(sum);
    }
    fed_ += count;
    plan();
}

void FullBandRun::end() {
    if (ended_) return;
    ended_ = true;
    folds_.back().stop = fed_;
}

size_t FullBandRun::known() const {
    const size_t pad = steps_.network().dims.pad;
    if (ended_) return fed_;
    return std::min(limit(folds_.back()) - kFade, fed_ - std::min(fed_, pad));
}

// Where the fold that begins at frame `first` may end; the quietest place there is taken. While samples are forced, nowhere.
FullBandRun::Ends FullBandRun::ends(size_t first) const {
    if (steps_.recording()) return {kNever, kNever};
    const size_t length = first == 0 ? kFirst : kFold;
    return {first + length - length / 3, first + length + length / 3};
}

// How a fold ends is known when all frames are at which it may.
void FullBandRun::plan() {
    for (;;) {
        const auto [from, to] = ends(folds_.back().first);
        if (fed_ < to + kLast) return;
        size_t quietest = from;
        for (size_t t = from; t <= to; ++t)
            if (level_[t - 1] < level_[quietest - 1]) quietest = t;  // the next one is faded in before the frame where it begins
        folds_.back().stop = quietest;
        folds_.push_back({quietest - kLead, quietest});
    }
}

// The frame at which a fold stops, or up to which it is sure to go on.
size_t FullBandRun::limit(const Fold& fold) const {
    return fold.stop != SIZE_MAX ? fold.stop : ends(fold.first).from;
}

std::vector<float> FullBandRun::around(size_t frame) const {
    const FullBandDims& d = steps_.network().dims;
    // The network was trained with silence on both sides: zeros, after normalization.
    std::vector<float> mels((2 * d.pad + 1) * d.n_features);
    for (size_t i = 0; i <= 2 * d.pad; ++i)
        if (frame + i >= d.pad && frame + i - d.pad < fed_)
            std::copy_n(mels_.data() + (frame + i - d.pad) * d.n_features, d.n_features, mels.data() + i * d.n_features);
    return mels;
}

std::vector<float> FullBandRun::run(size_t frames, double milliseconds) {
    const auto begun = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> budget(milliseconds);
    const size_t wanted = frames * steps_.network().dims.hop;
    std::vector<float> samples;
    hand_over(samples, wanted);
    while (samples.size() < wanted && advance()) {
        hand_over(samples, wanted);
        if (std::chrono::steady_clock::now() - begun >= budget) break;
    }
    return samples;
}

// A few more samples of the folds that can go on; false where none can.
bool FullBandRun::advance() {
    const FullBandDims& d = steps_.network().dims;
    FullBandLanes lanes;
    for (Fold& fold : folds_) {
        if (fold.lane && fold.lane->frame == fold.stop) leave(fold);
        if (!fold.begun && (fold.lane = free_lane())) {
            fold.begun = true;
            fold.lane->begin(steps_.network(), fold.begin);
        }
        if (fold.lane && fold.lane->frame < limit(fold) && (ended_ || fold.lane->frame + d.pad < fed_)) lanes.push_back(fold.lane);
    }
    if (lanes.empty()) return false;
    size_t count = kAtOnce;
    for (FullBandLane* lane : lanes) {
        if (lane->position == 0) steps_.begin_frame(*lane, around(lane->frame));
        count = std::min(count, d.hop - lane->position);
    }
    steps_.speak(lanes, count);
    return true;
}

FullBandLane* FullBandRun::free_lane() {
    if (idle_.empty() && lanes_.size() < kLanes) idle_.push_back(&lanes_.emplace_back(steps_.network()));
    if (idle_.empty()) return nullptr;
    FullBandLane* lane = idle_.back();
    idle_.pop_back();
    return lane;
}

void FullBandRun::leave(Fold& fold) {
    fold.sound = std::move(fold.lane->sound);
    idle_.push_back(fold.lane);
    fold.lane = nullptr;
}

// What is sure not to change any more, until there are `wanted` samples.
void FullBandRun::hand_over(std::vector<float>& out, size_t wanted) {
    const size_t hop = steps_.network().dims.hop;
    while (out.size() < wanted) {
        Fold& fold = folds_.front();
        const bool last = folds_.size() == 1;
        const size_t made = fold.begin * hop + sound(fold).size();
        const size_t alone = last && ended_ ? SIZE_MAX : (limit(fold) - kFade) * hop;
        const size_t until = std::min({made, alone, told_ + wanted - out.size()});
        if (until > told_) {
            const float* from = sound(fold).data() + (told_ - fold.begin * hop);
            out.insert(out.end(), from, from + (until - told_));
            told_ = until;
        }
        if (told_ < alone || last) return;
        Fold& next = folds_[1];
        if (made < fold.stop * hop || sound(next).size() < (next.first - next.begin) * hop) return;
        cross_fade(sound(fold).data() + (told_ - fold.begin * hop), sound(next).data() + (told_ - next.begin * hop), kFade * hop);
        seams_.push_back(next.first * hop);
        if (fold.lane) leave(fold);
        folds_.pop_front();
    }
}

}  // namespace speech
