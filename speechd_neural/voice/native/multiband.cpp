#include "multiband.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace speech {

namespace {
constexpr uint64_t kSampleStream = 2;
constexpr size_t kPast = 128;           // steps of history: the longest pitch period, and the prediction's order
constexpr float kLogisticScale = -0.597837001f;  // log 0.55: a logistic of that scale has unit variance
constexpr float kMinLogScale = -6.0f;
constexpr float kResidualLimit = 12.0f;
constexpr size_t kLookahead = 2;        // frames that the conditioning sees on either side
constexpr size_t kMostParameters = 64;
constexpr float kUnvoiced = 0.3f, kVoiced = 0.6f;  // degrees of voicing: see voice/harmonics.py
}  // namespace

MultiBandNetwork::MultiBandNetwork(const Weights& weights, const MultiBandDims& d, BandPredictor predictor_,
                                   std::vector<float> synthesis_, std::vector<float> temperatures_)
    : dims(d),
      gates_of_conditioning(weights, "vocoder.gates_of_conditioning", d.conditioning, 3 * d.gru, 1, Activation::none),
      hidden_of_conditioning(weights, "vocoder.hidden_of_conditioning", d.conditioning, d.hidden, 1, Activation::none),
      gates_of_input(weights.matrix("vocoder.gates_of_input", 3 * d.gru, 6 * d.bands)),
      output(weights.matrix("vocoder.output", 3 * d.mixtures * d.bands, d.hidden)),
      state(weights.int8("vocoder.state", 3 * d.gru, d.gru)),
      hidden(weights.int8("vocoder.hidden", d.hidden, d.gru)),
      state_bias(weights.vector("vocoder.state.bias", 3 * d.gru)),
      output_bias(weights.vector("vocoder.output.bias", 3 * d.mixtures * d.bands)),
      predictor(std::move(predictor_)),
      synthesis(std::move(synthesis_)),
      temperatures(std::move(temperatures_)),
      taps(synthesis.size() / d.bands) {
    if (d.gru % kRows || d.hidden % kRows)
        throw std::invalid_argument("vocoder: gru and hidden must be multiples of 16");
    if (d.bands * d.mixtures > kMostParameters || d.order >= kPast || d.n_features != d.n_mels + 2)
        throw std::invalid_argument("vocoder: too many bands, mixtures or taps, or features without pitch");
    ConvolutionStack layers;
    layers.emplace_back(weights, "vocoder.conditioning1", d.n_features, d.conditioning, 3, Activation::tanh);
    layers.emplace_back(weights, "vocoder.conditioning2", d.conditioning, d.conditioning, 3, Activation::tanh, true);
    layers.emplace_back(weights, "vocoder.conditioning3", d.conditioning, d.conditioning, 1, Activation::tanh);
    conditioning = std::make_shared<const ConvolutionStack>(std::move(layers));
}

MultiBandRun::MultiBandRun(std::shared_ptr<const MultiBandNetwork> network, const Kernels& kernels, uint64_t seed)
    : network_(std::move(network)),
      kernels_(kernels),
      random_(seed, kSampleStream),
      conditioning_(network_->conditioning, kernels, false),
      joiner_(network_->synthesis.data(), network_->dims.bands, network_->taps) {
    const MultiBandDims& d = network_->dims;
    x_.assign((kPast + d.steps_per_frame) * d.bands, 0.0f);
    e_ = x_;
    noise_.resize(padded(d.steps_per_frame * d.bands, kRows));
    choice_.resize(d.steps_per_frame * d.bands);
    state_.resize(d.gru);
    inputs_.resize(6 * d.bands);
    gates_.resize(3 * d.gru);
    inner_.resize(3 * d.gru);
    hidden_.resize(d.hidden);
    output_.resize(network_->output.padded_rows());
    quantized_.resize(padded(d.gru, kColumns));
}

void MultiBandRun::force(std::vector<float> residuals) {
    forced_ = std::move(residuals);
    recording_ = true;
}

