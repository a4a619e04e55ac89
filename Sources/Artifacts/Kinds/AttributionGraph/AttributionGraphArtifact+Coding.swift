import Basics

extension AttributionGraphArtifact: ArtifactContent {
    /// `attribution-graph`
    package static var kind: ArtifactKind { .attributionGraph }

    /// Encodes the value as a tree; throws `usage` where columns have different lengths.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        try requireConsistency()
        var root = ContentGroup()
        root.set("n_layers", layerCount)
        root.set("node_threshold", settings.nodeThreshold)
        root.set("edge_threshold", settings.edgeThreshold)
        root.set("logit_count", settings.logitCount)
        root.set("logit_mass", settings.logitMass)
        root.set("max_features", settings.maxFeatures)
        root.set("batch_size", settings.batchSize)
        root.set("update_interval", settings.updateInterval)
        root.set("dataset_digest", datasetDigest)
        root.groups["model"] = model.content
        root.groups["transcoders"] = transcoders.content
        root.groups["prompts"] = promptContent
        var tokenGroup = ContentGroup()
        tokenGroup.set("prompt", promptOfToken, dim: "token")
        tokenGroup.set("id", tokens, dim: "token")
        root.groups["tokens"] = tokenGroup
        root.groups["nodes"] = nodes.content
        root.groups["edges"] = edges.content
        root.groups["head_loadings"] = headLoadings?.content
        return root
    }

    private var promptContent: ContentGroup {
        var group = ContentGroup()
        group.set("name", prompts.map(\.name), dim: "prompt", isScale: true)
        group.set(
            "active_features", prompts.map { Int64($0.activeFeatureCount) }, dim: "prompt")
        group.set("replacement", prompts.map(\.replacement), dim: "prompt")
        group.set("completeness", prompts.map(\.completeness), dim: "prompt")
        group.set(
            "replacement_with_left_out", prompts.map(\.replacementWithLeftOut), dim: "prompt")
        group.set(
            "completeness_with_left_out", prompts.map(\.completenessWithLeftOut), dim: "prompt")
        return group
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        self.init(
            model: try ModelReference(root.group("model")),
            transcoders: try TranscoderReference(root.group("transcoders")),
            layerCount: try root.integer("n_layers"),
            settings: Settings(
                logitCount: root.optionalInteger("logit_count"),
                logitMass: root.optionalNumber("logit_mass"),
                maxFeatures: root.optionalInteger("max_features"),
                batchSize: root.optionalInteger("batch_size"),
                updateInterval: root.optionalInteger("update_interval"),
                nodeThreshold: try root.number("node_threshold"),
                edgeThreshold: try root.number("edge_threshold")),
            datasetDigest: root.optionalText("dataset_digest"))
        try readPrompts(root.group("prompts"))
        let tokenGroup = try root.group("tokens")
        promptOfToken = try tokenGroup.values("prompt")
        tokens = try tokenGroup.values("id")
        nodes = try Nodes(root.group("nodes"))
        edges = try Edges(root.group("edges"))
        headLoadings = try root.groups["head_loadings"].map { group throws(ArtifactError) in
            try HeadLoadings(group)
        }
        for (column, path) in [(promptOfToken, "/tokens/prompt"), (nodes.prompts, "/nodes/prompt")]
        {
            try check(
                zip(column, column.dropFirst()).allSatisfy { $0 <= $1 }, at: path,
                "prompts aren't one after the other")
        }
        try checkPlaces()
        try check(
            edges.weights.allSatisfy(\.isFinite), at: "/edges/weight",
            "a weight is infinite or not a number; trace the prompts anew")
        try check(
            zip(edges.sources, edges.targets).allSatisfy { source, target in
                let (source, target) = (Int(source), Int(target))
                return nodes.prompts[source] == nodes.prompts[target]
                    && nodes.layers[source] < nodes.layers[target]
            }, at: "/edges", "an edge leads to another prompt, or to no higher layer")
        try check(
            zip(edges.targets, edges.targets.dropFirst()).allSatisfy { $0 <= $1 },
            at: "/edges/target", "the edges aren't in the order of their targets")
        try checkHeadLoadings()
    }

    /// Far more layers than any model has: drawings have a row for each.
    private static let mostLayers = 1 << 12

    /// Refuses nodes of layers that the model doesn't have, or of positions that their prompts don't have.
    private func checkPlaces() throws(ArtifactError) {
        try check(
            layerCount <= Self.mostLayers, at: "/@n_layers",
            "\(layerCount) layers are more than any model has")
        try check(
            nodes.layers.allSatisfy { Int($0) <= layerCount }, at: "/nodes/layer",
            "a node is of a layer beyond the \(layerCount) of the model and the logits above them")
        var lengths = [Int32](repeating: 0, count: prompts.count)
        for prompt in promptOfToken { lengths[Int(prompt)] += 1 }
        try check(
            zip(nodes.prompts, nodes.positions).allSatisfy { $1 < lengths[Int($0)] },
            at: "/nodes/position", "a node is at a position that its prompt doesn't have")
    }

    /// Refuses loadings that aren't in order, or aren't finite.
    private func checkHeadLoadings() throws(ArtifactError) {
        guard let headLoadings else { return }
        try check(
            zip(headLoadings.edges, headLoadings.edges.dropFirst()).allSatisfy { $0 <= $1 },
            at: "/head_loadings/edge", "the loadings aren't in the order of their edges")
        try check(
            (headLoadings.weights + headLoadings.through).allSatisfy(\.isFinite),
            at: "/head_loadings", "a loading is infinite or not a number")
    }

    private mutating func readPrompts(_ group: ContentGroup) throws(ArtifactError) {
        let names = try group.values("name", as: String.self)
        let active = try group.values("active_features", as: Int64.self)
        let replacement = try group.values("replacement", as: Double.self)
        let completeness = try group.values("completeness", as: Double.self)
        let replacementLeft = try group.values("replacement_with_left_out", as: Double.self)
        let completenessLeft = try group.values("completeness_with_left_out", as: Double.self)
        prompts = names.indices.map {
            Prompt(
                name: names[$0], activeFeatureCount: Int(active[$0]),
                replacement: replacement[$0], completeness: completeness[$0],
                replacementWithLeftOut: replacementLeft[$0],
                completenessWithLeftOut: completenessLeft[$0])
        }
    }

    private func requireConsistency() throws(ArtifactError) {
        let count = nodes.count
        let counts = [
            nodes.prompts.count, nodes.layers.count, nodes.positions.count, nodes.features.count,
            nodes.tokens.count, nodes.activations.count, nodes.probabilities.count,
            nodes.influences.count, nodes.cumulative.count, nodes.kept.count,
            nodes.leftOut?.count ?? count, nodes.texts?.count ?? count,
        ]
        try require(
            counts.allSatisfy { $0 == count }, "columns that aren't one for each of \(count) nodes")
        try require(
            [edges.sources.count, edges.targets.count, edges.kept.count].allSatisfy {
                $0 == edges.count
            }, "columns that aren't one for each of \(edges.count) edges")
        if let headLoadings {
            let counts = [
                headLoadings.edges.count, headLoadings.layers.count, headLoadings.heads.count,
                headLoadings.through.count,
            ]
            try require(
                counts.allSatisfy { $0 == headLoadings.count },
                "columns that aren't one for each of \(headLoadings.count) head loadings")
        }
        try require(
            promptOfToken.count == tokens.count, "tokens that don't each belong to a prompt")
        try require(
            edges.weights.allSatisfy(\.isFinite), "weights that are infinite or not a number")
    }
}

