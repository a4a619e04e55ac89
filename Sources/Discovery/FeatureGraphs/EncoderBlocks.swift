import Basics
import Engine
import Models

/// An encoder cut into blocks of features, each read, checked and applied by itself, so that no more
/// than a block of it need be in memory.
struct EncoderBlocks: Sendable {
    private let transcoder: Transcoder
    private static let size = 512

    init(_ transcoder: Transcoder) { self.transcoder = transcoder }

    private var featureCount: Int { transcoder.encoderBias.count }
    /// How many blocks there are.
    var count: Int { (featureCount + Self.size - 1) / Self.size }

    /// The features of a block.
    func features(_ block: Int) -> Range<Int> {
        block * Self.size..<min(featureCount, (block + 1) * Self.size)
    }

    /// Computes the pre-activations of a block's features, `x Wᵀ + b`.
    /// - Parameters:
    ///   - x: `[rows, d_model]`.
    ///   - z: receives them, rows `stride` apart.
    /// - Returns: the failure of a weight that isn't a number, if there is one.
    func apply(
        _ block: Int, _ x: UnsafePointer<Float>, rows: Int, to z: UnsafeMutablePointer<Float>,
        stride: Int, workspace: Workspace
    ) -> Failure? {
        let mark = workspace.mark
        defer { workspace.reset(to: mark) }
        let (weight, failure) = weight(block, workspace)
        if let failure { return failure }
        let features = features(block)
        weight.apply(x, stride: weight.inputs, to: z, stride: stride, rows: rows)
        transcoder.encoderBias.withUnsafeBufferPointer { bias in
            guard let bias = bias.baseAddress else { return }
            z.addToRows(
                bias + features.lowerBound, rows: rows, columns: features.count, stride: stride)
        }
        return nil
    }

    private func weight(_ block: Int, _ workspace: Workspace) -> (Weight, Failure?) {
        let encoder = transcoder.encoder
        let features = features(block)
        let isInputMajor = transcoder.encoderIsInputMajor
        let dModel = isInputMajor ? encoder.rows : encoder.columns
        // In memory a row is a row of the file: a feature, or an input of the block's features.
        let rows = isInputMajor ? 0..<dModel : features
        let columns = isInputMajor ? features : 0..<dModel
        let values: UnsafePointer<Float>
        let stride: Int
        if let inPlace = encoder.inPlace {
            values = inPlace + rows.lowerBound * encoder.columns + columns.lowerBound
            stride = encoder.columns
        } else {
            let copy = workspace.take(rows.count * columns.count)
            for (index, row) in rows.enumerated() {
                encoder.copy(row: row, columns: columns, to: copy + index * columns.count)
            }
            values = UnsafePointer(copy)
            stride = columns.count
        }
        for (index, row) in rows.enumerated() {
            let bad = firstNonFinite(values + index * stride, count: columns.count)
            if bad < columns.count {
                let failure = encoder.notFinite(row: row, column: columns.lowerBound + bad)
                return (
                    Weight(values: values, inputs: dModel, outputs: 0, layout: .outputMajor),
                    failure
                )
            }
        }
        return (
            Weight(
                values: values, inputs: dModel, outputs: features.count, stride: stride,
                layout: isInputMajor ? .inputMajor : .outputMajor), nil
        )
    }
}
