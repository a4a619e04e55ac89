package import Basics
import CircuitRuns
import Engine
package import Experiments
package import Graphs

/// The loss's gradient at the mask of a circuit (AutoCircuit, Miller et al. 2024, arXiv:2407.08734):
/// every edge's share in the circuit is taken as a number M from 0 to 1, and a receiver's input is the
/// sum over senders of M · current + (1 - M) · ablated output.
///
///     S(u -> r) = - mean over pairs of dL/dM_{ur}
///
/// Of an edge in the circuit that is, to first order, how much cutting it would raise the loss; of an
/// edge outside, how much adding it would lower it. At the full model it is `EAP`.
package struct MaskGradient: ScoringMethod {
    package static let name = "mask-gradient"
    package static let meaning = ScoreMeaning.effect
    package static let needsGradient = true
    package static let usesCleanGradientOnly = true
    package static var parameters: [MethodParameter<Self>] {
        [MethodParameter(.circuit, \.circuit)]
    }

    /// The circuit at whose mask the gradient is taken, `[edge]`; nil is the full model.
    package var circuit: [Bool]?

    package init() {}

    /// At a circuit, `[edge]`.
    package init(circuit: [Bool]) { self.circuit = circuit }

    package func checkFit(to graph: ComputationalGraph) throws(Failure) {
        try graph.requireCircuit(circuit)
    }

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) -> AttributionScores {
        let edgeCount = experiment.graph.edgeCount
        let pairCount = experiment.pairCount
        let perPair =
            resolution.contains(.pairs) ? FloatBuffer(count: pairCount * edgeCount) : nil
        var sums = [Double](repeating: 0, count: edgeCount)
        _ = MaskedEvaluator(experiment).evaluate(
            EdgeMasks(circuit ?? Array(repeating: true, count: edgeCount)), gradients: .masks,
            separatePairs: true
        ) { part in
            for edge in sums.indices {
                sums[edge] -= Double(part.gradient[edge])
                perPair?.values[part.pairs.lowerBound * edgeCount + edge] = -part.gradient[edge]
            }
        }
        return AttributionScores(
            mean: sums.map { Float($0 / Double(max(1, pairCount))) },
            losses: ReferenceLosses(of: experiment), perPair: perPair)
    }
}
