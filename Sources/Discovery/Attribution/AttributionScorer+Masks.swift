import CircuitRuns
import Engine
import Graphs

extension AttributionScorer {
    /// Evaluates masks of edges on the same pairs.
    func maskedEvaluator() -> MaskedEvaluator {
        MaskedEvaluator(experiment)
    }

    /// What the loss would gain if an edge's mask were taken back, to first order: the negated
    /// gradient by the masks at a circuit.
    func maskGradientScores(perPair: Bool) -> AttributionScores {
        let mask = options.circuit ?? Array(repeating: true, count: graph.edgeCount)
        let evaluator = maskedEvaluator()
        let pairCount = evaluator.pairCount
        let kept = perPair ? FloatBuffer(count: pairCount * graph.edgeCount) : nil
        var sums = [Double](repeating: 0, count: graph.edgeCount)
        _ = evaluator.evaluate(
            EdgeMasks(mask), gradients: .masks, separatePairs: true
        ) { part in
            for edge in sums.indices {
                sums[edge] -= Double(part.gradient[edge])
                kept?.values[part.pairs.lowerBound * sums.count + edge] = -part.gradient[edge]
            }
        }
        return AttributionScores(
            mean: sums.map { Float($0 / Double(max(1, pairCount))) }, perPair: kept)
    }
}
