import Engine
package import Experiments
import Graphs
import Models

/// Information flow routes (Ferrando and Voita 2024, arXiv:2403.00824): how much nearer a sender's
/// output brings its receiver's input x in the clean run. No metric enters.
///
///     p_u = max(|x|₁ - |x - output_u|₁, 0)
///     S(u -> r) = mean over pairs and positions of p_u / sum_v p_v
///
/// x is the sum of the outputs of all senders of r and of the biases of attention before it, which
/// belong to no sender. Where a norm follows attention, a head's output is its part of the norm's
/// output.
package struct InformationFlowRoutes: ScoringMethod {
    package static let name = "information-flow-routes"
    package static let needsWholePairs = true
    package static let meaning = ScoreMeaning.importance

    package init() {}

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) -> AttributionScores {
        let found = PairwiseScores(
            of: experiment, width: experiment.graph.edgeCount,
            keepingPairs: resolution.contains(.pairs), progress: progress
        ) { pairs, scores, workspace in
            Piece(experiment, pairs, in: workspace).addScores(to: scores)
        }
        return AttributionScores(
            mean: found.mean, losses: ReferenceLosses(of: experiment), perPair: found.perPair)
    }

    /// The pairs of one piece.
    private struct Piece {
        let experiment: Experiment
        let graph: ComputationalGraph
        let pairs: Range<Int>
        let outputs: SenderDifferences
        /// p_u / sum_v p_v at the current receiver, `[sender]`.
        let shares: UnsafeMutablePointer<Float>
        /// x, `[d_model]`.
        let stream: UnsafeMutablePointer<Float>
        /// x - output_u, `[d_model]`.
        let rest: UnsafeMutablePointer<Float>

        init(_ experiment: Experiment, _ pairs: Range<Int>, in workspace: Workspace) {
            self.experiment = experiment
            self.pairs = pairs
            graph = experiment.graph
            let clean = experiment.clean
            let rows = pairs.reduce(0) { $0 + clean.layout.length($1) }
            outputs = SenderDifferences(
                rows: rows, of: graph, experiment.transformer, in: workspace)
            outputs.fill(clean, minus: nil, pairs: pairs)
            for (index, layer) in experiment.transformer.layers.enumerated() {
                if let norm = layer.postAttentionNorm { outputs.shareOut(norm, ofLayer: index) }
            }
            shares = workspace.take(graph.senders.count)
            stream = workspace.take(graph.dModel)
            rest = workspace.take(graph.dModel)
        }

        /// Adds the scores of each pair, `[pair, edge]`.
        func addScores(to scores: UnsafeMutablePointer<Float>) {
            var row = 0
            for (index, pair) in pairs.enumerated() {
                let length = experiment.clean.layout.length(pair)
                for _ in 0..<length {
                    addShares(
                        ofRow: row, times: 1 / Float(length), scores + index * graph.edgeCount)
                    row += 1
                }
            }
        }

        /// Adds a multiple of the shares at one position, `[edge]`.
        private func addShares(
            ofRow row: Int, times weight: Float, _ scores: UnsafeMutablePointer<Float>
        ) {
            let dModel = graph.dModel
            stream.update(repeating: 0, count: dModel)
            var read = (senders: 0, biases: 0)
            for receiver in graph.receivers.indices {
                // Receivers at the same point of the stream read the same, so their shares are equal.
                let reads = (graph.senderCount(of: receiver), biasCount(of: receiver))
                if reads != read {
                    for sender in read.senders..<reads.0 {
                        stream.add(outputs.row(row, of: sender), count: dModel)
                    }
                    for layer in read.biases..<reads.1 {
                        let bias = experiment.transformer.layers[layer].attention.output.bias
                        if let bias { stream.add(bias.values, count: dModel) }
                    }
                    read = reads
                    setShares(ofFirst: read.senders, row: row)
                }
                (scores + graph.edgeStart[receiver]).add(shares, times: weight, count: read.senders)
            }
        }

        /// How many layers' attention biases are in a receiver's input.
        private func biasCount(of receiver: Int) -> Int {
            switch graph.receivers[receiver] {
            case .head(let layer, _, _), .group(let layer, _, _): layer
            case .mlp(let layer): graph.parallelAttentionMLP ? layer : layer + 1
            case .logits: graph.nLayers
            }
        }

        /// Sets the shares of the first `count` senders in the stream.
        private func setShares(ofFirst count: Int, row: Int) {
            let dModel = graph.dModel
            let whole = sumOfMagnitudes(stream, count: dModel)
            var total: Float = 0
            for sender in 0..<count {
                rest.update(from: stream, minus: outputs.row(row, of: sender), count: dModel)
                shares[sender] = max(0, whole - sumOfMagnitudes(rest, count: dModel))
                total += shares[sender]
            }
            shares.scale(by: total > 0 ? 1 / total : 0, count: count)
        }
    }
}
