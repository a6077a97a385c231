// What Python sees as speechd_neural.voice._native. Every call that computes releases the interpreter's lock.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <stdexcept>

#include "comb.h"
#include "decoder.h"
#include "dispatch.h"
#include "fullband.h"
#include "layers.h"
#include "multiband.h"
#include "random.h"

namespace nb = nanobind;
using namespace speech;

namespace {

using Input = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;
using Input2 = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Doubles = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;
using Bytes2 = nb::ndarray<const int8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

template <typename T>
nb::object numpy(std::vector<T> values, std::initializer_list<size_t> shape) {
    auto* kept = new std::vector<T>(std::move(values));
    nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, T>(kept->data(), shape, owner));
}

nb::object rows(std::vector<float> values, size_t width) {
    const size_t count = values.size() / width;
    return numpy(std::move(values), {count, width});
}

nb::object flat(std::vector<float> values) {
    const size_t n = values.size();
    return numpy(std::move(values), {n});
}

void expect_width(const Input2& frames, size_t width) {
    if (frames.shape(1) != width)
        throw std::invalid_argument("expected rows of " + std::to_string(width) + " values, got " +
                                    std::to_string(frames.shape(1)));
}

// The arrays of a dict[str, ndarray] (float32 or int8), valid while `owners` lives.
Weights weights_of(const nb::dict& arrays, std::vector<nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>>& owners) {
    std::map<std::string, Array> out;
    for (auto [key, value] : arrays) {
        auto name = nb::cast<std::string>(key);
        auto array = nb::cast<nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>>(value);
        Array entry;
        for (size_t i = 0; i < array.ndim(); ++i) entry.shape.push_back(array.shape(i));
        if (array.dtype() == nb::dtype<float>())
            entry.floats = static_cast<const float*>(array.data());
        else if (array.dtype() == nb::dtype<int8_t>())
            entry.bytes = static_cast<const int8_t*>(array.data());
        else
            throw std::invalid_argument(name + ": neither float32 nor int8");
        owners.push_back(array);
        out.emplace(std::move(name), entry);
    }
    return Weights(std::move(out));
}

size_t dim(const nb::dict& dims, const char* name) {
    if (!dims.contains(name)) throw std::invalid_argument(std::string(name) + ": missing");
    return nb::cast<size_t>(dims[name]);
}

// Encoder, decoder and postnet; the parts run one after the other, each in pieces.
struct Tacotron2 {
    const Kernels& kernels;
    size_t embedding, encoder, n_features;
    std::shared_ptr<const ConvolutionStack> encoder_stack, postnet_stack;
    std::shared_ptr<const Lstm> forward, backward;
    std::shared_ptr<const DecoderNetwork> decoder;

    Tacotron2(const nb::dict& arrays, const nb::dict& d, const std::string& cpu) : kernels(find_kernels(cpu)) {
        std::vector<nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>> owners;
        const Weights weights = weights_of(arrays, owners);
        embedding = dim(d, "embedding");
        encoder = dim(d, "encoder");
        n_features = dim(d, "n_features");
        auto stack = [&](const std::string& name, std::vector<size_t> widths, size_t kernel, Activation inner, Activation last) {
            ConvolutionStack layers;
            for (size_t i = 0; i + 1 < widths.size(); ++i)
                layers.emplace_back(weights, name + std::to_string(i), widths[i], widths[i + 1], kernel,
                                    i + 2 == widths.size() ? last : inner);
            return std::make_shared<const ConvolutionStack>(std::move(layers));
        };
        std::vector<size_t> encoder_widths(dim(d, "encoder_layers") + 1, encoder);
        encoder_widths.front() = embedding;
        std::vector<size_t> postnet_widths(dim(d, "postnet_layers") + 1, dim(d, "postnet"));
        postnet_widths.front() = postnet_widths.back() = n_features;
        const size_t encoder_kernel = dim(d, "encoder_kernel"), postnet_kernel = dim(d, "postnet_kernel");
        const DecoderDims dims{n_features, dim(d, "frames_per_step"), encoder, dim(d, "prenet"), dim(d, "attention_rnn"),
                               dim(d, "attention"), dim(d, "location_kernel"), dim(d, "decoder_rnn"), dim(d, "back"),
                               dim(d, "ahead"), dim(d, "window") != 0};
        nb::gil_scoped_release others_go_on;  // packing a large voice takes a tenth of a second
        encoder_stack = stack("encoder.convolution", encoder_widths, encoder_kernel, Activation::relu, Activation::relu);
        postnet_stack = stack("postnet.convolution", postnet_widths, postnet_kernel, Activation::tanh, Activation::none);
        forward = std::make_shared<const Lstm>(weights, "encoder.forward", encoder, encoder / 2);
        backward = std::make_shared<const Lstm>(weights, "encoder.backward", encoder, encoder / 2);
        decoder = std::make_shared<const DecoderNetwork>(weights, dims);
    }
};

