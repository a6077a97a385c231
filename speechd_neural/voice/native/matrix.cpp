#include "matrix.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace speech {

namespace {
constexpr size_t kBlock = kRows * kColumns;
constexpr double kWorthwhile = 0.3;  // share of empty blocks from which skipping them is faster than reading in order
constexpr size_t kLine = 64;
constexpr size_t kLargePage = size_t{2} << 20;

std::shared_ptr<int8_t> storage(size_t bytes, size_t alignment) {
    void* p = std::aligned_alloc(alignment, padded(std::max<size_t>(bytes, 1), alignment));
    if (!p) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (alignment == kLargePage) madvise(p, padded(bytes, alignment), MADV_HUGEPAGE);  // if not, then not
#endif
    return {static_cast<int8_t*>(p), std::free};
}
}  // namespace

Int8Matrix::Int8Matrix(const int8_t* values, const float* scale, size_t rows, size_t columns)
    : rows_(rows), columns_(columns), scale_(padded(rows, kRows)), correction_(padded(rows, kRows)) {
    const size_t groups = padded(rows, kRows) / kRows, column_groups = padded(columns, kColumns) / kColumns;
    std::copy(scale, scale + rows, scale_.begin());
    const size_t bytes = groups * column_groups * kBlock;
    const auto all = storage(bytes, kLine);
    if (rows % kRows || columns % kColumns) std::memset(all.get(), 0, bytes);
    for (size_t g = 0; g < groups; ++g) {  // reads sixteen streams and writes one
        const size_t height = std::min(kRows, rows - g * kRows);
        const int8_t* from = values + g * kRows * columns;
        int8_t* block = all.get() + g * column_groups * kBlock;
        for (size_t c = 0; c < columns; c += kColumns, block += kBlock) {
            if (height == kRows && c + kColumns <= columns)
                for (size_t r = 0; r < kRows; ++r) std::memcpy(block + r * kColumns, from + r * columns + c, kColumns);
            else
                for (size_t r = 0; r < height; ++r)
                    std::copy_n(from + r * columns + c, std::min(kColumns, columns - c), block + r * kColumns);
        }
    }
    for (size_t b = 0; b < bytes; ++b) all.get()[b] = std::max<int8_t>(all.get()[b], -127);
    for (size_t r = 0; r < rows; ++r) {
        int32_t sum = 0;
        for (size_t c = 0; c < columns; ++c) sum += std::max<int8_t>(values[r * columns + c], -127);
        correction_[r] = -128 * sum;
    }
    std::vector<uint32_t> kept;
    for (uint32_t b = 0; b < groups * column_groups; ++b) {
        const int8_t* block = all.get() + size_t{b} * kBlock;
        if (std::any_of(block, block + kBlock, [](int8_t v) { return v != 0; })) kept.push_back(b);
    }
    first_.assign(groups + 1, 0);
    if (static_cast<double>(kept.size()) > (1 - kWorthwhile) * static_cast<double>(groups * column_groups)) {
        for (size_t g = 0; g <= groups; ++g) first_[g] = static_cast<uint32_t>(g * column_groups);
        bytes_ = bytes;
        blocks_ = all;
        return;
    }
    bytes_ = kept.size() * kBlock;
    const auto blocks = storage(bytes_, kLine);
    for (size_t k = 0; k < kept.size(); ++k) {
        std::copy_n(all.get() + size_t{kept[k]} * kBlock, kBlock, blocks.get() + k * kBlock);
        index_.push_back(static_cast<uint16_t>(kept[k] % column_groups));
        ++first_[kept[k] / column_groups + 1];
    }
    blocks_ = blocks;
    for (size_t g = 0; g < groups; ++g) first_[g + 1] += first_[g];
    if (index_.empty()) index_.push_back(0);  // an empty matrix is sparse, not dense
}

Int8View Int8Matrix::view() const {
    return {blocks_.get(),      first_.data(),          index_.empty() ? nullptr : index_.data(),  scale_.data(),
            correction_.data(), scale_.size() / kRows, padded(columns_, kColumns) / kColumns};
}

void place_together(const std::vector<Int8Matrix*>& matrices) {
    size_t bytes = 0;
    for (const Int8Matrix* matrix : matrices) bytes += matrix->bytes_;
    const auto all = storage(bytes, kLargePage);
    int8_t* place = all.get();
    for (Int8Matrix* matrix : matrices) {
        std::copy_n(matrix->blocks_.get(), matrix->bytes_, place);
        matrix->blocks_ = std::shared_ptr<const int8_t>(all, place);
        place += matrix->bytes_;
    }
}

