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
        let receivers = acdc.graph.receivers.indices
        let needs = acdc.graph.needs(present: inCircuit)
        var result: [Int: [Double]] = [:]
        for receiver in receivers {
            state.evaluateCuts(into: receiver, needs: needs, scratch) { edge, values in
                result[edge] = acdc.metric.valuesOfAnswers(values)
            }
            progress(receiver + 1, receivers.count)
        }
        return result
    }
}

extension CircuitState {
    /// Makes `inCircuit` the state, whatever it was: the metric of each pair.
    func evaluateEverything(in inCircuit: [Bool], _ scratch: ScratchPool) -> [Double] {
        settleEverything(in: inCircuit)
        let needs = graph.needs(present: present)
        let plan = EvaluationPlan(ofEverythingIn: graph, needs: needs, keptSenders: keptSenders)
        let computed = Set(plan.inputs.map(\.receiver))
        for receiver in storedInputs.indices where !computed.contains(receiver) {
            storedInputs[receiver] = nil
        }
        for layer in plan.layers { enter(layer: layer.layer) }
        holdAblatedStreams(for: plan)
        makeRoom(for: plan)
        let final = makeFinalRows(variants: 1)
        let dModel = transformer.configuration.dModel
        let rows = rows
        transformer.pool.run(rows.pieces.count) { worker, piece in
            scratch.withWorkspace(of: worker) { workspace in
                var evaluator = PieceEvaluator(
                    self, plan, pairs: rows.pieces[piece], workspace: workspace)
                evaluator.commit(final: final.values + rows.pieces[piece].lowerBound * dModel)
                return evaluator.finish()
            }
        }
        return metricValues(of: final, variants: 1, scratch)
    }

    /// Evaluates the current circuit without each of the edges into a receiver.
    fileprivate func evaluateCuts(
        into receiver: Int, needs: [ActiveRows.Extent?], _ scratch: ScratchPool,
        receive: (_ edge: Int, _ values: [Double]) -> Void
    ) {
        // A receiver that reaches nothing has no input stored.
        guard let stored = storedInputs[receiver], let senders = keptSenders[receiver] else {
            return
        }
        let plan = EvaluationPlan(
            of: receiver, in: graph, needs: needs, keptSenders: keptSenders)
        let (rows, dModel) = (rows, transformer.configuration.dModel)
        let extent = max(plan.widestExtent, stored.extent)
        let rowsOfPiece = rows.pieces.map { rows.count(extent, $0) }.max() ?? 1
        let most = max(1, PieceEvaluator.mostRows / max(1, rowsOfPiece))
        for first in stride(from: 0, to: senders.count, by: most) {
            let wave = senders[first..<min(first + most, senders.count)]
            let final = makeFinalRows(variants: wave.count)
            transformer.pool.run(rows.pieces.count) { worker, piece in
                scratch.withWorkspace(of: worker) { workspace in
                    let pairs = rows.pieces[piece]
                    var evaluator = PieceEvaluator(
                        self, plan, pairs: pairs, workspace: workspace)
                    evaluator.evaluate(
                        TestedInput(
                            receiver: receiver, start: .clean(stored.values.values), wave: wave,
                            variants: wave.count, cutsOneByOne: true),
                        final: final.values + pairs.lowerBound * wave.count * dModel)
                    return evaluator.finish()
                }
            }
            let values = metricValues(of: final, variants: wave.count, scratch)
            for (number, sender) in wave.enumerated() {
                receive(
                    graph.edgeStart[receiver] + sender,
                    rows.positions.indices.map { values[$0 * wave.count + number] })
            }
        }
    }
}
