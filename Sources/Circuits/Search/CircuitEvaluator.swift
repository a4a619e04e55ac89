internal import Engine
internal import Models

/// Evaluates given circuits from scratch: every node that matters is computed in order from the
/// ablated stream and the edges of the circuit. Nothing is carried over from a search.
public struct CircuitEvaluator: Sendable {
    private let acdc: ACDC

    /// Evaluates circuits on what a search runs on: its graph, pairs, metric and ablation.
    public init(_ acdc: ACDC) { self.acdc = acdc }

    /// The metric of a circuit for each pair, everything else ablated.
    /// - Parameter inCircuit: which edges are in it, `[edge]`.
    public func values(of inCircuit: [Bool]) -> [Double] {
        let state = CircuitState(
            graph: acdc.graph, transformer: acdc.transformer, metric: acdc.metric,
            clean: acdc.clean, ablated: acdc.ablated, rows: acdc.rows)
        return state.evaluateEverything(
            in: inCircuit, ScratchPool(workers: acdc.transformer.pool.threads))
    }

    /// The mean metric of a circuit, everything else ablated.
    public func mean(of inCircuit: [Bool]) -> Double {
        let values = values(of: inCircuit)
        return values.reduce(0, +) / Double(max(1, values.count))
    }
}

extension CircuitState {
    /// Makes `inCircuit` the state, whatever it was: the metric of each pair.
    func evaluateEverything(in inCircuit: [Bool], _ scratch: ScratchPool) -> [Double] {
        for receiver in graph.receivers.indices {
            let start = graph.edgeStart[receiver]
            settle(
                receiver,
                cutting: (0..<graph.senderCount(of: receiver)).filter { !inCircuit[start + $0] })
        }
        let needs = graph.needs(present: present)
        let plan = EvaluationPlan(ofEverythingIn: graph, needs: needs, keptSenders: keptSenders)
        for layer in plan.layers {
            enter(layer: layer.layer)
            for input in layer.projections + (layer.mlp.map { [$0] } ?? []) { makeRoom(for: input) }
        }
        if let logits = plan.logits { makeRoom(for: logits) }
        let final = makeFinalRows(variants: 1)
        let dModel = transformer.configuration.dModel
        let rows = rows
        transformer.pool.run(rows.pieces.count) { worker, piece in
            scratch.withWorkspace(of: worker) { workspace in
                var evaluator = PieceEvaluator(
                    self, plan, pairs: rows.pieces[piece], variants: 1, workspace: workspace)
                evaluator.commit(final: final.values + rows.pieces[piece].lowerBound * dModel)
                return evaluator.finish()
            }
        }
        return metricValues(of: final, variants: 1, scratch)
    }

    private func makeRoom(for input: EvaluationPlan.Input) {
        let count = rows.layout(input.extent).rowCount * transformer.configuration.dModel
        storedInputs[input.receiver] = StoredInput(
            extent: input.extent, values: FloatBuffer(count: count))
    }
}
