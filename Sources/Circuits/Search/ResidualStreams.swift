internal import CKernels
internal import Engine
internal import Models

/// The residual stream at each place where it is read, as the sum of what senders put out.
struct ResidualStreams: Sendable {
    /// `[row, d_model]` before each layer, between its attention and MLP, and at the end:
    /// 2 * nLayers + 1 places.
    let places: [FloatBuffer]

    /// Sums up the outputs of senders, and the biases of the attention projections.
    init(_ outputs: SenderOutputs, transformer: Transformer) {
        let configuration = transformer.configuration
        let dModel = configuration.dModel
        let width = configuration.nHeads * configuration.dHead
        let layout = outputs.layout
        let places = (0...2 * configuration.nLayers).map { _ in
            FloatBuffer(count: layout.rowCount * dModel)
        }
        let pieces = layout.pieces(ofAbout: 128)
        transformer.pool.run(pieces.count) { _, piece in
            let first = layout.starts[pieces[piece].lowerBound]
            let rows = layout.starts[pieces[piece].upperBound] - first
            let offset = first * dModel
            let count = rows * dModel
            (places[0].values + offset).update(from: outputs.input.values + offset, count: count)
            for (index, layer) in transformer.layers.enumerated() {
                let pre = places[2 * index].values + offset
                let mid = places[2 * index + 1].values + offset
                let post = places[2 * index + 2].values + offset
                mid.update(from: pre, count: count)
                layer.attention.output.weight.apply(
                    outputs.z[index].values + first * width, stride: width, to: mid,
                    stride: dModel, rows: rows, keep: 1)
                if let bias = layer.attention.output.bias {
                    ckernels_add_bias(mid, bias.values, rows, dModel, dModel)
                }
                post.update(from: mid, count: count)
                ckernels_add(post, outputs.mlp[index].values + offset, count)
            }
        }
        self.places = places
    }

    /// The place that a receiver reads.
    static func place(of receiver: Receiver, in graph: ComputationalGraph) -> Int {
        switch receiver {
        case .head(let layer, _, _), .group(let layer, _, _): 2 * layer
        case .mlp(let layer): graph.parallelAttentionMLP ? 2 * layer : 2 * layer + 1
        case .logits: 2 * graph.nLayers
        }
    }
}
