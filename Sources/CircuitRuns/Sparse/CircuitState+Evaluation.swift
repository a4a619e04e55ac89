package import Engine
import Graphs
import Models

/// Evaluating given circuits, piece by piece of the pairs.
extension CircuitState {
    /// Makes `inCircuit` the state, whatever it was: the metric of each pair.
    func evaluateEverything(in inCircuit: [Bool], _ scratch: ScratchPool) -> [Double] {
        metricValues(of: commitEverything(in: inCircuit, scratch), variants: 1, scratch)
    }

    /// Makes `inCircuit`, `[edge]` or, by position, `[edge][position]`, the state: its mean metric, as
    /// minimised.
    package func start(from inCircuit: [Bool], _ scratch: ScratchPool) -> Double {
        minimisedMetric(of: commitEverything(in: inCircuit, scratch), variants: 1, scratch)[0]
    }

    /// Makes a circuit the state: the normalised final stream, `[pair, d_model]`.
    private func commitEverything(in inCircuit: [Bool], _ scratch: ScratchPool) -> FloatBuffer {
        settleEverything(in: inCircuit)
        releaseUnneeded()
        let needs = needs
        let plan = planOfEverything(needs)
        for layer in plan.layers { enter(layer: layer.layer, needs) }
        holdAblatedStreams(for: plan)
        makeRoom(for: plan)
        let final = makeFinalRows(variants: 1)
        let dModel = transformer.configuration.dModel
        forEachUnit(of: plan, scratch) { runner in
            runner.commit(final: final.values + runner.pairs.lowerBound * dModel)
        }
        return final
    }

    /// The plan of computing every node that matters.
    func planOfEverything(_ needs: [ActiveRows.Extent?]) -> EvaluationPlan {
        EvaluationPlan(ofEverythingIn: graph, needs: needs, keptSenders: keptSenders)
    }

    /// Evaluates the current circuit without each of the edges into a receiver.
    func evaluateCuts(
        into input: EvaluationPlan.Input, needs: [ActiveRows.Extent?], _ scratch: ScratchPool,
        receive: (_ edge: Int, _ values: [Double]) -> Void
    ) {
        let plan = EvaluationPlan(
            of: [input.receiver], in: graph, needs: needs, keptSenders: keptSenders)
        let current = currentInput(of: input.receiver, input.extent, plan, scratch)
        let most = Self.variantsOneByOne(of: plan, input.extent)
        let edges = edges(into: input.receiver)
        let cuts = input.senders.map { EdgeCut($0) }
        for first in stride(from: 0, to: cuts.count, by: most) {
            let wave = cuts[first..<min(first + most, cuts.count)]
            let final = makeFinalRows(variants: wave.count)
            forEachUnit(of: plan, atLeast: input.extent, variants: wave.count, scratch) { runner in
                runner.evaluate(
                    TestedInput(
                        receiver: input.receiver, start: .whole(current.values, input.extent),
                        edges: edges, wave: wave, variants: wave.count, cutsOneByOne: true),
                    final: final.values)
            }
            let values = metricValues(of: final, variants: wave.count, scratch)
            for (number, cut) in wave.enumerated() {
                receive(
                    graph.edgeStart[input.receiver] + cut.senders.lowerBound,
                    rows.positions.indices.map { values[$0 * wave.count + number] })
            }
        }
    }

    /// A receiver's input in the current circuit, `[row of extent, part, d_model]`.
    func currentInput(
        of receiver: Int, _ extent: ActiveRows.Extent, _ plan: EvaluationPlan,
        _ scratch: ScratchPool
    ) -> FloatBuffer {
        let width = width(of: receiver)
        let layout = rows.layout(extent)
        let input = FloatBuffer(count: layout.rowCount * width)
        forEachUnit(of: plan, atLeast: extent, scratch) { runner in
            let row = layout.starts[runner.pairs.lowerBound]
            runner.fillCurrent(input.values + row * width, of: receiver, extent)
        }
        return input
    }

