// Layers that run along time in pieces: the result does not depend on how the input is cut.
#pragma once

#include <memory>

#include "matrix.h"

namespace speech {

// A 1-D convolution; weights packed as [outputs, kernel * inputs], tap by tap.
struct Convolution {
    size_t inputs = 0, outputs = 0, kernel = 1;
    Matrix weight;
    Buffer<float> bias;
    Activation activation = Activation::none;
    bool residual = false;  // the input is added to the output

    Convolution() = default;
    // Reads NAME.weight [outputs, kernel * inputs] and NAME.bias [outputs].
    Convolution(const Weights& weights, const std::string& name, size_t inputs, size_t outputs, size_t kernel,
                Activation activation, bool residual = false);
};

using ConvolutionStack = std::vector<Convolution>;

// One run of a stack of convolutions over a sequence.
class ConvolutionRun {
public:
    // zero_padding: each layer sees zeros on both sides (torch's padding=kernel//2); else only whole windows count.
    ConvolutionRun(std::shared_ptr<const ConvolutionStack> layers, const Kernels& kernels, bool zero_padding);

    // frames [count, inputs of the first layer] -> the frames that are now known, [n, outputs of the last layer].
    std::vector<float> feed(const float* frames, size_t count);
    // The last frames and, with zero padding, the rest; no more may be fed. Each layer reads its weights once for both:
    // they are what takes the time of a short text.
    std::vector<float> finish(const float* frames, size_t count);

private:
    std::vector<float> through(const float* frames, size_t count, bool pad);
    std::vector<float> advance(size_t layer);

    std::shared_ptr<const ConvolutionStack> layers_;
    const Kernels& kernels_;
    bool zero_padding_;
    std::vector<std::vector<float>> pending_;  // per layer: input frames that are still needed
};

// An LSTM layer; its input takes whole sequences at once.
struct Lstm {
    size_t inputs = 0, size = 0;
    Matrix input;
    Int8Matrix state;
    Buffer<float> bias;

    Lstm() = default;
    // Reads NAME.input [4 * size, inputs], NAME.state [4 * size, size], NAME.bias [4 * size].
    Lstm(const Weights& weights, const std::string& name, size_t inputs, size_t size);
};

class LstmRun {
public:
    LstmRun(std::shared_ptr<const Lstm> layer, const Kernels& kernels);
    // frames [count, inputs] -> states [count, size]
    std::vector<float> feed(const float* frames, size_t count);

private:
    std::shared_ptr<const Lstm> layer_;
    const Kernels& kernels_;
    Buffer<float> state_, cell_;
    Buffer<int8_t> quantized_;
};

}  // namespace speech
