/// A matrix of weights, `y = x W`: a view of float32 values that some `Model` or `WeightStorage`
/// keeps alive. Slices share the values.
public struct Weight: @unchecked Sendable {
    /// What one contiguous row of the values holds.
    public enum Layout: Hashable, Sendable {
        /// Row `j` holds the weights of output `j`: `[outputs, inputs]` (PyTorch's Linear, GGUF).
        case outputMajor
        /// Row `i` holds the weights of input `i`: `[inputs, outputs]` (GPT-2's Conv1D).
        case inputMajor
    }

    /// The first value.
    public let values: UnsafePointer<Float>
    /// Width of `x`.
    public let inputs: Int
    /// Width of `y`.
    public let outputs: Int
    /// Distance between rows, in values; at least a row's length.
    public let stride: Int
    /// What a row is.
    public let layout: Layout

    /// A view of `values`, whose rows lie `stride` apart (by default, without a gap).
    public init(
        values: UnsafePointer<Float>, inputs: Int, outputs: Int, stride: Int? = nil, layout: Layout
    ) {
        self.values = values
        self.inputs = inputs
        self.outputs = outputs
        self.stride = stride ?? (layout == .outputMajor ? inputs : outputs)
        self.layout = layout
    }

    /// Number of rows in memory.
    public var rows: Int { layout == .outputMajor ? outputs : inputs }
    /// Values in a row.
    public var columns: Int { layout == .outputMajor ? inputs : outputs }

    /// One weight, for code that isn't in a hurry.
    public subscript(input: Int, output: Int) -> Float {
        precondition(
            input >= 0 && input < inputs && output >= 0 && output < outputs, "weight out of range")
        return layout == .outputMajor
            ? values[output * stride + input] : values[input * stride + output]
    }

    /// The weights of some outputs, such as one head's queries.
    public func outputs(_ range: Range<Int>) -> Weight {
        precondition(range.lowerBound >= 0 && range.upperBound <= outputs, "outputs out of range")
        return Weight(
            values: values + range.lowerBound * (layout == .outputMajor ? stride : 1),
            inputs: inputs, outputs: range.count, stride: stride, layout: layout)
    }

    /// The weights of some inputs, such as one head's part of the output projection.
    public func inputs(_ range: Range<Int>) -> Weight {
        precondition(range.lowerBound >= 0 && range.upperBound <= inputs, "inputs out of range")
        return Weight(
            values: values + range.lowerBound * (layout == .inputMajor ? stride : 1),
            inputs: range.count, outputs: outputs, stride: stride, layout: layout)
    }
}

/// A vector of weights: a bias, or a norm's gain. A view, like `Weight`.
public struct Vector: @unchecked Sendable {
    /// The first value.
    public let values: UnsafePointer<Float>
    /// Number of values.
    public let count: Int

    /// A view of `count` values.
    public init(values: UnsafePointer<Float>, count: Int) {
        self.values = values
        self.count = count
    }

    /// A part of the vector.
    public subscript(range: Range<Int>) -> Vector {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "vector out of range")
        return Vector(values: values + range.lowerBound, count: range.count)
    }

    /// The values, for code that isn't in a hurry.
    public var array: [Float] { Array(UnsafeBufferPointer(start: values, count: count)) }
}

/// A linear map with its bias: `y = x W + b`.
public struct Affine: Sendable {
    /// W.
    public var weight: Weight
    /// b, one value an output.
    public var bias: Vector?

    /// A linear map.
    public init(weight: Weight, bias: Vector? = nil) {
        self.weight = weight
        self.bias = bias
    }

    /// The map onto some of the outputs, bias included.
    public func outputs(_ range: Range<Int>) -> Affine {
        Affine(weight: weight.outputs(range), bias: bias?[range])
    }
}

/// A table with one row of width dModel per token or position: `[count, dModel]`, without gaps.
public struct EmbeddingTable: @unchecked Sendable {
    /// The first value of row 0.
    public let values: UnsafePointer<Float>
    /// Number of rows.
    public let count: Int
    /// Values in a row.
    public let dModel: Int

    /// A view of `count * dModel` values.
    public init(values: UnsafePointer<Float>, count: Int, dModel: Int) {
        self.values = values
        self.count = count
        self.dModel = dModel
    }

    /// One row.
    public subscript(row: Int) -> Vector {
        precondition(row >= 0 && row < count, "row out of range")
        return Vector(values: values + row * dModel, count: dModel)
    }

    /// The table as an unembedding that shares its values: dModel inputs, `count` outputs.
    public var asUnembedding: Weight {
        Weight(values: values, inputs: dModel, outputs: count, layout: .outputMajor)
    }
}
