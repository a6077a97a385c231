#include "decoder.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace speech {

namespace {
constexpr size_t kMostTaps = 512;

std::ptrdiff_t offset(size_t n) { return static_cast<std::ptrdiff_t>(n); }
}  // namespace

JointLstm::JointLstm(const Weights& weights, const std::string& name, size_t size,
                     const std::vector<std::pair<std::string, size_t>>& parts)
    : size(size), bias(weights.vector(name + ".bias", 4 * size)) {
    if (size % kRows) throw std::invalid_argument(name + ": the size must be a multiple of 16");
    for (const auto& [part, width] : parts) inputs.push_back(weights.int8(name + "." + part, 4 * size, width));
}

DecoderNetwork::DecoderNetwork(const Weights& weights, const DecoderDims& d)
    : dims(d),
      prenet1(weights.matrix("decoder.prenet1", d.prenet, d.n_features)),
      prenet2(weights.matrix("decoder.prenet2", d.prenet, d.prenet)),
      query(weights.matrix("decoder.query", d.attention, d.attention_rnn)),
      key(weights.matrix("decoder.key", d.attention, d.encoder)),
      location(weights.matrix("decoder.location", d.attention, 2 * d.location_kernel)),
      frames(weights.matrix("decoder.frames", d.frames_per_step * d.n_features + 1, d.decoder_rnn + d.encoder)),
      attention_rnn(weights, "decoder.attention_rnn", d.attention_rnn,
                    {{"prenet", d.prenet}, {"context", d.encoder}, {"state", d.attention_rnn}}),
      decoder_rnn(weights, "decoder.decoder_rnn", d.decoder_rnn,
                  {{"query", d.attention_rnn}, {"context", d.encoder}, {"state", d.decoder_rnn}}),
      frames_bias(weights.vector("decoder.frames.bias", d.frames_per_step * d.n_features + 1)),
      score(weights.vector("decoder.score", d.attention)) {
    if (d.prenet % kRows || d.attention % kRows || d.encoder % kRows)
        throw std::invalid_argument("decoder: prenet, attention and encoder must be multiples of 16");
    if (d.location_kernel % 2 == 0 || 2 * d.location_kernel > kMostTaps)
        throw std::invalid_argument("decoder: location_kernel must be odd and at most 255");
}

DecoderRun::DecoderRun(std::shared_ptr<const DecoderNetwork> network, const Kernels& kernels, const float* memory,
                       size_t symbols, uint64_t seed)
    : network_(std::move(network)), kernels_(kernels), random_(seed, kDropoutStream), symbols_(symbols),
      windowed_(network_->dims.window) {
    const DecoderDims& d = network_->dims;
    if (symbols == 0) throw std::invalid_argument("decoder: no symbols");
    const size_t reach = d.location_kernel / 2;
    memory_ = std::make_shared<const Buffer<float>>(memory, memory + symbols * d.encoder);
    auto keys = std::make_shared<Buffer<float>>(symbols * d.attention);
    const Buffer<float> zero(d.attention);
    kernels_.multiply_many(network_->key.view(), zero.data(), memory, d.encoder, symbols, keys->data(), d.attention,
                           Activation::none);
    keys_ = std::move(keys);
    weights_.resize(symbols + 2 * reach);
    cumulated_.resize(symbols + 2 * reach);
    frame_.resize(padded(d.n_features, kRows));
    prenet_.resize(d.prenet);
    prenet2_.resize(d.prenet);
    context_.resize(d.encoder);
    joined_.resize(d.decoder_rnn + d.encoder);
    query_.resize(d.attention);
    located_.resize(d.attention);
    energies_.resize(padded(symbols, kRows));
    output_.resize(network_->frames.padded_rows());
    for (auto* b : {&attention_state_, &attention_cell_}) b->resize(d.attention_rnn);
    for (auto* b : {&decoder_state_, &decoder_cell_}) b->resize(d.decoder_rnn);
    attention_gates_.resize(4 * d.attention_rnn);
    decoder_gates_.resize(4 * d.decoder_rnn);
    quantized_.resize(padded(std::max({d.prenet, d.encoder, d.attention_rnn, d.decoder_rnn}), kColumns));
}

DecodedSteps DecoderRun::run(size_t steps, double milliseconds, size_t until) {
    const auto begun = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> budget(milliseconds);
    DecodedSteps out;
    for (size_t i = 0; i < steps; ++i) {
        step(out);
        if (position_ >= until || std::chrono::steady_clock::now() - begun >= budget) break;
    }
    return out;
}

