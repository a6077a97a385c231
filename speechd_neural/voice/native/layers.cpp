#include "layers.h"

#include <algorithm>
#include <stdexcept>

namespace speech {

Convolution::Convolution(const Weights& weights, const std::string& name, size_t inputs, size_t outputs, size_t kernel,
                         Activation activation, bool residual)
    : inputs(inputs),
      outputs(outputs),
      kernel(kernel),
      weight(weights.as_stored(name + ".weight", outputs, kernel * inputs)),
      bias(weights.vector(name + ".bias", outputs)),
      activation(activation),
      residual(residual) {
    if (kernel % 2 == 0) throw std::invalid_argument(name + ": the kernel must be odd");
    if (residual && inputs != outputs) throw std::invalid_argument(name + ": a residual needs equal widths");
}

ConvolutionRun::ConvolutionRun(std::shared_ptr<const ConvolutionStack> layers, const Kernels& kernels, bool zero_padding)
    : layers_(std::move(layers)), kernels_(kernels), zero_padding_(zero_padding), pending_(layers_->size()) {
    if (zero_padding)
        for (size_t i = 0; i < layers_->size(); ++i)
            pending_[i].assign((*layers_)[i].kernel / 2 * (*layers_)[i].inputs, 0.0f);
}

std::vector<float> ConvolutionRun::advance(size_t layer) {
    const Convolution& c = (*layers_)[layer];
    std::vector<float>& in = pending_[layer];
    const size_t known = in.size() / c.inputs;
    if (known < c.kernel) return {};
    const size_t count = known - c.kernel + 1, width = c.weight.padded_rows();
    std::vector<float> wide(count * width), out(count * c.outputs);
    c.weight.multiply_many(kernels_, c.bias.data(), in.data(), c.inputs, count, wide.data(), width, c.activation);
    for (size_t t = 0; t < count; ++t)
        for (size_t i = 0; i < c.outputs; ++i)
            out[t * c.outputs + i] = wide[t * width + i] + (c.residual ? in[(t + c.kernel / 2) * c.inputs + i] : 0.0f);
    in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(count * c.inputs));
    return out;
}

std::vector<float> ConvolutionRun::feed(const float* frames, size_t count) { return through(frames, count, false); }

std::vector<float> ConvolutionRun::finish(const float* frames, size_t count) { return through(frames, count, zero_padding_); }

std::vector<float> ConvolutionRun::through(const float* frames, size_t count, bool pad) {
    std::vector<float> known(frames, frames + count * layers_->front().inputs);
    for (size_t layer = 0; layer < layers_->size(); ++layer) {
        std::vector<float>& in = pending_[layer];
        in.insert(in.end(), known.begin(), known.end());
        if (pad) in.resize(in.size() + (*layers_)[layer].kernel / 2 * (*layers_)[layer].inputs, 0.0f);
        known = advance(layer);
    }
    return known;
}

Lstm::Lstm(const Weights& weights, const std::string& name, size_t inputs, size_t size)
    : inputs(inputs),
      size(size),
      input(weights.as_stored(name + ".input", 4 * size, inputs)),
      state(weights.int8(name + ".state", 4 * size, size)),
      bias(weights.vector(name + ".bias", 4 * size)) {
    if (size % kRows) throw std::invalid_argument(name + ": the size must be a multiple of 16");
}

LstmRun::LstmRun(std::shared_ptr<const Lstm> layer, const Kernels& kernels)
    : layer_(std::move(layer)),
      kernels_(kernels),
      state_(layer_->size),
      cell_(layer_->size),
      quantized_(padded(layer_->size, kColumns)) {}

std::vector<float> LstmRun::feed(const float* frames, size_t count) {
    const size_t size = layer_->size, width = 4 * size;
    std::vector<float> gates(count * width), out(count * size);
    layer_->input.multiply_many(kernels_, layer_->bias.data(), frames, layer_->inputs, count, gates.data(), width,
                                Activation::none);
    for (size_t t = 0; t < count; ++t) {
        const float scale = kernels_.quantize(state_.data(), size, quantized_.data());
        kernels_.multiply_int8(layer_->state.view(), quantized_.data(), scale, gates.data() + t * width);
        kernels_.lstm_cell(gates.data() + t * width, state_.data(), cell_.data(), size);
        std::copy(state_.begin(), state_.end(), out.begin() + static_cast<std::ptrdiff_t>(t * size));
    }
    return out;
}

}  // namespace speech
