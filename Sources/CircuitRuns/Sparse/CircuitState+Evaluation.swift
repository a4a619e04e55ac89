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
        forEachPiece(of: plan, scratch) { runner in
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
        let dModel = transformer.configuration.dModel
        let current = currentInput(of: input.receiver, input.extent, plan, scratch)
        let most = mostVariants(of: plan, input.extent)
        let edges = edges(into: input.receiver)
        let cuts = input.senders.map { EdgeCut($0) }
        for first in stride(from: 0, to: cuts.count, by: most) {
            let wave = cuts[first..<min(first + most, cuts.count)]
            let final = makeFinalRows(variants: wave.count)
            forEachPiece(of: plan, variants: wave.count, scratch) { runner in
                runner.evaluate(
                    TestedInput(
                        receiver: input.receiver, start: .whole(current.values, input.extent),
                        edges: edges, wave: wave, variants: wave.count, cutsOneByOne: true),
                    final: final.values + runner.pairs.lowerBound * wave.count * dModel)
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
        forEachPiece(of: plan, scratch) { runner in
            let row = layout.starts[runner.pairs.lowerBound]
            runner.fillCurrent(input.values + row * width, of: receiver, extent)
        }
        return input
    }

    /// How many variants of a plan's tested input, which has the rows of `extent`, are evaluated side
    /// by side at most: enough rows for wide matrix products, not so many that much is
    /// computed in vain where an early edge is kept, or that what they change takes much memory.
    /// - Parameter chosen: the rows that are computed; nil is all that a change can reach.
    func mostVariants(
        of plan: EvaluationPlan, _ extent: ActiveRows.Extent, in chosen: ActiveRows? = nil
    ) -> Int {
        let rows = chosen ?? rows
        let widest = max(plan.widestExtent, extent)
        let fitting = rows.pieces(for: widest).map { pairs in
            let changed = plan.extentOfSender.indices.reduce(0) { sum, sender in
                guard let extent = plan.extentOfSender[sender] else { return sum }
                return sum + rows.count(extent, pairs) * currentOutput(of: sender).width
            }
            let wide = BLAS.mostOwnRows / max(1, rows.count(widest, pairs))
            // Of a whole graph no changes are kept.
            return isWhole ? wide : min(wide, mostChanged / max(1, changed))
        }
        return max(1, min(fitting.min() ?? 1, 4096 / max(1, rows.positions.count)))
    }

    /// Carries out a plan for pieces of the pairs, by default all, spread over threads.
    /// - Parameters:
    ///   - chosen: the rows that are computed; nil is all that a change can reach.
    ///   - variants: how many variants of the tested input are evaluated side by side.
    func forEachPiece(
        _ pieces: [Range<Int>]? = nil, of plan: EvaluationPlan, headFed: [Int: HeadFedMLP] = [:],
        cleanInput: StreamAtPoint? = nil, rows chosen: ActiveRows? = nil, variants: Int = 1,
        _ scratch: ScratchPool,
        _ body: @Sendable (inout PlanRunner) -> Void
    ) {
        let pieces = pieces ?? rows.pieces
        transformer.pool.run(pieces.count) { worker, piece in
            scratch.withWorkspace(of: worker) { workspace in
                var runner = PlanRunner(
                    self, plan, headFed: headFed, cleanInput: cleanInput, rows: chosen ?? rows,
                    pairs: pieces[piece], variants: variants, workspace: workspace)
                body(&runner)
            }
        }
    }
}
