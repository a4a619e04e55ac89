import Engine
package import Experiments
package import Graphs
import Models

/// Evaluates circuits whose edges are present to a degree, and differentiates what they lose: a
/// receiver's input is the sum over senders of mask · current + (1 - mask) · ablated output. (Where
/// the sum of a layer's heads is normalised before it joins the stream, the sum of what comes from
/// these is.)
///
/// Everything an edge does is part of a matrix product: the masks of a layer's receivers
/// `[receiver, sender]` times the senders' current minus ablated outputs
/// `[sender, row * d_model]`; backwards, the transposed products. Pairs are evaluated in pieces cut
/// from the prompts' lengths alone, so results don't depend on the number of threads, and memory is
/// bounded by that of the pieces that are computed at a time. It is kept from one evaluation to the
/// next.
package struct MaskedEvaluator: Sendable {
    /// What is differentiated by.
    package struct Gradients: OptionSet, Sendable {
        /// The bits.
        package let rawValue: Int
        /// Gradients by these.
        package init(rawValue: Int) { self.rawValue = rawValue }
        /// Every edge's mask.
        package static let masks = Gradients(rawValue: 1)
        /// Every sender's ablated output.
        package static let ablated = Gradients(rawValue: 2)
    }

    /// What an evaluation found.
    package struct Result: Sendable {
        /// The metric of each pair.
        package var values: [Double]
        /// The mean loss of the pairs: the metric as minimised.
        package var loss: Double
        /// The gradient of the mean loss by each sender's ablated output, summed over rows,
        /// `[sender, d_model]`; empty if it wasn't asked for.
        package var ablatedGradient: [Double]
    }

    /// The gradient by masks of the summed loss of some consecutive pairs that share a mask.
    package struct MaskGradient {
        /// The pairs.
        package let pairs: Range<Int>
        /// Their mask, `[edge]`.
        package let mask: UnsafePointer<Float>
        /// The gradient, `[edge]`.
        package let gradient: UnsafePointer<Float>
    }

    /// What masks are evaluated on.
    package let experiment: Experiment
    private let scratch: ScratchPool

    /// The graph.
    package var graph: ComputationalGraph { experiment.graph }
    var metric: BoundMetric { experiment.metric }
    var transformer: Transformer { experiment.transformer }
    var clean: SenderOutputs { experiment.clean }
    /// Number of pairs.
    package var pairCount: Int { experiment.pairCount }

    /// Evaluates masks on an experiment's pairs. Of the clean run only `input` is read.
    package init(_ experiment: Experiment) {
        self.experiment = experiment
        let transformer = experiment.transformer
        scratch = ScratchPool(workers: transformer.pool.threads, blockSize: 1 << 22)
    }

    /// Evaluates masks on all pairs. Masks of positions, and neurons, go without gradients.
    /// - Parameters:
    ///   - neurons: which neurons are present; nil is all.
    ///   - ablated: what a cut edge carries, row by row; nil is what it carries in the experiment.
    ///   - gradients: what to differentiate by.
    ///   - separatePairs: whether gradients by a shared mask are wanted pair by pair.
    ///   - receive: gets the gradients by masks, in the order of pairs; the values are overwritten
    ///     after the call.
    package func evaluate(
        _ masks: EdgeMasks, neurons: NeuronMasks? = nil, ablated: SenderOutputs? = nil,
        gradients: Gradients = [], separatePairs: Bool = false,
        receive: (MaskGradient) -> Void = { _ in }
    ) -> Result {
        precondition(gradients.isEmpty || !masks.areOfPositions && neurons == nil)
        let ablated = ablated ?? experiment.ablated
        let layout = clean.layout
        let dModel = graph.dModel
        let pieces = layout.pieces(ofAtMost: 64)
        let separate = separatePairs || masks.areOfPairs
        let ends = FloatBuffer(count: pairCount * dModel)
        let senderValues = graph.senders.count * dModel
        var ablatedGradient = [Double](
            repeating: 0, count: gradients.contains(.ablated) ? senderValues : 0)

        let atATime = max(8, transformer.pool.threads)
        for first in stride(from: 0, to: pieces.count, by: atATime) {
            let part = Array(pieces[first..<min(first + atATime, pieces.count)])
            let groups = part.map { piece in separate ? piece.map { $0..<$0 + 1 } : [piece] }
            let slots = MaskSlots(
                groups, edges: graph.edgeCount, masks: masks, gradients: gradients,
                senderValues: senderValues)
            transformer.pool.run(part.count) { worker, index in
                scratch.withWorkspace(of: worker) { workspace in
                    slots.fill(index, masks)
                    var pass = MaskedPass(
                        self, pairs: part[index], ablated: ablated, groups: groups[index],
                        masks: groups[index].indices.map { slots.mask(index, $0) },
                        separatePositions: masks.areOfPositions, neurons: neurons,
                        workspace: workspace)
                    pass.forward(ends: ends.values + part[index].lowerBound * dModel)
                    if !gradients.isEmpty { pass.backward(into: slots, piece: index) }
                }
            }
            slots.addAblated(to: &ablatedGradient)
            if gradients.contains(.masks) { slots.handOut(receive) }
        }
        for index in ablatedGradient.indices { ablatedGradient[index] /= Double(max(1, pairCount)) }
        let values = metric.values(normalized: ends, pairs: Array(0..<pairCount))
        return Result(
            values: values,
            loss: metric.lossSign * values.reduce(0, +) / Double(max(1, pairCount)),
            ablatedGradient: ablatedGradient)
    }

    /// The gradient of the mean loss by a mask that all pairs share, `[edge]`, with the evaluation.
    package func maskGradient(_ mask: [Float]) -> (result: Result, gradient: [Double]) {
        var sum = [Double](repeating: 0, count: graph.edgeCount)
        let result = evaluate(.shared(mask), gradients: .masks) { part in
            for edge in sum.indices { sum[edge] += Double(part.gradient[edge]) }
        }
        for edge in sum.indices { sum[edge] /= Double(max(1, pairCount)) }
        return (result, sum)
    }
}

extension EdgeMasks {
    fileprivate var areOfPairs: Bool {
        if case .ofPairs = self { true } else { false }
    }

    fileprivate var areOfPositions: Bool {
        if case .ofPositions = self { true } else { false }
    }
}
