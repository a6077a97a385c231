// Sub-bands: their linear prediction from the mel, and the synthesis filter that joins them.
// speechd_neural/voice/subbands.py is the reference and computes the matrices used here.
#pragma once

#include <vector>

#include "matrix.h"

namespace speech {

struct Prediction {
    std::vector<float> predictors, residual_deviation, band_deviation;  // [bands, order], [bands], [bands]
};

class BandPredictor {
public:
    // matrix [bands * (order + 1), n_mels]: autocorrelations from squared mel energies;
    // window [order + 1]: what they are multiplied by; energy = exp(gain * mel + shift).
    BandPredictor(const double* matrix, const double* window, size_t bands, size_t order, size_t n_mels, double gain,
                  double shift);
    Prediction operator()(const float* mel) const;
    size_t bands() const { return bands_; }
    size_t order() const { return order_; }

private:
    std::vector<double> matrix_, window_;
    size_t bands_, order_, n_mels_;
    double gain_, shift_;
};

// The synthesis half of the filter bank over a stream; in phase with the signal, so its sound is `delay` samples late.
class BandJoiner {
public:
    // filters [bands, taps], taps odd
    BandJoiner(const float* filters, size_t bands, size_t taps);
    // steps [count, bands] -> the samples that are now known
    std::vector<float> feed(const float* steps, size_t count);
    std::vector<float> finish();

private:
    std::vector<float> advance(size_t until);

    std::vector<float> filters_, steps_;
    size_t bands_, taps_, before_;
    size_t first_ = 0, fed_ = 0, made_ = 0;  // number of the first step kept; steps fed; samples made
};

}  // namespace speech
