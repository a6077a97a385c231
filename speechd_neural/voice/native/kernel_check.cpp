// Runs every kernel and every loop with random weights on every processor path, without Python: what the sanitizers
// look at. Exits with 1 where a path computes other bits than the plain one, or where cutting the work changes them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <thread>

#include "comb.h"
#include "decoder.h"
#include "dispatch.h"
#include "fullband.h"
#include "layers.h"
#include "multiband.h"
#include "random.h"

using namespace speech;

namespace {

int failures = 0;

void expect(bool condition, const char* what, const char* path) {
    if (condition) return;
    std::printf("FAILED: %s (%s)\n", what, path);
    ++failures;
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Named random arrays that own their numbers.
class RandomWeights {
public:
    void floats(const std::string& name, std::vector<size_t> shape, float size = 0.3f) {
        Array array{std::move(shape)};
        std::vector<float> values(array.size());
        for (float& v : values) v = next(size);
        floats_.push_back(std::move(values));
        array.floats = floats_.back().data();
        arrays_[name] = array;
    }
    void int8(const std::string& name, size_t rows, size_t columns) {
        Array array{{rows, columns}};
        std::vector<int8_t> values(rows * columns);
        for (int8_t& v : values) v = static_cast<int8_t>(next(127));
        bytes_.push_back(std::move(values));
        array.bytes = bytes_.back().data();
        arrays_[name] = array;
        floats(name + ".scale", {rows}, 0.002f);
    }
    Weights weights() const { return Weights(arrays_); }
    float next(float size) { return (2 * random_.uniform(count_++) - 1) * size; }
    std::vector<float> numbers(size_t n, float size = 1) {
        std::vector<float> out(n);
        for (float& v : out) v = next(size);
        return out;
    }

private:
    Random random_{7, 3};
    uint64_t count_ = 0;
    std::deque<std::vector<float>> floats_;
    std::deque<std::vector<int8_t>> bytes_;
    std::map<std::string, Array> arrays_;
};

void check_products(const Kernels& kernels) {
    RandomWeights random;
    const size_t shapes[][2] = {{1, 1}, {16, 4}, {17, 5}, {130, 33}, {256, 64}, {48, 255}};
    for (const auto& [rows, columns] : shapes)
        for (bool sparse : {false, true}) {
            std::vector<int8_t> values(rows * columns);
            for (size_t i = 0; i < values.size(); ++i)
                values[i] = sparse && (i / columns / kRows + i % columns / kColumns) % 3 ? int8_t{0} : static_cast<int8_t>(random.next(127));
            const auto scale = random.numbers(rows, 0.01f), x = random.numbers(columns);
            const Int8Matrix matrix(values.data(), scale.data(), rows, columns);
            std::vector<int8_t> quantized(padded(columns, kColumns));
            const float step = kernels.quantize(x.data(), columns, quantized.data());
            std::vector<float> y(matrix.padded_rows()), expected(matrix.padded_rows());
            kernels.multiply_int8(matrix.view(), quantized.data(), step, y.data());
            for (size_t r = 0; r < rows; ++r) {
                int32_t sum = 0;
                for (size_t c = 0; c < columns; ++c) sum += values[r * columns + c] * quantized[c];
                expected[r] += static_cast<float>(sum) * (scale[r] * step);  // added, since a zero has a sign
            }
            expect(same(y, expected), sparse ? "sparse int8 product" : "int8 product", kernels.name);

            const auto other = random.numbers(columns);
            std::vector<int8_t> second(quantized.size());
            const float second_step = kernels.quantize(other.data(), columns, second.data());
            std::vector<float> alone(y.size()), first_of_two(y.size()), second_of_two(y.size());
            kernels.multiply_int8(matrix.view(), second.data(), second_step, alone.data());
            kernels.multiply_int8_two(matrix.view(), {quantized.data(), step, first_of_two.data()},
                                      {second.data(), second_step, second_of_two.data()});
            expect(same(first_of_two, y) && same(second_of_two, alone), "int8 product of two", kernels.name);

            for (size_t count = 1; count < 7; ++count) {
                const auto bias = random.numbers(matrix.padded_rows());
                std::vector<float> scales, wanted, out(count * bias.size());
                std::vector<int8_t> vectors;
                for (size_t t = 0; t < count; ++t) {
                    scales.push_back(kernels.quantize(random.numbers(columns).data(), columns, second.data()));
                    vectors.insert(vectors.end(), second.begin(), second.end());
                    auto row = bias;
                    kernels.multiply_int8(matrix.view(), second.data(), scales.back(), row.data());
                    kernels.rectify(row.data(), row.size());
                    wanted.insert(wanted.end(), row.begin(), row.end());
                }
                kernels.multiply_int8_many(matrix.view(), bias.data(), vectors.data(), second.size(), scales.data(), count,
                                           out.data(), bias.size(), Activation::relu);
                expect(same(out, wanted), "int8 product of many", kernels.name);
            }

            const auto dense = random.numbers(rows * columns);
            const FloatMatrix floats(dense.data(), rows, columns);
            std::vector<float> one(floats.padded_rows()), wanted(floats.padded_rows());
            kernels.multiply(floats.view(), x.data(), one.data());
            generic_kernels()->multiply(floats.view(), x.data(), wanted.data());
            expect(same(one, wanted), "float product", kernels.name);
        }
}

void check_functions(const Kernels& kernels) {
    RandomWeights random;
    using Function = void (*)(float*, size_t);
    const std::pair<Function, Function> functions[] = {
        {kernels.exponential, generic_kernels()->exponential},
        {kernels.hyperbolic_tangent, generic_kernels()->hyperbolic_tangent},
        {kernels.sigmoid, generic_kernels()->sigmoid},
        {kernels.rectify, generic_kernels()->rectify},
    };
    for (const auto& [fast, plain] : functions) {
        auto a = random.numbers(4096, 200), b = a;
        fast(a.data(), a.size());
        plain(b.data(), b.size());
        expect(same(a, b), "elementary function", kernels.name);
    }
}

std::vector<float> convolve(const Kernels& kernels, bool zero_padding, size_t piece) {
    RandomWeights random;
    random.floats("a.weight", {20, 3 * 7});
    random.floats("a.bias", {20});
    random.int8("b.weight", 20, 5 * 20);
    random.floats("b.bias", {20});
    const Weights weights = random.weights();
    auto layers = std::make_shared<ConvolutionStack>();
    layers->emplace_back(weights, "a", 7, 20, 3, Activation::tanh);
    layers->emplace_back(weights, "b", 20, 20, 5, Activation::relu, true);
    ConvolutionRun run(layers, kernels, zero_padding);
    const auto frames = random.numbers(23 * 7);
    std::vector<float> out;
    size_t t = 0;
    for (; t + piece < 23; t += piece) {
        const auto more = run.feed(frames.data() + t * 7, piece);
        out.insert(out.end(), more.begin(), more.end());
    }
    const auto rest = run.finish(frames.data() + t * 7, 23 - t);
    out.insert(out.end(), rest.begin(), rest.end());
    expect(out.size() == (zero_padding ? 23u : 17u) * 20, "length of a convolution", kernels.name);
    return out;
}

std::vector<float> recur(const Kernels& kernels, size_t piece) {
    RandomWeights random;
    random.floats("l.input", {64, 9});
    random.int8("l.state", 64, 16);
    random.floats("l.bias", {64});
    LstmRun run(std::make_shared<const Lstm>(random.weights(), "l", 9, 16), kernels);
    const auto frames = random.numbers(11 * 9);
    std::vector<float> out;
    for (size_t t = 0; t < 11; t += piece) {
        const auto more = run.feed(frames.data() + t * 9, std::min(piece, size_t{11} - t));
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
}

std::vector<float> decode(const Kernels& kernels, bool window, size_t piece) {
    const DecoderDims d{21, 2, 32, 16, 32, 16, 5, 48, 1, 6, window};
    RandomWeights random;
    random.floats("decoder.prenet1", {16, 21});
    random.floats("decoder.prenet2", {16, 16});
    random.floats("decoder.query", {16, 32});
    random.floats("decoder.key", {16, 32});
    random.floats("decoder.location", {16, 10});
    random.floats("decoder.frames", {43, 80});
    random.floats("decoder.frames.bias", {43});
    random.floats("decoder.score", {16}, 2);
    random.int8("decoder.attention_rnn.prenet", 128, 16);
    random.int8("decoder.attention_rnn.context", 128, 32);
    random.int8("decoder.attention_rnn.state", 128, 32);
    random.floats("decoder.attention_rnn.bias", {128});
    random.int8("decoder.decoder_rnn.query", 192, 32);
    random.int8("decoder.decoder_rnn.context", 192, 32);
    random.int8("decoder.decoder_rnn.state", 192, 48);
    random.floats("decoder.decoder_rnn.bias", {192});
    auto network = std::make_shared<const DecoderNetwork>(random.weights(), d);
    const auto memory = random.numbers(9 * 32);
    DecoderRun run(network, kernels, memory.data(), 9, 5);
    std::vector<float> out;
    while (run.steps() < 30) {
        const auto some = run.run(std::min(piece, 30 - run.steps()), 1e9, 1000);
        out.insert(out.end(), some.frames.begin(), some.frames.end());
        DecoderRun copy(run);  // a point to return to lives on its own
        copy.retry(1);
        copy.run(1, 1e9, 1000);
    }
    return out;
}

std::vector<float> speak(const Kernels& kernels, size_t fed, size_t spoken) {
    const MultiBandDims d{12, 10, 4, 8, 16, 32, 16, 2, 40, 4000};
    RandomWeights random;
    auto layer = [&random](const std::string& name, size_t outputs, size_t inputs) {
        random.floats(name + ".weight", {outputs, inputs});
        random.floats(name + ".bias", {outputs});
    };
    layer("vocoder.conditioning1", 16, 3 * 12);
    layer("vocoder.conditioning2", 16, 3 * 16);
    layer("vocoder.conditioning3", 16, 16);
    layer("vocoder.gates_of_conditioning", 96, 16);
    layer("vocoder.hidden_of_conditioning", 16, 16);
    random.floats("vocoder.gates_of_input", {96, 24});
    random.floats("vocoder.output", {24, 16});
    random.floats("vocoder.output.bias", {24});
    random.int8("vocoder.state", 96, 32);
    random.floats("vocoder.state.bias", {96});
    random.int8("vocoder.hidden", 16, 32);
    std::vector<double> matrix(4 * 9 * 10), window(9, 1.0);
    for (size_t i = 0; i < matrix.size(); ++i) matrix[i] = 1e-3 * std::cos(0.3 * double(i / 10 % 9) * double(i % 10 + 1));
    const auto filters = random.numbers(4 * 63, 0.1f);
    auto network = std::make_shared<const MultiBandNetwork>(
        random.weights(), d, BandPredictor(matrix.data(), window.data(), 4, 8, 10, 2, 0), filters,
        std::vector<float>{1, 1, 1, 1, 0.2f, 0.4f, 0.6f, 0.8f});
    const size_t frames = 9;
    const auto features = random.numbers(frames * 12, 1.5f);
    MultiBandRun run(network, kernels, 3);
    std::vector<float> out;
    auto take = [&] {
        const auto more = run.run(spoken, 1e9);
        out.insert(out.end(), more.begin(), more.end());
    };
    for (size_t t = 0; t < frames; t += fed) {
        run.feed(features.data() + t * 12, std::min(fed, frames - t));
        take();
    }
    run.end();
    while (!run.finished()) take();
    expect(out.size() == frames * 160, "length of the sound", kernels.name);
    return out;
}

std::vector<float> speak_fullband(const Kernels& kernels, size_t outputs, std::shared_ptr<Crew> crew, size_t fed, uint64_t seed) {
    const FullBandDims d{12, 2, 16, 2, 32, 48, 32, outputs, 30, true, true, 0.1f, 0.5f};
    RandomWeights random;
    auto layer = [&random](const std::string& name, size_t rows, size_t columns) {
        random.floats(name + ".weight", {rows, columns});
        random.floats(name + ".bias", {rows});
    };
    layer("vocoder.enter", 16, 5 * 12);
    layer("vocoder.leave", 32, 16);
    for (const char* block : {"vocoder.block0", "vocoder.block1"})
        for (const char* part : {".first", ".second"}) layer(std::string(block) + part, 16, 16);
    random.floats("vocoder.stretch", {30, 5});
    const size_t folded = d.folded();
    random.floats("vocoder.mel", {folded, 12});
    random.floats("vocoder.sample", {folded});
    random.floats("vocoder.bias", {folded});
    random.floats("vocoder.auxiliary1", {folded, 8});
    random.floats("vocoder.auxiliary2", {3 * 48, 8});
    random.floats("vocoder.auxiliary3", {32, 8});
    random.floats("vocoder.auxiliary4", {32, 8});
    random.floats("vocoder.hidden2.bias", {32});
    random.floats("vocoder.output.bias", {outputs});
    for (const char* name : {"vocoder.state1", "vocoder.between", "vocoder.state2"}) random.int8(name, 3 * 48, 48);
    for (const char* name : {"vocoder.state1.bias", "vocoder.state2.bias"}) random.floats(name, {3 * 48});
    random.int8("vocoder.hidden1", 32, 48);
    random.int8("vocoder.hidden2", 32, 32);
    random.int8("vocoder.output", outputs, 32);
    auto network = std::make_shared<const FullBandNetwork>(random.weights(), d, crew->size());
    const size_t frames = 50;  // more than one fold
    const auto features = random.numbers(frames * 12, 1.5f);
    FullBandRun run(network, kernels, std::move(crew), seed, 1);
    std::vector<float> out;
    for (size_t t = 0; t < frames; t += fed) {
        run.feed(features.data() + t * 12, std::min(fed, frames - t));
        const auto more = run.run(fed, 1e9);
        out.insert(out.end(), more.begin(), more.end());
    }
    run.end();
    while (!run.finished()) {
        const auto more = run.run(1, 0);
        out.insert(out.end(), more.begin(), more.end());
    }
    expect(out.size() == frames * d.hop, "length of the sound", kernels.name);
    expect(run.seams().size() >= 1, "folds", kernels.name);
    return out;
}

// Threads that work together, and two callers of the same threads.
void check_fullband(const Kernels& kernels) {
    for (size_t outputs : {30, 256, 1024}) {
        const auto whole = speak_fullband(*generic_kernels(), outputs, std::make_shared<Crew>(1), 50, 3);
        for (size_t threads : {1, 2, 4}) {
            const auto crew = std::make_shared<Crew>(threads);
            std::vector<float> beside;
            std::thread other([&] { beside = speak_fullband(kernels, outputs, crew, 50, 3); });
            expect(same(speak_fullband(kernels, outputs, crew, 8 + threads, 3), whole), "full-band vocoder", kernels.name);
            other.join();
            expect(same(beside, whole), "full-band vocoder beside another", kernels.name);
        }
    }
}

// Everybody has everybody's numbers after every meeting, also where some come late enough for the others to sleep.
void check_crew(const char* path) {
    Crew crew(3);
    std::vector<size_t> said(3);
    for (size_t round = 0; round < 3; ++round)
        crew.run([&](size_t thread) {
            for (size_t i = 1; i <= 200; ++i) {
                if (i % 100 == thread) std::this_thread::sleep_for(std::chrono::milliseconds(2));
                said[thread] = i;
                crew.arrive(thread);
                crew.await(thread);
                for (size_t other : said)
                    if (other != i) std::abort();
                crew.arrive(thread);  // before anybody says the next
                crew.await(thread);
            }
        });
    for (size_t number : said) expect(number == 200, "threads that meet", path);
}

void check_comb(const char* path) {
    const Random random(1, 1);
    std::vector<float> samples(40 * 240), f0(40);
    for (size_t i = 0; i < samples.size(); ++i) samples[i] = random.uniform(i) - 0.5f;
    for (size_t t = 0; t < f0.size(); ++t) f0[t] = t % 5 ? 40.0f * float(t) : 0.0f;  // also where no voice is
    HarmonicComb whole(24000, 240, 1.0f), pieces(24000, 240, 1.0f);
    std::vector<float> joined;
    for (size_t t = 0; t < f0.size(); t += 8) {
        const auto part = pieces.feed(samples.data() + t * 240, f0.data() + t, 8);
        joined.insert(joined.end(), part.begin(), part.end());
    }
    expect(same(joined, whole.feed(samples.data(), f0.data(), f0.size())), "comb", path);
}

}  // namespace

int main() {
    check_crew("any");
    check_comb("any");
    const Kernels& plain = *generic_kernels();
    for (const Kernels* kernels : available_kernels()) {
        check_products(*kernels);
        check_functions(*kernels);
        for (bool zero_padding : {false, true})
            for (size_t piece : {1, 4, 23})
                expect(same(convolve(*kernels, zero_padding, piece), convolve(plain, zero_padding, 23)), "convolutions", kernels->name);
        for (size_t piece : {1, 3, 11}) expect(same(recur(*kernels, piece), recur(plain, 11)), "LSTM", kernels->name);
        for (bool window : {false, true}) {
            const auto whole = decode(plain, window, 30);
            for (size_t piece : {1, 7, 30}) expect(same(decode(*kernels, window, piece), whole), "decoder", kernels->name);
        }
        for (size_t fed : {1, 4, 9})
            for (size_t spoken : {1, 3, 9})
                expect(same(speak(*kernels, fed, spoken), speak(plain, 9, 9)), "vocoder", kernels->name);
        check_fullband(*kernels);
        std::printf("%s checked\n", kernels->name);
    }
    return failures ? 1 : 0;
}
