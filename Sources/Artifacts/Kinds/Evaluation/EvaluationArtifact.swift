/// An evaluation of a circuit, or of attribution scores over circuit sizes: figures with confidence
/// intervals, curves over size, and the columns per edge and per pair that they are computed from.
package struct EvaluationArtifact: Hashable, Sendable {
    /// One figure, for example `cpr`, `cmd`, `faithfulness` or `auc-pessimistic`.
    package struct Figure: Hashable, Sendable {
        /// The figure's name.
        package var name: String
        /// The value over all pairs.
        package var value: Double
        /// Lower end of the confidence interval; NaN if none was computed.
        package var lower: Double
        /// Upper end of the confidence interval; NaN if none was computed.
        package var upper: Double

        /// Makes a figure from its parts.
        package init(name: String, value: Double, lower: Double = .nan, upper: Double = .nan) {
            self.name = name
            self.value = value
            self.lower = lower
            self.upper = upper
        }
    }

    /// One curve, for example `faithfulness` over the share of edges, or `roc`.
    package struct Curve: Hashable, Sendable {
        /// The curve's name.
        package var name: String
        /// What `x` is, for example `share of edges`.
        package var xLabel: String
        /// What `y` is.
        package var yLabel: String
        /// Shape `[point]`.
        package var x: [Double]
        /// Shape `[point]`.
        package var y: [Double]
        /// Ends of the confidence interval of `y`. Shape `[point]`.
        package var lower: [Double]?
        /// Shape `[point]`.
        package var upper: [Double]?
        /// The number of edges of the circuit at each point, after pruning. Shape `[point]`.
        package var edgeCounts: [Int]?

        /// Makes a curve from its parts.
        package init(
            name: String, xLabel: String, yLabel: String, x: [Double], y: [Double],
            lower: [Double]? = nil, upper: [Double]? = nil, edgeCounts: [Int]? = nil
        ) {
            self.name = name
            self.xLabel = xLabel
            self.yLabel = yLabel
            self.x = x
            self.y = y
            self.lower = lower
            self.upper = upper
            self.edgeCounts = edgeCounts
        }
    }

    /// How the confidence intervals were made.
    package struct Bootstrap: Hashable, Sendable {
        /// The number of resamplings of the pairs.
        package var samples: Int
        /// The confidence level, for example 0.95.
        package var confidence: Double
        /// The seed.
        package var seed: Int

        /// Makes a description from its parts.
        package init(samples: Int, confidence: Double, seed: Int) {
            self.samples = samples
            self.confidence = confidence
            self.seed = seed
        }
    }

    /// The model; nil where nothing was run (ROC of stored scores against a known circuit).
    package var model: ModelReference?
    /// What was evaluated; nil where it is several files, which `circuits` names.
    package var subject: ArtifactReference?
    /// Digest of the dataset that it was made from; nil where that isn't known.
    package var subjectDatasetDigest: String?
    /// The known circuit it was compared with, if any.
    package var truth: ArtifactReference?
    /// The metric's name.
    package var metric: String
    /// The ablation.
    package var ablation: String
    /// The figures.
    package var figures: [Figure]
    /// The curves.
    package var curves: [Curve]
    /// How the confidence intervals were made; nil if there are none.
    package var bootstrap: Bootstrap?
    /// The graph that `edgeColumns` refer to.
    package var graph: GraphTable?
    /// Columns per edge by name, for example `minimality`. Each of shape `[edge]`.
    package var edgeColumns: [String: [Double]]
    /// The circuits that were judged or compared together, such as the runs of a search.
    package var circuits: [Circuit] = []
    /// How many edges each two of them have in common. Shape `[circuit, circuit]`.
    package var sharedEdges: DenseArray<Int64>?
    /// Columns per pair by name, for example `full`, `circuit`, `corrupted`. Each of shape `[pair]`.
    package var pairColumns: [String: [Double]]
    /// Digest of the dataset; nil where nothing was run.
    package var datasetDigest: String?

    /// Makes an evaluation from its parts.
    package init(
        model: ModelReference?, subject: ArtifactReference?, truth: ArtifactReference? = nil,
        metric: String, ablation: String = "resample", figures: [Figure], curves: [Curve] = [],
        bootstrap: Bootstrap? = nil, graph: GraphTable? = nil,
        edgeColumns: [String: [Double]] = [:], pairColumns: [String: [Double]] = [:],
        datasetDigest: String? = nil
    ) {
        self.model = model
        self.subject = subject
        self.truth = truth
        self.metric = metric
        self.ablation = ablation
        self.figures = figures
        self.curves = curves
        self.bootstrap = bootstrap
        self.graph = graph
        self.edgeColumns = edgeColumns
        self.pairColumns = pairColumns
        self.datasetDigest = datasetDigest
    }
}
