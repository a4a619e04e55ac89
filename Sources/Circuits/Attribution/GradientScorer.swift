internal import CKernels
internal import Engine
internal import Models

/// Adds up the gradient-based scores of the pairs of one piece.
///
/// Several runs of a pair, such as the steps of integrated gradients, go side by side through one
/// pass, and their gradients are summed before they are multiplied with the senders' differences.
struct GradientScorer: ~Copyable {
    private let scorer: AttributionScorer
    private let pairs: Range<Int>
    /// Runs of each pair that go side by side.
    private let copies: Int
    /// `[pair, value]`
    private let scores: UnsafeMutablePointer<Float>
    private let layout: ScoreLayout
    private let neurons: NeuronDifferences?
    private let differences: SenderDifferences
    /// The rows of the pairs, without copies.
    private let rows: RowLayout
    /// `[pair, copy, d_model]` each.
    private let ends: UnsafeMutablePointer<Float>
    private let endGradients: UnsafeMutablePointer<Float>
    /// The sum over copies of a layer's gradients, `[receiver, row, d_model]`.
    private let sums: UnsafeMutablePointer<Float>
    /// `[row, widest]`, where scores of neurons are wanted.
    private let neuronScratch: UnsafeMutablePointer<Float>
    private let start: Workspace.Mark
    /// For the metric; the rest of the memory is the pass's.
    private var logitScratch = Workspace(blockSize: 1)
    private var pass: DifferentiablePass

    init(
        _ scorer: AttributionScorer, _ layout: ScoreLayout, _ neurons: NeuronDifferences?,
        pairs: Range<Int>, copies: Int, scores: UnsafeMutablePointer<Float>,
        workspace: consuming Workspace
    ) {
        self.scorer = scorer
        self.layout = layout
        self.neurons = neurons
        self.pairs = pairs
        self.copies = copies
        self.scores = scores
        let transformer = scorer.transformer
        start = workspace.mark
        differences = SenderDifferences(
            scorer.ablated, minus: scorer.clean, pairs: pairs, transformer: transformer,
            graph: scorer.graph, in: &workspace)
        let lengths = pairs.map(scorer.clean.layout.length)
        rows = RowLayout(lengths: lengths)
        let dModel = transformer.configuration.dModel
        ends = workspace.take(pairs.count * copies * dModel)
        endGradients = workspace.take(pairs.count * copies * dModel)
        sums = workspace.take(
            copies == 1 ? 0 : scorer.graph.receiversPerLayer * rows.rowCount * dModel)
        neuronScratch = workspace.take((neurons?.widest ?? 0) * rows.rowCount)
        pass = DifferentiablePass(
            transformer, lengths: lengths.flatMap { Array(repeating: $0, count: copies) },
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
        case .eap: addRuns(from: scorer.corrupted.input, towardsClean: [1], weight: 1)
        case .cleanCorrupted:
            addRuns(from: scorer.corrupted.input, towardsClean: [1, 0], weight: 0.5)
        case .eapIGInputs:
            addRuns(
                from: scorer.corrupted.input,
                towardsClean: (0..<steps).map { Float($0) / Float(steps) },
                weight: 1 / Float(steps))
        case .eapIGActivations: addActivationRuns(steps: steps)
        default:
            preconditionFailure("\(method.rawValue) isn't a method of gradients")
        }
    }

    /// Runs from embeddings between `low` (0) and the clean ones (1).
    private mutating func addRuns(
        from low: FloatBuffer, towardsClean shares: [Float], weight: Float
    ) {
        for first in stride(from: 0, to: shares.count, by: copies) {
            let some = shares[first..<min(first + copies, shares.count)]
            mix(low, scorer.clean.input, some, into: pass.embedding)
            pass.forward()
            addProducts(copies: some.count, weight: weight)
        }
    }

