// The weights of the full-band WaveRNN, checked and cut into the rows that each thread computes.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "fullband_network.h"

namespace speech {

namespace {
Convolution dense(const Weights& weights, const std::string& name, size_t inputs, size_t outputs, Buffer<float> bias) {
    Convolution layer;
    layer.inputs = inputs;
    layer.outputs = outputs;
    layer.weight = Matrix(weights.matrix(name, outputs, inputs));
    layer.bias = std::move(bias);
    return layer;
}
}  // namespace

FullBandNetwork::FullBandNetwork(const Weights& weights, const FullBandDims& d, size_t threads)
    : dims(d),
      enter(weights, "vocoder.enter", d.n_features, d.residual, 2 * d.pad + 1, Activation::relu),
      leave(weights, "vocoder.leave", d.residual, d.auxiliary, 1, Activation::none),
      mel(weights.matrix("vocoder.mel", d.folded(), d.n_features)),
      sample(weights.vector("vocoder.sample", d.folded())),
      state1_bias(weights.vector("vocoder.state1.bias", 3 * d.gru)),
      state2_bias(weights.vector("vocoder.state2.bias", 3 * d.gru)),
      output_bias(weights.vector("vocoder.output.bias", d.outputs)) {
    if (d.gru % kRows || d.fc % kRows || d.auxiliary % kRows || d.residual % kRows)
        throw std::invalid_argument("vocoder: gru, fc, residual and auxiliary must be multiples of 16");
    if (!d.mixture() && d.outputs != 256 && d.outputs != 512 && d.outputs != 1024)
        throw std::invalid_argument("vocoder: outputs must be 256, 512 or 1024 classes, or 30 numbers of a mixture");
    if (2 * d.pad + 1 > kMostWidth) throw std::invalid_argument("vocoder: pad must be at most 16");
    for (size_t i = 0; i < d.residual_blocks; ++i)
        for (const char* name : {".first", ".second"})
            blocks.emplace_back(weights, "vocoder.block" + std::to_string(i) + name, d.residual, d.residual, 1,
                                *(name + 1) == 'f' ? Activation::relu : Activation::none);
    const Array& coefficients = weights.find("vocoder.stretch", {d.hop, 2 * d.pad + 1});
    if (!coefficients.floats) throw std::invalid_argument("vocoder.stretch: not float");
    stretch.assign(coefficients.floats, coefficients.floats + coefficients.size());
    std::vector<Int8Matrix*> in_order;
    for (size_t i = 0; i < threads; ++i) {
        FullBandRows r{};
        auto cut = [&](size_t all, size_t& first, size_t& count) {
            const size_t groups = padded(all, kRows) / kRows;
            first = groups * i / threads * kRows;
            count = std::min(groups * (i + 1) / threads * kRows, all) - first;
        };
        cut(d.gru, r.unit, r.units);
        cut(d.fc, r.row, r.rows);
        cut(d.outputs, r.out, r.outs);
        r.between = weights.int8_rows("vocoder.between", 3 * d.gru, d.gru, 3, r.unit, r.units);
        r.hidden1 = weights.int8_rows("vocoder.hidden1", d.fc, d.gru, 1, r.row, r.rows);
        const size_t half = r.units / kRows / 2 * kRows;
        for (size_t g = 0; g < 3; ++g)
            for (size_t h = 0; h < 2; ++h) {
                const size_t row = g * d.gru + r.unit + h * half, count = h ? r.units - half : half;
                r.state1[2 * g + h] = weights.int8_rows("vocoder.state1", 3 * d.gru, d.gru, 1, row, count);
                r.state2[2 * g + h] = weights.int8_rows("vocoder.state2", 3 * d.gru, d.gru, 1, row, count);
            }
        r.hidden2 = weights.int8_rows("vocoder.hidden2", d.fc, d.fc, 1, r.row, r.rows);
        r.output = weights.int8_rows("vocoder.output", d.outputs, d.fc, 1, r.out, r.outs);
        rows.push_back(std::move(r));
    }
    for (FullBandRows& r : rows) {
        auto add = [&in_order](std::initializer_list<Int8Matrix*> matrices) { in_order.insert(in_order.end(), matrices); };
        add({&r.state2[4], &r.state2[5], &r.between, &r.state1[0], &r.state1[1], &r.state1[2], &r.state1[3]});
        add({&r.hidden1, &r.state1[4], &r.state1[5], &r.hidden2, &r.state2[0], &r.state2[1], &r.output});
        add({&r.state2[2], &r.state2[3]});
    }
    place_together(in_order);
    const size_t part = d.auxiliary / 4;
    auxiliary1 = dense(weights, "vocoder.auxiliary1", part, d.folded(), weights.vector("vocoder.bias", d.folded()));
    auxiliary2 = dense(weights, "vocoder.auxiliary2", part, 3 * d.gru, Buffer<float>(3 * d.gru));
    auxiliary3 = dense(weights, "vocoder.auxiliary3", part, d.fc, Buffer<float>(d.fc));
    auxiliary4 = dense(weights, "vocoder.auxiliary4", part, d.fc, weights.vector("vocoder.hidden2.bias", d.fc));
    if (d.mixture()) return;
    const double most = static_cast<double>(d.outputs - 1);
    for (size_t i = 0; i < d.outputs; ++i) {
        const double x = 2.0 * static_cast<double>(i) / most - 1.0;
        expanded.push_back(static_cast<float>(
            d.mu_law ? std::copysign(std::expm1(std::fabs(x) * std::log1p(most)) / most, x) : x));
    }
}

}  // namespace speech
