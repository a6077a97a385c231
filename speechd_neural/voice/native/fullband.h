// The full-band WaveRNN. speechd_neural/voice/models/wavernn.py is the reference; packing.py says what is folded.
#pragma once

#include <array>
#include <deque>
#include <memory>

#include "crew.h"
#include "layers.h"
#include "random.h"
#include "vocoder.h"

namespace speech {

constexpr size_t kMostWidth = 33;  // frames of mel that a sample may depend on

struct FullBandDims {
    size_t n_features, pad, residual, residual_blocks, auxiliary, gru, fc, outputs, hop;
    bool mu_law;
    bool normalizes;  // the network reads clamp(gain * mel + shift, 0, 1)
    float gain, shift;

    bool mixture() const { return outputs == 30; }
    size_t folded() const { return 6 * gru + fc; }  // gates of both GRUs, first hidden layer
};

// The rows of the step's matrices that one thread computes, stored in the order in which it reads them.
struct FullBandRows {
    size_t unit, units, row, rows, out, outs;  // first row and number, of the GRUs, the hidden layers, the output
    Int8Matrix between, hidden1, hidden2, output;
    std::array<Int8Matrix, 6> state1, state2;  // three gates in two halves
};

struct FullBandNetwork {
    FullBandDims dims;
    Convolution enter, leave;
    std::vector<Convolution> blocks;  // two for each residual block
    Buffer<float> stretch;            // [hop, 2 * pad + 1]
    FloatMatrix mel;
    Convolution auxiliary1, auxiliary2, auxiliary3, auxiliary4;
    Buffer<float> sample, state1_bias, state2_bias, output_bias;
    std::vector<FullBandRows> rows;  // of each thread
    std::vector<float> expanded;     // what each class sounds like

    FullBandNetwork(const Weights& weights, const FullBandDims& dims, size_t threads);

    size_t padded_outputs() const { return padded(dims.outputs, kRows); }
};

class FullBandRun final : public VocoderRun {
public:
    FullBandRun(std::shared_ptr<const FullBandNetwork> network, const Kernels& kernels, std::shared_ptr<Crew> crew,
                uint64_t seed, float temperature);

    void feed(const float* features, size_t count) override;
    void end() override;
    std::vector<float> run(size_t frames, double milliseconds) override;
    bool finished() const override { return ended_ && next_ == fed_ && position_ == 0; }

    size_t n_features() const { return network_->dims.n_features; }

    // For tests: compressed samples that are used instead of drawn ones, and the network's outputs so far.
    void force(std::vector<float> samples);
    const std::vector<float>& outputs() const { return outputs_; }

private:
    struct Quantized {
        Buffer<int8_t> values;
        float scale = 0;
    };
    // What one thread computes with: gates of its rows, and whole vectors that every thread keeps for itself.
    struct alignas(kApart) Share {
        const FullBandRows* rows;
        Buffer<float> gates1, gates2, inner1, inner2, sums, likely;
        Quantized state1, state2, layer;
        float previous = 0;
    };

    void begin_frame();
    void speak(size_t first, size_t count, float* out);
    void speak_together(size_t thread, size_t first, size_t count, float* out);
    void speak_alone(size_t first, size_t count, float* out);
    void awaited(size_t part, Share& share);
    template <typename Glance>  // called now and then
    void meanwhile(size_t part, Share& share, size_t sample, const Glance& glance);
    void quantize(const Buffer<float>& x, Quantized& out) const;
    void fetch(size_t part, const Share& share) const;
    void fold(Share& share, size_t sample);
    float draw_next(Share& share, size_t sample);
    float draw(Share& share, size_t step);
    float draw_class(Share& share, size_t step);
    float draw_mixture(Share& share, size_t step);

    std::shared_ptr<const FullBandNetwork> network_;
    const Kernels& kernels_;
    std::shared_ptr<Crew> crew_;
    Random random_;
    float temperature_;
    std::deque<std::vector<float>> mels_;    // normalized, of 2 * pad + 1 frames around the one that is next, and beyond
    std::deque<std::vector<float>> folded_;  // mel products of the first of them
    std::vector<float> constant_, hidden2_constant_;
    bool ended_ = false;
    size_t fed_ = 0, next_ = 0, position_ = 0;  // frames; samples of frame next_ that are made
    std::vector<Share> shares_;
    Buffer<float> state1_, state2_, layer1_, layer2_, outputs_now_;
    bool recording_ = false;
    std::vector<float> forced_, outputs_;
};

}  // namespace speech