    /// Runs in each of which one component is given an output between its ablated and its clean one,
    /// so that no gradient goes back through it.
    ///
    /// Components are taken from the last one back: so the layers before one are always those of
    /// the clean run, and only what follows is run again.
    private mutating func addActivationRuns(steps: Int) {
        let layers = scorer.graph.nLayers
        let weight = 1 / Float(steps * (2 * layers + 1))
        let shares = (1...steps).map { Float($0) / Float(steps) }
        addRuns(from: scorer.ablated.input, towardsClean: [1], weight: weight)
        for layer in (0..<layers).reversed() {
            for component in [DifferentiablePass.Component.mlp(layer: layer), .heads(layer: layer)]
            {
                for first in stride(from: 0, to: steps, by: copies) {
                    let some = shares[first..<min(first + copies, steps)]
                    addRuns(of: component, in: layer, towardsClean: some, weight: weight)
                }
            }
        }
        addRuns(from: scorer.ablated.input, towardsClean: shares.dropLast(), weight: weight)
    }

    private mutating func addRuns(
        of component: DifferentiablePass.Component, in layer: Int,
        towardsClean shares: ArraySlice<Float>, weight: Float
    ) {
        let isMLP = component == .mlp(layer: layer)
        let ablated = isMLP ? scorer.ablated.mlp[layer] : scorer.ablated.z[layer]
        let clean = isMLP ? scorer.clean.mlp[layer] : scorer.clean.z[layer]
        pass.forward(
            from: layer, replacing: component, with: mixer(ablated, clean, shares))
        addProducts(copies: shares.count, weight: weight)
    }

    /// Writes `low + share (high - low)` of this piece's rows, a copy a share.
    private func mix(
        _ low: FloatBuffer, _ high: FloatBuffer, _ shares: ArraySlice<Float>,
        into values: UnsafeMutablePointer<Float>
    ) {
        mixer(low, high, shares)(values)
    }

    private func mixer(
        _ low: FloatBuffer, _ high: FloatBuffer, _ shares: ArraySlice<Float>
    ) -> (UnsafeMutablePointer<Float>) -> Void {
        let layout = scorer.clean.layout
        let width = low.count / max(1, layout.rowCount)
        let (pairs, copies) = (pairs, copies)
        return { values in
            var target = values
            for pair in pairs {
                let first = layout.starts[pair] * width
                let count = layout.length(pair) * width
                for copy in 0..<copies {
                    // Copies that aren't used are clean runs.
                    let share = copy < shares.count ? shares[shares.startIndex + copy] : 1
                    target.update(from: high.values + first, count: count)
                    ckernels_scale(target, share, count)
                    ckernels_add_scaled(target, low.values + first, 1 - share, count)
                    target += count
                }
            }
        }
    }

    /// Adds `weight` times the products of the differences with the gradients of the last forward
    /// pass, of the first `used` copies.
    private mutating func addProducts(copies used: Int, weight: Float) {
        pass.normalizedEnds(to: ends)
        scorer.metric.lossGradient(
            normalized: ends, pairs: pairs, copies: copies, into: endGradients,
            workspace: &logitScratch)
        let (scorer, pairs, differences) = (scorer, pairs, differences)
        let (layout, neurons, neuronScratch) = (layout, neurons, neuronScratch)
        let (scores, sums) = (scores, sums)
        let (rows, runs, copies) = (rows, pass.layout, copies)
        let dModel = scorer.transformer.configuration.dModel

        func summed(_ gradients: UnsafePointer<Float>, count: Int) -> UnsafePointer<Float> {
            if copies == 1 { return gradients }
            for receiver in 0..<count {
                for pair in 0..<rows.promptCount {
                    let size = rows.length(pair) * dModel
                    let target = sums + (receiver * rows.rowCount + rows.starts[pair]) * dModel
                    let source =
                        gradients
                        + (receiver * runs.rowCount + runs.starts[pair * copies]) * dModel
                    target.update(from: source, count: size)
                    for copy in 1..<max(1, used) {
                        ckernels_add(target, source + copy * size, size)
                    }
                }
            }
            return UnsafePointer(sums)
        }

        pass.backward(
            endGradients,
            send: { component, gradient in
                guard let neurons else { return }
                neurons.addProducts(
                    with: summed(gradient, count: 1), of: component, pairs: pairs, weight: weight,
                    to: scores + layout.neuronStart, stride: layout.width, scratch: neuronScratch)
            },
            receive: { receivers, gradients in
                let count = receivers == .logits ? 1 : scorer.graph.receiversPerLayer
                differences.addProducts(
                    with: summed(gradients, count: count), of: receivers, weight: weight,
                    rows: rows, graph: scorer.graph, layout: layout, to: scores)
            })
    }
}
