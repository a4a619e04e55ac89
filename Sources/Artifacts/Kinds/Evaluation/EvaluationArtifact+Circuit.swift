extension EvaluationArtifact {
    /// A value over all pairs with the ends of its confidence interval; NaN where it isn't known.
    package struct Estimate: Hashable, Sendable {
        /// The value over all pairs.
        package var value: Double
        /// Lower end of the confidence interval; NaN if none was computed.
        package var lower: Double
        /// Upper end of the confidence interval; NaN if none was computed.
        package var upper: Double

        /// Makes an estimate from its parts.
        package init(value: Double = .nan, lower: Double = .nan, upper: Double = .nan) {
            self.value = value
            self.lower = lower
            self.upper = upper
        }
    }

    /// One of the circuits that were judged or compared together.
    package struct Circuit: Hashable, Sendable {
        /// The file that it is in, or was taken from.
        package var file: ArtifactReference
        /// Which of the file's runs it is; nil where it is none.
        package var run: Int?
        /// The share of all edges that were taken from scores; nil of a circuit that was found.
        package var share: Double?
        /// How it was found.
        package var method: String
        /// Its threshold; nil if it has none.
        package var threshold: Double?
        /// The traversal order, or whether scores were ranked `signed` or `absolute`.
        package var order: String
        /// The level of its graph (``GraphTable/level``); empty where it isn't known.
        package var level: String
        /// The number of its edges.
        package var edgeCount: Int
        /// The number of its nodes.
        package var nodeCount: Int
        /// Digest of the dataset it was made from; nil where that isn't known.
        package var datasetDigest: String?
        /// The metric with everything else ablated; NaN where it wasn't run.
        package var metric: Estimate
        /// The faithfulness; NaN where it wasn't run.
        package var faithfulness: Estimate
        /// The metric in each pair; empty where it wasn't run. Shape `[pair]`.
        package var values: [Double]
        /// Whether no other of these circuits of its level is as good with fewer edges, or better with as
        /// many.
        package var isOnFront: Bool

        /// Makes a row from its parts.
        package init(
            file: ArtifactReference, run: Int? = nil, share: Double? = nil, method: String,
            threshold: Double? = nil, order: String = "", level: String = "",
            edgeCount: Int, nodeCount: Int,
            datasetDigest: String? = nil, metric: Estimate = Estimate(),
            faithfulness: Estimate = Estimate(), values: [Double] = [], isOnFront: Bool = false
        ) {
            self.file = file
            self.run = run
            self.share = share
            self.method = method
            self.threshold = threshold
            self.order = order
            self.level = level
            self.edgeCount = edgeCount
            self.nodeCount = nodeCount
            self.datasetDigest = datasetDigest
            self.metric = metric
            self.faithfulness = faithfulness
            self.values = values
            self.isOnFront = isOnFront
        }
    }

    /// Whether what was judged was made from other pairs than it is judged on; nil where either isn't
    /// known.
    package var isHeldOut: Bool? { isHeldOut(from: subjectDatasetDigest) }

    /// The same of one of the circuits.
    package func isHeldOut(_ circuit: Circuit) -> Bool? { isHeldOut(from: circuit.datasetDigest) }

    private func isHeldOut(from origin: String?) -> Bool? {
        guard let origin, let datasetDigest else { return nil }
        return origin != datasetDigest
    }
}