namespace {
// To groups of 16 rows, column by column.
template <typename Value>
void side_by_side(size_t rows, size_t columns, float* to, const Value& value) {
    for (size_t first = 0; first < rows; first += kRows, to += kRows * columns)
        for (size_t c = 0; c < columns; ++c)
            if (first + kRows <= rows)
                for (size_t r = 0; r < kRows; ++r) to[c * kRows + r] = value(first + r, c);
            else
                for (size_t r = 0; first + r < rows; ++r) to[c * kRows + r] = value(first + r, c);
}
}  // namespace

FloatMatrix::FloatMatrix(const float* values, size_t rows, size_t columns)
    : rows_(rows), columns_(columns), values_(padded(rows, kRows) * columns) {
    side_by_side(rows, columns, values_.data(), [=](size_t r, size_t c) { return values[r * columns + c]; });
}

FloatMatrix::FloatMatrix(const int8_t* values, const float* scale, size_t rows, size_t columns)
    : rows_(rows), columns_(columns), values_(padded(rows, kRows) * columns) {
    side_by_side(rows, columns, values_.data(), [=](size_t r, size_t c) { return scale[r] * values[r * columns + c]; });
}

size_t Matrix::padded_rows() const {
    return std::visit([](const auto& values) { return values.padded_rows(); }, values_);
}

size_t Matrix::columns() const {
    return std::visit([](const auto& values) { return values.columns(); }, values_);
}

void Matrix::multiply_many(const Kernels& kernels, const float* bias, const float* x, size_t x_stride, size_t count, float* out,
                           size_t out_stride, Activation activation) const {
    if (const auto* floats = std::get_if<FloatMatrix>(&values_)) {
        kernels.multiply_many(floats->view(), bias, x, x_stride, count, out, out_stride, activation);
        return;
    }
    const size_t stride = padded(columns(), kColumns);
    Buffer<int8_t> quantized(count * stride);
    std::vector<float> scales(count);
    for (size_t t = 0; t < count; ++t)
        scales[t] = kernels.quantize(x + t * x_stride, columns(), quantized.data() + t * stride);
    kernels.multiply_int8_many(std::get<Int8Matrix>(values_).view(), bias, quantized.data(), stride, scales.data(), count, out,
                               out_stride, activation);
}

namespace {
std::string written(const std::vector<size_t>& shape) {
    std::string text = "[";
    for (size_t s : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(s);
    return text + "]";
}
}  // namespace

const Array& Weights::find(const std::string& name, const std::vector<size_t>& shape) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) throw std::invalid_argument(name + ": missing; expected an array " + written(shape));
    if (found->second.shape != shape)
        throw std::invalid_argument(name + ": shape " + written(found->second.shape) + "; expected " + written(shape));
    return found->second;
}

Int8Matrix Weights::int8(const std::string& name, size_t rows, size_t columns) const {
    return int8_rows(name, rows, columns, 1, 0, rows);
}

Int8Matrix Weights::int8_rows(const std::string& name, size_t rows, size_t columns, size_t parts, size_t first,
                              size_t count) const {
    const Array& array = find(name, {rows, columns});
    if (!array.bytes) throw std::invalid_argument(name + ": not int8");
    const Array& scale = find(name + ".scale", {rows});
    if (!scale.floats) throw std::invalid_argument(name + ".scale: not float");
    if (columns > 65535 * kColumns) throw std::invalid_argument(name + ": too many columns");
    if (count == rows) return {array.bytes, scale.floats, rows, columns};
    std::vector<int8_t> values;
    std::vector<float> scales;
    for (size_t p = 0; p < parts; ++p) {
        const size_t row = p * (rows / parts) + first;
        values.insert(values.end(), array.bytes + row * columns, array.bytes + (row + count) * columns);
        scales.insert(scales.end(), scale.floats + row, scale.floats + row + count);
    }
    return {values.data(), scales.data(), scales.size(), columns};
}

FloatMatrix Weights::matrix(const std::string& name, size_t rows, size_t columns) const {
    const Array& array = find(name, {rows, columns});
    if (array.floats) return {array.floats, rows, columns};
    const Array& scale = find(name + ".scale", {rows});
    if (!scale.floats) throw std::invalid_argument(name + ".scale: not float");
    return {array.bytes, scale.floats, rows, columns};
}

Matrix Weights::as_stored(const std::string& name, size_t rows, size_t columns) const {
    return find(name, {rows, columns}).bytes ? Matrix(int8(name, rows, columns)) : Matrix(matrix(name, rows, columns));
}

Buffer<float> Weights::vector(const std::string& name, size_t size) const {
    const Array& array = find(name, {size});
    if (!array.floats) throw std::invalid_argument(name + ": not float");
    Buffer<float> out(padded(size, kRows));
    std::copy_n(array.floats, size, out.begin());
    return out;
}

}  // namespace speech
