// Kernels written once with compiler vectors, compiled for each instruction set with its own flags and WIDTH.
//
// Included by kernels_*.cpp inside an anonymous namespace, after WIDTH (lanes), FRAMES (rows of x held at a time by
// multiply_many), GROUPS (row groups held at a time) and multiply_all (an int8 matrix times one or two vectors)
// are defined. No library header may be used here: an inline function compiled with these flags could be the
// copy that the linker keeps for everybody.

static_assert(kRows % WIDTH == 0);
constexpr size_t kParts = kRows / WIDTH;  // vectors per row group

typedef float Floats __attribute__((vector_size(4 * WIDTH)));
typedef int32_t Ints __attribute__((vector_size(4 * WIDTH)));

inline Floats load(const float* p) {
    Floats v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}
inline void store(float* p, Floats v) { __builtin_memcpy(p, &v, sizeof v); }
inline Floats all(float x) { return x - Floats{}; }
inline Ints bits(Floats v) {
    Ints i;
    __builtin_memcpy(&i, &v, sizeof i);
    return i;
}
inline Floats floats(Ints v) {
    Floats f;
    __builtin_memcpy(&f, &v, sizeof f);
    return f;
}
inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }
inline Floats smaller(Floats a, Floats b) { return a < b ? a : b; }

constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits

// 2^(x log2 e) with a Taylor series on |r| <= ln 2 / 2: relative error below 3e-7.
inline Floats exponential(Floats x) {
    x = smaller(larger(x, all(-87.0f)), all(88.0f));
    Floats shifted = x * 1.44269504f + kRound;
    Floats n = shifted - kRound;
    Floats r = x - n * 0.693359375f;  // ln 2 in two parts, so that n * the first is exact
    r = r - n * -2.12194440e-4f;
    Floats p = r * (1.0f / 5040) + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    Ints exponent = (bits(shifted) << 23) + (127 << 23);
    return p * floats(exponent);
}

// Natural logarithm of positive normal numbers by the series of artanh: absolute error below 2e-7 near 1.
inline Floats logarithm(Floats x) {
    Ints i = bits(x);
    Ints exponent = (i - 0x3f3504f3) >> 23;  // such that the mantissa lies in sqrt(1/2) .. sqrt(2)
    Floats m = floats(i - (exponent << 23));
    Floats f = (m - 1.0f) / (m + 1.0f);
    Floats s = f * f;
    Floats p = s * (1.0f / 9) + 1.0f / 7;
    p = p * s + 1.0f / 5;
    p = p * s + 1.0f / 3;
    p = p * s * f + f;
    return __builtin_convertvector(exponent, Floats) * 0.693147181f + 2.0f * p;
}

inline Floats tangent(Floats x) {
    Ints sign = bits(x) & static_cast<int32_t>(0x80000000);
    Floats magnitude = floats(bits(x) & 0x7fffffff);
    Floats t = exponential(-2.0f * magnitude);
    return floats(bits((1.0f - t) / (1.0f + t)) | sign);
}

inline Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

float quantize(const float* x, size_t n, int8_t* out) {
    Floats tops[4] = {};  // four at a time: each comparison waits for the one before it
    size_t i = 0;
    for (; i + 4 * WIDTH <= n; i += 4 * WIDTH)
        for (size_t k = 0; k < 4; ++k) tops[k] = larger(tops[k], floats(bits(load(x + i + k * WIDTH)) & 0x7fffffff));
    Floats largest = larger(larger(tops[0], tops[1]), larger(tops[2], tops[3]));
    for (; i + WIDTH <= n; i += WIDTH) largest = larger(largest, floats(bits(load(x + i)) & 0x7fffffff));
    float peak = 1e-9f;
    for (size_t k = 0; k < WIDTH; ++k) peak = largest[k] > peak ? largest[k] : peak;
    for (; i < n; ++i) {
        float a = __builtin_fabsf(x[i]);
        peak = a > peak ? a : peak;
    }
    const float factor = 127.0f / peak;
    for (i = 0; i + WIDTH <= n; i += WIDTH) {
        Ints q = bits(load(x + i) * factor + kRound);
        for (size_t k = 0; k < WIDTH; ++k) out[i + k] = static_cast<int8_t>(q[k]);
    }
    for (; i < n; ++i) {
        float shifted = x[i] * factor + kRound;
        int32_t q;
        __builtin_memcpy(&q, &shifted, sizeof q);
        out[i] = static_cast<int8_t>(q);
    }
    for (; i % kColumns; ++i) out[i] = 0;
    return peak / 127.0f;
}

