import Artifacts
import Engine
import Experiments
import Graphs
import Models

/// The gradients of the pairs of one piece, and the scores that they add up to.
///
/// Several runs of a pair, such as the steps of integrated gradients, go side by side through one
/// pass, and their gradients are summed before they are multiplied with the senders' differences.
struct PieceGradients {
    let experiment: Experiment
    let pairs: Range<Int>
    /// `[pair, value]`, as `layout` says.
    let scores: UnsafeMutablePointer<Float>
    let layout: ScoreLayout
    let differences: SenderDifferences
    /// Sums over the runs of a pair.
    let sums: RunSums
    /// All runs side by side.
    let pass: DifferentiablePass
    private let neurons: NeuronDifferences?
    private let firstPass: FirstPass?
    /// `[pair, run, d_model]` each.
    private let ends: UnsafeMutablePointer<Float>
    private let endGradients: UnsafeMutablePointer<Float>
    /// The sum over runs of a layer's gradients, `[receiver, row, d_model]`.
    private let layerSums: UnsafeMutablePointer<Float>
    /// `[row, widest]`, where scores of neurons are wanted.
    private let neuronScratch: UnsafeMutablePointer<Float>
    /// `[row, widest]`, what a component outputs in the first of several runs.
    private let firstRun: UnsafeMutablePointer<Float>
    /// For the metric; the rest of the memory is the pass's.
    private let logitScratch = Workspace(blockSize: 1)

    /// - Parameters:
    ///   - firstPass: the run that the first pass is to make, where it isn't recorded.
    ///   - runs: runs of each pair that go side by side.
    ///   - scores: `[pair, value]`, to which scores are added.
    init(
        _ experiment: Experiment, _ layout: ScoreLayout, _ neurons: NeuronDifferences?,
        _ firstPass: FirstPass?, pairs: Range<Int>, runs: Int,
        scores: UnsafeMutablePointer<Float>, in workspace: Workspace
    ) {
        self.experiment = experiment
        self.layout = layout
        self.neurons = neurons
        self.firstPass = firstPass
        self.pairs = pairs
        self.scores = scores
        let (graph, transformer) = (experiment.graph, experiment.transformer)
        let lengths = pairs.map(experiment.clean.layout.length)
        let rows = RowLayout(lengths: lengths)
        differences = SenderDifferences(
            rows: rows.rowCount, of: graph, transformer, in: workspace)
        if firstPass == nil {
            differences.fill(experiment.ablated, minus: experiment.clean, pairs: pairs)
        }
        let dModel = transformer.configuration.dModel
        sums = RunSums(rows: rows, runs: runs, dModel: dModel)
        ends = workspace.take(pairs.count * runs * dModel)
        endGradients = workspace.take(pairs.count * runs * dModel)
        layerSums = workspace.take(
            runs == 1 ? 0 : graph.receiversPerLayer * rows.rowCount * dModel)
        neuronScratch = workspace.take((neurons?.widest ?? 0) * rows.rowCount)
        let widest = max(
            DifferentiablePass.Component.input.width(in: transformer.configuration),
            DifferentiablePass.Component.heads(layer: 0).width(in: transformer.configuration))
        firstRun = workspace.take(runs == 1 || firstPass == nil ? 0 : widest * rows.rowCount)
        pass = DifferentiablePass(
            transformer, lengths: lengths.flatMap { Array(repeating: $0, count: runs) },
            separatesKeyValueHeads: graph.ungroupedKeyValue, workspace: workspace)
    }

    /// The rows of the pairs, each pair once.
    var rows: RowLayout { sums.rows }

    /// Adds runs from embeddings between the corrupted (0) and the clean ones (1), each with a weight.
    /// The first of them is the run that wasn't recorded, if there is one.
    func addRuns(towardsClean shares: [Float], weight: Float) {
        for first in stride(from: 0, to: shares.count, by: sums.runs) {
            let some = shares[first..<min(first + sums.runs, shares.count)]
            let mixer = mixer(experiment.corrupted.input, experiment.clean.input, some)
            let unrecorded = first == 0 ? firstPass : nil
            if let unrecorded {
                forward(from: mixer, recording: unrecorded.run)
            } else {
                pass.forward(with: mixer)
            }
            addProducts(runs: some.count, weight: weight)
            if let unrecorded { copyFirstEnds(to: unrecorded.ends) }
        }
    }

