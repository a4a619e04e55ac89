internal import Engine
internal import Models

/// Evaluates given circuits from scratch: every node that matters is computed in order from the
/// ablated stream and the edges of the circuit. Nothing is carried over from a search.
///
/// A small circuit costs what its edges cost, a large one what a forward pass and a matrix product
/// of all edges cost; the size alone decides which way is gone.
///
/// What doesn't depend on the circuit is kept from one evaluation to the next; one thread calls it.
public final class CircuitEvaluator {
    /// What a search runs on.
    let acdc: ACDC
    private let state: CircuitState
    private let scratch: ScratchPool
    /// For circuits of many edges; nil for models that it doesn't know.
    private lazy var masked = try? MaskedEvaluator(
        acdc.graph, transformer: acdc.transformer, metric: acdc.metric, clean: acdc.clean)

    /// Evaluates circuits on what a search runs on: its graph, pairs, metric and ablation.
    public init(_ acdc: ACDC) {
        self.acdc = acdc
        state = CircuitState(
            graph: acdc.graph, transformer: acdc.transformer, metric: acdc.metric,
            clean: acdc.clean, ablated: acdc.ablated, rows: acdc.rows)
        scratch = ScratchPool(workers: acdc.transformer.pool.threads)
    }

    /// The metric of a circuit for each pair, everything else ablated.
    /// - Parameter inCircuit: which edges are in it, `[edge]`.
    public func values(of inCircuit: [Bool]) -> [Double] {
        let share = Double(inCircuit.count { $0 }) / Double(max(1, inCircuit.count))
        if share > Self.largestSparseShare, let masked {
            return acdc.metric.valuesOfAnswers(
                masked.evaluate(EdgeMasks(inCircuit), ablated: acdc.ablated).values)
        }
        return acdc.metric.valuesOfAnswers(state.evaluateEverything(in: inCircuit, scratch))
    }

    /// The share of edges above which a matrix product of all of them is faster: SmolLM2 on 16 pairs
    /// of IOI took 0.43 s edge by edge and 0.53 s all together at 1.9% of its edges, 0.57 s and 0.44 s
    /// at 2.9%.
    private static let largestSparseShare = 0.02

    /// The mean metric of a circuit, everything else ablated.
    public func mean(of inCircuit: [Bool]) -> Double {
        let values = values(of: inCircuit)
        return values.reduce(0, +) / Double(max(1, values.count))
    }

    /// The metric of a circuit with each of its edges cut by itself.
    ///
    /// Only what an edge reaches is computed again, and the edges of a receiver are evaluated side by
    /// side. Edges that don't reach `logits` are left out: cutting them changes nothing.
    /// - Parameters:
    ///   - inCircuit: which edges are in the circuit, `[edge]`.
    ///   - progress: is told now and then how many receivers of how many are done.
    /// - Returns: by edge, the metric of each pair.
    public func valuesWithoutEach(
        of inCircuit: [Bool], progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) -> [Int: [Double]] {
        _ = state.evaluateEverything(in: inCircuit, scratch)
        let needs = acdc.graph.needs(present: inCircuit)
        let inputs = state.planOfEverything(needs).inputs
        var result: [Int: [Double]] = [:]
        for (done, input) in inputs.enumerated() {
            state.evaluateCuts(into: input, needs: needs, scratch) { edge, values in
                result[edge] = acdc.metric.valuesOfAnswers(values)
            }
            progress(done + 1, inputs.count)
        }
        return result
    }
}

extension CircuitState {
    /// Makes `inCircuit` the state, whatever it was: the metric of each pair.
    func evaluateEverything(in inCircuit: [Bool], _ scratch: ScratchPool) -> [Double] {
        settleEverything(in: inCircuit)
        let needs = graph.needs(present: present)
        let plan = planOfEverything(needs)
        let computed = Set(plan.inputs.map(\.receiver))
        for receiver in storedInputs.indices where !computed.contains(receiver) {
            storedInputs[receiver] = nil
        }
        for layer in plan.layers { enter(layer: layer.layer, needs) }
        holdAblatedStreams(for: plan)
        makeRoom(for: plan)
        let final = makeFinalRows(variants: 1)
        let dModel = transformer.configuration.dModel
        forEachPiece(of: plan, scratch) { evaluator in
            evaluator.commit(final: final.values + evaluator.pairs.lowerBound * dModel)
        }
        return metricValues(of: final, variants: 1, scratch)
    }

    /// The plan of computing every node that matters.
    fileprivate func planOfEverything(_ needs: [ActiveRows.Extent?]) -> EvaluationPlan {
        EvaluationPlan(ofEverythingIn: graph, needs: needs, keptSenders: keptSenders)
    }

    /// Evaluates the current circuit without each of the edges into a receiver.
    fileprivate func evaluateCuts(
        into input: EvaluationPlan.Input, needs: [ActiveRows.Extent?], _ scratch: ScratchPool,
        receive: (_ edge: Int, _ values: [Double]) -> Void
    ) {
        let plan = EvaluationPlan(
            of: input.receiver, in: graph, needs: needs, keptSenders: keptSenders)
        let dModel = transformer.configuration.dModel
        let current = currentInput(of: input.receiver, input.extent, plan, scratch)
        let extent = max(plan.widestExtent, input.extent)
        let rowsOfPiece = rows.pieces.map { rows.count(extent, $0) }.max() ?? 1
        let most = max(1, PieceEvaluator.mostRows / max(1, rowsOfPiece))
        for first in stride(from: 0, to: input.senders.count, by: most) {
            let wave = input.senders[first..<min(first + most, input.senders.count)]
            let final = makeFinalRows(variants: wave.count)
            forEachPiece(of: plan, scratch) { evaluator in
                evaluator.evaluate(
                    TestedInput(
                        receiver: input.receiver, start: .clean(current.values), wave: wave,
                        variants: wave.count, cutsOneByOne: true),
                    final: final.values + evaluator.pairs.lowerBound * wave.count * dModel)
            }
            let values = metricValues(of: final, variants: wave.count, scratch)
            for (number, sender) in wave.enumerated() {
                receive(
                    graph.edgeStart[input.receiver] + sender,
                    rows.positions.indices.map { values[$0 * wave.count + number] })
            }
        }
    }

    /// A receiver's input in the current circuit, `[row of extent, d_model]`.
    func currentInput(
        of receiver: Int, _ extent: ActiveRows.Extent, _ plan: EvaluationPlan,
        _ scratch: ScratchPool
    ) -> FloatBuffer {
        let dModel = transformer.configuration.dModel
        let layout = rows.layout(extent)
        let input = FloatBuffer(count: layout.rowCount * dModel)
        forEachPiece(of: plan, scratch) { evaluator in
            let row = layout.starts[evaluator.pairs.lowerBound]
            evaluator.fillCurrent(input.values + row * dModel, of: receiver, extent)
        }
        return input
    }

    /// Carries out a plan for every piece of the pairs, spread over threads.
    private func forEachPiece(
        of plan: EvaluationPlan, _ scratch: ScratchPool,
        _ body: @Sendable (inout PieceEvaluator) -> Void
    ) {
        let pieces = rows.pieces
        transformer.pool.run(pieces.count) { worker, piece in
            scratch.withWorkspace(of: worker) { workspace in
                var evaluator = PieceEvaluator(
                    self, plan, pairs: pieces[piece], workspace: workspace)
                body(&evaluator)
                return evaluator.finish()
            }
        }
    }
}
