import Engine
import Experiments
import Graphs

/// Scoring by gradients: an edge's score in a pair is the sum over positions of the change that its
/// sender's cut makes (ablated minus clean output) times the mean gradient of the loss at its
/// receiver's input, over the runs that a method chooses:
///
///     S(u -> r) = mean over pairs of sum_t (ablated_u - clean_u)_t . mean over runs of g_{r,t}
///
/// The products are matrix products, layer by layer, and memory is bounded by the few pairs that are
/// scored at a time.
struct GradientScoring: Sendable {
    let experiment: Experiment
    private let layout: ScoreLayout
    private let neurons: NeuronDifferences?
    private let keepsPairs: Bool
    /// How many runs of a pair go side by side through one pass.
    private let sideBySide: Int

    /// - Parameter runs: how many runs of each pair can go side by side.
    /// - Throws: `Failure` when the model can't read the prompts, or neurons have no ablation.
    init(_ experiment: Experiment, _ resolution: ScoreResolution, runs: Int) throws {
        self.experiment = experiment
        keepsPairs = resolution.contains(.pairs)
        neurons = resolution.contains(.neurons) ? try NeuronDifferences(experiment) : nil
        layout = ScoreLayout(
            experiment.graph,
            positions: resolution.contains(.positions) ? experiment.clean.layout.longest : nil,
            neurons: neurons?.count ?? 0)
        sideBySide = Self.runsSideBySide(of: runs, experiment)
    }

    /// Scores all edges.
    /// - Parameter addRuns: makes the runs of a piece of the pairs and adds what each contributes.
    func scores(
        _ progress: ScoringProgress.Receiver, _ addRuns: @Sendable (PieceGradients) -> Void
    ) -> AttributionScores {
        let firstPass = FirstPass(of: experiment)
        // Small pieces: each holds its activations and all senders' differences at a time. Runs
        // that go side by side make wide matrices of fewer pairs.
        let found = PairwiseScores(
            of: experiment, width: layout.width,
            rows: sideBySide == 1 ? 64 : max(1, 160 / sideBySide), keepingPairs: keepsPairs,
            progress: progress
        ) { pairs, scores, workspace in
            addRuns(
                PieceGradients(
                    experiment, layout, neurons, firstPass, pairs: pairs, runs: sideBySide,
                    scores: scores, in: workspace))
        }
        var scores = AttributionScores(
            mean: found.mean, losses: ReferenceLosses(of: experiment, firstPass),
            perPair: found.perPair)
        if let neurons {
            scores.ofNeurons = neurons.table(
                scores.mean[layout.neuronStart...], positions: layout.positions,
                of: experiment.graph)
            scores.mean.removeLast(layout.neurons * layout.positions)
            scores.ofNodes = experiment.graph.sumsBySender(scores.mean, layout)
        }
        return scores
    }

    /// The fewest passes with all runs of a pair, of not much more than 128 rows a pair.
    private static func runsSideBySide(of runs: Int, _ experiment: Experiment) -> Int {
        // Each run has its own slope of a norm after attention.
        if experiment.transformer.normalizesAttention { return 1 }
        let most = min(runs, max(1, 128 / max(1, experiment.clean.layout.longest)))
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
