import Engine
import Models

/// Reads single features' activations from a stream.
struct FeatureReader: Sendable {
    let set: TranscoderSet

    init(_ set: TranscoderSet) { self.set = set }

    /// The activation of a feature where the stream before the MLP is `stream`, `[d_model]`.
    func activation(
        of feature: Int, layer: Int, position: Int, stream: UnsafePointer<Float>,
        _ norm: Normalizer, workspace: Workspace
    ) -> Float {
        if position < set.quietPositionCount { return 0 }
        let (transcoder, dModel) = (set.layers[layer], norm.width)
        let mark = workspace.mark
        defer { workspace.reset(to: mark) }
        let read = workspace.take(dModel)
        TranscoderPass.reads(stream, of: set, norm, rows: 1, to: read)
        if let k = set.activation.k {
            // Whether it is among the largest depends on all.
            let z = workspace.take(set.featureCount)
            let blocks = EncoderBlocks(transcoder)
            for block in 0..<blocks.count {
                _ = blocks.apply(
                    block, read, rows: 1, to: z + blocks.features(block).lowerBound,
                    stride: set.featureCount, workspace: workspace)
            }
            return TranscoderPass.largest(k, z, of: set)
                .first { $0.feature == Int32(feature) }?.activation ?? 0
        }
        let row = workspace.take(dModel)
        transcoder.copyEncoder(of: feature, to: row)
        let z = dot(read, row, count: dModel) + transcoder.encoderBias[feature]
        let threshold = set.activation == .jumpReLU ? transcoder.thresholds?[feature] ?? 0 : 0
        // What isn't a number is no feature that is off: it goes on, and the logits are refused.
        return z > threshold || z.isNaN ? z : 0
    }
}
