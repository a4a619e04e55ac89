extension SteeringVectorArtifact: ArtifactContent {
    /// `steering-vector`
    package static var kind: ArtifactKind { .steeringVector }

    /// Encodes the value as a tree; throws `usage` where arrays don't fit their axes, or a vector has
    /// values that aren't numbers.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        let shape = [layers.count, positions.count]
        try require(
            vectors.shape == shape + [width] && explained.map(\.shape) ?? shape == shape
                && pairsUsed.map(\.shape) ?? shape == shape,
            "vectors that don't fit \(shape[0]) layers and \(shape[1]) positions")
        try require(
            vectors.values.allSatisfy(\.isFinite),
            "a vector with values that are infinite or not a number")
        var root = ContentGroup()
        root.set("method", method)
        root.set("site", site)
        root.set("model_hint", modelHint)
        root.set("n_pairs", pairCount)
        root.set("dataset_digest", datasetDigest)
        root.set("vector", vectors, dims: ["layer", "position", "d_model"])
        let norms = layers.indices.flatMap { layer in
            positions.indices.map { norm(layer: layer, position: $0) }
        }
        root.set("norm", DenseArray(shape: shape, values: norms), dims: ["layer", "position"])
        root.set("explained", explained, dims: ["layer", "position"])
        root.set("pairs_used", pairsUsed, dims: ["layer", "position"])
        var group = ContentGroup()
        group.set("layer", layers, dim: "layer", isScale: true)
        root.groups["layers"] = group
        group = ContentGroup()
        group.set("label", positions, dim: "position", isScale: true)
        root.groups["positions"] = group
        if let model { root.groups["model"] = model.content }
        return root
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        self.init(
            model: try root.groups["model"].map { (group) throws(ArtifactError) in
                try ModelReference(group)
            }, modelHint: root.optionalText("model_hint"), method: try root.text("method"),
            site: try root.text("site"), layers: try root.group("layers").values("layer"),
            positions: try root.group("positions").values("label"),
            vectors: try root.requiredArray("vector", rank: 3),
            explained: try root.array("explained"), pairsUsed: try root.array("pairs_used"),
            pairCount: root.optionalInteger("n_pairs"),
            datasetDigest: root.optionalText("dataset_digest"))
        try check(
            zip(layers, layers.dropFirst()).allSatisfy { $0 < $1 }, at: "/layers/layer",
            "the layers aren't in order")
        try check(
            vectors.values.allSatisfy(\.isFinite), at: "/vector",
            "a value is infinite or not a number")
    }
}
