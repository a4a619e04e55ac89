/// A score for every edge of a graph: how much the edge matters to the metric, by some method.
///
/// A positive score marks an edge whose cut raises the loss, the metric negated if a good circuit has
/// a high value (Hanna et al. 2024, EAP-IG).
package struct EdgeScoresArtifact: Hashable, Sendable {
    /// The model.
    package var model: ModelReference
    /// The graph.
    package var graph: GraphTable
    /// The score of each edge, the mean over pairs. Shape `[edge]`.
    package var scores: [Float]
    /// The score of each edge in each pair. Shape `[edge, pair]`.
    package var perPair: DenseArray<Float>?
    /// The score of each node. Shape `[node]`, as `graph.nodes`.
    package var nodeScores: [Float]?
    /// The score of each neuron of each node's output; NaN beyond a node's last neuron. Shape
    /// `[node, neuron]`.
    package var neuronScores: DenseArray<Float>?
    /// The loss (the metric, negated if a good circuit has a high value) after each step of a method that learns masks. Shape `[step]`.
    package var losses: [Double]?
    /// The method, for example `eap`, `eap-ig-inputs` or `exact`.
    package var method: String
    /// The metric's name.
    package var metric: String
    /// The ablation: what an edge that is cut carries.
    package var ablation: String
    /// Integration or optimisation steps; nil if the method has none.
    package var steps: Int?
    /// The seed of a method that draws random numbers.
    package var seed: Int?
    /// The metric of the full model; NaN if not measured.
    package var fullMetric: Double
    /// The metric with everything ablated; NaN if not measured.
    package var ablatedMetric: Double
    /// Digest of the dataset.
    package var datasetDigest: String
    /// Digest of the activation cache, if one was used.
    package var cacheDigest: String?

    /// Makes scores from their parts.
    package init(
        model: ModelReference, graph: GraphTable, scores: [Float],
        perPair: DenseArray<Float>? = nil, nodeScores: [Float]? = nil,
        neuronScores: DenseArray<Float>? = nil, losses: [Double]? = nil, method: String,
        metric: String, ablation: String = "resample", steps: Int? = nil, seed: Int? = nil,
        fullMetric: Double = .nan, ablatedMetric: Double = .nan, datasetDigest: String,
        cacheDigest: String? = nil
    ) {
        self.model = model
        self.graph = graph
        self.scores = scores
        self.perPair = perPair
        self.nodeScores = nodeScores
        self.neuronScores = neuronScores
        self.losses = losses
        self.method = method
        self.metric = metric
        self.ablation = ablation
        self.steps = steps
        self.seed = seed
        self.fullMetric = fullMetric
        self.ablatedMetric = ablatedMetric
        self.datasetDigest = datasetDigest
        self.cacheDigest = cacheDigest
    }
}
