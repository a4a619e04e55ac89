/// The attribution graph of one prompt: tokens, active features, errors and targets, joined by direct
/// effects.
///
/// Nodes are numbered as circuit-tracer does: features (by layer, position, index), errors (by layer,
/// then position), tokens, targets. An edge leads from a node to one of a higher layer, and its weight
/// is the direct effect on the target's pre-activation or logit in the model with attention patterns,
/// norms and MLPs held constant.
///
/// - Note: Ameisen et al. 2025, "Circuit Tracing: Revealing Computational Graphs in Language Models".
package struct FeatureGraph: Hashable, Sendable {
    /// A feature of a transcoder where it is active.
    package struct Feature: Hashable, Sendable {
        /// Its layer.
        package var layer: Int32
        /// Its position in the prompt.
        package var position: Int32
        /// Its number in the layer's transcoder.
        package var index: Int32
        /// Its activation.
        package var activation: Float

        /// A feature at a position.
        package init(layer: Int32, position: Int32, index: Int32, activation: Float) {
            self.layer = layer
            self.position = position
            self.index = index
            self.activation = activation
        }
    }

    /// What the graph explains: a logit, or a direction in the final stream.
    package struct Target: Hashable, Sendable {
        /// Its name after `logits.`: `t1234` for a token.
        package var label: String
        /// The token, if it is one token's logit.
        package var token: Int32?
        /// Its weight: a token's probability.
        package var weight: Double

        /// A target of this weight.
        package init(label: String, token: Int32?, weight: Double) {
            self.label = label
            self.token = token
            self.weight = weight
        }
    }

    /// Layers of the model.
    package var layerCount: Int
    /// The prompt.
    package var tokens: [Int32]
    /// The features that are nodes.
    package var features: [Feature]
    /// The targets, the likeliest first.
    package var targets: [Target]
    /// The edges, a row for every node: those that lead to it.
    package var effects: SparseRows
    /// For each node, the sum of the magnitudes of effects on it by active features that were left out;
    /// empty where none was.
    package var leftOut: [Float]
    /// How many features are active, those left out among them.
    package var activeFeatureCount: Int

    /// A graph from its parts.
    package init(
        layerCount: Int, tokens: [Int32], features: [Feature], targets: [Target],
        effects: SparseRows, leftOut: [Float] = [], activeFeatureCount: Int? = nil
    ) {
        self.layerCount = layerCount
        self.tokens = tokens
        self.features = features
        self.targets = targets
        self.effects = effects
        self.leftOut = leftOut
        self.activeFeatureCount = activeFeatureCount ?? features.count
    }

    /// The nodes that are errors.
    package var errors: Range<Int> {
        features.count..<features.count + layerCount * tokens.count
    }
    /// The nodes that are tokens.
    package var tokenNodes: Range<Int> { errors.upperBound..<errors.upperBound + tokens.count }
    /// The nodes that are targets.
    package var targetNodes: Range<Int> {
        tokenNodes.upperBound..<tokenNodes.upperBound + targets.count
    }
    /// Number of nodes.
    package var nodeCount: Int { targetNodes.upperBound }

    /// The name of a node: `m1.f17@5`, `m1.error@5`, `input@5`, `logits.t1234`.
    package func name(of node: Int) -> String {
        if node < features.count {
            let feature = features[node]
            return "m\(feature.layer).f\(feature.index)@\(feature.position)"
        }
        if errors.contains(node) {
            let (layer, position) = (node - features.count).quotientAndRemainder(
                dividingBy: tokens.count)
            return "m\(layer).error@\(position)"
        }
        if tokenNodes.contains(node) { return "input@\(node - tokenNodes.lowerBound)" }
        return "logits.\(targets[node - targetNodes.lowerBound].label)"
    }
}