extension AttributionGraphArtifact.Nodes {
    fileprivate var content: ContentGroup {
        var group = ContentGroup()
        group.set("prompt", prompts, dim: "node")
        group.set("name", names, dim: "node", isScale: true)
        group.set("layer", layers, dim: "node")
        group.set("position", positions, dim: "node")
        group.set("feature", features, dim: "node")
        group.set("token", tokens, dim: "node")
        if let texts { group.set("text", texts, dim: "node") }
        group.set("activation", activations, dim: "node")
        group.set("probability", probabilities, dim: "node")
        group.set("influence", influences, dim: "node")
        group.set("cumulative", cumulative, dim: "node")
        if let leftOut { group.set("left_out", leftOut, dim: "node") }
        group.set("kept", kept, dim: "node")
        return group
    }

    fileprivate init(_ group: ContentGroup) throws(ArtifactError) {
        self.init()
        prompts = try group.values("prompt")
        names = try group.values("name")
        layers = try group.values("layer")
        positions = try group.values("position")
        features = try group.values("feature")
        tokens = try group.values("token")
        texts = try group.optionalValues("text")
        activations = try group.values("activation")
        probabilities = try group.values("probability")
        influences = try group.values("influence")
        cumulative = try group.values("cumulative")
        leftOut = try group.optionalValues("left_out")
        kept = try group.values("kept")
    }
}

extension AttributionGraphArtifact.Edges {
    fileprivate var content: ContentGroup {
        var group = ContentGroup()
        group.set("source", sources, dim: "edge")
        group.set("target", targets, dim: "edge")
        group.set("weight", weights, dim: "edge")
        group.set("kept", kept, dim: "edge")
        return group
    }

    fileprivate init(_ group: ContentGroup) throws(ArtifactError) {
        self.init()
        sources = try group.values("source")
        targets = try group.values("target")
        weights = try group.values("weight")
        kept = try group.values("kept")
    }
}

extension AttributionGraphArtifact.HeadLoadings {
    fileprivate var content: ContentGroup {
        var group = ContentGroup()
        group.set("edge", edges, dim: "loading")
        group.set("layer", layers, dim: "loading")
        group.set("head", heads, dim: "loading")
        group.set("weight", weights, dim: "loading")
        group.set("through", through, dim: "loading")
        return group
    }

    fileprivate init(_ group: ContentGroup) throws(ArtifactError) {
        self.init()
        edges = try group.values("edge")
        layers = try group.values("layer")
        heads = try group.values("head")
        weights = try group.values("weight")
        through = try group.values("through")
    }
}
