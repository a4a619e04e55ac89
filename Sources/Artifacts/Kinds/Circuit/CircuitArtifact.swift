/// A circuit: the nodes and edges of a graph that perform a behaviour, how they were found, and the
/// metric of the circuit alone.
package struct CircuitArtifact: Hashable, Sendable {
    /// The model; nil for a circuit that is given by rules (a known circuit from a paper).
    package var model: ModelReference?
    /// The whole graph: what is in the circuit and what isn't.
    package var graph: GraphTable
    /// Whether each edge is in the circuit. Shape `[edge]`.
    package var inCircuit: [Bool]
    /// Whether each node is in the circuit. Shape `[node]`, as `graph.nodes`.
    package var nodeInCircuit: [Bool]
    /// The score of each edge: for ACDC how much the loss rose when it was tested, for a circuit
    /// taken from attribution scores those scores; NaN where untested. Shape `[edge]`.
    package var scores: [Float]?
    /// Which neurons are in a circuit of single neurons. The neurons of `input` are the values of the
    /// embedding, those of a head its z, those of an MLP its hidden layer; false beyond a node's last
    /// neuron. Shape `[node, neuron]`.
    package var neurons: DenseArray<Bool>?
    /// The number of neurons of each node. Shape `[node]`.
    package var neuronCounts: [Int32]?
    /// The role that each node plays in the behaviour, as its paper names it (`name mover`); empty for
    /// nodes without one. Nil where roles aren't known. Shape `[node]`.
    package var roles: [String]?
    /// The share of `runs` at the circuit's own threshold, each in another order, that keep each edge:
    /// the stable core is where it is 1. Shape `[edge]`.
    package var keptShare: [Float]?
    /// How the circuit was found: `acdc`, `top-n`, `greedy`, `threshold`, `known`, `union`, ...
    package var method: String
    /// The metric's name, for example `kl` or `logit-diff`.
    package var metric: String
    /// The metric of the full model; NaN if not measured.
    package var fullMetric: Double
    /// The metric of the circuit with everything else ablated; NaN if not measured.
    package var circuitMetric: Double
    /// The metric with everything ablated; NaN if not measured.
    package var ablatedMetric: Double
    /// The threshold (tau); nil if the method has none.
    package var threshold: Double?
    /// The traversal order, for example `cli` or `library`. For a circuit taken from scores, whether
    /// edges were ranked by `signed` or `absolute` scores. Empty if the method has neither.
    package var order: String
    /// For a circuit taken from scores: the number of edges selected, before those that are on no
    /// path from `input` to `logits` were pruned.
    package var nominalEdgeCount: Int?
    /// For a search by sequential tests, which decides from a part of the pairs where that is clear
    /// enough: the number of pairs a test begins with. The metrics of a decision are then the means
    /// over the pairs it was made from; nil if every decision was made from all pairs.
    package var pairsPerTest: Int?
    /// The share of decisions of such a search that may differ from those made from all pairs.
    package var errorRate: Double?
    /// What an edge outside the circuit carries in place of its sender's output: `resample`, `zero`,
    /// `mean`, `mean-positional` or `optimal`.
    package var ablation: String
    /// The decision log: every edge tested, in order. Empty for methods other than ACDC.
    package var decisions: [LoggedDecision]
    /// Further runs over the same graph: other thresholds or orders.
    package var runs: [CircuitRun]
    /// Digest of the dataset; nil for a circuit given by rules.
    package var datasetDigest: String?
    /// Digest of the activation cache, if one was used.
    package var cacheDigest: String?
    /// Digest of the edge scores that the circuit was taken from, if it was.
    package var scoresDigest: String?

    /// Makes a circuit from its parts.
    package init(
        model: ModelReference?, graph: GraphTable, inCircuit: [Bool], nodeInCircuit: [Bool],
        scores: [Float]? = nil, neurons: DenseArray<Bool>? = nil, neuronCounts: [Int32]? = nil,
        roles: [String]? = nil,
        keptShare: [Float]? = nil,
        method: String, metric: String, fullMetric: Double = .nan, circuitMetric: Double = .nan,
        ablatedMetric: Double = .nan, threshold: Double? = nil, order: String = "",
        nominalEdgeCount: Int? = nil, pairsPerTest: Int? = nil, errorRate: Double? = nil,
        ablation: String = "resample", decisions: [LoggedDecision] = [], runs: [CircuitRun] = [],
        datasetDigest: String? = nil, cacheDigest: String? = nil, scoresDigest: String? = nil
    ) {
        self.model = model
        self.graph = graph
        self.inCircuit = inCircuit
        self.nodeInCircuit = nodeInCircuit
        self.scores = scores
        self.neurons = neurons
        self.neuronCounts = neuronCounts
        self.roles = roles
        self.keptShare = keptShare
        self.method = method
        self.metric = metric
        self.fullMetric = fullMetric
        self.circuitMetric = circuitMetric
        self.ablatedMetric = ablatedMetric
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
