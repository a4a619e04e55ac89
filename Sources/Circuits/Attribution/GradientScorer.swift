internal import CKernels
internal import Engine
internal import Models

/// Adds up the gradient-based scores of the pairs of one piece, run by run.
struct GradientScorer: ~Copyable {
    private let scorer: AttributionScorer
    private let pairs: Range<Int>
    /// `[pair, edge]`
    private let scores: UnsafeMutablePointer<Float>
    private let differences: SenderDifferences
    /// `[pair, d_model]` each.
    private let ends: UnsafeMutablePointer<Float>
    private let endGradients: UnsafeMutablePointer<Float>
    private let start: Workspace.Mark
    /// For the metric; the rest of the memory is the pass's.
    private var logitScratch = Workspace(blockSize: 1)
    private var pass: DifferentiablePass

    init(
        _ scorer: AttributionScorer, pairs: Range<Int>, scores: UnsafeMutablePointer<Float>,
        workspace: consuming Workspace
    ) {
        self.scorer = scorer
        self.pairs = pairs
        self.scores = scores
        let transformer = scorer.transformer
        start = workspace.mark
        differences = SenderDifferences(
            scorer.ablated, minus: scorer.clean, pairs: pairs, transformer: transformer,
            graph: scorer.graph, in: &workspace)
        let dModel = transformer.configuration.dModel
        ends = workspace.take(pairs.count * dModel)
        endGradients = workspace.take(pairs.count * dModel)
        pass = DifferentiablePass(
            transformer, lengths: pairs.map(scorer.clean.layout.length),
            separatesKeyValueHeads: scorer.graph.ungroupedKeyValue, workspace: workspace)
    }

    /// Gives the scratch memory back for the next piece.
    consuming func finish() -> Workspace {
        let start = start
        var workspace = pass.finish()
        workspace.reset(to: start)
        return workspace
    }

    /// Adds the scores by a method.
    mutating func run(_ method: AttributionMethod) {
        let steps = scorer.options.steps
        switch method {
        case .eap: addRun(towardsClean: 1, weight: 1)
        case .cleanCorrupted:
            addRun(towardsClean: 1, weight: 0.5)
            addRun(towardsClean: 0, weight: 0.5)
        case .eapIGInputs:
            for k in 0..<steps {
                addRun(towardsClean: Float(k) / Float(steps), weight: 1 / Float(steps))
            }
        case .eapIGActivations: addActivationRuns(steps: steps)
        default:
            preconditionFailure("\(method.rawValue) isn't a method of gradients")
        }
    }

    /// A run from embeddings between the corrupted (0) and the clean (1) ones.
    private mutating func addRun(towardsClean share: Float, weight: Float) {
        mix(scorer.corrupted.input, scorer.clean.input, share, into: pass.embedding)
        pass.forward()
        addProducts(weight: weight)
    }

    /// Runs in each of which one component is given an output between its ablated and its clean one,
    /// so that no gradient goes back through it.
    ///
    /// Components are taken from the last one back: so the layers before one are always those of
    /// the clean run, and only what follows is run again.
    private mutating func addActivationRuns(steps: Int) {
        let layers = scorer.graph.nLayers
        let weight = 1 / Float(steps * (2 * layers + 1))
        addRun(towardsClean: 1, weight: weight)
        for layer in (0..<layers).reversed() {
            for component in [DifferentiablePass.Component.mlp(layer: layer), .heads(layer: layer)]
            {
                for k in 1...steps {
                    addRun(of: component, towardsClean: Float(k) / Float(steps), weight: weight)
                }
            }
        }
        for k in 1..<steps {
            let share = Float(k) / Float(steps)
            mix(scorer.ablated.input, scorer.clean.input, share, into: pass.embedding)
            pass.forward()
            addProducts(weight: weight)
        }
    }

    private mutating func addRun(
        of component: DifferentiablePass.Component, towardsClean share: Float, weight: Float
    ) {
        let (layer, ablated, clean) =
            switch component {
            case .heads(let layer): (layer, scorer.ablated.z[layer], scorer.clean.z[layer])
            case .mlp(let layer): (layer, scorer.ablated.mlp[layer], scorer.clean.mlp[layer])
            }
        pass.forward(
            from: layer, replacing: component, with: mixer(ablated, clean, share))
        addProducts(weight: weight)
    }

    /// Writes `low + share (high - low)` of this piece's rows.
    private func mix(
        _ low: FloatBuffer, _ high: FloatBuffer, _ share: Float,
        into values: UnsafeMutablePointer<Float>
    ) {
        mixer(low, high, share)(values)
    }

    private func mixer(
        _ low: FloatBuffer, _ high: FloatBuffer, _ share: Float
    ) -> (UnsafeMutablePointer<Float>) -> Void {
        let layout = scorer.clean.layout
        let width = low.count / max(1, layout.rowCount)
        let first = layout.starts[pairs.lowerBound] * width
        let count = layout.starts[pairs.upperBound] * width - first
        return { values in
            values.update(from: high.values + first, count: count)
            ckernels_scale(values, share, count)
            ckernels_add_scaled(values, low.values + first, 1 - share, count)
        }
    }

    /// Adds `weight` times the products of the differences with the gradients of the last forward
    /// pass.
    private mutating func addProducts(weight: Float) {
        pass.normalizedEnds(to: ends)
        scorer.metric.lossGradient(
            normalized: ends, pairs: pairs, into: endGradients, workspace: &logitScratch)
        let (differences, scores) = (differences, scores)
        let (layout, graph) = (pass.layout, scorer.graph)
        pass.backward(endGradients) { receivers, gradients in
            differences.addProducts(
                with: gradients, of: receivers, weight: weight, layout: layout, graph: graph,
                to: scores)
        }
    }
}
