import Basics
package import Engine
import Graphs
import Models

/// Tests cuts of one receiver's edges and makes them, over all pairs and threads.
package final class ReceiverProbe {
    /// The receiver under test.
    package let receiver: Int
    private let state: CircuitState
    private let plan: EvaluationPlan
    private let headFed: [Int: HeadFedMLP]
    private let scratch: ScratchPool
    private let extent: ActiveRows.Extent
    /// The clean stream that it reads, at the context rows.
    private let cleanInput: StreamAtPoint
    /// The receiver's input with the accepted cuts made, `[row of extent, part, d_model]`.
    private let base: FloatBuffer
    /// The values of a row of it.
    private let width: Int
    /// Edges cut so far.
    private(set) var cuts: [Int] = []
    /// Edges decided so far by `skip`.
    package private(set) var replayedCount = 0
    /// What it took so far.
    package private(set) var work = Work()

    /// Nil if nothing that the receiver changes reaches the output.
    package init?(_ receiver: Int, _ state: CircuitState, _ scratch: ScratchPool) {
        let graph = state.graph
        let needs = graph.needs(present: state.present)
        let extent: ActiveRows.Extent
        switch graph.receivers[receiver] {
        case .logits: extent = .end
        case .mlp(let layer):
            guard let need = needs[graph.sender(mlp: layer)] else { return nil }
            extent = need
        case .head(let layer, let head, let kind):
            guard let need = needs[graph.sender(layer: layer, head: head)] else { return nil }
            extent = kind == .query ? need : .all
        case .group(let layer, let group, _):
            let heads = graph.heads(ofKeyReceiver: group)
            if heads.allSatisfy({ needs[graph.sender(layer: layer, head: $0)] == nil }) {
                return nil
            }
            extent = .all
        }
        plan = EvaluationPlan(of: receiver, in: graph, needs: needs, keptSenders: state.keptSenders)
        self.receiver = receiver
        self.state = state
        self.scratch = scratch
        self.extent = extent
        if let layer = graph.receivers[receiver].layer { state.enter(layer: layer, needs) }
        cleanInput = state.cleanStreams.stream(at: state.point(of: receiver))
        state.holdAblatedStreams(for: plan)
        headFed = state.isWhole ? [:] : HeadFedMLP.all(of: plan, in: state, scratch)
        width = state.width(of: receiver)
        base = FloatBuffer(count: state.rows.layout(extent).rowCount * width)
        startFromClean()
    }

    /// Takes over an earlier decision about an edge.
    package func replay(_ sender: Int, cut: Bool) {
        replayedCount += 1
        if cut { accept([sender]) }
    }

    private func startFromClean() {
        let (extent, cleanInput, width) = (extent, cleanInput, width)
        forEachPiece { runner, base in
            let row = runner.rows.layout(extent).starts[runner.pairs.lowerBound]
            runner.copy(cleanInput, to: base + row * width, width: width, extent)
        }
    }

    /// How many variants are evaluated side by side at most.
    package var mostVariants: Int { state.mostVariants(of: plan, extent) }

    /// The metric, as minimised, after cutting the first 1, 2, ... of `wave` besides the cuts
    /// accepted before.
    package func evaluate(_ wave: ArraySlice<Int>) -> [Double] {
        evaluate(wave, variants: wave.count)
    }

    /// The metric, as minimised, with no more than the accepted cuts.
    package func evaluateCurrent() -> Double { evaluate([], variants: 1)[0] }

    private func evaluate(_ wave: ArraySlice<Int>, variants: Int) -> [Double] {
        let count = state.graph.senderCount(of: receiver)
        let remaining: [Int]?
        if 2 * (count - cuts.count - wave.count) > count {
            remaining = nil
        } else {
            let gone = Set(cuts).union(wave)
            remaining = (0..<count).filter { !gone.contains($0) }
        }
        let final = finalRows(wave, variants: variants, remaining: remaining)
        return state.minimisedMetric(of: final, variants: variants, scratch)
    }

    /// The metric of each pair with each edge of `wave` cut by itself, besides the accepted cuts,
    /// `[pair, edge of wave]`; of an empty wave, with the accepted cuts only, `[pair]`.
    package func evaluateOneByOne(_ wave: ArraySlice<Int>) -> [Double] {
        let variants = max(1, wave.count)
        let final = finalRows(wave, variants: variants, cutsOneByOne: true)
        return state.metricValues(of: final, variants: variants, scratch)
    }

    /// How many pairs there are.
    package var pairCount: Int { state.rows.positions.count }

    /// The minimised metric of some pairs with the accepted cuts and after cutting the first 1, 2,
    /// ... of `wave` besides: for each pair of the sample, `[wave.count + 1]`.
    /// - Parameter count: at least how many pairs the sample is to have. A receiver's samples
    ///   contain each other.
    package func sampledMetrics(_ wave: ArraySlice<Int>, pairs count: Int) -> [[Double]] {
        let pieces = samplingOrder
        var sample: [Int] = []
        var chosen: [Int] = []
        for piece in pieces where sample.count < count {
            chosen.append(piece)
            sample += state.rows.pieces[piece]
        }
        let variants = wave.count + 1
        let final = finalRows(
            wave, variants: variants, pieces: chosen, pairCount: sample.count)
        return state.minimisedMetrics(
            of: final, pairs: sample, variants: variants, scratch)
    }

    /// The normalised final stream at the end of each pair for variants of the input,
    /// `[pair, variant, d_model]`.
    /// - Parameters:
    ///   - remaining: the senders that the input is built from, if most of its edges are cut.
    ///   - pieces: those that are run, of `pairCount` pairs in all; nil runs all pairs.
    private func finalRows(
        _ wave: ArraySlice<Int>, variants: Int, remaining: [Int]? = nil,
        cutsOneByOne: Bool = false, pieces: [Int]? = nil, pairCount: Int? = nil
    ) -> FloatBuffer {
        let (receiver, keptSenders) = (receiver, keptSenders)
        let final = state.makeFinalRows(variants: variants)
        let dModel = state.transformer.configuration.dModel
        forEachPiece(pieces, variants: variants) { runner, base in
            let tested = TestedInput(
                receiver: receiver, start: remaining.map { .ablated($0) } ?? .whole(base),
                keptSenders: keptSenders, wave: wave, variants: variants,
                cutsOneByOne: cutsOneByOne)
            runner.evaluate(
                tested, final: final.values + runner.pairs.lowerBound * variants * dModel)
        }
        work.add(plan, variants: variants, state, headFed: headFed, pairs: pairCount)
        return final
    }

    /// The pieces of pairs, in the random order in which the receiver's samples take them.
    private var samplingOrder: [Int] {
        var generator = SplitMix64(seed: UInt64(receiver))
        let count = state.rows.pieces.count
        return generator.pick(count, of: Array(0..<count))
    }

    /// Accepts cuts: further evaluations start from there.
    package func accept(_ wave: ArraySlice<Int>) {
        cuts += wave
        let (extent, width, receiver) = (extent, width, receiver)
        let ablated = state.parts.layersWithout(keptSenders, before: receiver, in: state.graph)
        forEachPiece { runner, base in
            let row = runner.rows.layout(extent).starts[runner.pairs.lowerBound]
            for sender in wave {
                runner.addDifference(
                    of: sender, to: base + row * width, width: width, extent, scale: -1)
            }
            runner.ablate(ablated, in: base + row * width, of: receiver, extent)
        }
    }

    /// The senders whose edges aren't cut.
    private var keptSenders: [Int] {
        let gone = Set(cuts)
        return (0..<state.graph.senderCount(of: receiver)).filter { !gone.contains($0) }
    }

    /// Takes back cuts that were just accepted, by starting over from the clean input.
    package func withdraw(_ wave: ArraySlice<Int>) {
        let remaining = cuts.dropLast(wave.count)
        cuts = []
        startFromClean()
        accept(remaining)
    }

    /// Makes the accepted cuts in the state and computes afresh whatever they change.
    /// - Returns: the metric of the circuit, as minimised.
    package func commit() -> Double {
        let width = state.transformer.configuration.dModel
        state.settle(receiver, cutting: cuts)
        state.makeRoom(for: plan)
        let final = state.makeFinalRows(variants: 1)
        forEachPiece { runner, _ in
            runner.commit(final: final.values + runner.pairs.lowerBound * width)
        }
        work.add(plan, variants: 1, state)
        return state.minimisedMetric(of: final, variants: 1, scratch)[0]
    }

    /// Calls `body` for every piece of the pairs, or only those chosen, spread over threads.
    private func forEachPiece(
        _ chosen: [Int]? = nil, variants: Int = 1,
        _ body: @Sendable (inout PlanRunner, UnsafeMutablePointer<Float>) -> Void
    ) {
        let base = base
        state.forEachPiece(
            chosen?.map { state.rows.pieces[$0] }
                ?? state.rows.pieces(for: max(plan.widestExtent, extent)),
            of: plan, headFed: headFed, cleanInput: cleanInput, variants: variants, scratch
        ) { runner in
            body(&runner, base.values)
        }
    }
}
