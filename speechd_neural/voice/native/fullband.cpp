#include "fullband.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace speech {

namespace {
constexpr uint64_t kSampleStream = 2;
constexpr size_t kAtOnce = 25;  // samples between two looks at the clock
constexpr size_t kParts = 5;

// Brings x [n] near, a cache line at a time.
enum Purpose { kToRead = 0, kToWrite = 1 };
template <Purpose P>
void prefetch(const float* x, size_t n) {
    for (size_t i = 0; i < n; i += kRows) __builtin_prefetch(x + i, P);
}

// What the product of gate `gate` with the state is added to.
void begin_inner(const Buffer<float>& bias, const FullBandRows& rows, size_t gate, Buffer<float>& inner) {
    std::copy_n(bias.data() + gate * (bias.size() / 3) + rows.unit, rows.units, inner.data() + gate * rows.units);
}
}  // namespace

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
    outputs_now_.resize(network_->padded_outputs());
    for (const FullBandRows& rows : network_->rows) {
        Share s{};
        s.rows = &rows;
        for (auto* gates : {&s.gates1, &s.gates2, &s.inner1, &s.inner2}) gates->resize(3 * rows.units);
        for (size_t g = 0; g < 3; ++g) {  // the first step's products are of zeros
            begin_inner(network_->state1_bias, rows, g, s.inner1);
            begin_inner(network_->state2_bias, rows, g, s.inner2);
        }
        s.sums.resize(d.gru);
        s.likely.resize(outputs_now_.size());
        for (Quantized* x : {&s.state1, &s.state2}) x->values.resize(d.gru);
        s.layer.values.resize(std::max(d.gru, d.fc));
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

// Threads that must meet are faster only while each has a core to itself. What is spoken is the same.
void FullBandRun::speak(size_t first, size_t count, float* out) {
    if (crew_->size() == 1) return speak_alone(first, count, out);
    const bool together = crew_->pace.together();
    const auto begun = std::chrono::steady_clock::now();
    if (together)
        crew_->run([&](size_t thread) { speak_together(thread, first, count, out); });
    else
        speak_alone(first, count, out);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
    crew_->pace.took(together, spent.count() / static_cast<double>(count));
}

void FullBandRun::speak_together(size_t thread, size_t first, size_t count, float* out) {
    Share& s = shares_[thread];
    if (first == 0) fold(s, 0);
    for (size_t i = 0; i < count; ++i) {
        for (size_t part = 0; part < kParts; ++part) {
            awaited(part, s);
            crew_->arrive(thread);
            bool fetched = false;
            meanwhile(part, s, first + i, [&] {
                if (!fetched && (fetched = crew_->here(thread))) fetch(part, s);
            });
            crew_->await(thread);
        }
        // Every thread draws the same sample for itself: cheaper than to wait for one that does.
        const float sound = draw_next(s, first + i);
        if (thread == 0) out[i] = sound;
    }
}

void FullBandRun::speak_alone(size_t first, size_t count, float* out) {
    if (first == 0)
        for (Share& s : shares_) fold(s, 0);
    for (size_t i = 0; i < count; ++i) {
        for (size_t part = 0; part < kParts; ++part) {
            for (Share& s : shares_) awaited(part, s);
            for (Share& s : shares_) meanwhile(part, s, first + i, [] {});
        }
        out[i] = draw_next(shares_[0], first + i);
        for (Share& s : shares_) s.previous = shares_[0].previous;
    }
}

// A step has five parts, each of which reads what all shares of the part before wrote; so threads meet behind each.
void FullBandRun::awaited(size_t part, Share& s) {
    const FullBandNetwork& net = *network_;
    const FullBandDims& d = net.dims;
    const FullBandRows& r = *s.rows;
    auto product = [&](const Int8Matrix& m, const Quantized& x, float* y) { kernels_.multiply_int8(m.view(), x.values.data(), x.scale, y); };
    switch (part) {
        case 0:
            for (size_t g = 0; g < 3; ++g)
                kernels_.add_scaled(s.previous, net.sample.data() + g * d.gru + r.unit, s.gates1.data() + g * r.units, r.units);
            kernels_.gru_cell(s.gates1.data(), s.inner1.data(), state1_.data() + r.unit, r.units);
            break;
        case 1:
            prefetch<kToWrite>(state2_.data() + r.unit, r.units);
            quantize(state1_, s.state1);
            product(r.between, s.state1, s.gates2.data());
            kernels_.gru_cell(s.gates2.data(), s.inner2.data(), state2_.data() + r.unit, r.units);
            break;
        case 2:
            std::copy(state1_.begin(), state1_.end(), s.sums.begin());
            kernels_.add_scaled(1.0f, state2_.data(), s.sums.data(), d.gru);
            quantize(s.sums, s.layer);
            product(r.hidden1, s.layer, layer1_.data() + r.row);
            kernels_.rectify(layer1_.data() + r.row, r.rows);
            break;
        case 3:
            quantize(layer1_, s.layer);
            product(r.hidden2, s.layer, layer2_.data() + r.row);
            kernels_.rectify(layer2_.data() + r.row, r.rows);
            break;
        default:
            std::copy_n(net.output_bias.data() + r.out, r.outs, outputs_now_.data() + r.out);
            quantize(layer2_, s.layer);
            product(r.output, s.layer, outputs_now_.data() + r.out);
    }
}

// What is needed later and reads only what every share has: computed while the others are on their way.
template <typename Glance>
void FullBandRun::meanwhile(size_t part, Share& s, size_t sample, const Glance& glance) {
    const FullBandNetwork& net = *network_;
    const FullBandDims& d = net.dims;
    const FullBandRows& r = *s.rows;
    auto add_previous = [&](size_t row, size_t rows, float* y) { kernels_.add_scaled(s.previous, net.sample.data() + row, y, rows); };
    // A gate's product with a state, for the next step; in two halves.
    auto gate = [&](const std::array<Int8Matrix, 6>& halves, size_t g, const Buffer<float>& bias, const Quantized& x, Buffer<float>& y) {
        begin_inner(bias, r, g, y);
        float* out = y.data() + g * r.units;
        kernels_.multiply_int8(halves[2 * g].view(), x.values.data(), x.scale, out);
        glance();
        kernels_.multiply_int8(halves[2 * g + 1].view(), x.values.data(), x.scale, out + halves[2 * g].rows());
    };
    auto state1 = [&](size_t g) { gate(r.state1, g, net.state1_bias, s.state1, s.inner1); };
    auto state2 = [&](size_t g) { gate(r.state2, g, net.state2_bias, s.state2, s.inner2); };
    switch (part) {
        case 0:  // the last of the step before
            state2(2);
            for (size_t g = 0; g < 3; ++g) add_previous((3 + g) * d.gru + r.unit, r.units, s.gates2.data() + g * r.units);
            add_previous(6 * d.gru + r.row, r.rows, layer1_.data() + r.row);
            std::copy_n(hidden2_constant_.data() + r.row, r.rows, layer2_.data() + r.row);
            break;
        case 1:
            state1(0);
            state1(1);
            break;
        case 2:
            quantize(state2_, s.state2);
            state1(2);
            break;
        case 3:
            state2(0);
            break;
        default:
            state2(1);
            if (sample + 1 < d.hop) fold(s, sample + 1);
            prefetch<kToWrite>(state1_.data() + r.unit, r.units);
    }
}

void FullBandRun::quantize(const Buffer<float>& x, Quantized& out) const {
    out.scale = kernels_.quantize(x.data(), x.size(), out.values.data());
}

// The other shares of what a part wrote, so that they are near when the next part reads them.
void FullBandRun::fetch(size_t part, const Share& s) const {
    for (const FullBandRows& r : network_->rows) {
        if (&r == s.rows) continue;
        if (part == 0) prefetch<kToRead>(state1_.data() + r.unit, r.units);
        if (part == 1) prefetch<kToRead>(state2_.data() + r.unit, r.units);
        if (part == 2) prefetch<kToRead>(layer1_.data() + r.row, r.rows);
        if (part == 3) prefetch<kToRead>(layer2_.data() + r.row, r.rows);
        if (part == 4) prefetch<kToRead>(outputs_now_.data() + r.out, r.outs);
    }
}

// What the mel says to a sample: constant + stretched mel, for the rows of both GRUs' gates and the first hidden layer.
void FullBandRun::fold(Share& s, size_t sample) {
    const FullBandDims& d = network_->dims;
    const FullBandRows& r = *s.rows;
    const size_t width = 2 * d.pad + 1;
    const float* weights = network_->stretch.data() + sample * width;
    const float* terms[kMostWidth];
    float factors[kMostWidth];
    size_t count = 0;
    for (size_t k = 0; k < width; ++k) {
        if (weights[k] == 0.0f) continue;
        terms[count] = folded_[k].data();
        factors[count++] = weights[k];
    }
    auto rows = [&](size_t row, size_t n, float* out) {
        kernels_.weighted_sum(constant_.data() + row, terms, factors, count, row, out, n);
    };
    for (size_t g = 0; g < 3; ++g) {
        rows(g * d.gru + r.unit, r.units, s.gates1.data() + g * r.units);
        rows((3 + g) * d.gru + r.unit, r.units, s.gates2.data() + g * r.units);
    }
    rows(6 * d.gru + r.row, r.rows, layer1_.data() + r.row);
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

}  // namespace speech
