/// A circuit: which nodes and edges of a graph carry a behaviour, how that was found, and how well
/// the circuit does alone.
package struct CircuitArtifact: Hashable, Sendable {
    /// The model; nil for a circuit by rules (a known circuit from a paper).
    package var model: ModelReference?
    /// The whole graph, in the circuit or not.
    package var graph: GraphTable
    /// Whether each edge is in the circuit. Shape `[edge]`.
    package var inCircuit: [Bool]
    /// Whether each node is in the circuit. Shape `[node]`, as `graph.nodes`.
    package var nodeInCircuit: [Bool]
    /// The score of each edge: for ACDC the change of the metric at its test, for a circuit from
    /// scores those scores; NaN where untested. Shape `[edge]`.
    package var scores: [Float]?
    /// Which neurons are in a circuit of single neurons: of `input` the values of the embedding, of a
    /// head z, of an MLP the hidden layer; false where a node has fewer. Shape `[node, neuron]`.
    package var neurons: DenseArray<Bool>?
    /// How many neurons each node has. Shape `[node]`.
    package var neuronCounts: [Int32]?
    /// The share of `runs` that keep each edge: the stable core is where it is 1. Shape `[edge]`.
    package var keptShare: [Float]?
    /// How the circuit was found: `acdc`, `top-n`, `greedy`, `threshold`, `known`, `union`, ...
    package var method: String
    /// The metric's name, for example `kl` or `logit-diff`.
    package var metric: String
    /// The metric of the full model, as minimised; NaN if not measured.
    package var fullMetric: Double
    /// The metric of the circuit with everything else ablated, likewise.
    package var circuitMetric: Double
    /// The metric with everything ablated, likewise.
    package var corruptedMetric: Double
    /// The threshold (tau); nil if the method has none.
    package var threshold: Double?
    /// The traversal order, for example `cli` or `library`; of a circuit from scores `signed` or
    /// `absolute`, how they count; empty if the method has none.
    package var order: String
    /// Of a circuit from scores: how many edges were taken before loose ends went.
    package var nominalEdgeCount: Int?
    /// Of a search that decided from a part of the pairs where that left little doubt: how many
    /// pairs a test began with. The metrics of its decisions are then those of the pairs that
    /// decided; nil if all pairs decided everything.
    package var pairsPerTest: Int?
    /// How often a decision of such a search may differ from that of all pairs.
    package var errorRate: Double?
    /// What an edge outside the circuit carries: `resample`, `zero`, `mean`, `mean-positional` or
    /// `optimal`.
    package var ablation: String
    /// The decision log: every edge tested, in order. Empty for other methods than ACDC.
    package var decisions: [Decision]
    /// Further runs over the same graph: other thresholds or orders.
    package var runs: [CircuitRun]
    /// Digest of the dataset; nil for a circuit by rules.
    package var datasetDigest: String?
    /// Digest of the activation cache, if one was used.
    package var cacheDigest: String?
    /// Digest of the edge scores that the circuit was taken from, if it was.
    package var scoresDigest: String?

    /// Makes a circuit from its parts.
    package init(
        model: ModelReference?, graph: GraphTable, inCircuit: [Bool], nodeInCircuit: [Bool],
        scores: [Float]? = nil, neurons: DenseArray<Bool>? = nil, neuronCounts: [Int32]? = nil,
        keptShare: [Float]? = nil,
        method: String, metric: String, fullMetric: Double = .nan, circuitMetric: Double = .nan,
        corruptedMetric: Double = .nan, threshold: Double? = nil, order: String = "",
        nominalEdgeCount: Int? = nil, pairsPerTest: Int? = nil, errorRate: Double? = nil,
        ablation: String = "resample", decisions: [Decision] = [], runs: [CircuitRun] = [],
        datasetDigest: String? = nil, cacheDigest: String? = nil, scoresDigest: String? = nil
    ) {
        self.model = model
        self.graph = graph
        self.inCircuit = inCircuit
        self.nodeInCircuit = nodeInCircuit
        self.scores = scores
        self.neurons = neurons
        self.neuronCounts = neuronCounts
        self.keptShare = keptShare
        self.method = method
        self.metric = metric
        self.fullMetric = fullMetric
        self.circuitMetric = circuitMetric
        self.corruptedMetric = corruptedMetric
        self.threshold = threshold
        self.order = order
        self.nominalEdgeCount = nominalEdgeCount
        self.pairsPerTest = pairsPerTest
        self.errorRate = errorRate
        self.ablation = ablation
        self.decisions = decisions
        self.runs = runs
        self.datasetDigest = datasetDigest
        self.cacheDigest = cacheDigest
        self.scoresDigest = scoresDigest
    }
}
