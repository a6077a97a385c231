#include "fullband_steps.h"

#include <algorithm>
#include <chrono>

namespace speech {

namespace {
constexpr uint64_t kSampleStream = 2;
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

FullBandLane::FullBandLane(const FullBandNetwork& network)
    : constant(network.dims.folded()),
      hidden2_constant(network.dims.fc),
      state1(network.dims.gru),
      state2(network.dims.gru),
      layer1(network.dims.fc),
      layer2(network.dims.fc),
      outputs(network.padded_outputs()),
      shares(network.rows.size()) {
    const FullBandDims& d = network.dims;
    for (size_t i = 0; i < shares.size(); ++i) {
        FullBandShare& s = shares[i];
        for (auto* gates : {&s.gates1, &s.gates2, &s.inner1, &s.inner2}) gates->resize(3 * network.rows[i].units);
        s.sums.resize(d.gru);
        s.likely.resize(outputs.size());
        for (Quantized* x : {&s.state1, &s.state2}) x->values.resize(d.gru);
        s.layer.values.resize(std::max(d.gru, d.fc));
    }
}

void FullBandLane::begin(const FullBandNetwork& network, size_t first) {
    frame = first;
    position = 0;
    folded.clear();
    sound.clear();
    for (Buffer<float>* state : {&state1, &state2}) std::fill(state->begin(), state->end(), 0.0f);
    for (size_t i = 0; i < shares.size(); ++i) {
        FullBandShare& s = shares[i];
        for (size_t g = 0; g < 3; ++g) {  // the first step's products are of zeros
            begin_inner(network.state1_bias, network.rows[i], g, s.inner1);
            begin_inner(network.state2_bias, network.rows[i], g, s.inner2);
        }
        std::fill(s.state2.values.begin(), s.state2.values.end(), int8_t{0});
        s.previous = 0;
    }
}

FullBandSteps::FullBandSteps(std::shared_ptr<const FullBandNetwork> network, const Kernels& kernels,
                             std::shared_ptr<Crew> crew, uint64_t seed, float temperature)
    : network_(std::move(network)),
      kernels_(kernels),
      crew_(std::move(crew)),
      random_(seed, kSampleStream),
      temperature_(temperature) {}

void FullBandSteps::force(std::vector<float> samples) {
    forced_ = std::move(samples);
    recording_ = true;
}

void FullBandSteps::begin_frame(FullBandLane& lane, const std::vector<float>& around) const {
    const FullBandNetwork& net = *network_;
    const FullBandDims& d = net.dims;
    const size_t width = 2 * d.pad + 1;
    if (lane.folded.size() == width) lane.folded.pop_front();
    const Buffer<float> zero(d.folded());
    while (lane.folded.size() < width) {
        const float* mel = around.data() + lane.folded.size() * d.n_features;
        lane.folded.emplace_back(d.folded());
        kernels_.multiply_many(net.mel.view(), zero.data(), mel, d.n_features, 1, lane.folded.back().data(), d.folded(),
                               Activation::none);
    }
    Buffer<float> x(d.residual), inner(d.residual), outer(d.residual), aux(d.auxiliary), more(d.folded());
    auto apply = [&](const Convolution& layer, const float* in, float* out) {
        layer.weight.multiply_many(kernels_, layer.bias.data(), in, layer.weight.columns(), 1, out, layer.weight.padded_rows(),
                                   layer.activation);
    };
    apply(net.enter, around.data(), x.data());
    for (size_t i = 0; i < net.blocks.size(); i += 2) {
        apply(net.blocks[i], x.data(), inner.data());
        apply(net.blocks[i + 1], inner.data(), outer.data());
        for (size_t k = 0; k < d.residual; ++k) x[k] += outer[k];
    }
    apply(net.leave, x.data(), aux.data());
    const size_t quarter = d.auxiliary / 4;
    apply(net.auxiliary1, aux.data(), lane.constant.data());
    apply(net.auxiliary2, aux.data() + quarter, more.data());
    for (size_t k = 0; k < 3 * d.gru; ++k) lane.constant[3 * d.gru + k] += more[k];
    apply(net.auxiliary3, aux.data() + 2 * quarter, more.data());
    for (size_t k = 0; k < d.fc; ++k) lane.constant[6 * d.gru + k] += more[k];
    apply(net.auxiliary4, aux.data() + 3 * quarter, lane.hidden2_constant.data());
}

// Threads that must meet are faster only while each has a core to itself. What is spoken is the same.
void FullBandSteps::speak(const FullBandLanes& lanes, size_t count) {
    if (crew_->size() == 1) {
        speak_alone(lanes, count);
    } else {
        static_assert(std::tuple_size_v<decltype(Crew::pace)> == kLanes, "a pace for each number of lanes");
        Pace& pace = crew_->pace[lanes.size() - 1];
        const bool together = pace.together();
        const auto begun = std::chrono::steady_clock::now();
        if (together)
            crew_->run([&](size_t thread) { speak_together(lanes, thread, count); });
        else
            speak_alone(lanes, count);
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
        pace.took(together, spent.count() / static_cast<double>(count));
    }
    for (FullBandLane* lane : lanes) {
        lane->position += count;
        if (lane->position < network_->dims.hop) continue;
        lane->position = 0;
        ++lane->frame;
    }
}

void FullBandSteps::speak_together(const FullBandLanes& lanes, size_t thread, size_t count) {
    for (FullBandLane* lane : lanes)
        if (lane->position == 0) fold(*lane, thread, 0);
    for (size_t i = 0; i < count; ++i) {
        for (size_t part = 0; part < kParts; ++part) {
            awaited(lanes, thread, part);
            crew_->arrive(thread);
            bool fetched = false;
            meanwhile(lanes, thread, part, i, [&] {
                if (!fetched && (fetched = crew_->here(thread))) fetch(lanes, thread, part);
            });
            crew_->await(thread);
        }
        // Every thread draws the same sample for itself: cheaper than to wait for one that does.
        for (FullBandLane* lane : lanes) {
            const float sound = draw_next(*lane, thread, i);
            if (thread == 0) lane->sound.push_back(sound);
        }
    }
}

void FullBandSteps::speak_alone(const FullBandLanes& lanes, size_t count) {
    const size_t threads = network_->rows.size();
    for (FullBandLane* lane : lanes)
        for (size_t t = 0; t < threads && lane->position == 0; ++t) fold(*lane, t, 0);
    for (size_t i = 0; i < count; ++i) {
        for (size_t part = 0; part < kParts; ++part) {
            for (size_t t = 0; t < threads; ++t) awaited(lanes, t, part);
            for (size_t t = 0; t < threads; ++t) meanwhile(lanes, t, part, i, [] {});
        }
        for (FullBandLane* lane : lanes) {
            lane->sound.push_back(draw_next(*lane, 0, i));
            for (FullBandShare& s : lane->shares) s.previous = lane->shares[0].previous;
        }
    }
}

template <typename X, typename Y>
void FullBandSteps::multiply(const FullBandLanes& lanes, const Int8Matrix& matrix, const X& x, const Y& y) const {
    static_assert(kLanes == 2);
    auto product = [&](FullBandLane& lane) {
        const Quantized& values = x(lane);
        return Int8Product{values.values.data(), values.scale, y(lane)};
    };
    const Int8Product one = product(*lanes[0]);
    if (lanes.size() == 1)
        kernels_.multiply_int8(matrix.view(), one.x, one.scale, one.y);
    else
        kernels_.multiply_int8_two(matrix.view(), one, product(*lanes[1]));
}

// A step has five parts, each of which reads what all shares of the part before wrote; so threads meet behind each.
void FullBandSteps::awaited(const FullBandLanes& lanes, size_t thread, size_t part) const {
    const FullBandNetwork& net = *network_;
    const FullBandDims& d = net.dims;
    const FullBandRows& r = net.rows[thread];
    auto state1 = [=](FullBandLane& l) -> const Quantized& { return l.shares[thread].state1; };
    auto layer = [=](FullBandLane& l) -> const Quantized& { return l.shares[thread].layer; };
    switch (part) {
        case 0:
            for (FullBandLane* l : lanes) {
                FullBandShare& s = l->shares[thread];
                for (size_t g = 0; g < 3; ++g)
                    kernels_.add_scaled(s.previous, net.sample.data() + g * d.gru + r.unit, s.gates1.data() + g * r.units, r.units);
                kernels_.gru_cell(s.gates1.data(), s.inner1.data(), l->state1.data() + r.unit, r.units);
            }
            break;
        case 1:
            for (FullBandLane* l : lanes) {
                prefetch<kToWrite>(l->state2.data() + r.unit, r.units);
                quantize(l->state1, l->shares[thread].state1);
            }
            multiply(lanes, r.between, state1, [=](FullBandLane& l) { return l.shares[thread].gates2.data(); });
            for (FullBandLane* l : lanes) {
                FullBandShare& s = l->shares[thread];
                kernels_.gru_cell(s.gates2.data(), s.inner2.data(), l->state2.data() + r.unit, r.units);
            }
            break;
        case 2:
            for (FullBandLane* l : lanes) {
                FullBandShare& s = l->shares[thread];
                std::copy(l->state1.begin(), l->state1.end(), s.sums.begin());
                kernels_.add_scaled(1.0f, l->state2.data(), s.sums.data(), d.gru);
                quantize(s.sums, s.layer);
            }
            multiply(lanes, r.hidden1, layer, [&](FullBandLane& l) { return l.layer1.data() + r.row; });
            for (FullBandLane* l : lanes) kernels_.rectify(l->layer1.data() + r.row, r.rows);
            break;
        case 3:
            for (FullBandLane* l : lanes) quantize(l->layer1, l->shares[thread].layer);
            multiply(lanes, r.hidden2, layer, [&](FullBandLane& l) { return l.layer2.data() + r.row; });
            for (FullBandLane* l : lanes) kernels_.rectify(l->layer2.data() + r.row, r.rows);
            break;
        default:
            for (FullBandLane* l : lanes) {
                std::copy_n(net.output_bias.data() + r.out, r.outs, l->outputs.data() + r.out);
                quantize(l->layer2, l->shares[thread].layer);
            }
            multiply(lanes, r.output, layer, [&](FullBandLane& l) { return l.outputs.data() + r.out; });
    }
}

// What is needed later and reads only what every share has: computed while the others are on their way. `ahead`: samples
// since the lanes' positions.
template <typename Glance>
void FullBandSteps::meanwhile(const FullBandLanes& lanes, size_t thread, size_t part, size_t ahead, const Glance& glance) const {
    const FullBandNetwork& net = *network_;
    const FullBandDims& d = net.dims;
    const FullBandRows& r = net.rows[thread];
    // A gate's product with a state, for the next step; in two halves.
    auto gate = [&](const std::array<Int8Matrix, 6>& halves, size_t g, const Buffer<float>& bias,
                    Quantized FullBandShare::*x, Buffer<float> FullBandShare::*y) {
        for (FullBandLane* l : lanes) begin_inner(bias, r, g, l->shares[thread].*y);
        for (size_t half = 0, row = g * r.units; half < 2; row += halves[2 * g + half++].rows()) {
            if (half) glance();
            multiply(lanes, halves[2 * g + half], [=](FullBandLane& l) -> const Quantized& { return l.shares[thread].*x; },
                     [=](FullBandLane& l) { return (l.shares[thread].*y).data() + row; });
        }
    };
    auto state1 = [&](size_t g) { gate(r.state1, g, net.state1_bias, &FullBandShare::state1, &FullBandShare::inner1); };
    auto state2 = [&](size_t g) { gate(r.state2, g, net.state2_bias, &FullBandShare::state2, &FullBandShare::inner2); };
    switch (part) {
        case 0:  // the last of the step before
            state2(2);
            for (FullBandLane* l : lanes) {
                FullBandShare& s = l->shares[thread];
                auto add = [&](size_t row, size_t rows, float* y) { kernels_.add_scaled(s.previous, net.sample.data() + row, y, rows); };
                for (size_t g = 0; g < 3; ++g) add((3 + g) * d.gru + r.unit, r.units, s.gates2.data() + g * r.units);
                add(6 * d.gru + r.row, r.rows, l->layer1.data() + r.row);
                std::copy_n(l->hidden2_constant.data() + r.row, r.rows, l->layer2.data() + r.row);
            }
            break;
        case 1:
            state1(0);
            state1(1);
            break;
        case 2:
            for (FullBandLane* l : lanes) quantize(l->state2, l->shares[thread].state2);
            state1(2);
            break;
        case 3:
            state2(0);
            break;
        default:
            state2(1);
            for (FullBandLane* l : lanes) {
                if (l->position + ahead + 1 < d.hop) fold(*l, thread, l->position + ahead + 1);
                prefetch<kToWrite>(l->state1.data() + r.unit, r.units);
            }
    }
}

void FullBandSteps::quantize(const Buffer<float>& x, Quantized& out) const {
    out.scale = kernels_.quantize(x.data(), x.size(), out.values.data());
}

// The other shares of what a part wrote, so that they are near when the next part reads them.
void FullBandSteps::fetch(const FullBandLanes& lanes, size_t thread, size_t part) const {
    for (const FullBandRows& r : network_->rows) {
        if (&r == &network_->rows[thread]) continue;
        for (const FullBandLane* l : lanes) {
            if (part == 0) prefetch<kToRead>(l->state1.data() + r.unit, r.units);
            if (part == 1) prefetch<kToRead>(l->state2.data() + r.unit, r.units);
            if (part == 2) prefetch<kToRead>(l->layer1.data() + r.row, r.rows);
            if (part == 3) prefetch<kToRead>(l->layer2.data() + r.row, r.rows);
            if (part == 4) prefetch<kToRead>(l->outputs.data() + r.out, r.outs);
        }
    }
}

// What the mel says to a sample: constant + stretched mel, for the rows of both GRUs' gates and the first hidden layer.
void FullBandSteps::fold(FullBandLane& lane, size_t thread, size_t sample) const {
    const FullBandDims& d = network_->dims;
    const FullBandRows& r = network_->rows[thread];
    FullBandShare& s = lane.shares[thread];
    const size_t width = 2 * d.pad + 1;
    const float* weights = network_->stretch.data() + sample * width;
    const float* terms[kMostWidth];
    float factors[kMostWidth];
    size_t count = 0;
    for (size_t k = 0; k < width; ++k) {
        if (weights[k] == 0.0f) continue;
        terms[count] = lane.folded[k].data();
        factors[count++] = weights[k];
    }
    auto rows = [&](size_t row, size_t n, float* out) {
        kernels_.weighted_sum(lane.constant.data() + row, terms, factors, count, row, out, n);
    };
    for (size_t g = 0; g < 3; ++g) {
        rows(g * d.gru + r.unit, r.units, s.gates1.data() + g * r.units);
        rows((3 + g) * d.gru + r.unit, r.units, s.gates2.data() + g * r.units);
    }
    rows(6 * d.gru + r.row, r.rows, lane.layer1.data() + r.row);
}

float FullBandSteps::draw_next(FullBandLane& lane, size_t thread, size_t ahead) {
    FullBandShare& s = lane.shares[thread];
    const size_t step = lane.frame * network_->dims.hop + lane.position + ahead;
    const float sound = draw(lane, s, step);
    if (step < forced_.size()) s.previous = forced_[step];
    if (recording_ && thread == 0)
        outputs_.insert(outputs_.end(), lane.outputs.begin(),
                        lane.outputs.begin() + static_cast<std::ptrdiff_t>(network_->dims.outputs));
    return sound;
}

}  // namespace speech
