// A comb along the pitch: takes off what lies between the harmonics of a voiced sound, where a vocoder leaves noise.
// As the pitch filters of speech codecs (Chen and Gersho 1995) and of PercepNet (Valin et al. 2020), behind the last period only.
#pragma once

#include <cstddef>
#include <vector>

namespace speech {

class HarmonicComb {
public:
    // rate in Hz, hop in samples; strength 0 to 1: the share of the last period where it is like this one.
    // Throws std::invalid_argument where they are none.
    HarmonicComb(double rate, size_t hop, float strength);
    // samples [hops * hop] and the pitch of each hop in Hz, 0 where there is none -> as many samples, `delay` late
    std::vector<float> feed(const float* samples, const float* f0, size_t hops);
    size_t hop() const { return hop_; }
    size_t delay() const { return low_.size() / 2; }

private:
    struct Setting {
        size_t lag = 0;    // samples
        float weight = 0;  // of the sound a period ago
    };
    Setting follow(double f0) const;

    double rate_;
    size_t hop_, past_;
    float strength_;
    std::vector<float> low_;         // what is changed lies below kHighest: a zero-phase filter of the difference
    std::vector<float> samples_, difference_;  // past_ samples and a hop; 2 * delay and a hop
    Setting before_;
};

}  // namespace speech
