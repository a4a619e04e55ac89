/// A matrix of weights, `y = x W`: a view of numbers that some `Model` or `WeightStorage` keeps alive.
/// Slices share them.
package struct Weight: @unchecked Sendable {
    /// What one contiguous row of the values holds.
    package enum Layout: Hashable, Sendable {
        /// Row `j` holds the weights of output `j`: `[outputs, inputs]` (PyTorch's Linear, GGUF).
        case outputMajor
        /// Row `i` holds the weights of input `i`: `[inputs, outputs]` (GPT-2's Conv1D).
        case inputMajor
    }

    /// The numbers, from the first on.
    package let values: StoredValues
    /// Width of `x`.
    package let inputs: Int
    /// Width of `y`.
    package let outputs: Int
    /// Distance between rows, in values; at least a row's length.
    package let stride: Int
    /// What a row is.
    package let layout: Layout

    /// A view of `values`, whose rows lie `stride` apart (by default, without a gap).
    package init(
        values: StoredValues, inputs: Int, outputs: Int, stride: Int? = nil, layout: Layout
    ) {
        self.values = values
        self.inputs = inputs
        self.outputs = outputs
        self.stride = stride ?? (layout == .outputMajor ? inputs : outputs)
        self.layout = layout
    }

    /// A view of float32 `values`.
    package init(
        values: UnsafePointer<Float>, inputs: Int, outputs: Int, stride: Int? = nil, layout: Layout
    ) {
        self.init(
            values: StoredValues(values, .float32), inputs: inputs, outputs: outputs,
            stride: stride, layout: layout)
    }

    /// Number of rows in memory.
    package var rows: Int { layout == .outputMajor ? outputs : inputs }
    /// Values in a row.
    package var columns: Int { layout == .outputMajor ? inputs : outputs }

    /// One weight, for code whose speed doesn't matter.
    package subscript(input: Int, output: Int) -> Float {
        precondition(
            input >= 0 && input < inputs && output >= 0 && output < outputs, "weight out of range")
        return layout == .outputMajor
            ? values[output * stride + input] : values[input * stride + output]
    }

    /// The weights of some outputs, such as one head's queries.
    package func outputs(_ range: Range<Int>) -> Weight {
        precondition(range.lowerBound >= 0 && range.upperBound <= outputs, "outputs out of range")
        return Weight(
            values: values.advanced(by: range.lowerBound * (layout == .outputMajor ? stride : 1)),
            inputs: inputs, outputs: range.count, stride: stride, layout: layout)
    }

    /// The weights of some inputs, such as one head's part of the output projection.
    package func inputs(_ range: Range<Int>) -> Weight {
        precondition(range.lowerBound >= 0 && range.upperBound <= inputs, "inputs out of range")
        return Weight(
            values: values.advanced(by: range.lowerBound * (layout == .inputMajor ? stride : 1)),
            inputs: range.count, outputs: outputs, stride: stride, layout: layout)
    }

    /// Copies the weights of one input, `[outputs]`, to y.
    package func copy(input: Int, to y: UnsafeMutablePointer<Float>) {
        precondition(input >= 0 && input < inputs, "input out of range")
        switch layout {
        case .inputMajor: values.advanced(by: input * stride).copy(outputs, to: y)
        case .outputMajor: values.advanced(by: input).copy(outputs, stride: stride, to: y)
        }
    }
}

/// A vector of weights: a bias, or a norm's gain. A view, like `Weight`.
package struct Vector: @unchecked Sendable {
    /// The first value.
    package let values: UnsafePointer<Float>
    /// Number of values.
    package let count: Int

    /// A view of `count` values.
    package init(values: UnsafePointer<Float>, count: Int) {
        self.values = values
        self.count = count
    }

    /// A part of the vector.
    package subscript(range: Range<Int>) -> Vector {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "vector out of range")
        return Vector(values: values + range.lowerBound, count: range.count)
    }

    /// A copy of the values, for code whose speed doesn't matter.
    package var array: [Float] { Array(UnsafeBufferPointer(start: values, count: count)) }
}

/// A linear map with its bias: `y = x W + b`.
package struct Affine: Sendable {
    /// W.
    package var weight: Weight
    /// b, one value an output.
    package var bias: Vector?

    /// A linear map.
    package init(weight: Weight, bias: Vector? = nil) {
        self.weight = weight
        self.bias = bias
    }

    /// The map onto some of the outputs, bias included.
    package func outputs(_ range: Range<Int>) -> Affine {
        Affine(weight: weight.outputs(range), bias: bias?[range])
    }
}

/// A table with one row of width dModel per token or position: `[count, dModel]`, without gaps.
package struct EmbeddingTable: Sendable {
    /// The numbers, from the first of row 0 on.
    package let values: StoredValues
    /// Number of rows.
    package let count: Int
    /// Values in a row.
    package let dModel: Int

    /// A view of `count * dModel` numbers.
    package init(values: StoredValues, count: Int, dModel: Int) {
        self.values = values
        self.count = count
        self.dModel = dModel
    }

    /// Copies rows to y, `[row, dModel]`.
    package func copy(rows: Range<Int>, to y: UnsafeMutablePointer<Float>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count, "rows out of range")
        values.advanced(by: rows.lowerBound * dModel).copy(rows.count * dModel, to: y)
    }

    /// The table as an unembedding that shares its values: dModel inputs, `count` outputs.
    package var asUnembedding: Weight {
        Weight(values: values, inputs: dModel, outputs: count, layout: .outputMajor)
    }
}
