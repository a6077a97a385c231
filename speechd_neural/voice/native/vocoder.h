// What a vocoder is to the runtime: features in, samples out, in pieces.
#pragma once

#include <vector>

#include "kernels.h"

namespace speech {

class VocoderRun {
public:
    virtual ~VocoderRun() = default;
    // Features in the contract's numbers, [count, n_features].
    virtual void feed(const float* features, size_t count) = 0;
    // No more features follow.
    virtual void end() = 0;
    // Samples of at most `frames` more frames, fewer where `milliseconds` have passed or features are wanted.
    virtual std::vector<float> run(size_t frames, double milliseconds) = 0;
    // Frames from the beginning that can be had with the features fed so far.
    virtual size_t known() const = 0;
    // Everything that was fed has been made into samples, and `end` was called.
    virtual bool finished() const = 0;
};

}  // namespace speech
