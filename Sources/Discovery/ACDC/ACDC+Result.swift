package import Artifacts
package import CircuitRuns

extension ACDC {
    /// A found circuit.
    package struct Result: Sendable {
        /// The threshold of the run.
        package var threshold: Double
        /// Which edges are in the circuit.
        package var inCircuit: [Bool]
        /// The tests, in order.
        package var decisions: [Decision]
        /// The metric of the full model, not negated.
        package var fullMetric: Double
        /// The metric of the circuit, everything else ablated.
        package var circuitMetric: Double
        /// The metric with every edge cut.
        package var ablatedMetric: Double
        /// What it took.
        package var work: Work
        /// How decisions from few pairs compare with exact ones; nil if all are exact.
        package var audit: PairSampling.Audit?

        /// The result of a run at another threshold that decides alike.
        func at(_ threshold: Double) -> Result {
            var result = self
            result.threshold = threshold
            return result
        }
    }

    /// Where a run stands.
    package struct Progress: Sendable {
        /// Edges decided so far.
        package var decided: Int
        /// Edges in all.
        package var total: Int
        /// Edges kept among those decided.
        package var kept: Int
    }
}
