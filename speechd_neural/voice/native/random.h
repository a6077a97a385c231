// Random numbers that depend on nothing but seed, stream and index: the same however the work is cut into pieces.
// speechd_neural/voice/randomness.py has the same numbers in numpy.
#pragma once

#include <cstdint>

namespace speech {

class Random {
public:
    Random(uint64_t seed, uint64_t stream) : key_(mix(mix(seed + kStep) ^ (stream * kStep))) {}

    uint64_t bits(uint64_t index) const { return mix(key_ + (index + 1) * kStep); }

    // In (0, 1), on a grid of 2^-24.
    float uniform(uint64_t index) const { return (static_cast<float>(bits(index) >> 41) + 0.5f) * 0x1p-23f; }

private:
    static constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;

    // The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
    static uint64_t mix(uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    uint64_t key_;
};

}  // namespace speech