void multiply_int8(const Int8View& m, const int8_t* x, float scale, float* y) {
    const Int8Product products[] = {{x, scale, y}};
    multiply_all(m, products);
}

void multiply_int8_two(const Int8View& m, const Int8Product& one, const Int8Product& other) {
    const Int8Product products[] = {one, other};
    multiply_all(m, products);
}

template <size_t N>
inline void multiply_groups(const float* w, size_t columns, const float* x, float* y) {
    Floats sum[N * kParts];
    for (size_t k = 0; k < N * kParts; ++k) sum[k] = load(y + k * WIDTH);
    const size_t stride = columns * kRows;
    for (size_t c = 0; c < columns; ++c) {
        const Floats value = all(x[c]);
        for (size_t g = 0; g < N; ++g)
            for (size_t k = 0; k < kParts; ++k)
                sum[g * kParts + k] = sum[g * kParts + k] + load(w + g * stride + c * kRows + k * WIDTH) * value;
    }
    for (size_t k = 0; k < N * kParts; ++k) store(y + k * WIDTH, sum[k]);
}

// Row groups from g on, N at a time and the rest by halves of that: a group alone waits for each of its additions.
template <size_t N>
inline void multiply_from(const FloatView& m, size_t g, const float* x, float* y) {
    for (; g + N <= m.row_groups; g += N)
        multiply_groups<N>(m.values + g * m.columns * kRows, m.columns, x, y + g * kRows);
    if constexpr (N > 1) multiply_from<N / 2>(m, g, x, y);
}

void multiply(const FloatView& m, const float* x, float* y) { multiply_from<8 / kParts>(m, 0, x, y); }

inline Floats activate(Floats v, Activation activation) {
    if (activation == Activation::relu) return larger(v, Floats{});
    if (activation == Activation::tanh) return tangent(v);
    return v;
}

template <size_t N>
inline void multiply_int8_tile(const Int8View& m, const float* bias, const int8_t* x, size_t x_stride, const float* scales,
                               float* out, size_t out_stride, Activation activation) {
    Int8Product products[N];
    for (size_t n = 0; n < N; ++n) {
        products[n] = {x + n * x_stride, scales[n], out + n * out_stride};
        __builtin_memcpy(products[n].y, bias, m.row_groups * kRows * sizeof(float));
    }
    multiply_all(m, products);
    if (activation == Activation::none) return;
    for (const Int8Product& p : products)
        for (size_t i = 0; i < m.row_groups * kRows; i += WIDTH) store(p.y + i, activate(load(p.y + i), activation));
}

void multiply_int8_many(const Int8View& m, const float* bias, const int8_t* x, size_t x_stride, const float* scales,
                        size_t count, float* out, size_t out_stride, Activation activation) {
    constexpr size_t kAtOnce = 4;
    size_t t = 0;
    for (; t + kAtOnce <= count; t += kAtOnce)
        multiply_int8_tile<kAtOnce>(m, bias, x + t * x_stride, x_stride, scales + t, out + t * out_stride, out_stride, activation);
    for (; t < count; ++t)
        multiply_int8_tile<1>(m, bias, x + t * x_stride, x_stride, scales + t, out + t * out_stride, out_stride, activation);
}

template <size_t G, size_t T>
inline void multiply_tile(const FloatView& m, size_t group, const float* bias, const float* x, size_t x_stride,
                          float* out, size_t out_stride, Activation activation) {
    const float* w = m.values + group * m.columns * kRows;
    const size_t stride = m.columns * kRows;
    Floats sum[T][G * kParts];
    for (size_t t = 0; t < T; ++t)
        for (size_t k = 0; k < G * kParts; ++k) sum[t][k] = load(bias + group * kRows + k * WIDTH);
    for (size_t c = 0; c < m.columns; ++c) {
        Floats weight[G * kParts];
        for (size_t g = 0; g < G; ++g)
            for (size_t k = 0; k < kParts; ++k) weight[g * kParts + k] = load(w + g * stride + c * kRows + k * WIDTH);
        for (size_t t = 0; t < T; ++t) {
            const Floats value = all(x[t * x_stride + c]);
            for (size_t k = 0; k < G * kParts; ++k) sum[t][k] = sum[t][k] + weight[k] * value;
        }
    }
    for (size_t t = 0; t < T; ++t)
        for (size_t k = 0; k < G * kParts; ++k)
            store(out + t * out_stride + group * kRows + k * WIDTH, activate(sum[t][k], activation));
}

