// A segment spoken by the full-band WaveRNN, cut into folds that are spoken side by side.
//
// A step takes little longer for two samples than for one, so a long stretch of sound is cut at quiet places and two of
// the pieces are spoken at a time. Each begins a little early, from silence, to find its way, and is faded in over the end
// of the one before. Where it is cut depends on the features alone, so the sound does not depend on who was faster.
#pragma once

#include <cstdint>
#include <deque>

#include "fullband_steps.h"
#include "vocoder.h"

namespace speech {

class FullBandRun final : public VocoderRun {
public:
    FullBandRun(std::shared_ptr<const FullBandNetwork> network, const Kernels& kernels, std::shared_ptr<Crew> crew,
                uint64_t seed, float temperature);

    void feed(const float* features, size_t count) override;
    void end() override;
    std::vector<float> run(size_t frames, double milliseconds) override;
    size_t known() const override;
    bool finished() const override { return ended_ && told_ == fed_ * steps_.network().dims.hop; }

    size_t n_features() const { return steps_.network().dims.n_features; }
    // Samples at which folds were joined.
    const std::vector<size_t>& seams() const { return seams_; }

    // For tests: compressed samples that are used instead of drawn ones, and the network's outputs so far. Nothing is folded.
    void force(std::vector<float> samples) { steps_.force(std::move(samples)); }
    const std::vector<float>& outputs() const { return steps_.outputs(); }

private:
    struct Fold {
        size_t begin, first;           // frame at which it begins to speak, and from which on it is heard alone
        size_t stop = SIZE_MAX;        // frame from which on the next one is heard alone
        bool begun = false;
        FullBandLane* lane = nullptr;  // while it is being spoken
        std::vector<float> sound{};    // since `begin`, when it has been spoken
    };

    // Frames between which a fold may end.
    struct Ends {
        size_t from, to;
    };

    Ends ends(size_t first) const;
    void plan();
    bool advance();
    FullBandLane* free_lane();
    void leave(Fold& fold);
    void hand_over(std::vector<float>& out, size_t wanted);
    size_t limit(const Fold& fold) const;
    std::vector<float>& sound(Fold& fold) { return fold.lane ? fold.lane->sound : fold.sound; }
    std::vector<float> around(size_t frame) const;

    FullBandSteps steps_;
    std::vector<float> mels_, level_;  // normalized; the sum of each frame
    bool ended_ = false;
    size_t fed_ = 0, told_ = 0;  // frames; samples handed over
    std::deque<Fold> folds_;     // that are not handed over altogether; the last one is always there
    std::deque<FullBandLane> lanes_;
    FullBandLanes idle_;
    std::vector<size_t> seams_;
};

}  // namespace speech