void MultiBandRun::feed(const float* features, size_t count) {
    if (ended_) throw std::invalid_argument("vocoder: features after the end");
    if (count == 0) return;
    const MultiBandDims& d = network_->dims;
    if (!started_) {
        started_ = true;
        for (size_t i = 0; i < kLookahead; ++i) condition(features, 1);
    }
    for (size_t t = 0; t < count; ++t) {
        const float* frame = features + t * d.n_features;
        predictions_.push_back(network_->predictor(frame));
        const double period = d.step_rate / (100.0 * std::exp(double(frame[d.n_features - 2])));
        voicings_.push_back(std::clamp((frame[d.n_features - 1] - kUnvoiced) / (kVoiced - kUnvoiced), 0.0f, 1.0f));
        lags_.push_back(static_cast<size_t>(std::clamp(std::nearbyint(period), 4.0, 120.0)));
    }
    condition(features, count);
    last_features_.assign(features + (count - 1) * d.n_features, features + count * d.n_features);
}

void MultiBandRun::end() {
    if (ended_) return;
    ended_ = true;
    if (started_)
        for (size_t i = 0; i < kLookahead; ++i) condition(last_features_.data(), 1);
    else
        joined_ = true;
}

void MultiBandRun::condition(const float* features, size_t count) {
    const MultiBandDims& d = network_->dims;
    const auto known = conditioning_.feed(features, count);
    const size_t frames = known.size() / d.conditioning;
    if (frames == 0) return;
    const Convolution &g = network_->gates_of_conditioning, &h = network_->hidden_of_conditioning;
    std::vector<float> gates(frames * 3 * d.gru), hidden(frames * d.hidden);
    g.weight.multiply_many(kernels_, g.bias.data(), known.data(), d.conditioning, frames, gates.data(), 3 * d.gru,
                           Activation::none);
    h.weight.multiply_many(kernels_, h.bias.data(), known.data(), d.conditioning, frames, hidden.data(), d.hidden,
                           Activation::none);
    for (size_t t = 0; t < frames; ++t) {
        frames_.push_back({{gates.data() + t * 3 * d.gru, gates.data() + (t + 1) * 3 * d.gru},
                           {hidden.data() + t * d.hidden, hidden.data() + (t + 1) * d.hidden},
                           std::move(predictions_.front()),
                           lags_.front(),
                           voicings_.front()});
        predictions_.pop_front();
        voicings_.pop_front();
        lags_.pop_front();
    }
}

// The filter bank keeps less than a frame back until the end.
size_t MultiBandRun::known() const {
    const size_t conditioned = step_ / network_->dims.steps_per_frame + frames_.size();
    return ended_ ? conditioned : conditioned - std::min<size_t>(conditioned, 1);
}

std::vector<float> MultiBandRun::run(size_t frames, double milliseconds) {
    const auto begun = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> budget(milliseconds);
    const MultiBandDims& d = network_->dims;
    std::vector<float> samples, bands(d.steps_per_frame * d.bands);
    auto add = [&samples](const std::vector<float>& more) { samples.insert(samples.end(), more.begin(), more.end()); };
    for (size_t i = 0; i < frames && !frames_.empty(); ++i) {
        speak(frames_.front(), bands.data());
        frames_.pop_front();
        add(joiner_.feed(bands.data(), d.steps_per_frame));
        if (std::chrono::steady_clock::now() - begun >= budget) break;
    }
    if (ended_ && frames_.empty() && !joined_) {
        add(joiner_.finish());
        joined_ = true;
    }
    for (float& s : samples) s = std::clamp(s, -1.0f, 1.0f);
    return samples;
}

void MultiBandRun::draw(size_t first_step) {
    // A logistic variable is log(u / (1 - u)); the draws of a whole frame at once.
    const MultiBandDims& d = network_->dims;
    const size_t count = d.steps_per_frame * d.bands;
    for (size_t i = 0; i < count; ++i) {
        const uint64_t index = 2 * (first_step * d.bands + i);
        choice_[i] = random_.uniform(index);
        const float u = std::clamp(random_.uniform(index + 1), 1e-6f, 1 - 1e-6f);
        noise_[i] = u / (1 - u);
    }
    std::fill(noise_.begin() + static_cast<std::ptrdiff_t>(count), noise_.end(), 1.0f);
    kernels_.logarithm(noise_.data(), noise_.size());
}