struct BoundConvolutions {
    ConvolutionRun run;
    size_t inputs, outputs;
};

struct BoundLstm {
    LstmRun run;
    size_t inputs, size;
};

struct MultiBand {
    const Kernels& kernels;
    std::shared_ptr<const MultiBandNetwork> network;

    MultiBand(const nb::dict& arrays, const nb::dict& d, double step_rate, const Doubles& matrix, const Doubles& window,
              double gain, double shift, const Input2& synthesis, const Input2& temperatures, const std::string& cpu)
        : kernels(find_kernels(cpu)) {
        std::vector<nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>> owners;
        const Weights weights = weights_of(arrays, owners);
        const MultiBandDims dims{dim(d, "n_features"), dim(d, "n_mels"), dim(d, "bands"),    dim(d, "order"),
                                 dim(d, "conditioning"), dim(d, "gru"),  dim(d, "hidden"), dim(d, "mixtures"),
                                 dim(d, "steps_per_frame"), step_rate};
        if (matrix.size() != dims.bands * (dims.order + 1) * dims.n_mels || window.size() != dims.order + 1 ||
            synthesis.shape(0) != dims.bands || temperatures.shape(0) != 2 || temperatures.shape(1) != dims.bands)
            throw std::invalid_argument("vocoder: the sub-band matrices do not fit the dimensions");
        nb::gil_scoped_release others_go_on;
        network = std::make_shared<const MultiBandNetwork>(
            weights, dims, BandPredictor(matrix.data(), window.data(), dims.bands, dims.order, dims.n_mels, gain, shift),
            std::vector<float>(synthesis.data(), synthesis.data() + synthesis.size()),
            std::vector<float>(temperatures.data(), temperatures.data() + temperatures.size()));
    }
};

struct FullBand {
    const Kernels& kernels;
    float temperature;
    std::shared_ptr<const FullBandNetwork> network;
    std::shared_ptr<Crew> crew;

    FullBand(const nb::dict& arrays, const nb::dict& d, bool mu_law, bool normalizes, float gain, float shift,
             float temperature_, size_t threads, const std::string& cpu)
        : kernels(find_kernels(cpu)), temperature(temperature_), crew(std::make_shared<Crew>(std::max<size_t>(threads, 1))) {
        std::vector<nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>> owners;
        const Weights weights = weights_of(arrays, owners);
        const FullBandDims dims{dim(d, "n_features"), dim(d, "pad"), dim(d, "residual"), dim(d, "residual_blocks"),
                                dim(d, "auxiliary"), dim(d, "gru"), dim(d, "fc"), dim(d, "outputs"),
                                dim(d, "hop_length"), mu_law, normalizes, gain, shift};
        nb::gil_scoped_release others_go_on;
        network = std::make_shared<const FullBandNetwork>(weights, dims, crew->size());
    }
};

// What Python sees of a vocoder in the middle of a segment, whatever its family.
template <typename Run>
nb::class_<Run> bind_run(nb::module_& m, const char* name, const char* forced) {
    return nb::class_<Run>(m, name)
        .def("feed", [](Run& self, const Input2& features) {
            expect_width(features, self.n_features());
            nb::gil_scoped_release released;
            self.feed(features.data(), features.shape(0));
        }, nb::arg("features"), "Features in the contract's numbers, [n, n_features].")
        .def("end", &Run::end, "No more features follow.")
        .def("run", [](Run& self, size_t frames, double milliseconds) {
            std::vector<float> out;
            {
                nb::gil_scoped_release released;
                out = self.run(frames, milliseconds);
            }
            return flat(std::move(out));
        }, nb::arg("frames"), nb::arg("milliseconds") = 1e9,
           "At most as many samples as `frames` frames have, fewer where features are wanted or the time is up.")
        .def_prop_ro("known", &Run::known, "Frames from the beginning that can be had with the features fed so far.")
        .def_prop_ro("finished", &Run::finished)
        .def("force", [](Run& self, const Input& values) { self.force({values.data(), values.data() + values.size()}); },
             nb::arg("values"), forced)
        .def("outputs", [](const Run& self) { return flat(self.outputs()); });
}

