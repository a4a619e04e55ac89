extension FeatureCircuitArtifact: ArtifactContent {
    /// `feature-circuit`
    package static var kind: ArtifactKind { .featureCircuit }

    /// Encodes the value as a tree.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        try require(
            edges.allSatisfy {
                features.indices.contains($0.source) && features.indices.contains($0.target)
            }, "edges between features that aren't there")
        var root = ContentGroup()
        root.set("n_layers", layerCount)
        root.set("share", share)
        root.set("dataset_digest", datasetDigest)
        root.groups["model"] = model.content
        root.groups["transcoders"] = transcoders.content
        var group = ContentGroup()
        group.set("name", graphs.map(\.name), dim: "graph")
        group.set("digest", graphs.map(\.digest), dim: "graph")
        group.set("prompt", graphs.map { Int32($0.prompt) }, dim: "graph")
        root.groups["graphs"] = group
        root.groups["features"] = featureContent
        root.groups["edges"] = edgeContent
        return root
    }

    private var featureContent: ContentGroup {
        var group = ContentGroup()
        group.set("name", features.map(\.name), dim: "feature", isScale: true)
        group.set("layer", features.map { Int32($0.layer) }, dim: "feature")
        group.set("index", features.map { Int32($0.index) }, dim: "feature")
        group.set("count", features.map { Int64($0.count) }, dim: "feature")
        group.set("influence", features.map(\.influence), dim: "feature")
        group.set("activation", features.map(\.activation), dim: "feature")
        group.set("in_circuit", features.map(\.inCircuit), dim: "feature")
        return group
    }

    private var edgeContent: ContentGroup {
        var group = ContentGroup()
        group.set("source", edges.map { Int32($0.source) }, dim: "edge")
        group.set("target", edges.map { Int32($0.target) }, dim: "edge")
        group.set("count", edges.map { Int64($0.count) }, dim: "edge")
        group.set("weight", edges.map(\.weight), dim: "edge")
        return group
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        self.init(
            model: try ModelReference(root.group("model")),
            transcoders: try TranscoderReference(root.group("transcoders")),
            layerCount: try root.integer("n_layers"), share: try root.number("share"),
            graphs: try Self.graphs(root.group("graphs")),
            features: try Self.features(root.group("features")),
            edges: try Self.edges(root.group("edges")),
            datasetDigest: root.optionalText("dataset_digest"))
        try check(
            features.allSatisfy { $0.layer < layerCount && $0.index < transcoders.featureCount },
            at: "/features", "a feature is none of the transcoders'")
        try check(
            zip(features, features.dropFirst()).allSatisfy {
                ($0.layer, $0.index) < ($1.layer, $1.index)
            }, at: "/features", "the features aren't in order, each once")
    }

    private static func graphs(_ group: ContentGroup) throws(ArtifactError) -> [Graph] {
        let names = try group.values("name", as: String.self)
        let digests = try group.values("digest", as: String.self)
        let prompts = try group.values("prompt", as: Int32.self)
        return names.indices.map {
            Graph(name: names[$0], digest: digests[$0], prompt: Int(prompts[$0]))
        }
    }

    private static func features(_ group: ContentGroup) throws(ArtifactError) -> [Feature] {
        let layers = try group.values("layer", as: Int32.self)
        let indices = try group.values("index", as: Int32.self)
        let counts = try group.values("count", as: Int64.self)
        let influences = try group.values("influence", as: Double.self)
        let activations = try group.values("activation", as: Float.self)
        let inCircuit = try group.values("in_circuit", as: Bool.self)
        return layers.indices.map {
            Feature(
                layer: Int(layers[$0]), index: Int(indices[$0]), count: Int(counts[$0]),
                influence: influences[$0], activation: activations[$0], inCircuit: inCircuit[$0])
        }
    }

    private static func edges(_ group: ContentGroup) throws(ArtifactError) -> [Edge] {
        let sources = try group.values("source", as: Int32.self)
        let targets = try group.values("target", as: Int32.self)
        let counts = try group.values("count", as: Int64.self)
        let weights = try group.values("weight", as: Float.self)
        return sources.indices.map {
            Edge(
                source: Int(sources[$0]), target: Int(targets[$0]), count: Int(counts[$0]),
                weight: weights[$0])
        }
    }
}
