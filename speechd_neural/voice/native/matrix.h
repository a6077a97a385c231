// Weights as the kernels read them, and the named arrays they are packed from.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <variant>
#include <vector>

#include "kernels.h"

namespace speech {

// Storage on cache-line boundaries.
template <typename T>
struct Aligned {
    using value_type = T;
    Aligned() = default;
    template <typename U>
    explicit Aligned(const Aligned<U>&) {}
    T* allocate(size_t n) {
        if (void* p = std::aligned_alloc(64, padded(n * sizeof(T), 64))) return static_cast<T*>(p);
        throw std::bad_alloc();
    }
    void deallocate(T* p, size_t) { std::free(p); }
    template <typename U>
    bool operator==(const Aligned<U>&) const { return true; }
    template <typename U>
    bool operator!=(const Aligned<U>&) const { return false; }
};

template <typename T>
using Buffer = std::vector<T, Aligned<T>>;

// An array owned by somebody else: float32, or int8.
struct Array {
    std::vector<size_t> shape;
    const float* floats = nullptr;
    const int8_t* bytes = nullptr;

    size_t size() const {
        size_t n = 1;
        for (size_t s : shape) n *= s;
        return n;
    }
};

// int8 with a scale per row; blocks of 16 x 4 that are all zero are left out where enough of them are.
class Int8Matrix {
public:
    Int8Matrix() = default;
    Int8Matrix(const int8_t* values, const float* scale, size_t rows, size_t columns);

    size_t rows() const { return rows_; }
    size_t padded_rows() const { return scale_.size(); }
    size_t columns() const { return columns_; }
    bool sparse() const { return !index_.empty(); }
    Int8View view() const;

private:
    friend void place_together(const std::vector<Int8Matrix*>& matrices);

    size_t rows_ = 0, columns_ = 0, bytes_ = 0;
    std::shared_ptr<const int8_t> blocks_;
    std::vector<uint32_t> first_;
    std::vector<uint16_t> index_;
    Buffer<float> scale_;
    Buffer<int32_t> correction_;
};

// Moves the blocks of several matrices into one piece of memory, in this order and on large pages where the system has
// them: who reads one matrix after the other reads a single stream.
void place_together(const std::vector<Int8Matrix*>& matrices);

class FloatMatrix {
public:
    FloatMatrix() = default;
    // values [rows, columns]; scale per row or null.
    FloatMatrix(const float* values, size_t rows, size_t columns);
    FloatMatrix(const int8_t* values, const float* scale, size_t rows, size_t columns);

    size_t rows() const { return rows_; }
    size_t padded_rows() const { return padded(rows_, kRows); }
    size_t columns() const { return columns_; }
    FloatView view() const { return {values_.data(), padded_rows() / kRows, columns_}; }

private:
    size_t rows_ = 0, columns_ = 0;
    Buffer<float> values_;
};

// What whole sequences are multiplied with: int8 where the array is, then each vector is quantized on its own; else float.
class Matrix {
public:
    Matrix() = default;
    explicit Matrix(FloatMatrix values) : values_(std::move(values)) {}
    explicit Matrix(Int8Matrix values) : values_(std::move(values)) {}

    size_t padded_rows() const;
    size_t columns() const;
    // See Kernels::multiply_many.
    void multiply_many(const Kernels& kernels, const float* bias, const float* x, size_t x_stride, size_t count, float* out,
                       size_t out_stride, Activation activation) const;

private:
    std::variant<FloatMatrix, Int8Matrix> values_;
};

// The arrays of one network. Everything throws std::invalid_argument that names the array.
class Weights {
public:
    explicit Weights(std::map<std::string, Array> arrays) : arrays_(std::move(arrays)) {}

    // An int8 array with its NAME.scale.
    Int8Matrix int8(const std::string& name, size_t rows, size_t columns) const;
    // Only rows first to first + count of each of so many equal parts.
    Int8Matrix int8_rows(const std::string& name, size_t rows, size_t columns, size_t parts, size_t first, size_t count) const;
    // A float array, or an int8 array with its NAME.scale.
    FloatMatrix matrix(const std::string& name, size_t rows, size_t columns) const;
    // In the numbers of the file.
    Matrix as_stored(const std::string& name, size_t rows, size_t columns) const;
    // A float array, padded with zeros to a multiple of 16.
    Buffer<float> vector(const std::string& name, size_t size) const;
    // As it is in the file.
    const Array& find(const std::string& name, const std::vector<size_t>& shape) const;
    bool has(const std::string& name) const { return arrays_.count(name) > 0; }

private:
    std::map<std::string, Array> arrays_;
};

}  // namespace speech
