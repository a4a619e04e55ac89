extension ActivationCacheDescription {
    /// Encodes a cache as a tree without the activations, but with the dataset it was made from.
    func content(dataset: Artifact<DatasetArtifact>) throws(ArtifactError) -> ContentGroup {
        try require(
            dataset.digest == datasetDigest,
            "a description of a cache of the dataset \(datasetDigest), not of \(dataset.digest)")
        var root = ContentGroup()
        root.set("precision", precision.rawValue)
        root.set("inputs_digest", inputsDigest)
        if !hookFilter.isEmpty { root.attributes["hook_filter"] = .strings(hookFilter) }
        if !positionFilter.isEmpty { root.attributes["position_filter"] = .strings(positionFilter) }
        root.set("positions", positions, dims: ["pair", "position"])
        let mask = DenseArray(shape: positions.shape, values: positions.values.map { $0 >= 0 })
        root.set("mask", mask, dims: ["pair", "position"])
        root.groups["model"] = model.content
        let inner = try dataset.content.makeArtifact(provenance: dataset.provenance)
        // What a newer version of the tools added to the dataset is kept, or its digest would change.
        let isWhole = inner.optionalText("digest") == dataset.digest
        root.groups["dataset"] = isWhole ? inner : dataset.tree
        root.groups["clean"] = ContentGroup()
        root.groups["corrupted"] = ContentGroup()
        return root
    }
}