void DecoderRun::cell(const JointLstm& lstm, const std::vector<const Buffer<float>*>& inputs, Buffer<float>& gates,
                      Buffer<float>& state, Buffer<float>& cell) {
    std::copy(lstm.bias.begin(), lstm.bias.end(), gates.begin());
    for (size_t i = 0; i < inputs.size(); ++i) {
        const float scale = kernels_.quantize(inputs[i]->data(), inputs[i]->size(), quantized_.data());
        kernels_.multiply_int8(lstm.inputs[i].view(), quantized_.data(), scale, gates.data());
    }
    kernels_.lstm_cell(gates.data(), state.data(), cell.data(), lstm.size);
}

void DecoderRun::attend() {
    const DecoderDims& d = network_->dims;
    std::fill(query_.begin(), query_.end(), 0.0f);
    kernels_.multiply(network_->query.view(), attention_state_.data(), query_.data());
    const size_t begin = windowed_ ? position_ - std::min(position_, d.back) : 0;
    const size_t end = windowed_ ? std::min(symbols_, position_ + d.ahead + 1) : symbols_;
    float around[kMostTaps];
    const size_t kernel = d.location_kernel, reach = kernel / 2;
    float largest = -1e30f;
    for (size_t s = begin; s < end; ++s) {
        std::copy_n(weights_.data() + s, kernel, around);
        std::copy_n(cumulated_.data() + s, kernel, around + kernel);
        std::fill(located_.begin(), located_.end(), 0.0f);
        kernels_.multiply(network_->location.view(), around, located_.data());
        energies_[s] = kernels_.attention_energy(network_->score.data(), query_.data(), keys_->data() + s * d.attention,
                                                 located_.data(), d.attention);
        largest = std::max(largest, energies_[s]);
    }
    Buffer<float> exponentials(padded(end - begin, kRows));
    for (size_t s = begin; s < end; ++s) exponentials[s - begin] = energies_[s] - largest;
    kernels_.exponential(exponentials.data(), exponentials.size());
    float total = 0;
    for (size_t s = begin; s < end; ++s) total += exponentials[s - begin];
    std::fill(weights_.begin(), weights_.end(), 0.0f);
    std::fill(context_.begin(), context_.end(), 0.0f);
    size_t best = begin;
    for (size_t s = begin; s < end; ++s) {
        const float weight = exponentials[s - begin] / total;
        weights_[s + reach] = weight;
        cumulated_[s + reach] += weight;
        kernels_.add_scaled(weight, memory_->data() + s * d.encoder, context_.data(), d.encoder);
        if (weight > weights_[best + reach]) best = s;
    }
    // A first look may fall anywhere in a window that the model never knew: it must not carry the window along.
    if (windowed_ && !d.window) best = std::min(best, position_ + (d.frames_per_step + 1) / 2);
    position_ = std::max(position_, best);
}

void DecoderRun::step(DecodedSteps& out) {
    const DecoderDims& d = network_->dims;
    auto dropout = [&](Buffer<float>& x, size_t layer) {
        for (size_t i = 0; i < d.prenet; ++i)
            x[i] = random_.bits((2 * step_ + layer) * d.prenet + i) >> 63 ? 2.0f * std::max(x[i], 0.0f) : 0.0f;
    };
    std::fill(prenet_.begin(), prenet_.end(), 0.0f);
    kernels_.multiply(network_->prenet1.view(), frame_.data(), prenet_.data());
    dropout(prenet_, 0);
    std::fill(prenet2_.begin(), prenet2_.end(), 0.0f);
    kernels_.multiply(network_->prenet2.view(), prenet_.data(), prenet2_.data());
    dropout(prenet2_, 1);

    cell(network_->attention_rnn, {&prenet2_, &context_, &attention_state_}, attention_gates_, attention_state_,
         attention_cell_);
    attend();
    cell(network_->decoder_rnn, {&attention_state_, &context_, &decoder_state_}, decoder_gates_, decoder_state_,
         decoder_cell_);

    std::copy(decoder_state_.begin(), decoder_state_.end(), joined_.begin());
    std::copy(context_.begin(), context_.end(), joined_.begin() + offset(d.decoder_rnn));
    std::copy(network_->frames_bias.begin(), network_->frames_bias.end(), output_.begin());
    kernels_.multiply(network_->frames.view(), joined_.data(), output_.data());
    const size_t width = d.frames_per_step * d.n_features;
    std::copy_n(output_.begin() + offset(width - d.n_features), d.n_features, frame_.begin());
    ++step_;
    const auto weights = weights_.begin() + offset(d.location_kernel / 2);
    out.frames.insert(out.frames.end(), output_.begin(), output_.begin() + offset(width));
    out.gates.push_back(output_[width]);
    out.positions.push_back(static_cast<int32_t>(position_));
    out.attention.insert(out.attention.end(), weights, weights + offset(symbols_));
}

}  // namespace speech