nb::object elementwise(const std::string& function, const Input& x, const std::string& cpu) {
    const Kernels& kernels = find_kernels(cpu);
    Buffer<float> values(padded(x.size(), kRows), 1.0f);
    std::copy_n(x.data(), x.size(), values.begin());
    if (function == "exp")
        kernels.exponential(values.data(), values.size());
    else if (function == "log")
        kernels.logarithm(values.data(), values.size());
    else if (function == "tanh")
        kernels.hyperbolic_tangent(values.data(), values.size());
    else if (function == "sigmoid")
        kernels.sigmoid(values.data(), values.size());
    else
        throw std::invalid_argument(function + ": not one of exp, log, tanh, sigmoid");
    return flat({values.begin(), values.begin() + static_cast<std::ptrdiff_t>(x.size())});
}

// A matrix alone, for tests and measurements.
struct BoundMatrix {
    const Kernels& kernels;
    Int8Matrix matrix;

    BoundMatrix(const Bytes2& values, const Input& scale, const std::string& cpu)
        : kernels(find_kernels(cpu)), matrix(values.data(), scale.data(), values.shape(0), values.shape(1)) {
        if (scale.size() != values.shape(0)) throw std::invalid_argument("one scale per row is expected");
    }

    // The product `times` over, as a measurement wants it.
    nb::object multiply(const Input& x, size_t times) const {
        if (x.size() != matrix.columns()) throw std::invalid_argument("as many values as the matrix has columns are expected");
        Buffer<float> y(matrix.padded_rows());
        Buffer<int8_t> quantized(padded(matrix.columns(), kColumns));
        {
            nb::gil_scoped_release released;
            const float scale = kernels.quantize(x.data(), x.size(), quantized.data());
            for (size_t i = 0; i < times; ++i) {
                std::fill(y.begin(), y.end(), 0.0f);
                kernels.multiply_int8(matrix.view(), quantized.data(), scale, y.data());
            }
        }
        return flat({y.begin(), y.begin() + static_cast<std::ptrdiff_t>(matrix.rows())});
    }
};

}  // namespace

