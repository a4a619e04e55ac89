package import Engine
import Graphs
import Models

/// Tests cuts of one receiver's edges and makes them, over all pairs and threads; or those of several
/// receivers, which read the same stream and lose the same edges.
package final class ReceiverProbe {
    /// The receivers under test.
    package let receivers: [Int]
    /// The one of them that is computed at most rows: its input is that of all.
    let receiver: Int
    let state: CircuitState
    let plan: EvaluationPlan
    private let headFed: [Int: HeadFedMLP]
    let scratch: ScratchPool
    let extent: ActiveRows.Extent
    /// The positions at which what the receivers make is read; nil where they aren't apart.
    package let livePositions: [Bool]?
    /// The clean stream that they read, at the context rows; nil where their senders aren't clean.
    private let cleanInput: StreamAtPoint?
    /// The receivers' input with the accepted cuts made, `[row of extent, part, d_model]`.
    let base: FloatBuffer
    /// The values of a row of it.
    private let width: Int
    /// The edges before any cut, and without those at positions that nothing reads.
    let edgesAtStart: InputEdges
    /// The edges that aren't cut so far.
    package private(set) var edges: InputEdges
    /// The rows that change behind each position that was tested.
    private var rowsFromPosition: [Int: ActiveRows] = [:]
    /// What the cuts of the last wave take away, if it is at all positions.
    var differences: KnownDifferences?
    /// Cuts accepted so far.
    private var cuts: [EdgeCut] = []
    /// Edges decided so far by `replay`.
    package private(set) var replayedCount = 0
    /// What it took so far.
    package internal(set) var work = Work()

    /// The probe of one receiver.
    package convenience init?(_ receiver: Int, _ state: CircuitState, _ scratch: ScratchPool) {
        self.init([receiver], state, scratch)
    }

    /// Nil if nothing that the receivers change reaches the output.
    package init?(_ receivers: [Int], _ state: CircuitState, _ scratch: ScratchPool) {
        let graph = state.graph
        let needs = state.needs
        let extents = receivers.map { graph.extent(of: $0, needs) }
        guard let extent = extents.compactMap({ $0 }).max(),
            let widest = extents.firstIndex(of: extent)
        else { return nil }
        plan = EvaluationPlan(
            of: receivers, in: graph, needs: needs, keptSenders: state.keptSenders)
        self.receivers = receivers
        let receiver = receivers[widest]
        self.receiver = receiver
        self.state = state
        self.scratch = scratch
        self.extent = extent
        livePositions = state.livePositions(of: receivers)
        if let layer = graph.receivers[receiver].layer { state.enter(layer: layer, needs) }
        cleanInput =
            state.startsFromClean || state.isWhole
            ? state.cleanStreams.stream(at: state.point(of: receiver)) : nil
        state.holdAblatedStreams(for: plan)
        headFed = state.isWhole ? [:] : HeadFedMLP.all(of: plan, in: state, scratch)
        width = state.width(of: receiver)
        base = FloatBuffer(count: state.rows.layout(extent).rowCount * width)
        var edges = state.edges(into: receiver)
        for (position, isLive) in (livePositions ?? []).enumerated() where !isLive {
            edges.cutAll(at: position)
        }
        edgesAtStart = edges
        self.edges = edges
        startOver()
    }

    /// Takes over an earlier decision about edges.
    package func replay(_ cut: EdgeCut, isCut: Bool) {
        replayedCount += 1
        if isCut { accept([cut]) }
    }

    /// Makes the input that of the current circuit.
    private func startOver() {
        let (extent, cleanInput, width, receiver) = (extent, cleanInput, width, receiver)
        forEachUnit { runner, base in
            let row = runner.rows.layout(extent).starts[runner.pairs.lowerBound]
            if let cleanInput {
                runner.copy(cleanInput, to: base + row * width, width: width, extent)
            } else {
                runner.fillCurrent(base + row * width, of: receiver, extent)
            }
        }
    }

    /// How many pairs there are.
    package var pairCount: Int { state.rows.positions.count }

    /// How many variants are evaluated side by side at most.
    package var mostVariants: Int { state.mostVariants(of: plan, extent) }

    /// The same where each is evaluated for itself, which depends on nothing but the model and its circuit.
    package var mostOneByOne: Int { CircuitState.variantsOneByOne(of: plan, extent) }

    /// The same where they differ at one position and behind it; a wave of this many cuts at a position
    /// is cheapest.
    package func mostVariants(at position: Int?) -> Int {
        state.mostVariants(of: plan, extent, in: rows(from: position))
    }

    /// The units of work of so many variants, in the order in which threads take them.
    package func units(variants: Int) -> [WorkUnit] {
        state.units(of: plan, atLeast: extent, in: state.rows, variants: variants)
    }

    /// Whether a cut can't change anything, as where no pair differs yet.
    package func isWithoutEffect(_ cut: EdgeCut) -> Bool {
        cut.position.map { position in
            state.rows.positions.allSatisfy { position < $0.lowerBound }
        } ?? false
    }

    /// The rows that change behind a position; nil for all.
    func rows(from position: Int?) -> ActiveRows? {
        guard let position else { return nil }
        if let known = rowsFromPosition[position] { return known }
        let rows = state.rows.starting(at: position, in: state.transformer)
        rowsFromPosition[position] = rows
        return rows
    }

    /// Accepts cuts: further evaluations start from there.
    package func accept(_ wave: ArraySlice<EdgeCut>) {
        cuts += wave
        for cut in wave { edges.set(cut, false) }
        let (extent, width, receiver, differences) = (extent, width, receiver, differences)
        let ablated = state.parts.ablatedParts(edges, into: receiver, in: state.graph)
        forEachUnit { runner, base in
            let row = runner.rows.layout(extent).starts[runner.pairs.lowerBound]
            for cut in wave {
                runner.add(
                    cut, differences, to: base + row * width, width: width, extent, scale: -1)
            }
            runner.ablate(ablated, in: base + row * width, of: receiver, extent)
        }
    }

    /// Takes back cuts that were just accepted, by starting over.
    package func withdraw(_ wave: ArraySlice<EdgeCut>) {
        let remaining = cuts.dropLast(wave.count)
        cuts = []
        edges = edgesAtStart
        startOver()
        accept(remaining)
    }

    /// Makes the accepted cuts in the state and computes afresh whatever they change.
    /// - Returns: the metric of the circuit, as minimised.
    package func commit() -> Double {
        let width = state.transformer.configuration.dModel
        for receiver in receivers { state.settle(receiver, edges) }
        state.makeRoom(for: plan)
        let final = state.makeFinalRows(variants: 1)
        forEachUnit { runner, _ in
            runner.commit(final: final.values + runner.pairs.lowerBound * width)
        }
        work.add(plan, variants: 1)
        return state.minimisedMetric(of: final, variants: 1, scratch)[0]
    }

    /// Calls `body` for every unit of work, or only those of some pieces, spread over threads.
    func forEachUnit(
        _ pieces: [Range<Int>]? = nil, rows: ActiveRows? = nil, variants: Int = 1,
        _ body: @Sendable (inout PlanRunner, UnsafeMutablePointer<Float>) -> Void
    ) {
        let base = base
        state.forEachUnit(
            of: plan, atLeast: extent, pieces: pieces, headFed: headFed, cleanInput: cleanInput,
            rows: rows, variants: variants, scratch
        ) { runner in
            body(&runner, base.values)
        }
    }
}
