/// How good a circuit, or a whole score artifact over circuit sizes, is: figures with confidence
/// intervals, curves over size, and the columns per edge and per pair that they come from.
public struct EvaluationArtifact: Hashable, Sendable {
    /// One figure, for example `cpr`, `cmd`, `faithfulness` or `auc-pessimistic`.
    public struct Figure: Hashable, Sendable {
        /// The figure's name.
        public var name: String
        /// The value over all pairs.
        public var value: Double
        /// Lower end of the confidence interval; NaN if none was computed.
        public var lower: Double
        /// Upper end of the confidence interval; NaN if none was computed.
        public var upper: Double

        /// Makes a figure from its parts.
        public init(name: String, value: Double, lower: Double = .nan, upper: Double = .nan) {
            self.name = name
            self.value = value
            self.lower = lower
            self.upper = upper
        }
    }

    /// One curve, for example `faithfulness` over the share of edges, or `roc`.
    public struct Curve: Hashable, Sendable {
        /// The curve's name.
        public var name: String
        /// What `x` is, for example `share of edges`.
        public var xLabel: String
        /// What `y` is.
        public var yLabel: String
        /// Shape `[point]`.
        public var x: [Double]
        /// Shape `[point]`.
        public var y: [Double]
        /// Ends of the confidence interval of `y`. Shape `[point]`.
        public var lower: [Double]?
        /// Shape `[point]`.
        public var upper: [Double]?
        /// The number of edges of the circuit at each point, after pruning. Shape `[point]`.
        public var edgeCounts: [Int]?

        /// Makes a curve from its parts.
        public init(
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
    public struct Bootstrap: Hashable, Sendable {
        /// The number of resamplings of the pairs.
        public var samples: Int
        /// The confidence level, for example 0.95.
        public var confidence: Double
        /// The seed.
        public var seed: Int

        /// Makes a description from its parts.
        public init(samples: Int, confidence: Double, seed: Int) {
            self.samples = samples
            self.confidence = confidence
            self.seed = seed
        }
    }

    /// The model; nil where nothing was run (ROC of stored scores against a known circuit).
    public var model: ModelReference?
    /// What was evaluated.
    public var subject: ArtifactReference
    /// The known circuit it was held against, if any.
    public var truth: ArtifactReference?
    /// The metric's name.
    public var metric: String
    /// The ablation.
    public var ablation: String
    /// The figures.
    public var figures: [Figure]
    /// The curves.
    public var curves: [Curve]
    /// How the confidence intervals were made; nil if there are none.
    public var bootstrap: Bootstrap?
    /// The graph that `edgeColumns` refer to.
    public var graph: GraphTable?
    /// Columns per edge by name, for example `minimality`. Each of shape `[edge]`.
    public var edgeColumns: [String: [Double]]
    /// Columns per pair by name, for example `full`, `circuit`, `corrupted`. Each of shape `[pair]`.
    public var pairColumns: [String: [Double]]
    /// Digest of the dataset; nil where nothing was run.
    public var datasetDigest: String?

    /// Makes an evaluation from its parts.
    public init(
        model: ModelReference?, subject: ArtifactReference, truth: ArtifactReference? = nil,
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
