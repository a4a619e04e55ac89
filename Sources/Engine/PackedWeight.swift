internal import CKernels
public import Models

/// Weights in the order in which the engine's own matrix product reads them, for those that are
/// used over and over again. Where a processor has no such product they are used as they are.
public final class PackedWeight: Sendable {
    private enum Storage: @unchecked Sendable {
        /// `[panel, input, 32]`
        case panels(FloatBuffer)
        case plain(Weight, owner: FloatBuffer?)
    }

    private let storage: Storage
    /// Width of x.
    public let inputs: Int
    /// Width of y.
    public let outputs: Int

    /// How many values it takes to hold weights packed, besides the model's own; zero where the
    /// processor has no product for packed weights.
    public static func valueCount(of weight: Weight) -> Int {
        let width = Int(ckernels_panel_columns)
        return ckernels_packed_available() == 0
            ? 0 : (weight.outputs + width - 1) / width * width * weight.inputs
    }

    /// Packs weights.
    /// - Parameters:
    ///   - owner: keeps the memory of the weights, where no model does.
    ///   - room: where they are packed, `valueCount(of:)` values; by default, into new memory.
    public init(_ weight: Weight, owner: FloatBuffer? = nil, into room: FloatBuffer? = nil) {
        (inputs, outputs) = (weight.inputs, weight.outputs)
        let count = Self.valueCount(of: weight)
        guard count > 0 else {
            storage = .plain(weight, owner: owner)
            return
        }
        precondition(room.map { $0.count >= count } ?? true, "too little room for packed weights")
        let panels = room ?? FloatBuffer(count: count)
        ckernels_pack(
            panels.values, weight.values, weight.stride, weight.layout == .outputMajor ? 1 : 0,
            inputs, outputs)
        storage = .panels(panels)
    }

    /// Values held besides the model's own.
    public var valueCount: Int {
        if case .panels(let panels) = storage { panels.count } else { 0 }
    }

    /// `y = x W + keep * y` with some of the inputs and outputs.
    /// - Parameters:
    ///   - x: `[rows, inputs.count]`, rows `xStride` apart.
    ///   - y: `[rows, outputs.count]`, rows `yStride` apart.
    ///   - inputRange: all inputs by default.
    ///   - outputRange: all outputs by default; it starts at a multiple of 32.
    public func apply(
        _ x: UnsafePointer<Float>, stride xStride: Int, to y: UnsafeMutablePointer<Float>,
        stride yStride: Int, rows: Int, inputs inputRange: Range<Int>? = nil,
        outputs outputRange: Range<Int>? = nil, keep: Float = 0
    ) {
        let inputRange = inputRange ?? 0..<inputs
        let outputRange = outputRange ?? 0..<outputs
        switch storage {
        case .panels(let panels):
            let width = Int(ckernels_panel_columns)
            precondition(outputRange.lowerBound % width == 0, "outputs within a panel")
            ckernels_packed_product(
                x, xStride,
                panels.values + outputRange.lowerBound * inputs + inputRange.lowerBound * width,
                width * inputs, y, yStride, rows, outputRange.count, inputRange.count, keep)
        case .plain(let weight, _):
            weight.inputs(inputRange).outputs(outputRange).apply(
                x, stride: xStride, to: y, stride: yStride, rows: rows, keep: keep)
        }
    }
}