    /// How many variants of a plan's tested input, which has the rows of `extent`, are evaluated side
    /// by side at most where later ones depend on earlier ones: enough rows for wide matrix products,
    /// not so many that much is computed in vain where an early edge is kept. It depends on how long
    /// prompts are, not on how many.
    /// - Parameter chosen: the rows that are computed; nil is all that a change can reach.
    func mostVariants(
        of plan: EvaluationPlan, _ extent: ActiveRows.Extent, in chosen: ActiveRows? = nil
    ) -> Int {
        let rows = chosen ?? rows
        let widest = max(plan.widestExtent, extent)
        let most = Self.variantsOneByOne(of: plan, extent)
        return rows.pieces(for: widest, variants: most).reduce(most) {
            min($0, mostVariants(of: plan, widest, in: rows, pairs: $1))
        }
    }

    /// The same where each is one for itself, so that it doesn't depend on the pairs.
    static func variantsOneByOne(of plan: EvaluationPlan, _ extent: ActiveRows.Extent) -> Int {
        BLAS.mostOwnRows / ActiveRows.leastRows(max(plan.widestExtent, extent))
    }

    /// How many variants a thread evaluates at a time for the pairs of a piece: what they change
    /// takes not much memory.
    private func mostVariants(
        of plan: EvaluationPlan, _ widest: ActiveRows.Extent, in rows: ActiveRows,
        pairs: Range<Int>
    ) -> Int {
        let wide = BLAS.mostOwnRows / max(1, rows.count(widest, pairs))
        // Of a whole graph no changes are kept.
        if isWhole { return max(1, wide) }
        let changed = plan.extentOfSender.indices.reduce(0) { sum, sender in
            guard let extent = plan.extentOfSender[sender] else { return sum }
            return sum + rows.count(extent, pairs) * currentOutput(of: sender).width
        }
        return max(1, min(wide, mostChanged / max(1, changed)))
    }

    /// The units of work of a plan, each a few variants of the pairs of a piece.
    ///
    /// They depend on the pairs, the plan and the number of variants, not on the number of
    /// threads; those of a pair not on the pairs behind its piece.
    func units(
        of plan: EvaluationPlan, atLeast extent: ActiveRows.Extent = .end, in rows: ActiveRows,
        pieces: [Range<Int>]? = nil, variants: Int
    ) -> [WorkUnit] {
        let widest = max(plan.widestExtent, extent)
        let pieces = pieces ?? rows.pieces(for: widest, variants: variants)
        return pieces.flatMap { pairs in
            let most = min(
                mostVariants(of: plan, widest, in: rows, pairs: pairs),
                max(1, WorkUnit.mostRows(widest) / max(1, rows.count(widest, pairs))))
            let count = (variants + most - 1) / most
            return (0..<count).map {
                WorkUnit(
                    pairs: pairs, variants: variants * $0 / count..<variants * ($0 + 1) / count)
            }
        }
    }

    /// Carries out a plan unit by unit, by default for all pairs, spread over threads.
    /// - Parameters:
    ///   - extent: what is computed at least.
    ///   - pieces: those of the pairs that are run; nil is all.
    ///   - chosen: the rows that are computed; nil is all that a change can reach.
    ///   - variants: how many variants of the tested input are evaluated.
    func forEachUnit(
        of plan: EvaluationPlan, atLeast extent: ActiveRows.Extent = .end,
        pieces: [Range<Int>]? = nil, headFed: [Int: HeadFedMLP] = [:],
        cleanInput: StreamAtPoint? = nil, rows chosen: ActiveRows? = nil, variants: Int = 1,
        _ scratch: ScratchPool,
        _ body: @Sendable (inout PlanRunner) -> Void
    ) {
        let rows = chosen ?? rows
        let units = units(
            of: plan, atLeast: extent, in: rows, pieces: pieces, variants: variants)
        transformer.pool.run(units.count) { worker, index in
            scratch.withWorkspace(of: worker) { workspace in
                var runner = PlanRunner(
                    self, plan, headFed: headFed, cleanInput: cleanInput, rows: rows,
                    unit: units[index], workspace: workspace)
                body(&runner)
            }
        }
    }
}
