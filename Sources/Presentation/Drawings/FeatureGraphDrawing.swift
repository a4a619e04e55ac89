import Artifacts
import Basics
import Graphs

/// The kept part of a prompt's attribution graph, drawn by layer (upwards) and position (to the right).
package struct FeatureGraphDrawing: Sendable {
    /// A node that is drawn.
    struct Node: Hashable, Sendable {
        var name: String
        /// What stands in its box.
        var label: String
        var layer: Int32
        var position: Int32
        /// A feature or a supernode, an error, a token or a logit: `m`, `e`, `i`, `l`.
        var sort: Character
        var influence: Double
    }

    /// An edge that is drawn.
    struct Edge: Hashable, Sendable {
        var source: Int
        var target: Int
        var weight: Float
    }

    let title: String
    let remarks: [String]
    let nodes: [Node]
    let edges: [Edge]
    let layerCount: Int
    let length: Int
    /// Letters that fit in a box.
    let labelWidth: Int

    /// A drawing of the graph between supernodes, each in the middle of its members' layers and positions.
    init(_ graph: SupernodeGraph, maximumEdges: Int) {
        let (artifact, prompt) = (graph.graph.artifact, graph.graph.prompt)
        func middle(_ values: [Int32]) -> Int32 { values.sorted()[values.count / 2] }
        nodes = graph.nodes.map { node in
            guard node.isGroup else { return Node(artifact, node.members[0]) }
            return Node(
                name: node.name, label: node.name,
                layer: middle(node.members.map { artifact.nodes.layers[$0] }),
                position: middle(node.members.map { artifact.nodes.positions[$0] }), sort: "m",
                influence: node.influence)
        }
        edges = graph.edges.sorted { abs($0.weight) > abs($1.weight) }.prefix(maximumEdges).map {
            Edge(source: $0.source, target: $0.target, weight: $0.weight)
        }
        layerCount = artifact.layerCount
        length = graph.graph.tokens.count
        labelWidth = min(24, max(10, graph.nodes.map(\.name.count).max() ?? 10))
        title = artifact.prompts[prompt].name
        remarks = [
            "\(edges.count) of \(graph.edges.count) edges between supernodes, sums of kept edges, "
                + "strongest first",
            "a supernode stands in the middle of its members' layers and positions",
        ]
    }

    /// A drawing of the strongest kept edges, and the nodes that they join.
    init(_ artifact: AttributionGraphArtifact, prompt: Int, maximumEdges: Int) {
        let kept = artifact.edges(ofPrompt: prompt).filter { artifact.edges.kept[$0] }
        let shown = kept.sorted {
            (abs(artifact.edges.weights[$0]), $1) > (abs(artifact.edges.weights[$1]), $0)
        }.prefix(maximumEdges)
        var used = Set<Int>()
        for edge in shown {
            used.insert(Int(artifact.edges.sources[edge]))
            used.insert(Int(artifact.edges.targets[edge]))
        }
        let joined = artifact.nodes(ofPrompt: prompt).filter {
            used.contains($0) || artifact.nodes.layers[$0] == -1
        }
        let order = Dictionary(uniqueKeysWithValues: joined.enumerated().map { ($1, $0) })
        nodes = joined.map { Node(artifact, $0) }
        edges = shown.sorted().compactMap { edge in
            guard let source = order[Int(artifact.edges.sources[edge])],
                let target = order[Int(artifact.edges.targets[edge])]
            else { return nil }
            return Edge(source: source, target: target, weight: artifact.edges.weights[edge])
        }
        layerCount = artifact.layerCount
        length = artifact.tokens(ofPrompt: prompt).count
        labelWidth = 10
        title = artifact.prompts[prompt].name
        let keptNodes = artifact.nodes(ofPrompt: prompt).count { artifact.nodes.kept[$0] }
        remarks = [
            "\(edges.count) of \(kept.count) kept edges, strongest first; \(keptNodes) nodes kept",
            "replacement \(Figures.short(artifact.prompts[prompt].replacement)), completeness "
                + Figures.short(artifact.prompts[prompt].completeness),
        ]
    }
}

extension FeatureGraphDrawing.Node {
    fileprivate init(_ artifact: AttributionGraphArtifact, _ node: Int) {
        let nodes = artifact.nodes
        name = nodes.names[node]
        layer = nodes.layers[node]
        position = nodes.positions[node]
        influence = nodes.influences[node]
        let text = nodes.texts?[node] ?? ""
        let token = text.isEmpty ? "\(nodes.tokens[node])" : text
        if nodes.features[node] >= 0 {
            (sort, label) = ("m", "f\(nodes.features[node])")
        } else if layer == -1 {
            (sort, label) = ("i", token)
        } else if layer == artifact.layerCount {
            let probability = Figures.fixed(100 * nodes.probabilities[node], digits: 0)
            let isToken = nodes.tokens[node] >= 0
            (sort, label) = ("l", isToken ? "\(token) \(probability)%" : String(name.dropFirst(7)))
        } else {
            (sort, label) = ("e", "err")
        }
    }
}
