extension PatchEffectsArtifact: ArtifactContent {
    /// `patch-effects`
    package static var kind: ArtifactKind { .patchEffects }

    /// Encodes the value as a tree; throws `usage` where arrays don't fit their axes.
    package func makeContent() throws(ArtifactError) -> ContentGroup {
        let shape = [components.count, positions.count]
        try require(
            layers.count == components.count && effects.shape == shape
                && perPair.map(\.shape) ?? (shape + [cleanMetric.count])
                    == shape + [cleanMetric.count]
                && corruptedMetric.count == cleanMetric.count
                && tokens.map(\.count) ?? shape[1] == shape[1]
                && positionNames.map(\.count) ?? shape[1] == shape[1],
            "effects whose arrays don't fit \(shape[0]) components, \(shape[1]) positions and "
                + "\(cleanMetric.count) pairs")
        var root = ContentGroup()
        root.set("level", level)
        root.set("site", site)
        root.set("metric", metric)
        root.set("direction", direction)
        root.set("ablation", ablation)
        root.set("dataset_digest", datasetDigest)
        root.set("cache_digest", cacheDigest)
        root.set("effect", effects, dims: ["component", "position"])
        root.set("effect_per_pair", perPair, dims: ["component", "position", "pair"])
        root.groups["model"] = model.content
        var group = ContentGroup()
        group.set("name", components, dim: "component", isScale: true)
        group.set("layer", layers, dim: "component")
        root.groups["components"] = group
        group = ContentGroup()
        group.set("label", positions, dim: "position", isScale: true)
        if let tokens { group.set("token", tokens, dim: "position") }
        if let positionNames { group.set("name", positionNames, dim: "position") }
        root.groups["positions"] = group
        group = ContentGroup()
        group.set("clean_metric", cleanMetric, dim: "pair")
        group.set("corrupted_metric", corruptedMetric, dim: "pair")
        root.groups["pairs"] = group
        return root
    }

    /// Decodes a validated tree.
    package init(content root: ContentGroup) throws(ArtifactError) {
        let components = try root.group("components")
        let positions = try root.group("positions")
        let pairs = try root.group("pairs")
        self.init(
            model: try ModelReference(root.group("model")), level: try root.text("level"),
            site: try root.text("site"), components: try components.values("name"),
            layers: try components.values("layer"),
            positions: try positions.values("label"),
            tokens: try positions.optionalValues("token"),
            positionNames: try positions.optionalValues("name"),
            effects: try root.requiredArray("effect", rank: 2),
            perPair: try root.array("effect_per_pair"),
            cleanMetric: try pairs.values("clean_metric"),
            corruptedMetric: try pairs.values("corrupted_metric"), metric: try root.text("metric"),
            direction: try root.text("direction"), ablation: try root.text("ablation"),
            datasetDigest: try root.text("dataset_digest"),
            cacheDigest: root.optionalText("cache_digest"))
    }
}
