import CKernels
import Engine
import Experiments
import Graphs
import Models

extension AttributionScorer {
    /// Adds the information flow routes of some pairs: for a receiver's input x, each sender's
    /// max(|x|₁ - |x - output|₁, 0), normalised over senders, mean over positions.
    /// - Parameter scores: `[pair, edge]`.
    func addFlowRoutes(
        of pairs: Range<Int>, to scores: UnsafeMutablePointer<Float>,
        workspace: consuming Workspace
    ) -> Workspace {
        let mark = workspace.mark
        let dModel = transformer.configuration.dModel
        let rows = pairs.reduce(0) { $0 + clean.layout.length($1) }
        let outputs = SenderDifferences(rows: rows, of: graph, transformer, in: &workspace)
        outputs.fill(clean, minus: nil, pairs: pairs)
        for (index, layer) in transformer.layers.enumerated() {
            if let norm = layer.postAttentionNorm { outputs.shareOut(norm, ofLayer: index) }
        }
        let shares = workspace.take(graph.senders.count)
        let stream = workspace.take(dModel)
        let rest = workspace.take(dModel)
        var row = 0
        for (index, pair) in pairs.enumerated() {
            let length = clean.layout.length(pair)
            for _ in 0..<length {
                stream.update(repeating: 0, count: dModel)
                var read = (senders: 0, biases: 0)
                for receiver in graph.receivers.indices {
                    // Receivers of one place read the same stream, so their shares are the same.
                    let reads = (graph.senderCount(of: receiver), biasCount(of: receiver))
                    if reads != read {
                        for sender in read.senders..<reads.0 {
                            ckernels_add(stream, outputs.row(row, of: sender), dModel)
                        }
                        for layer in read.biases..<reads.1 {
                            let bias = transformer.layers[layer].attention.output.bias
                            if let bias { ckernels_add(stream, bias.values, dModel) }
                        }
                        read = reads
                        setShares(shares, of: read.senders, in: stream, rest: rest) {
                            outputs.row(row, of: $0)
                        }
                    }
                    ckernels_add_scaled(
                        scores + index * graph.edgeCount + graph.edgeStart[receiver], shares,
                        1 / Float(length), read.senders)
                }
                row += 1
            }
        }
        workspace.reset(to: mark)
        return workspace
    }

    /// How many layers' attention biases are in a receiver's input.
    private func biasCount(of receiver: Int) -> Int {
        switch graph.receivers[receiver] {
        case .head(let layer, _, _), .group(let layer, _, _): layer
        case .mlp(let layer): graph.parallelAttentionMLP ? layer : layer + 1
        case .logits: graph.nLayers
        }
    }

    /// How near each of the first `count` senders brings `stream` to itself, normalised.
    private func setShares(
        _ shares: UnsafeMutablePointer<Float>, of count: Int, in stream: UnsafePointer<Float>,
        rest: UnsafeMutablePointer<Float>, output: (Int) -> UnsafePointer<Float>
    ) {
        let dModel = transformer.configuration.dModel
        let whole = ckernels_sum_of_magnitudes(stream, dModel)
        var total: Float = 0
        for sender in 0..<count {
            ckernels_difference(rest, stream, output(sender), dModel)
            shares[sender] = max(0, whole - ckernels_sum_of_magnitudes(rest, dModel))
            total += shares[sender]
        }
        ckernels_scale(shares, total > 0 ? 1 / total : 0, count)
    }
}
