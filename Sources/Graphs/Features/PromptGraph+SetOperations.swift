package import Artifacts
package import Basics

extension PromptGraph {
    /// A graph whose kept nodes and edges are those that `operation` leaves of this graph and `other`,
    /// matched by name.
    ///
    /// Values are this graph's; a union takes from the other what this one lacks, and its scores are
    /// those of all nodes and edges together. A difference keeps the nodes that its edges join. Head
    /// loadings are left out.
    /// - Throws: ``Failure`` (bad data) where transcoders differ, or of a union the prompts.
    package func applying(
        _ operation: CircuitSetOperation, with other: PromptGraph
    ) throws(Failure) -> AttributionGraphArtifact {
        try FeatureGraphComparison.requireSameFeatures(
            [self, other].map { ($0.name, $0.artifact.transcoders) })
        if operation == .union, tokens != other.tokens {
            throw Failure(
                .badData,
                "\(name) and \(other.name) are of different prompts, and a union is of graphs of one: "
                    + "circuit-prune --consensus merges graphs of many prompts")
        }
        var table = GraphRows(self)
        table.add(other, addsMissing: operation == .union)
        return try table.artifact(like: self, operation)
    }
}

/// The nodes and edges of two graphs by name.
private struct GraphRows {
    private struct Row {
        var graph: PromptGraph
        var place: Int
        var inFirst = false
        var inSecond = false
    }

    private struct Key: Hashable {
        var source: String
        var target: String
    }

    private var nodes: [String: Row] = [:]
    private var edges: [Key: Row] = [:]

    init(_ first: PromptGraph) {
        let artifact = first.artifact
        for node in first.nodes {
            nodes[artifact.nodes.names[node]] = Row(
                graph: first, place: node, inFirst: artifact.nodes.kept[node])
        }
        for edge in first.edges {
            edges[Self.key(edge, first)] = Row(
                graph: first, place: edge, inFirst: artifact.edges.kept[edge])
        }
    }

    private static func key(_ edge: Int, _ graph: PromptGraph) -> Key {
        let (names, edges) = (graph.artifact.nodes.names, graph.artifact.edges)
        return Key(
            source: names[Int(edges.sources[edge])], target: names[Int(edges.targets[edge])])
    }

    /// Notes what another graph keeps, and takes over what isn't there yet if that is asked.
    mutating func add(_ other: PromptGraph, addsMissing: Bool) {
        let artifact = other.artifact
        for node in other.nodes {
            let name = artifact.nodes.names[node]
            if nodes[name] == nil, addsMissing { nodes[name] = Row(graph: other, place: node) }
            nodes[name]?.inSecond = artifact.nodes.kept[node]
        }
        for edge in other.edges {
            let key = Self.key(edge, other)
            if edges[key] == nil, addsMissing { edges[key] = Row(graph: other, place: edge) }
            edges[key]?.inSecond = artifact.edges.kept[edge]
        }
    }

    /// The graph of these rows, its prompt and settings those of `first`.
    func artifact(
        like first: PromptGraph, _ operation: CircuitSetOperation
    ) throws(Failure) -> AttributionGraphArtifact {
        var result = AttributionGraphArtifact(
            model: first.artifact.model, transcoders: first.artifact.transcoders,
            layerCount: first.artifact.layerCount, settings: first.artifact.settings,
            datasetDigest: first.artifact.datasetDigest)
        result.prompts = [first.artifact.prompts[first.prompt]]
        result.tokens = Array(first.tokens)
        result.promptOfToken = [Int32](repeating: 0, count: result.tokens.count)
        let order = nodes.map { (name: $0.key, row: $0.value, rank: rank(of: $0.value)) }
            .sorted { $0.rank.lexicographicallyPrecedes($1.rank) }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.name, $0) })
        let hasLeftOut = order.contains { $0.row.graph.artifact.nodes.leftOut != nil }
        let hasTexts = order.contains { $0.row.graph.artifact.nodes.texts != nil }
        if hasLeftOut { result.nodes.leftOut = [] }
        if hasTexts { result.nodes.texts = [] }
        for (_, row, _) in order {
            result.nodes.append(row.graph.artifact.nodes, row.place)
            result.nodes.kept.append(operation.keeps(row.inFirst, row.inSecond))
        }
        let ends = edges.compactMap { key, row -> (target: Int, source: Int, row: Row)? in
            guard let source = places[key.source], let target = places[key.target] else {
                return nil
            }
            return (target, source, row)
        }.sorted { ($0.target, $0.source) < ($1.target, $1.source) }
        var joined = Set<Int>()
        for (target, source, row) in ends {
            result.edges.sources.append(Int32(source))
            result.edges.targets.append(Int32(target))
            result.edges.weights.append(row.graph.artifact.edges.weights[row.place])
            let isKept = operation.keeps(row.inFirst, row.inSecond)
            result.edges.kept.append(isKept)
            if isKept { joined.formUnion([source, target]) }
        }
        if operation == .difference {
            for node in result.nodes.kept.indices {
                result.nodes.kept[node] = joined.contains(node)
            }
        }
        if operation == .union {
            let graph = try FeatureGraph(PromptGraph(name: first.name, result, prompt: 0))
            let (scores, honest) = (graph.scores(), graph.scoresCountingLeftOut())
            result.prompts[0].replacement = scores.replacement
            result.prompts[0].completeness = scores.completeness
            result.prompts[0].replacementWithLeftOut = honest.replacement
            result.prompts[0].completenessWithLeftOut = honest.completeness
        }
        return result
    }

    /// Features, errors, tokens, logits; in each by layer, position and number, or as the file has them.
    private func rank(of row: Row) -> [Int] {
        let nodes = row.graph.artifact.nodes
        let layer = Int(nodes.layers[row.place])
        let sort =
            nodes.features[row.place] >= 0
            ? 0 : layer == -1 ? 2 : layer == row.graph.artifact.layerCount ? 3 : 1
        return [
            sort, layer, Int(nodes.positions[row.place]), Int(nodes.features[row.place]),
            row.place - row.graph.nodes.lowerBound,
        ]
    }
}

extension AttributionGraphArtifact.Nodes {
    /// Adds a node of another artifact as one of the first prompt, but whether it is kept.
    fileprivate mutating func append(_ other: Self, _ place: Int) {
        prompts.append(0)
        names.append(other.names[place])
        layers.append(other.layers[place])
        positions.append(other.positions[place])
        features.append(other.features[place])
        tokens.append(other.tokens[place])
        texts?.append(other.texts?[place] ?? "")
        activations.append(other.activations[place])
        probabilities.append(other.probabilities[place])
        influences.append(other.influences[place])
        cumulative.append(other.cumulative[place])
        leftOut?.append(other.leftOut?[place] ?? 0)
    }
}
