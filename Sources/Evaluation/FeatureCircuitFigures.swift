package import Artifacts

/// The faithfulness of a circuit of features, and of what is left without it: with F the mean metric over
/// pairs, M the full model, C the model with the features outside the circuit ablated, D with those of
/// the circuit, and A with all features ablated,
///
///     faithfulness            = (F(C) - F(A)) / (F(M) - F(A))
///     complement-faithfulness = (F(D) - F(A)) / (F(M) - F(A))
///
/// - Note: Marks et al. 2024, "Sparse Feature Circuits", call the second completeness: it is low where the
///   circuit has all that matters.
package struct FeatureCircuitFigures: EvaluationPart {
    /// The metric of each of the four models, one value a pair.
    package struct Values: Sendable {
        /// The full model.
        package var full: [Double]
        /// All features ablated.
        package var ablated: [Double]
        /// Those outside the circuit ablated.
        package var circuit: [Double]
        /// Those of the circuit ablated.
        package var complement: [Double]

        /// The values of four models.
        package init(
            full: [Double], ablated: [Double], circuit: [Double], complement: [Double]
        ) {
            self.full = full
            self.ablated = ablated
            self.circuit = circuit
            self.complement = complement
        }
    }

    private let featureCount: Int
    private let values: Values
    private let resampling: PairResampling

    /// The figures of a circuit of this many features.
    package init(
        featureCount: Int, _ values: Values, bootstrap: EvaluationArtifact.Bootstrap?
    ) {
        self.featureCount = featureCount
        self.values = values
        resampling = PairResampling(pairCount: values.full.count, bootstrap)
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        let values = values
        func faithfulness(_ part: [Double], _ mean: PairMean) -> Double {
            let low = mean(values.ablated)
            return (mean(part) - low) / (mean(values.full) - low) + 0
        }
        evaluation.figures += [
            EvaluationArtifact.Figure(name: "features", value: Double(featureCount)),
            resampling.figure("metric-full") { $0(values.full) },
            resampling.figure("metric-corrupted") { $0(values.ablated) },
            resampling.figure("metric-circuit") { $0(values.circuit) },
            resampling.figure("metric-complement") { $0(values.complement) },
            resampling.figure("faithfulness") { faithfulness(values.circuit, $0) },
            resampling.figure("complement-faithfulness") { faithfulness(values.complement, $0) },
        ]
        evaluation.pairColumns["full"] = values.full
        evaluation.pairColumns["corrupted"] = values.ablated
        evaluation.pairColumns["circuit"] = values.circuit
        evaluation.pairColumns["complement"] = values.complement
        evaluation.bootstrap = resampling.bootstrap
    }
}
