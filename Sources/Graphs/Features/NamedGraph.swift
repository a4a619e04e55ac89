import Artifacts

/// A prompt's graph by the names of its nodes and edges, of which several of one name are added up; or a
/// circuit of features.
struct NamedGraph {
    private(set) var nodeOrder: [String] = []
    private(set) var edgeOrder: [String] = []
    private(set) var keptNodes = Set<String>()
    private(set) var keptEdges = Set<String>()
    private(set) var figures: [String: FeatureGraphComparison.Figures] = [:]
    private(set) var weights: [String: Float] = [:]

    init(_ graph: PromptGraph, ignoresPositions: Bool) {
        let (nodes, edges) = (graph.artifact.nodes, graph.artifact.edges)
        let names = graph.nodes.map { node in
            ignoresPositions ? Self.nameWithoutPosition(nodes, node) : nodes.names[node]
        }
        let first = graph.nodes.lowerBound
        for node in graph.nodes {
            let name = names[node - first]
            let old = figures[name]
            if old == nil { nodeOrder.append(name) }
            figures[name] = FeatureGraphComparison.Figures(
                activation: (old?.activation ?? 0) + nodes.activations[node],
                influence: (old?.influence ?? 0) + nodes.influences[node])
            if nodes.kept[node] { keptNodes.insert(name) }
        }
        for edge in graph.edges {
            let source = names[Int(edges.sources[edge]) - first]
            let target = names[Int(edges.targets[edge]) - first]
            let name = source + "->" + target
            let old = weights[name]
            if old == nil { edgeOrder.append(name) }
            weights[name] = (old ?? 0) + edges.weights[edge]
            if edges.kept[edge] { keptEdges.insert(name) }
        }
    }

    /// All features of a circuit that any graph keeps, its own as the kept ones.
    init(_ circuit: FeatureCircuitArtifact) {
        let names = circuit.features.map(\.name)
        for (name, feature) in zip(names, circuit.features) {
            nodeOrder.append(name)
            figures[name] = FeatureGraphComparison.Figures(
                activation: feature.activation, influence: feature.influence,
                share: Double(feature.count) / Double(max(1, circuit.graphs.count)))
            if feature.inCircuit { keptNodes.insert(name) }
        }
        for edge in circuit.edges {
            let name = names[edge.source] + "->" + names[edge.target]
            edgeOrder.append(name)
            weights[name] = edge.weight
            keptEdges.insert(name)
        }
    }

    /// `m1.f17`, `m1.error`, `input.t1234`, `logits.t1234`.
    private static func nameWithoutPosition(
        _ nodes: AttributionGraphArtifact.Nodes, _ node: Int
    ) -> String {
        let name = nodes.names[node]
        if nodes.layers[node] == -1 { return "input.t\(nodes.tokens[node])" }
        return String(name.prefix { $0 != "@" })
    }
}