template <size_t G>
inline void multiply_rows(const FloatView& m, size_t group, const float* bias, const float* x, size_t x_stride,
                          size_t count, float* out, size_t out_stride, Activation activation) {
    size_t t = 0;
    for (; t + FRAMES <= count; t += FRAMES)
        multiply_tile<G, FRAMES>(m, group, bias, x + t * x_stride, x_stride, out + t * out_stride, out_stride, activation);
    constexpr size_t kFew = FRAMES > 3 ? FRAMES / 2 : 1;  // short pieces of a stream
    for (; t + kFew <= count; t += kFew)
        multiply_tile<G, kFew>(m, group, bias, x + t * x_stride, x_stride, out + t * out_stride, out_stride, activation);
    for (; t < count; ++t)
        multiply_tile<G, 1>(m, group, bias, x + t * x_stride, x_stride, out + t * out_stride, out_stride, activation);
}

void multiply_many(const FloatView& m, const float* bias, const float* x, size_t x_stride, size_t count, float* out,
                   size_t out_stride, Activation activation) {
    size_t g = 0;
    for (; g + GROUPS <= m.row_groups; g += GROUPS)
        multiply_rows<GROUPS>(m, g, bias, x, x_stride, count, out, out_stride, activation);
    for (; g < m.row_groups; ++g) multiply_rows<1>(m, g, bias, x, x_stride, count, out, out_stride, activation);
}

void gru_cell(const float* gates, const float* inner, float* state, size_t size) {
    for (size_t i = 0; i < size; i += WIDTH) {
        Floats reset = sigmoid(load(gates + i) + load(inner + i));
        Floats update = sigmoid(load(gates + size + i) + load(inner + size + i));
        Floats fresh = tangent(load(gates + 2 * size + i) + reset * load(inner + 2 * size + i));
        store(state + i, fresh + update * (load(state + i) - fresh));
    }
}

void lstm_cell(const float* gates, float* state, float* cell, size_t size) {
    for (size_t i = 0; i < size; i += WIDTH) {
        Floats kept = sigmoid(load(gates + size + i)) * load(cell + i);
        Floats added = sigmoid(load(gates + i)) * tangent(load(gates + 2 * size + i));
        Floats next = kept + added;
        store(cell + i, next);
        store(state + i, sigmoid(load(gates + 3 * size + i)) * tangent(next));
    }
}

float attention_energy(const float* score, const float* a, const float* b, const float* c, size_t n) {
    Floats sum[kParts] = {};
    for (size_t i = 0; i < n; i += kRows)
        for (size_t k = 0; k < kParts; ++k) {
            const size_t j = i + k * WIDTH;
            sum[k] = sum[k] + load(score + j) * tangent(load(a + j) + load(b + j) + load(c + j));
        }
    float lanes[kRows];
    for (size_t k = 0; k < kParts; ++k) store(lanes + k * WIDTH, sum[k]);
    float total = 0;
    for (size_t k = 0; k < kRows; ++k) total += lanes[k];
    return total;
}

void exponentials(float* x, size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) store(x + i, exponential(load(x + i)));
}
void logarithms(float* x, size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) store(x + i, logarithm(load(x + i)));
}
void tangents(float* x, size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) store(x + i, tangent(load(x + i)));
}
void sigmoids(float* x, size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) store(x + i, sigmoid(load(x + i)));
}
void rectify(float* x, size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) store(x + i, larger(load(x + i), Floats{}));
}
void weighted_sum(const float* base, const float* const* terms, const float* weights, size_t count, size_t first, float* out,
                  size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) {
        Floats sum = load(base + i);
        for (size_t k = 0; k < count; ++k) sum = sum + weights[k] * load(terms[k] + first + i);
        store(out + i, sum);
    }
}
void add_scaled(float weight, const float* x, float* y, size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) store(y + i, load(y + i) + weight * load(x + i));
}

constexpr Kernels table(const char* name) {
    return {name,          quantize,      multiply_int8, multiply_int8_two, multiply_int8_many, multiply,
            multiply_many, gru_cell,      lstm_cell,     attention_energy,  exponentials,       logarithms,
            tangents,      sigmoids,      rectify,       weighted_sum,      add_scaled};
}
