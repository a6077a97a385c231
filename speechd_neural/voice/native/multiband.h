// The multi-band WaveRNN. speechd_neural/voice/models/multiband.py (generate) is the reference.
#pragma once

#include <deque>
#include <memory>

#include "layers.h"
#include "random.h"
#include "subbands.h"
#include "vocoder.h"

namespace speech {

struct MultiBandDims {
    size_t n_features, n_mels, bands, order, conditioning, gru, hidden, mixtures, steps_per_frame;
    double step_rate;
};

struct MultiBandNetwork {
    MultiBandDims dims;
    std::shared_ptr<const ConvolutionStack> conditioning;
    Convolution gates_of_conditioning, hidden_of_conditioning;
    FloatMatrix gates_of_input, output;
    Int8Matrix state, hidden;
    Buffer<float> state_bias, output_bias;
    BandPredictor predictor;
    std::vector<float> synthesis;     // [bands, taps]
    std::vector<float> temperatures;  // [2, bands]: of unvoiced and of voiced sound
    size_t taps;

    MultiBandNetwork(const Weights& weights, const MultiBandDims& dims, BandPredictor predictor,
                     std::vector<float> synthesis, std::vector<float> temperatures);
};

class MultiBandRun final : public VocoderRun {
public:
    MultiBandRun(std::shared_ptr<const MultiBandNetwork> network, const Kernels& kernels, uint64_t seed);

    void feed(const float* features, size_t count) override;
    void end() override;
    std::vector<float> run(size_t frames, double milliseconds) override;
    size_t known() const override;
    bool finished() const override { return joined_; }

    size_t n_features() const { return network_->dims.n_features; }

    // For tests: residuals [steps, bands] that are used instead of drawn ones, and the network's outputs so far.
    void force(std::vector<float> residuals);
    const std::vector<float>& outputs() const { return outputs_; }
    const std::vector<float>& residuals() const { return residuals_; }

private:
    struct Frame {
        std::vector<float> gates, hidden;
        Prediction prediction;
        size_t lag;
        float voicing;
    };

    void condition(const float* features, size_t count);
    void speak(const Frame& frame, float* bands);
    void draw(size_t first_step);

    std::shared_ptr<const MultiBandNetwork> network_;
    const Kernels& kernels_;
    Random random_;
    float state_scale_ = 0;
    ConvolutionRun conditioning_;
    std::vector<float> last_features_;
    std::deque<Prediction> predictions_;  // of frames whose conditioning still needs frames to come
    std::deque<size_t> lags_;
    std::deque<float> voicings_;
    std::deque<Frame> frames_;
    bool started_ = false, ended_ = false, joined_ = false;
    size_t step_ = 0;
    std::vector<float> x_, e_;                // [past + steps per frame, bands]
    Buffer<float> noise_, choice_;            // of one frame: logistic noise and component choice [steps, bands]
    Buffer<float> state_, inputs_, gates_, inner_, hidden_, output_;
    Buffer<int8_t> quantized_;
    BandJoiner joiner_;
    bool recording_ = false;
    std::vector<float> forced_, outputs_, residuals_;
};

}  // namespace speech
