#include "subbands.h"

#include <algorithm>
#include <cmath>

namespace speech {

BandPredictor::BandPredictor(const double* matrix, const double* window, size_t bands, size_t order, size_t n_mels,
                             double gain, double shift)
    : matrix_(matrix, matrix + bands * (order + 1) * n_mels),
      window_(window, window + order + 1),
      bands_(bands),
      order_(order),
      n_mels_(n_mels),
      gain_(gain),
      shift_(shift) {}

Prediction BandPredictor::operator()(const float* mel) const {
    std::vector<double> energy(n_mels_);
    for (size_t m = 0; m < n_mels_; ++m) energy[m] = std::exp(gain_ * double(mel[m]) + shift_);
    Prediction out{std::vector<float>(bands_ * order_), std::vector<float>(bands_), std::vector<float>(bands_)};
    std::vector<double> r(order_ + 1), a(order_), previous(order_);
    for (size_t b = 0; b < bands_; ++b) {
        for (size_t lag = 0; lag <= order_; ++lag) {
            const double* row = matrix_.data() + (b * (order_ + 1) + lag) * n_mels_;
            r[lag] = 0;
            for (size_t m = 0; m < n_mels_; ++m) r[lag] += row[m] * energy[m];
        }
        r[0] = std::max(r[0], 0.0) * 1.0005 + 1e-8;
        for (size_t lag = 0; lag <= order_; ++lag) r[lag] *= window_[lag];
        double error = r[0];
        for (size_t i = 0; i < order_; ++i) {  // Levinson-Durbin
            double sum = r[i + 1];
            for (size_t j = 0; j < i; ++j) sum -= a[j] * r[i - j];
            const double k = std::clamp(sum / error, -0.999, 0.999);
            previous = a;
            a[i] = k;
            for (size_t j = 0; j < i; ++j) a[j] = previous[j] - k * previous[i - 1 - j];
            error *= 1 - k * k;
        }
        for (size_t i = 0; i < order_; ++i) out.predictors[b * order_ + i] = static_cast<float>(a[i]);
        out.residual_deviation[b] = static_cast<float>(std::sqrt(error));
        out.band_deviation[b] = static_cast<float>(std::sqrt(r[0]));
    }
    return out;
}

BandJoiner::BandJoiner(const float* filters, size_t bands, size_t taps)
    : filters_(filters, filters + bands * taps), bands_(bands), taps_(taps), before_((taps - 1) / 2) {}

std::vector<float> BandJoiner::advance(size_t until) {
    // Sample m = sum over bands and steps k of steps[k] * filter[m + before - k * bands], 0 <= index < taps.
    std::vector<float> out;
    out.reserve(until - made_);
    for (; made_ < until; ++made_) {
        const size_t top = made_ + before_;
        const size_t newest = std::min(top / bands_, fed_ ? fed_ - 1 : 0);
        const size_t oldest = top + 1 > taps_ ? (top + 1 - taps_ + bands_ - 1) / bands_ : 0;
        float sum = 0;
        for (size_t k = oldest; k <= newest && k < fed_; ++k)
            for (size_t b = 0; b < bands_; ++b)
                sum += steps_[(k - first_) * bands_ + b] * filters_[b * taps_ + top - k * bands_];
        out.push_back(sum);
    }
    const size_t top = made_ + before_;
    const size_t oldest = top + 1 > taps_ ? (top + 1 - taps_ + bands_ - 1) / bands_ : 0;
    if (oldest > first_) {
        const size_t drop = std::min(oldest, fed_) - first_;
        steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(drop * bands_));
        first_ += drop;
    }
    return out;
}

std::vector<float> BandJoiner::feed(const float* steps, size_t count) {
    steps_.insert(steps_.end(), steps, steps + count * bands_);
    fed_ += count;
    // Sample m needs the steps up to (m + before) / bands.
    const size_t known = fed_ * bands_;
    return advance(known > before_ ? std::max(known - before_, made_) : made_);
}

std::vector<float> BandJoiner::finish() { return advance(fed_ * bands_); }

}  // namespace speech
