// The arithmetic that differs between processors, as one table of functions per instruction set.
//
// Every table computes the same bits: integer sums are exact, floating-point sums run over the columns in order in
// each row's own lane, and no multiplication is fused with an addition. A voice therefore sounds the same whatever
// processor path speaks it, and the tests compare the paths for equality.
#pragma once

#include <cstddef>
#include <cstdint>

namespace speech {

constexpr size_t kRows = 16;    // rows of a matrix are stored in groups of 16, one lane each
constexpr size_t kColumns = 4;  // columns of an int8 matrix in groups of 4, the width of a dot-product instruction

constexpr size_t padded(size_t n, size_t to) { return (n + to - 1) / to * to; }

// An int8 matrix. A block is 16 rows x 4 columns, row by row (64 bytes). The blocks of row group g are
// blocks[first[g] .. first[g + 1]); `columns` names the column group of each, or is null where all are present in order.
struct Int8View {
    const int8_t* blocks;
    const uint32_t* first;
    const uint16_t* columns;
    const float* scale;         // [row groups * 16]
    const int32_t* correction;  // [row groups * 16]: -128 * sum of the row, for unsigned dot products
    size_t row_groups, column_groups;
};

// What an int8 matrix is multiplied with, and where the product is added.
struct Int8Product {
    const int8_t* x;
    float scale;
    float* y;  // [row groups * 16]
};

// A float matrix as [row group][column][16].
struct FloatView {
    const float* values;
    size_t row_groups, columns;
};

enum class Activation : int { none = 0, relu = 1, tanh = 2 };

struct Kernels {
    const char* name;

    // x [n] -> out [n padded to 4], the scale such that x = scale * out. n padded with zeros.
    float (*quantize)(const float* x, size_t n, int8_t* out);
    // y += scale * (matrix . x)
    void (*multiply_int8)(const Int8View& matrix, const int8_t* x, float scale, float* y);
    // The same for two vectors; the matrix is read once.
    void (*multiply_int8_two)(const Int8View& matrix, const Int8Product& one, const Int8Product& other);
    // out[t] = activation(bias + scales[t] * (matrix . x[t])) for rows x[t] = x + t * x_stride, as multiply_many below.
    void (*multiply_int8_many)(const Int8View& matrix, const float* bias, const int8_t* x, size_t x_stride, const float* scales,
                               size_t count, float* out, size_t out_stride, Activation activation);
    // y += matrix . x
    void (*multiply)(const FloatView& matrix, const float* x, float* y);
    // out[t] = activation(bias + matrix . x[t]) for rows x[t] = x + t * x_stride; out row stride out_stride >= row groups * 16.
    void (*multiply_many)(const FloatView& matrix, const float* bias, const float* x, size_t x_stride, size_t count,
                          float* out, size_t out_stride, Activation activation);
    // gates (reset, update, new) from the input, inner from the state, both [3 * size]; state [size] is replaced.
    void (*gru_cell)(const float* gates, const float* inner, float* state, size_t size);
    // gates (input, forget, cell, output) [4 * size]; state and cell [size] are replaced.
    void (*lstm_cell)(const float* gates, float* state, float* cell, size_t size);
    // sum of score * tanh(a + b + c), n a multiple of 16
    float (*attention_energy)(const float* score, const float* a, const float* b, const float* c, size_t n);
    void (*exponential)(float* x, size_t n);          // n a multiple of 16
    void (*logarithm)(float* x, size_t n);            // n a multiple of 16; x > 0, normal
    void (*hyperbolic_tangent)(float* x, size_t n);   // n a multiple of 16
    void (*sigmoid)(float* x, size_t n);              // n a multiple of 16
    void (*rectify)(float* x, size_t n);              // n a multiple of 16
    // out = base + sum of weights[k] * (terms[k] + first), k < count in order; n a multiple of 16
    void (*weighted_sum)(const float* base, const float* const* terms, const float* weights, size_t count, size_t first,
                         float* out, size_t n);
    // y += weight * x, n a multiple of 16
    void (*add_scaled)(float weight, const float* x, float* y, size_t n);
};

// Null where the table is not compiled for this processor family.
const Kernels* generic_kernels();
const Kernels* avx2_kernels();
const Kernels* avx512vnni_kernels();
const Kernels* neon_kernels();
const Kernels* neondot_kernels();

}  // namespace speech
