package import Artifacts

/// The completeness of a circuit C (Wang et al. 2022): whether it does as the full model M does when
/// random parts K of it are knocked out of both. With F the mean of the metric over pairs,
///
///     gap(K)                 = |F(C without K) - F(M without K)|
///     incompleteness         = mean over K of gap(K)
///     incompleteness-largest = max over K of gap(K)
///     incompleteness-share   = incompleteness / |F(M) - F(ablated)|
///
/// The curve has a point (F(M without K), F(C without K)) for each K.
package struct Completeness: EvaluationPart {
    /// The mean gap, the largest one, and the mean as a share.
    package let figures: [EvaluationArtifact.Figure]
    /// The circuit against the full model.
    package let curve: EvaluationArtifact.Curve

    /// Knocks parts out of the circuit and of the full model.
    /// - Parameters:
    ///   - inCircuit: which edges are in it, `[edge]`.
    ///   - knockouts: what is knocked out: at least one set.
    package init(of inCircuit: [Bool], under knockouts: Knockouts, judge: CircuitJudge) {
        let whole = [Bool](repeating: true, count: inCircuit.count)
        func without(_ edges: [Int], _ circuit: [Bool]) -> [Double] {
            var circuit = circuit
            for edge in edges { circuit[edge] = false }
            return judge.values(of: circuit)
        }
        let measured = knockouts.cutEdges(of: inCircuit, in: judge.graph).map {
            (circuit: without($0, inCircuit), full: without($0, whole))
        }

        func gaps(_ mean: PairMean) -> [Double] {
            measured.map { abs(mean($0.circuit) - mean($0.full)) }
        }
        func average(_ mean: PairMean) -> Double {
            gaps(mean).reduce(0, +) / Double(measured.count)
        }
        let resampling = judge.resampling
        figures = [
            resampling.figure("incompleteness", average),
            resampling.figure("incompleteness-largest") { gaps($0).max() ?? .nan },
            resampling.figure("incompleteness-share") { mean in
                average(mean) / abs(mean(judge.full) - mean(judge.ablated))
            },
        ]
        curve = resampling.curve(
            "completeness", xLabel: "full model without K", yLabel: "circuit without K",
            x: measured.map { PairMean.ofAll($0.full) }
        ) { point, mean in mean(measured[point].circuit) }
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        evaluation.figures += figures
        evaluation.curves.append(curve)
    }
}
