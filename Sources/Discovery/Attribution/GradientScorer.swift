import Artifacts
import CKernels
import Engine
import Experiments
import Graphs
import Models

/// Adds up the gradient-based scores of the pairs of one piece.
///
/// Several runs of a pair, such as the steps of integrated gradients, go side by side through one
/// pass, and their gradients are summed before they are multiplied with the senders' differences.
struct GradientScorer: ~Copyable {
    let scorer: AttributionScorer
    let pairs: Range<Int>
    /// Runs of each pair that go side by side.
    let copies: Int
    /// `[pair, value]`
    let scores: UnsafeMutablePointer<Float>
    let layout: ScoreLayout
    private let neurons: NeuronDifferences?
    let differences: SenderDifferences
    /// Adds up what the runs of a pair have.
    let sum: CopySum
    /// `[pair, copy, d_model]` each.
    private let ends: UnsafeMutablePointer<Float>
    private let endGradients: UnsafeMutablePointer<Float>
    /// The sum over copies of a layer's gradients, `[receiver, row, d_model]`.
    private let sums: UnsafeMutablePointer<Float>
    /// `[row, widest]`, where scores of neurons are wanted.
    private let neuronScratch: UnsafeMutablePointer<Float>
    /// `[row, widest]`, where the first of several runs tells what senders put out.
    private let firstRun: UnsafeMutablePointer<Float>
    private let start: Workspace.Mark
    /// For the metric; the rest of the memory is the pass's.
    private let logitScratch = Workspace(blockSize: 1)
    let pass: DifferentiablePass

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
        let lengths = pairs.map(scorer.clean.layout.length)
        let rows = RowLayout(lengths: lengths)
        differences = SenderDifferences(
            rows: rows.rowCount, of: scorer.graph, transformer, in: &workspace)
        if scorer.leftRun == nil {
            differences.fill(scorer.ablated, minus: scorer.clean, pairs: pairs)
        }
        let dModel = transformer.configuration.dModel
        sum = CopySum(rows: rows, copies: copies, dModel: dModel)
        ends = workspace.take(pairs.count * copies * dModel)
        endGradients = workspace.take(pairs.count * copies * dModel)
        sums = workspace.take(
            copies == 1 ? 0 : scorer.graph.receiversPerLayer * rows.rowCount * dModel)
        neuronScratch = workspace.take((neurons?.widest ?? 0) * rows.rowCount)
        let widest = max(
            DifferentiablePass.Component.input.width(in: transformer.configuration),
            DifferentiablePass.Component.heads(layer: 0).width(in: transformer.configuration))
        firstRun = workspace.take(
            copies == 1 || scorer.leftRun == nil ? 0 : widest * rows.rowCount)
        pass = DifferentiablePass(
            transformer, lengths: lengths.flatMap { Array(repeating: $0, count: copies) },
            separatesKeyValueHeads: scorer.graph.ungroupedKeyValue, workspace: workspace)
    }

    /// Gives the scratch memory back for the next piece.
    consuming func finish() -> Workspace {
        let start = start
        let workspace = pass.workspace
        workspace.reset(to: start)
        return workspace
    }

    /// The rows of the pairs, without copies.
    var rows: RowLayout { sum.rows }

    /// Adds the scores by a method.
    mutating func run(_ method: AttributionMethod) {
        let steps = scorer.options.steps
        switch method {
        case .eap: addRuns(towardsClean: [1], weight: 1)
        case .cleanCorrupted: addRuns(towardsClean: [0, 1], weight: 0.5)
        case .eapIGInputs:
            addRuns(
                towardsClean: (0..<steps).map { Float($0) / Float(steps) }, weight: 1 / Float(steps)
            )
        case .eapIGActivations where scorer.transformer.normalizesAttention:
            addActivationRunsOneByOne(steps: steps)
        case .eapIGActivations: addActivationRuns(steps: steps)
        default:
            preconditionFailure("\(method.rawValue) isn't a method of gradients")
        }
    }

    /// Runs from embeddings between the corrupted (0) and the clean ones (1). The first of them is the
    /// run that is left to the method, if one is.
    private mutating func addRuns(towardsClean shares: [Float], weight: Float) {
        for first in stride(from: 0, to: shares.count, by: copies) {
            let some = shares[first..<min(first + copies, shares.count)]
            let mixer = mixer(scorer.corrupted.input, scorer.clean.input, some)
            let left = first == 0 ? scorer.leftRun : nil
            if let left {
                forward(from: mixer, making: left.run)
            } else {
                pass.forward(with: mixer)
            }
            addProducts(copies: some.count, weight: weight)
            if let left { copyFirstEnds(to: left.ends) }
        }
    }

    /// A forward pass whose first copy of each pair is a run that tells what the senders put out.
    private mutating func forward(
        from embeddings: (UnsafeMutablePointer<Float>) -> Void, making run: ActivationRun
    ) {
        let (scorer, pairs, differences, sum) = (scorer, pairs, differences, sum)
        let scratch = firstRun
        differences.fill(.input, scorer.ablated, minus: scorer.clean, pairs)
        pass.forward(with: embeddings) { component, values in
            let width = component.width(in: scorer.transformer.configuration)
            let own = sum.first(of: values, width: width, in: scratch)
            switch run {
            case .clean:
                differences.fill(
                    component, scorer.ablated.rows(of: component, pairs: pairs), minus: own)
            case .corrupted:
                differences.fill(
                    component, own, minus: scorer.clean.rows(of: component, pairs: pairs))
            }
        }
    }

    /// Keeps the normalised ends of the first copy of each pair, which `addProducts` computed, among
    /// those of all pairs, `[pair, d_model]`.
    private func copyFirstEnds(to all: FloatBuffer) {
        let dModel = scorer.graph.dModel
        for (index, pair) in pairs.enumerated() {
            (all.values + pair * dModel).update(
                from: ends + index * copies * dModel, count: dModel)
        }
    }

    /// What writes `low + share (high - low)` of this piece's rows, a copy a share.
    func mixer(
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

    /// The gradient of the last forward pass's loss at the normalised ends, `[pair, copy, d_model]`.
    /// - Parameter count: how many copies of a pair are wanted, from the first.
    mutating func lossGradient(copies count: Int? = nil) -> UnsafePointer<Float> {
        let count = count ?? copies
        let dModel = scorer.graph.dModel
        pass.normalizedEnds(to: ends)
        if count < copies {
            for row in 0..<pairs.count * count {
                (ends + row * dModel).update(
                    from: ends + (row / count * copies + row % count) * dModel, count: dModel)
            }
        }
        scorer.metric.lossGradient(
            normalized: ends, pairs: pairs, copies: count, into: endGradients,
            workspace: logitScratch)
        return UnsafePointer(endGradients)
    }

    /// Adds `weight` times the products of the differences with the gradients of the last forward
    /// pass, of the first `used` copies.
    /// - Parameter replaced: the component that was given in that pass.
    mutating func addProducts(
        copies used: Int, weight: Float, without replaced: DifferentiablePass.Component? = nil
    ) {
        takeSlopesOfNorms()
        let dEnds = lossGradient()
        let (graph, differences, layout, scores) = (scorer.graph, differences, layout, scores)
        let (sum, sums, addNeurons) = (sum.ofFirst(used), sums, neuronAdder())
        pass.backward(
            dEnds, without: replaced,
            send: { component, gradient in
                addNeurons?(component, sum(gradient, in: sums), weight)
            },
            receive: { receivers, gradients in
                differences.addProducts(
                    with: sum(gradients, receivers: graph.count(of: receivers), in: sums),
                    of: receivers, weight: weight, rows: sum.rows, graph: graph, layout: layout,
                    to: scores)
            })
    }

    /// Where attention is normalised before it joins the stream, a head's difference is what its own
    /// changes behind that norm, to first order in the last forward pass.
    private func takeSlopesOfNorms() {
        for (index, layer) in scorer.transformer.layers.enumerated() {
            guard let norm = layer.postAttentionNorm,
                let sum = pass.attentionOutput(ofLayer: index)
            else { continue }
            differences.applySlope(of: norm, ofLayer: index, at: sum)
        }
    }

    /// What adds `weight` times the scores of a component's neurons, given the gradient of what it
    /// puts out, as `DifferentiablePass` sends it; nil if they aren't wanted.
    func neuronAdder() -> ReceivedGradients.NeuronAdder? {
        guard let neurons else { return nil }
        let (pairs, layout, scores, scratch) = (pairs, layout, scores, neuronScratch)
        return { component, gradient, weight in
            neurons.addProducts(
                with: gradient, of: component, pairs: pairs, weight: weight,
                layout: layout, to: scores, scratch: scratch)
        }
    }
}
