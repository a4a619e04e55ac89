import Engine
import Experiments
import Graphs
import Models

/// What an evaluation took, counted from the shapes of what was computed.
package struct Work: Hashable, Sendable {
    /// Nodes evaluated: one for each node, variant and set of pairs.
    package var nodes = 0
    /// Floating-point operations of the matrix products.
    package var operations = 0.0
    /// Variants of the circuit whose metric was computed.
    package var evaluations = 0

    /// Nothing yet.
    package init() {}

    /// Adds an evaluation of a plan, on all pairs or on some.
    mutating func add(
        _ plan: EvaluationPlan, variants: Int, _ state: CircuitState,
        headFed: [Int: HeadFedMLP] = [:], rows: ActiveRows? = nil, pairs: Int? = nil
    ) {
        let all = state.rows.positions.count
        nodes += plan.nodeCount * variants
        evaluations += variants
        operations +=
            Double(variants) * plan.operations(state, rows ?? state.rows, headFed)
            * Double(pairs ?? all)
            / Double(all)
    }

    /// The sum of two.
    package static func + (a: Work, b: Work) -> Work {
        var sum = a
        sum.nodes += b.nodes
        sum.operations += b.operations
        sum.evaluations += b.evaluations
        return sum
    }
}

extension EvaluationPlan {
    /// Floating-point operations of the matrix products of one variant.
    func operations(
        _ state: CircuitState, _ chosen: ActiveRows, _ headFed: [Int: HeadFedMLP]
    ) -> Double {
        let configuration = state.transformer.configuration
        let (dModel, dHead) = (Double(configuration.dModel), Double(configuration.dHead))
        let mlp = 2 * dModel * Double(configuration.dMLP) * (configuration.isGated ? 3 : 2)
        func rows(_ extent: Extent) -> Double { Double(chosen.layout(extent).rowCount) }
        func arriving(_ input: Input) -> Double {
            let heads = input.senders.count {
                if case .head = state.graph.senders[$0] { true } else { false }
            }
            return rows(input.extent) * 2 * dModel * dHead * Double(max(heads, 1))
        }
        var sum = 0.0
        for layer in layers {
            for input in layer.projections {
                sum += arriving(input) + rows(input.extent) * 2 * dModel * dHead
            }
            for head in layer.heads {
                sum += rows(head.extent) * 4 * dHead * Double(chosen.context.longest)
            }
            if let input = layer.mlp {
                sum += arriving(input)
                if let headFed = headFed[layer.layer] {
                    let short = 2 * dHead * Double(headFed.senders.count * configuration.dMLP)
                    let output = 2 * dModel * Double(configuration.dMLP)
                    sum += rows(input.extent) * (short * (configuration.isGated ? 2 : 1) + output)
                } else {
                    sum += rows(input.extent) * mlp
                }
            }
        }
        if let logits {
            sum += arriving(logits)
            if !state.metric.readsFewLogits {
                sum += rows(.end) * 2 * dModel * Double(configuration.dVocabOut)
            }
        }
        return sum
    }
}
