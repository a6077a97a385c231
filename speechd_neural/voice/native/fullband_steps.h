// The full-band WaveRNN's steps: what several threads do together to make the next samples of one or two lanes.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "crew.h"
#include "fullband_network.h"
#include "random.h"

namespace speech {

// Places in the segment that are spoken side by side. Most of a step is reading the weights, and that is done once for all.
constexpr size_t kLanes = 2;

struct Quantized {
    Buffer<int8_t> values;
    float scale = 0;
};

// What one thread computes with for a lane: gates of its rows, and whole vectors that every thread keeps for itself.
struct alignas(kApart) FullBandShare {
    Buffer<float> gates1, gates2, inner1, inner2, sums, likely;
    Quantized state1, state2, layer;
    float previous = 0;
};

struct FullBandLane {
    explicit FullBandLane(const FullBandNetwork& network);

    // Go on from silence at frame `frame` of the segment.
    void begin(const FullBandNetwork& network, size_t frame);

    size_t frame = 0, position = 0;           // where it is: samples of the frame that are made
    std::deque<std::vector<float>> folded;    // mel products of the 2 * pad + 1 frames around
    std::vector<float> constant, hidden2_constant;
    Buffer<float> state1, state2, layer1, layer2, outputs;
    std::vector<FullBandShare> shares;        // of each thread
    std::vector<float> sound;                 // made since it began
};

using FullBandLanes = std::vector<FullBandLane*>;

class FullBandSteps {
public:
    FullBandSteps(std::shared_ptr<const FullBandNetwork> network, const Kernels& kernels, std::shared_ptr<Crew> crew,
                  uint64_t seed, float temperature);

    const FullBandNetwork& network() const { return *network_; }
    // What a lane's frame needs to know; around: normalized mels of 2 * pad + 1 frames, the one that begins in the middle.
    void begin_frame(FullBandLane& lane, const std::vector<float>& around) const;
    // `count` more samples of every lane, at most to the end of a frame. What a lane speaks does not depend on the others.
    void speak(const FullBandLanes& lanes, size_t count);

    // For tests: compressed samples that are used instead of drawn ones, and the network's outputs so far.
    void force(std::vector<float> samples);
    bool recording() const { return recording_; }
    const std::vector<float>& outputs() const { return outputs_; }

private:
    void speak_together(const FullBandLanes& lanes, size_t thread, size_t count);
    void speak_alone(const FullBandLanes& lanes, size_t count);
    void awaited(const FullBandLanes& lanes, size_t thread, size_t part) const;
    template <typename Glance>  // called now and then
    void meanwhile(const FullBandLanes& lanes, size_t thread, size_t part, size_t ahead, const Glance& glance) const;
    template <typename X, typename Y>  // of a lane
    void multiply(const FullBandLanes& lanes, const Int8Matrix& matrix, const X& x, const Y& y) const;
    void quantize(const Buffer<float>& x, Quantized& out) const;
    void fetch(const FullBandLanes& lanes, size_t thread, size_t part) const;
    void fold(FullBandLane& lane, size_t thread, size_t sample) const;
    float draw_next(FullBandLane& lane, size_t thread, size_t ahead);
    float draw(const FullBandLane& lane, FullBandShare& share, size_t step) const;
    float draw_class(const FullBandLane& lane, FullBandShare& share, size_t step) const;
    float draw_mixture(const FullBandLane& lane, FullBandShare& share, size_t step) const;

    std::shared_ptr<const FullBandNetwork> network_;
    const Kernels& kernels_;
    std::shared_ptr<Crew> crew_;
    Random random_;
    float temperature_;
    bool recording_ = false;
    std::vector<float> forced_, outputs_;
};

}  // namespace speech
