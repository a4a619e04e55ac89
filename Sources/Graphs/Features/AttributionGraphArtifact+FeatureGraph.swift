package import Artifacts

extension AttributionGraphArtifact {
    /// Adds a prompt's graph, pruned at the artifact's thresholds.
    /// - Parameters:
    ///   - name: what the prompt is called.
    ///   - spelling: a token as text; nil where that isn't known.
    ///   - targetTexts: of each target that isn't one token's logit, a text; nil where there is none.
    ///   - loadings: which heads carry edges, given which are kept; nil where that isn't asked. Either
    ///     all prompts have them or none.
    package mutating func append(
        _ graph: FeatureGraph, name: String, spelling: (Int32) -> String? = { _ in nil },
        targetTexts: [String?] = [], loadings: (([Bool]) -> [HeadLoading])? = nil
    ) {
        let pruning = graph.pruned(
            nodeThreshold: settings.nodeThreshold, edgeThreshold: settings.edgeThreshold)
        if let loadings { append(loadings(pruning.edgeKept)) }
        let scores = graph.scores()
        let honest = graph.scoresCountingLeftOut()
        let prompt = Int32(prompts.count)
        prompts.append(
            Prompt(
                name: name, activeFeatureCount: graph.activeFeatureCount,
                replacement: scores.replacement, completeness: scores.completeness,
                replacementWithLeftOut: honest.replacement,
                completenessWithLeftOut: honest.completeness))
        promptOfToken += graph.tokens.map { _ in prompt }
        tokens += graph.tokens
        let first = Int32(nodes.count)
        if nodes.leftOut == nil, !graph.leftOut.isEmpty {
            nodes.leftOut = [Float](repeating: 0, count: nodes.count)
        }
        for node in 0..<graph.nodeCount { nodes.append(graph.record(node), prompt: prompt) }
        var texts = (Int(first)..<nodes.count).map {
            nodes.tokens[$0] < 0 ? nil : spelling(nodes.tokens[$0])
        }
        for (node, text) in zip(graph.targetNodes, targetTexts)
        where nodes.tokens[Int(first) + node] < 0 {
            texts[node] = text
        }
        if nodes.texts == nil, texts.contains(where: { $0 != nil }) {
            nodes.texts = [String](repeating: "", count: Int(first))
        }
        if nodes.texts != nil { nodes.texts? += texts.map { $0 ?? "" } }
        nodes.influences += pruning.influence
        nodes.cumulative += pruning.cumulative
        nodes.kept += pruning.nodeKept
        if nodes.leftOut != nil {
            nodes.leftOut? +=
                graph.leftOut.isEmpty
                ? [Float](repeating: 0, count: graph.nodeCount) : graph.leftOut
        }
        for node in 0..<graph.nodeCount {
            for edge in graph.effects.row(node) {
                edges.sources.append(first + graph.effects.columns[edge])
                edges.targets.append(first + Int32(node))
            }
        }
        edges.weights += graph.effects.values
        edges.kept += pruning.edgeKept
    }
}

extension AttributionGraphArtifact {
    /// Adds loadings of edges that follow those there are.
    private mutating func append(_ loadings: [HeadLoading]) {
        var columns = headLoadings ?? HeadLoadings()
        for loading in loadings {
            columns.edges.append(Int32(edges.count + loading.edge))
            columns.layers.append(loading.head?.layer ?? -1)
            columns.heads.append(loading.head?.index ?? -1)
            columns.weights.append(loading.weight)
            columns.through.append(loading.through)
        }
        headLoadings = columns
    }

    /// The loadings of an edge of the artifact.
    package func headLoadings(ofEdge edge: Int) -> [HeadLoading] {
        guard let headLoadings else { return [] }
        return headLoadings.places(ofEdge: edge).map { place in
            let head = HeadLoading.Head(
                layer: headLoadings.layers[place], index: headLoadings.heads[place])
            return HeadLoading(
                edge: edge, head: head.layer < 0 ? nil : head,
                weight: headLoadings.weights[place], through: headLoadings.through[place])
        }
    }
}

/// A node as the columns of an artifact have it.
private struct NodeRecord {
    var name: String
    var layer: Int32
    var position: Int32
    var feature: Int32 = -1
    var token: Int32 = -1
    var activation: Float = 0
    var probability: Double = 0
}

extension AttributionGraphArtifact.Nodes {
    fileprivate mutating func append(_ node: NodeRecord, prompt: Int32) {
        prompts.append(prompt)
        names.append(node.name)
        layers.append(node.layer)
        positions.append(node.position)
        features.append(node.feature)
        tokens.append(node.token)
        activations.append(node.activation)
        probabilities.append(node.probability)
    }
}

extension FeatureGraph {
    fileprivate func record(_ node: Int) -> NodeRecord {
        let name = name(of: node)
        if node < features.count {
            let feature = features[node]
            return NodeRecord(
                name: name, layer: feature.layer, position: feature.position,
                feature: feature.index, activation: feature.activation)
        }
        if errors.contains(node) {
            let (layer, position) = (node - features.count).quotientAndRemainder(
                dividingBy: tokens.count)
            return NodeRecord(name: name, layer: Int32(layer), position: Int32(position))
        }
        if tokenNodes.contains(node) {
            let position = node - tokenNodes.lowerBound
            return NodeRecord(
                name: name, layer: -1, position: Int32(position), token: tokens[position])
        }
        let target = targets[node - targetNodes.lowerBound]
        return NodeRecord(
            name: name, layer: Int32(layerCount), position: Int32(tokens.count - 1),
            token: target.token ?? -1, probability: target.weight)
    }
}