    /// A forward pass in which the first run of each pair is one that wasn't recorded: sets the
    /// differences from what senders output there.
    private func forward(
        from embeddings: (UnsafeMutablePointer<Float>) -> Void, recording run: ActivationRun
    ) {
        let (clean, ablated) = (experiment.clean, experiment.ablated)
        differences.fill(.input, ablated, minus: clean, pairs)
        pass.forward(with: embeddings) { component, values in
            let width = component.width(in: experiment.transformer.configuration)
            let output = sums.firstRun(of: values, width: width, in: firstRun)
            switch run {
            case .clean:
                differences.fill(
                    component, ablated.rows(of: component, pairs: pairs), minus: output)
            case .corrupted:
                differences.fill(component, output, minus: clean.rows(of: component, pairs: pairs))
            }
        }
    }

    /// Keeps the normalised ends of the first run of each pair, which `addProducts` computed, among
    /// those of all pairs, `[pair, d_model]`.
    private func copyFirstEnds(to all: FloatBuffer) {
        let dModel = sums.dModel
        for (index, pair) in pairs.enumerated() {
            (all.values + pair * dModel).update(
                from: ends + index * sums.runs * dModel, count: dModel)
        }
    }

    /// What writes `low + share (high - low)` of this piece's rows, a run a share.
    func mixer(
        _ low: FloatBuffer, _ high: FloatBuffer, _ shares: ArraySlice<Float>
    ) -> (UnsafeMutablePointer<Float>) -> Void {
        let layout = experiment.clean.layout
        let width = low.count / max(1, layout.rowCount)
        let (pairs, runs) = (pairs, sums.runs)
        return { values in
            var target = values
            for pair in pairs {
                let first = layout.starts[pair] * width
                let count = layout.length(pair) * width
                for run in 0..<runs {
                    // Runs beyond the shares are clean, and aren't summed.
                    let share = run < shares.count ? shares[shares.startIndex + run] : 1
                    target.update(from: high.values + first, count: count)
                    target.scale(by: share, count: count)
                    target.add(low.values + first, times: 1 - share, count: count)
                    target += count
                }
            }
        }
    }

    /// The gradient of the last forward pass's loss at the normalised ends, `[pair, run, d_model]`.
    /// - Parameter count: how many runs of a pair are wanted, from the first.
    func lossGradient(runs count: Int? = nil) -> UnsafePointer<Float> {
        let count = count ?? sums.runs
        let dModel = sums.dModel
        pass.normalizedEnds(to: ends)
        if count < sums.runs {
            for row in 0..<pairs.count * count {
                (ends + row * dModel).update(
                    from: ends + (row / count * sums.runs + row % count) * dModel, count: dModel)
            }
        }
        experiment.metric.lossGradient(
            normalized: ends, pairs: pairs, copies: count, into: endGradients,
            workspace: logitScratch)
        return UnsafePointer(endGradients)
    }

    /// Adds `weight` times the products of the differences with the gradients of the last forward
    /// pass, of the first `count` runs.
    /// - Parameter replaced: the component whose output was given in that pass.
    func addProducts(
        runs count: Int, weight: Float, without replaced: DifferentiablePass.Component? = nil
    ) {
        applySlopesOfNorms()
        let dEnds = lossGradient()
        let (graph, sums, addNeurons) = (experiment.graph, sums.ofFirst(count), neuronAdder())
        let mark = pass.workspace.mark
        let products = EdgeProducts(
            differences, of: graph, rows: rows, layout: layout, weight: weight, to: scores,
            in: pass.workspace)
        pass.backward(
            dEnds, without: replaced,
            send: { component, gradient in
                addNeurons?(component, sums.sum(of: gradient, in: layerSums), weight)
            },
            receive: { receivers, gradients in
                products.add(
                    receivers,
                    sums.sum(
                        of: gradients, receivers: graph.count(of: receivers), in: layerSums))
            })
        products.finish()
        pass.workspace.reset(to: mark)
    }

    /// Where attention is normalised before it joins the stream, a head's difference is what its own
    /// changes behind that norm, to first order in the last forward pass.
    private func applySlopesOfNorms() {
        for (index, layer) in experiment.transformer.layers.enumerated() {
            guard let norm = layer.postAttentionNorm,
                let sum = pass.attentionOutput(ofLayer: index)
            else { continue }
            differences.applySlope(of: norm, ofLayer: index, at: sum)
        }
    }

    /// What adds `weight` times the scores of a component's neurons, given the gradient of its
    /// output as `DifferentiablePass` sends it; nil if they aren't wanted.
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
