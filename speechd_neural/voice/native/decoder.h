// The step by step part of Tacotron 2: prenet, attention LSTM, location-sensitive attention, decoder LSTM, frames and
// gate. speechd_neural/voice/models/tacotron2.py (Tacotron2.infer) is the reference.
#pragma once

#include <memory>

#include "matrix.h"
#include "random.h"

namespace speech {

struct DecoderDims {
    size_t n_features, frames_per_step, encoder, prenet, attention_rnn, attention, location_kernel, decoder_rnn;
    size_t back, ahead;  // the attention's window around its last position
    bool window;         // false: attention over all symbols, unless a word has to be tried again
};

// An LSTM cell whose input is several vectors; one int8 matrix for each, so that each keeps its own scale.
struct JointLstm {
    size_t size = 0;
    std::vector<Int8Matrix> inputs;
    Buffer<float> bias;

    // Reads NAME.PART [4 * size, width] for every part, and NAME.bias.
    JointLstm(const Weights& weights, const std::string& name, size_t size,
              const std::vector<std::pair<std::string, size_t>>& parts);
};

struct DecoderNetwork {
    DecoderDims dims;
    FloatMatrix prenet1, prenet2, query, key, location, frames;
    JointLstm attention_rnn, decoder_rnn;
    Buffer<float> frames_bias, score;

    // location [attention, 2 * kernel]: the location convolution and the projection behind it as one matrix;
    // frames [frames_per_step * n_features + 1, decoder_rnn + encoder]: the last row is the gate's.
    DecoderNetwork(const Weights& weights, const DecoderDims& dims);
};

// What a few steps made: frames standardized [steps * frames_per_step, n_features]; position: the symbol that
// attention has reached; gates: logits; attention: weights [steps, symbols].
struct DecodedSteps {
    std::vector<float> frames, gates, attention;
    std::vector<int32_t> positions;
};

class DecoderRun {
public:
    // memory [symbols, encoder]
    DecoderRun(std::shared_ptr<const DecoderNetwork> network, const Kernels& kernels, const float* memory, size_t symbols,
               uint64_t seed);

    // At most `steps` more steps, fewer where `milliseconds` have passed or attention has reached the symbol `until`.
    DecodedSteps run(size_t steps, double milliseconds, size_t until);

    // From here on with other random numbers, and with attention kept to the window in any case; a copy of the run is
    // a point to return to. A model without a window of its own then passes at most a symbol in two frames.
    void retry(uint64_t seed) {
        random_ = Random(seed, kDropoutStream);
        windowed_ = true;
    }

    size_t steps() const { return step_; }
    size_t symbols() const { return symbols_; }
    const DecoderNetwork& network() const { return *network_; }

private:
    static constexpr uint64_t kDropoutStream = 1;

    void step(DecodedSteps& out);
    void attend();
    void cell(const JointLstm& lstm, const std::vector<const Buffer<float>*>& inputs, Buffer<float>& gates,
              Buffer<float>& state, Buffer<float>& cell);

    std::shared_ptr<const DecoderNetwork> network_;
    const Kernels& kernels_;
    Random random_;
    size_t symbols_, position_ = 0, step_ = 0;
    bool windowed_;
    std::shared_ptr<const Buffer<float>> memory_, keys_;  // [symbols, encoder], [symbols, attention]
    Buffer<float> weights_, cumulated_;  // [symbols + 2 * reach]: zeros on both sides
    Buffer<float> frame_, prenet_, prenet2_, context_, joined_, query_, located_, energies_, output_;
    Buffer<float> attention_state_, attention_cell_, decoder_state_, decoder_cell_, attention_gates_, decoder_gates_;
    Buffer<int8_t> quantized_;
};

}  // namespace speech