NB_MODULE(_native, m) {
    m.doc() = "Kernels of the CPU runtime.";
    m.def("available", [] {
        std::vector<std::string> names;
        for (const Kernels* kernels : available_kernels()) names.emplace_back(kernels->name);
        return names;
    }, "Names of the processor paths this machine can run, fastest first.");
    m.def("chosen", [](const std::string& cpu) { return std::string(find_kernels(cpu).name); }, nb::arg("cpu") = "");
    m.def("elementwise", &elementwise, nb::arg("function"), nb::arg("x"), nb::arg("cpu") = "");
    m.def("uniforms", [](uint64_t seed, uint64_t stream, uint64_t first, size_t count) {
        const Random random(seed, stream);
        std::vector<float> out(count);
        for (size_t i = 0; i < count; ++i) out[i] = random.uniform(first + i);
        return flat(std::move(out));
    }, nb::arg("seed"), nb::arg("stream"), nb::arg("first"), nb::arg("count"));

    nb::class_<BoundMatrix>(m, "Matrix")
        .def(nb::init<const Bytes2&, const Input&, const std::string&>(), nb::arg("values"), nb::arg("scale"), nb::arg("cpu") = "")
        .def_prop_ro("sparse", [](const BoundMatrix& self) { return self.matrix.sparse(); })
        .def("multiply", &BoundMatrix::multiply, nb::arg("x"), nb::arg("times") = 1);

    nb::class_<BoundConvolutions>(m, "Convolutions")
        .def("feed", [](BoundConvolutions& self, const Input2& frames) {
            expect_width(frames, self.inputs);
            std::vector<float> out;
            {
                nb::gil_scoped_release released;
                out = self.run.feed(frames.data(), frames.shape(0));
            }
            return rows(std::move(out), self.outputs);
        }, nb::arg("frames"), "[n, inputs] -> the outputs that are now known, [k, outputs]")
        .def("finish", [](BoundConvolutions& self, const Input2& frames) {
            expect_width(frames, self.inputs);
            std::vector<float> out;
            {
                nb::gil_scoped_release released;
                out = self.run.finish(frames.data(), frames.shape(0));
            }
            return rows(std::move(out), self.outputs);
        }, nb::arg("frames"), "The last frames [n, inputs] -> all outputs that are still to come, [k, outputs]");

    nb::class_<HarmonicComb>(m, "HarmonicComb")
        .def(nb::init<double, size_t, float>(), nb::arg("rate"), nb::arg("hop"), nb::arg("strength"))
        .def("feed", [](HarmonicComb& self, const Input& samples, const Input& f0) {
            if (samples.size() != f0.size() * self.hop()) throw std::invalid_argument("comb: samples and pitch differ in length");
            return flat(self.feed(samples.data(), f0.data(), f0.size()));
        }, nb::arg("samples"), nb::arg("f0"))
        .def_prop_ro("delay", &HarmonicComb::delay);

    nb::class_<BoundLstm>(m, "Lstm").def("feed", [](BoundLstm& self, const Input2& frames) {
        expect_width(frames, self.inputs);
        std::vector<float> out;
        {
            nb::gil_scoped_release released;
            out = self.run.feed(frames.data(), frames.shape(0));
        }
        return rows(std::move(out), self.size);
    }, nb::arg("frames"), "[n, inputs] -> states [n, size]");

    nb::class_<DecoderRun>(m, "Decoder")
        .def("run", [](DecoderRun& self, size_t steps, double milliseconds, size_t until) {
            DecodedSteps out;
            {
                nb::gil_scoped_release released;
                out = self.run(steps, milliseconds, until);
            }
            const size_t count = out.gates.size();
            return nb::make_tuple(rows(std::move(out.frames), self.network().dims.n_features),
                                  numpy(std::move(out.positions), {count}), numpy(std::move(out.gates), {count}),
                                  rows(std::move(out.attention), self.symbols()));
        }, nb::arg("steps"), nb::arg("milliseconds") = 1e9, nb::arg("until") = SIZE_MAX,
           "At most `steps` steps, fewer where the time is up or attention has reached symbol `until`; returns "
           "(standardized frames [n * frames_per_step, n_features], positions [n], gate logits [n], attention [n, symbols]).")
        .def("copy", [](const DecoderRun& self) { return new DecoderRun(self); }, "A point to return to.")
        .def("retry", &DecoderRun::retry, nb::arg("seed"), "From here on other random numbers, and attention in the window.")
        .def_prop_ro("steps", &DecoderRun::steps);

    nb::class_<Tacotron2>(m, "Tacotron2")
        .def(nb::init<const nb::dict&, const nb::dict&, const std::string&>(), nb::arg("weights"), nb::arg("dims"), nb::arg("cpu") = "")
        .def("encoder_convolutions", [](const Tacotron2& self) {
            return new BoundConvolutions{{self.encoder_stack, self.kernels, true}, self.embedding, self.encoder};
        })
        .def("encoder_lstm", [](const Tacotron2& self, bool backward) {
            return new BoundLstm{{backward ? self.backward : self.forward, self.kernels}, self.encoder, self.encoder / 2};
        }, nb::arg("backward"))
        .def("postnet", [](const Tacotron2& self) {
            return new BoundConvolutions{{self.postnet_stack, self.kernels, true}, self.n_features, self.n_features};
        })
        .def("decode", [](const Tacotron2& self, const Input2& memory, uint64_t seed) {
            expect_width(memory, self.encoder);
            return new DecoderRun(self.decoder, self.kernels, memory.data(), memory.shape(0), seed);
        }, nb::arg("memory"), nb::arg("seed"));

    bind_run<MultiBandRun>(m, "MultiBandRun", "For tests: use these residuals [steps, bands] as long as they last, and record outputs.")
        .def("residuals", [](const MultiBandRun& self) { return flat(self.residuals()); });

    nb::class_<MultiBand>(m, "MultiBand")
        .def(nb::init<const nb::dict&, const nb::dict&, double, const Doubles&, const Doubles&, double, double, const Input2&,
                      const Input2&, const std::string&>(),
             nb::arg("weights"), nb::arg("dims"), nb::arg("step_rate"), nb::arg("matrix"), nb::arg("window"), nb::arg("gain"),
             nb::arg("shift"), nb::arg("synthesis"), nb::arg("temperatures"), nb::arg("cpu") = "")
        .def("speak", [](const MultiBand& self, uint64_t seed) {
            return new MultiBandRun(self.network, self.kernels, seed);
        }, nb::arg("seed"));

    bind_run<FullBandRun>(m, "FullBandRun", "For tests: use these compressed samples as long as they last, and record outputs.")
        .def_prop_ro("seams", &FullBandRun::seams, "Samples at which folds were joined so far.");

    nb::class_<FullBand>(m, "FullBand")
        .def(nb::init<const nb::dict&, const nb::dict&, bool, bool, float, float, float, size_t, const std::string&>(),
             nb::arg("weights"), nb::arg("dims"), nb::arg("mu_law"), nb::arg("normalizes"), nb::arg("gain"), nb::arg("shift"),
             nb::arg("temperature"), nb::arg("threads"), nb::arg("cpu") = "")
        .def("speak", [](const FullBand& self, uint64_t seed) {
            return new FullBandRun(self.network, self.kernels, self.crew, seed, self.temperature);
        }, nb::arg("seed"));
}