void MultiBandRun::speak(const Frame& frame, float* bands) {
    const MultiBandDims& d = network_->dims;
    const size_t B = d.bands, M = d.mixtures;
    const Prediction& p = frame.prediction;
    draw(step_);
    float inverse[kMostParameters], predicted[kMostParameters], temperature[kMostParameters];
    for (size_t b = 0; b < B; ++b) {
        const float unvoiced = network_->temperatures[b], voiced = network_->temperatures[B + b];
        inverse[b] = 1.0f / p.band_deviation[b];
        temperature[b] = unvoiced + frame.voicing * (voiced - unvoiced);
    }
    const auto back = static_cast<std::ptrdiff_t>(B);
    for (size_t i = 0; i < d.steps_per_frame; ++i, ++step_) {
        float* x = x_.data() + (kPast + i) * B;
        float* e = e_.data() + (kPast + i) * B;
        const float* ago = e - frame.lag * B;
        for (size_t b = 0; b < B; ++b) {
            const float* a = p.predictors.data() + b * d.order;
            float sum = 0;
            const float* past = x + b;
            for (size_t k = 0; k < d.order; ++k) sum += a[k] * *(past -= back);
            predicted[b] = sum;
            inputs_[b] = *(x + b - B) * inverse[b];
            inputs_[B + b] = *(e + b - B);
            inputs_[2 * B + b] = sum * inverse[b];
            inputs_[3 * B + b] = *(ago + b - B);
            inputs_[4 * B + b] = ago[b];
            inputs_[5 * B + b] = ago[B + b];
        }
        // quantized_ holds the state as the step before left it.
        std::copy(network_->state_bias.begin(), network_->state_bias.end(), inner_.begin());
        kernels_.multiply_int8(network_->state.view(), quantized_.data(), state_scale_, inner_.data());
        std::copy(frame.gates.begin(), frame.gates.end(), gates_.begin());
        kernels_.multiply(network_->gates_of_input.view(), inputs_.data(), gates_.data());
        kernels_.gru_cell(gates_.data(), inner_.data(), state_.data(), d.gru);

        state_scale_ = kernels_.quantize(state_.data(), d.gru, quantized_.data());
        std::copy(frame.hidden.begin(), frame.hidden.end(), hidden_.begin());
        kernels_.multiply_int8(network_->hidden.view(), quantized_.data(), state_scale_, hidden_.data());
        kernels_.rectify(hidden_.data(), d.hidden);
        std::copy(network_->output_bias.begin(), network_->output_bias.end(), output_.begin());
        kernels_.multiply(network_->output.view(), hidden_.data(), output_.data());

        // One component per band by its share, then a logistic variable in it. output [bands, 3, mixtures].
        alignas(64) float share[kMostParameters] = {}, deviation[kMostParameters] = {};
        for (size_t b = 0; b < B; ++b) {
            const float* logits = output_.data() + b * 3 * M;
            const float largest = *std::max_element(logits, logits + M);
            for (size_t m = 0; m < M; ++m) share[b * M + m] = logits[m] - largest;
        }
        kernels_.exponential(share, padded(B * M, kRows));
        size_t chosen[kMostParameters];
        for (size_t b = 0; b < B; ++b) {
            float total = 0;
            for (size_t m = 0; m < M; ++m) total += share[b * M + m];
            const float wanted = choice_[i * B + b] * total;
            float below = share[b * M];
            size_t m = 0;
            while (m + 1 < M && wanted >= below) below += share[b * M + ++m];
            chosen[b] = m;
            deviation[b] = std::max(output_[b * 3 * M + 2 * M + m] + kLogisticScale, kMinLogScale);
        }
        kernels_.exponential(deviation, padded(B, kRows));
        for (size_t b = 0; b < B; ++b) {
            const float mean = output_[b * 3 * M + M + chosen[b]];
            float drawn = mean + temperature[b] * deviation[b] * noise_[i * B + b];
            drawn = std::clamp(drawn, -kResidualLimit, kResidualLimit);
            if (step_ * B + b < forced_.size()) drawn = forced_[step_ * B + b];
            e[b] = drawn;
            x[b] = predicted[b] + p.residual_deviation[b] * drawn;
            bands[i * B + b] = x[b];
        }
        if (recording_) {
            outputs_.insert(outputs_.end(), output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(3 * M * B));
            residuals_.insert(residuals_.end(), e, e + B);
        }
    }
    const auto moved = static_cast<std::ptrdiff_t>(d.steps_per_frame * B);
    std::copy(x_.begin() + moved, x_.end(), x_.begin());
    std::copy(e_.begin() + moved, e_.end(), e_.begin());
}

}  // namespace speech
