import Engine
import Experiments
import Graphs

extension AttributionScorer {
    /// Scores by a method of gradients.
    func gradientScores(
        by method: AttributionMethod, perPair: Bool, resolution: ScoreResolution = [],
        _ progress: (Int, Int) -> Void
    ) throws -> AttributionScores {
        let neurons = resolution.contains(.neurons) ? try NeuronDifferences(self) : nil
        let layout = ScoreLayout(
            graph,
            positions: resolution.contains(.positions) ? clean.layout.longest : nil,
            neurons: neurons?.count ?? 0)
        // Small pieces: each holds its activations and all senders' differences at a time. Steps
        // that go side by side make wide matrices of fewer pairs.
        let copies = copies(of: method)
        let rows = copies == 1 ? 64 : max(1, 160 / copies)
        var scores = collect(width: layout.width, rows: rows, perPair: perPair, progress) {
            pairs, scores, workspace in
            var scorer = GradientScorer(
                self, layout, neurons, pairs: pairs, copies: copies, scores: scores,
                workspace: workspace)
            scorer.run(method)
            return scorer.finish()
        }
        if let neurons {
            scores.ofNeurons = neurons.table(
                scores.mean[layout.neuronStart...], positions: layout.positions, of: graph)
            scores.mean.removeLast(layout.neurons * layout.positions)
            scores.ofNodes = graph.sumsBySender(scores.mean, layout)
        }
        return scores
    }

    /// How many runs of a pair go side by side: the fewest passes with all its steps, of not much
    /// more than 128 rows a pair.
    private func copies(of method: AttributionMethod) -> Int {
        // Each run has its own slope of a norm after attention.
        if transformer.normalizesAttention { return 1 }
        let runs =
            switch method {
            case .cleanCorrupted: 2
            case .eapIGInputs: options.steps
            // The last step of each component is the clean run.
            case .eapIGActivations: max(1, options.steps - 1)
            default: 1
            }
        let most = min(runs, max(1, 128 / max(1, clean.layout.longest)))
        let passes = (runs + most - 1) / most
        return (runs + passes - 1) / passes
    }
}

extension ComputationalGraph {
    /// The scores of the edges out of each sender at each position, added up; `logits` has none.
    fileprivate func sumsBySender(_ scores: [Float], _ layout: ScoreLayout) -> [Float] {
        var sums = [Double](repeating: 0, count: senders.count * layout.positions + 1)
        for position in 0..<layout.positions {
            for receiver in receivers.indices {
                let start = position * edgeCount + edgeStart[receiver]
                for sender in 0..<senderCount(of: receiver) {
                    sums[sender * layout.positions + position] += Double(scores[start + sender])
                }
            }
        }
        return sums.map { Float($0) }
    }
}
