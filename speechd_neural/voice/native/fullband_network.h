// The full-band WaveRNN's weights. speechd_neural/voice/models/wavernn.py is the reference; packing.py says what is folded.
#pragma once

#include <array>

#include "layers.h"

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

}  // namespace speech
