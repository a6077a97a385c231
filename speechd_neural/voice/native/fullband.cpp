#include "fullband.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace speech {

namespace {
constexpr uint64_t kSampleStream = 2;
constexpr size_t kAtOnce = 25;             // samples between two looks at the clock
constexpr float kMinLogScale = -32.23619f;  // log 1e-14, as the public implementations clamp it
constexpr size_t kComponents = 10;
constexpr size_t kPhases = 5;
constexpr size_t kTry = 40;  // of so many blocks one is made the other way, to see which is faster now

// Row groups `first` to `first + count` of a matrix.
Int8View part(const Int8View& m, size_t first, size_t count) {
    Int8View view = m;
    if (m.columns)
        view.first += first;
    else
        view.blocks += first * m.column_groups * kRows * kColumns;
    view.scale += first * kRows;
    view.correction += first * kRows;
    view.row_groups = count;
    return view;
}

Convolution dense(const Weights& weights, const std::string& name, size_t inputs, size_t outputs, Buffer<float> bias) {
    Convolution layer;
    layer.inputs = inputs;
    layer.outputs = outputs;
    layer.weight = weights.matrix(name, outputs, inputs);
    layer.bias = std::move(bias);
    return layer;
}
}  // namespace

FullBandNetwork::FullBandNetwork(const Weights& weights, const FullBandDims& d)
    : dims(d),
      enter(weights, "vocoder.enter", d.n_features, d.residual, 2 * d.pad + 1, Activation::relu),
      leave(weights, "vocoder.leave", d.residual, d.auxiliary, 1, Activation::none),
      mel(weights.matrix("vocoder.mel", d.folded(), d.n_features)),
      sample(weights.vector("vocoder.sample", d.folded())),
      state1_bias(weights.vector("vocoder.state1.bias", 3 * d.gru)),
      state2_bias(weights.vector("vocoder.state2.bias", 3 * d.gru)),
      output_bias(weights.vector("vocoder.output.bias", d.outputs)),
      state1(weights.int8("vocoder.state1", 3 * d.gru, d.gru)),
      between(weights.int8("vocoder.between", 3 * d.gru, d.gru)),
      state2(weights.int8("vocoder.state2", 3 * d.gru, d.gru)),
      hidden1(weights.int8("vocoder.hidden1", d.fc, d.gru)),
      hidden2(weights.int8("vocoder.hidden2", d.fc, d.fc)),
      output(weights.int8("vocoder.output", d.outputs, d.fc)) {
    if (d.gru % kRows || d.fc % kRows || d.auxiliary % kRows || d.residual % kRows)
        throw std::invalid_argument("vocoder: gru, fc, residual and auxiliary must be multiples of 16");
    if (!d.mixture() && d.outputs != 256 && d.outputs != 512 && d.outputs != 1024)
        throw std::invalid_argument("vocoder: outputs must be 256, 512 or 1024 classes, or 30 numbers of a mixture");
    for (size_t i = 0; i < d.residual_blocks; ++i)
        for (const char* name : {".first", ".second"})
            blocks.emplace_back(weights, "vocoder.block" + std::to_string(i) + name, d.residual, d.residual, 1,
                                *(name + 1) == 'f' ? Activation::relu : Activation::none);
    const Array& coefficients = weights.find("vocoder.stretch", {d.hop, 2 * d.pad + 1});
    if (!coefficients.floats) throw std::invalid_argument("vocoder.stretch: not float");
    stretch.assign(coefficients.floats, coefficients.floats + coefficients.size());
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

FullBandRun::FullBandRun(std::shared_ptr<const FullBandNetwork> network, const Kernels& kernels,
                         std::shared_ptr<Crew> crew, uint64_t seed, float temperature)
    : network_(std::move(network)),
      kernels_(kernels),
      crew_(std::move(crew)),
      random_(seed, kSampleStream),
      temperature_(temperature) {
    const FullBandDims& d = network_->dims;
    mels_.assign(d.pad, std::vector<float>(d.n_features));
    folded_.assign(d.pad, std::vector<float>(d.folded()));
    constant_.resize(d.folded());
    hidden2_constant_.resize(d.fc);
    state1_.resize(d.gru);
    state2_.resize(d.gru);
    layer1_.resize(d.fc);
    layer2_.resize(d.fc);
    outputs_now_.resize(network_->output.padded_rows());
    const size_t n = crew_->size(), groups = d.gru / kRows, rows = d.fc / kRows, outs = outputs_now_.size() / kRows;
    for (size_t i = 0; i < n; ++i) {
        Share s{};
        auto cut = [&](size_t all, size_t& first, size_t& count) {
            first = all * i / n * kRows;
            count = all * (i + 1) / n * kRows - first;
        };
        cut(groups, s.unit, s.units);
        cut(rows, s.row, s.rows);
        cut(outs, s.out, s.outs);
        for (auto* gates : {&s.gates1, &s.gates2, &s.inner1, &s.inner2}) gates->resize(3 * s.units);
        for (size_t g = 0; g < 3; ++g) {  // the first step's products are of zeros
            std::copy_n(network_->state1_bias.data() + g * d.gru + s.unit, s.units, s.inner1.data() + g * s.units);
            std::copy_n(network_->state2_bias.data() + g * d.gru + s.unit, s.units, s.inner2.data() + g * s.units);
        }
        s.sums.resize(d.gru);
        s.hidden.resize(s.rows);
        s.logits.resize(outputs_now_.size());
        s.quantized.resize(std::max(d.gru, d.fc));
        shares_.push_back(std::move(s));
    }
}

void FullBandRun::force(std::vector<float> samples) {
    forced_ = std::move(samples);
    recording_ = true;
}

void FullBandRun::feed(const float* features, size_t count) {
    if (ended_) throw std::invalid_argument("vocoder: features after the end");
    const FullBandDims& d = network_->dims;
    for (size_t t = 0; t < count; ++t) {
        std::vector<float> frame(features + t * d.n_features, features + (t + 1) * d.n_features);
        if (d.normalizes)
            for (float& x : frame) x = std::clamp(d.gain * x + d.shift, 0.0f, 1.0f);
        mels_.push_back(std::move(frame));
    }
    fed_ += count;
}

void FullBandRun::end() {
    if (ended_) return;
    ended_ = true;
    // The network was trained with silence on both sides: zeros, after normalization.
    for (size_t i = 0; i < network_->dims.pad; ++i) mels_.emplace_back(network_->dims.n_features);
}

void FullBandRun::begin_frame() {
    const FullBandNetwork& net = *network_;
    const FullBandDims& d = net.dims;
    const size_t width = 2 * d.pad + 1;
    if (next_ > 0) {
        mels_.pop_front();
        folded_.pop_front();
    }
    const Buffer<float> zero(d.folded());
    while (folded_.size() < width) {
        folded_.emplace_back(d.folded());
        kernels_.multiply_many(net.mel.view(), zero.data(), mels_[folded_.size() - 1].data(), d.n_features, 1,
                               folded_.back().data(), d.folded(), Activation::none);
    }
    std::vector<float> around;
    for (size_t i = 0; i < width; ++i) around.insert(around.end(), mels_[i].begin(), mels_[i].end());
    Buffer<float> x(d.residual), inner(d.residual), outer(d.residual), aux(d.auxiliary), more(d.folded());
    auto apply = [&](const Convolution& layer, const float* in, float* out) {
        kernels_.multiply_many(layer.weight.view(), layer.bias.data(), in, layer.weight.columns(), 1, out,
                               layer.weight.padded_rows(), layer.activation);
    };
    apply(net.enter, around.data(), x.data());
    for (size_t i = 0; i < net.blocks.size(); i += 2) {
        apply(net.blocks[i], x.data(), inner.data());
        apply(net.blocks[i + 1], inner.data(), outer.data());
        for (size_t k = 0; k < d.residual; ++k) x[k] += outer[k];
    }
    apply(net.leave, x.data(), aux.data());
    const size_t quarter = d.auxiliary / 4;
    apply(net.auxiliary1, aux.data(), constant_.data());
    apply(net.auxiliary2, aux.data() + quarter, more.data());
    for (size_t k = 0; k < 3 * d.gru; ++k) constant_[3 * d.gru + k] += more[k];
    apply(net.auxiliary3, aux.data() + 2 * quarter, more.data());
    for (size_t k = 0; k < d.fc; ++k) constant_[6 * d.gru + k] += more[k];
    apply(net.auxiliary4, aux.data() + 3 * quarter, hidden2_constant_.data());
}

std::vector<float> FullBandRun::run(size_t frames, double milliseconds) {
    const auto begun = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> budget(milliseconds);
    const FullBandDims& d = network_->dims;
    std::vector<float> samples;
    const size_t wanted = frames * d.hop;
    while (samples.size() < wanted && next_ < fed_) {
        if (position_ == 0) {
            if (mels_.size() < 2 * d.pad + 1 + (next_ > 0)) break;
            begin_frame();
        }
        const size_t count = std::min({kAtOnce, d.hop - position_, wanted - samples.size()});
        const size_t before = samples.size();
        samples.resize(before + count);
        speak(position_, count, samples.data() + before);
        position_ += count;
        if (position_ == d.hop) {
            position_ = 0;
            ++next_;
        }
        if (std::chrono::steady_clock::now() - begun >= budget) break;
    }
    return samples;
}

// out = constant + previous sample + stretched mel, for rows of what is folded
void FullBandRun::interpolate(const float* weights, size_t row, size_t rows, float previous, float* out) const {
    std::copy_n(constant_.data() + row, rows, out);
    kernels_.add_scaled(previous, network_->sample.data() + row, out, rows);
    for (size_t k = 0; k < folded_.size() && k < 2 * network_->dims.pad + 1; ++k)
        if (weights[k] != 0.0f) kernels_.add_scaled(weights[k], folded_[k].data() + row, out, rows);
}

// Threads that must meet are faster only while each has a core to itself, so both ways are timed and the faster is used.
// What is spoken is the same.
void FullBandRun::speak(size_t first, size_t count, float* out) {
    if (crew_->size() == 1) return speak_alone(first, count, out);
    const bool other_turn = blocks_++ % kTry == kTry - 1;
    const bool together = together_ == 0 || (alone_ != 0 && (together_ <= alone_) != other_turn);
    const auto begun = std::chrono::steady_clock::now();
    if (together)
        crew_->run([&](size_t thread) { speak_together(thread, first, count, out); });
    else
        speak_alone(first, count, out);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
    const double now = spent.count() / static_cast<double>(count);
    double& known = together ? together_ : alone_;
    known = known == 0 ? now : 0.75 * known + 0.25 * now;
}

void FullBandRun::speak_together(size_t thread, size_t first, size_t count, float* out) {
    Share& s = shares_[thread];
    for (size_t i = 0; i < count; ++i) {
        for (size_t p = 0; p < kPhases; ++p) {
            phase(p, s, first + i);
            crew_->meet();
        }
        // Every thread draws the same sample for itself: cheaper than to wait for one that does.
        const float sound = draw_next(s, first + i);
        if (thread == 0) out[i] = sound;
    }
}

void FullBandRun::speak_alone(size_t first, size_t count, float* out) {
    for (size_t i = 0; i < count; ++i) {
        for (size_t p = 0; p < kPhases; ++p)
            for (Share& s : shares_) phase(p, s, first + i);
        out[i] = draw_next(shares_[0], first + i);
        for (Share& s : shares_) s.previous = shares_[0].previous;
    }
}

// One share of one of the parts of a step; every part reads what all shares of the part before it wrote.
void FullBandRun::phase(size_t number, Share& s, size_t sample) {
    const FullBandNetwork& net = *network_;
    const FullBandDims& d = net.dims;
    const size_t units = s.units;
    const float* weights = net.stretch.data() + sample * (2 * d.pad + 1);
    auto quantize = [&](const Buffer<float>& x, size_t n) { return kernels_.quantize(x.data(), n, s.quantized.data()); };
    auto product = [&](const Int8Matrix& m, float scale, size_t row, size_t rows, float* y) {
        if (rows) kernels_.multiply_int8(part(m.view(), row / kRows, rows / kRows), s.quantized.data(), scale, y);
    };
    auto gates_product = [&](const Int8Matrix& m, float scale, float* y) {
        for (size_t g = 0; g < 3; ++g) product(m, scale, g * d.gru + s.unit, units, y + g * units);
    };
    auto begin_with = [&](const Buffer<float>& bias, Buffer<float>& y) {
        for (size_t g = 0; g < 3; ++g) std::copy_n(bias.data() + g * d.gru + s.unit, units, y.data() + g * units);
    };
    auto fold = [&](size_t first_gate, Buffer<float>& y) {
        for (size_t g = 0; g < 3; ++g)
            interpolate(weights, (first_gate + g) * d.gru + s.unit, units, s.previous, y.data() + g * units);
    };
    auto hidden_into = [&](Buffer<float>& layer) {
        kernels_.rectify(s.hidden.data(), s.rows);
        std::copy_n(s.hidden.data(), s.rows, layer.data() + s.row);
    };
    float scale;
    switch (number) {
        case 0:
            fold(0, s.gates1);
            kernels_.gru_cell(s.gates1.data(), s.inner1.data(), state1_.data() + s.unit, units);
            fold(3, s.gates2);
            break;
        case 1:  // both matrices that read the first state; the second product is for the next step
            scale = quantize(state1_, d.gru);
            gates_product(net.between, scale, s.gates2.data());
            kernels_.gru_cell(s.gates2.data(), s.inner2.data(), state2_.data() + s.unit, units);
            begin_with(net.state1_bias, s.inner1);
            gates_product(net.state1, scale, s.inner1.data());
            interpolate(weights, 6 * d.gru + s.row, s.rows, s.previous, s.hidden.data());
            break;
        case 2:
            std::copy(state1_.begin(), state1_.end(), s.sums.begin());
            kernels_.add_scaled(1.0f, state2_.data(), s.sums.data(), d.gru);
            product(net.hidden1, quantize(s.sums, d.gru), s.row, s.rows, s.hidden.data());
            hidden_into(layer1_);
            scale = quantize(state2_, d.gru);
            begin_with(net.state2_bias, s.inner2);
            gates_product(net.state2, scale, s.inner2.data());
            break;
        case 3:
            std::copy_n(hidden2_constant_.data() + s.row, s.rows, s.hidden.data());
            product(net.hidden2, quantize(layer1_, d.fc), s.row, s.rows, s.hidden.data());
            hidden_into(layer2_);
            break;
        default:
            std::copy_n(net.output_bias.data() + s.out, s.outs, outputs_now_.data() + s.out);
            product(net.output, quantize(layer2_, d.fc), s.out, s.outs, outputs_now_.data() + s.out);
    }
}

float FullBandRun::draw_next(Share& s, size_t sample) {
    const size_t step = next_ * network_->dims.hop + sample;
    const float sound = draw(s, step);
    if (step < forced_.size()) s.previous = forced_[step];
    if (recording_ && &s == &shares_[0])
        outputs_.insert(outputs_.end(), outputs_now_.begin(),
                        outputs_now_.begin() + static_cast<std::ptrdiff_t>(network_->dims.outputs));
    return sound;
}

float FullBandRun::draw(Share& s, size_t step) {
    return network_->dims.mixture() ? draw_mixture(s, step) : draw_class(s, step);
}

float FullBandRun::draw_class(Share& s, size_t step) {
    const size_t n = network_->dims.outputs;
    const float* logits = outputs_now_.data();
    const float largest = *std::max_element(logits, logits + n), factor = 1.0f / std::max(temperature_, 1e-3f);
    for (size_t k = 0; k < n; ++k) s.logits[k] = (logits[k] - largest) * factor;
    kernels_.exponential(s.logits.data(), n);
    float total = 0;
    for (size_t k = 0; k < n; ++k) total += s.logits[k];
    const float wanted = random_.uniform(step) * total;
    size_t chosen = 0;
    float below = s.logits[0];
    while (chosen + 1 < n && wanted >= below) below += s.logits[++chosen];
    s.previous = 2.0f * static_cast<float>(chosen) / static_cast<float>(n - 1) - 1.0f;
    return network_->expanded[chosen];
}

float FullBandRun::draw_mixture(Share& s, size_t step) {
    const float* logits = outputs_now_.data();
    const float largest = *std::max_element(logits, logits + kComponents);
    for (size_t k = 0; k < kRows; ++k) s.logits[k] = k < kComponents ? logits[k] - largest : 0.0f;
    kernels_.exponential(s.logits.data(), kRows);
    float total = 0;
    for (size_t k = 0; k < kComponents; ++k) total += s.logits[k];
    const float wanted = random_.uniform(2 * step) * total;
    size_t chosen = 0;
    float below = s.logits[0];
    while (chosen + 1 < kComponents && wanted >= below) below += s.logits[++chosen];
    alignas(64) float scale[kRows] = {}, noise[kRows];
    const float u = std::clamp(random_.uniform(2 * step + 1), 1e-5f, 1 - 1e-5f);
    std::fill(noise, noise + kRows, u / (1 - u));
    scale[0] = std::max(logits[2 * kComponents + chosen], kMinLogScale);
    kernels_.exponential(scale, kRows);
    kernels_.logarithm(noise, kRows);
    s.previous = std::clamp(logits[kComponents + chosen] + temperature_ * scale[0] * noise[0], -1.0f, 1.0f);
    return s.previous;
}

}  // namespace speech
