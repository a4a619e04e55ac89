/// The features of transcoders that attribution graphs of many prompts of a behaviour have in common,
/// whatever their positions: a circuit of features (Marks et al. 2024, "Sparse Feature Circuits").
package struct FeatureCircuitArtifact: Hashable, Sendable {
    /// A graph that was merged.
    package struct Graph: Hashable, Sendable {
        /// What its prompt is called.
        package var name: String
        /// Digest of the artifact that it is in.
        package var digest: String
        /// Its number in that artifact.
        package var prompt: Int

        /// A prompt's graph.
        package init(name: String, digest: String, prompt: Int) {
            self.name = name
            self.digest = digest
            self.prompt = prompt
        }
    }

    /// A feature that at least one graph keeps.
    package struct Feature: Hashable, Sendable {
        /// Its layer.
        package var layer: Int
        /// Its number in the layer's transcoder.
        package var index: Int
        /// How many graphs keep it.
        package var count: Int
        /// Its influence, summed over positions, mean over all graphs.
        package var influence: Double
        /// Its activation, mean over the nodes that it is.
        package var activation: Float
        /// Whether enough graphs keep it.
        package var inCircuit: Bool

        /// A feature and its figures.
        package init(
            layer: Int, index: Int, count: Int, influence: Double, activation: Float,
            inCircuit: Bool
        ) {
            self.layer = layer
            self.index = index
            self.count = count
            self.influence = influence
            self.activation = activation
            self.inCircuit = inCircuit
        }

        /// `m1.f17`
        package var name: String { "m\(layer).f\(index)" }
    }

    /// An edge between two features of the circuit.
    package struct Edge: Hashable, Sendable {
        /// The feature that it leads from.
        package var source: Int
        /// The feature that it leads to.
        package var target: Int
        /// How many graphs keep it.
        package var count: Int
        /// The direct effect, summed over positions, mean over all graphs.
        package var weight: Float

        /// An edge and its figures.
        package init(source: Int, target: Int, count: Int, weight: Float) {
            self.source = source
            self.target = target
            self.count = count
            self.weight = weight
        }
    }

    /// The model.
    package var model: ModelReference
    /// The transcoders.
    package var transcoders: TranscoderReference
    /// Layers of the model.
    package var layerCount: Int
    /// The least share of the graphs that keep a feature of the circuit.
    package var share: Double
    /// The graphs.
    package var graphs: [Graph]
    /// The features, by layer and number.
    package var features: [Feature]
    /// The edges, by source, then target.
    package var edges: [Edge]
    /// Digest of the dataset that all prompts are of, if they are.
    package var datasetDigest: String?

    /// A circuit from its parts.
    package init(
        model: ModelReference, transcoders: TranscoderReference, layerCount: Int, share: Double,
        graphs: [Graph], features: [Feature], edges: [Edge], datasetDigest: String? = nil
    ) {
        self.model = model
        self.transcoders = transcoders
        self.layerCount = layerCount
        self.share = share
        self.graphs = graphs
        self.features = features
        self.edges = edges
        self.datasetDigest = datasetDigest
    }

    /// The features of the circuit.
    package var circuit: [Feature] { features.filter(\.inCircuit) }
}
