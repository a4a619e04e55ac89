import Artifacts
import Basics
import Graphs

/// The kept part of a prompt's attribution graph, drawn by layer (upwards) and position (to the right); or
/// a circuit of features, by layer.
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
    /// The rows, from the bottom up: -1 is that of tokens, the number of layers that of logits.
    let rows: ClosedRange<Int>
    let layerCount: Int
    let length: Int
    /// Boxes side by side in a row of a layer and position.
    let boxesInRow: Int
    /// Letters that fit in a box.
    let labelWidth: Int

    /// A drawing of a circuit of features: the strongest edges and the features that they join, or all
    /// features where they are no more than edges may be.
    init(_ circuit: FeatureCircuitArtifact, name: String, maximumEdges: Int) {
        let shown = circuit.edges.enumerated().sorted {
            (abs($0.element.weight), $1.offset) > (abs($1.element.weight), $0.offset)
        }.prefix(maximumEdges).map(\.element)
        let features = circuit.features.indices.filter { circuit.features[$0].inCircuit }
        let joined = Set(shown.flatMap { [$0.source, $0.target] })
        let drawn = features.filter { features.count <= maximumEdges || joined.contains($0) }
        let order = Dictionary(uniqueKeysWithValues: drawn.enumerated().map { ($1, $0) })
        nodes = drawn.map { index in
            let feature = circuit.features[index]
            return Node(
                name: feature.name, label: "f\(feature.index)", layer: Int32(feature.layer),
                position: 0, sort: "m", influence: feature.influence)
        }
        edges = shown.compactMap { edge in
            guard let source = order[edge.source], let target = order[edge.target] else {
                return nil
            }
            return Edge(source: source, target: target, weight: edge.weight)
        }
        layerCount = circuit.layerCount
        (rows, boxesInRow) = (0...max(0, circuit.layerCount - 1), 12)
        length = 1
        labelWidth = 10
        title = name
        remarks = [
            "features that at least \(Figures.short(circuit.share)) of "
                + "\(Figures.count(circuit.graphs.count)) graphs keep, "
                + "\(Figures.count(nodes.count)) of \(Figures.count(features.count)); "
                + "\(Figures.count(edges.count)) of \(Figures.count(circuit.edges.count)) edges, "
                + "strongest first",
            "influence and direct effects are means over the graphs, summed over positions",
        ]
    }

    /// A drawing of the graph between supernodes, each in the middle of its members' layers and positions.
    init(_ graph: SupernodeGraph, maximumEdges: Int) {
        let (artifact, prompt) = (graph.graph.artifact, graph.graph.prompt)
        func middle(_ values: [Int32]) -> Int32 { values.sorted()[values.count / 2] }
        let ambiguous = artifact.ambiguousTexts(ofPrompt: prompt)
        nodes = graph.nodes.map { node in
            guard node.isGroup else { return Node(artifact, node.members[0], ambiguous) }
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
        (rows, boxesInRow) = (-1...artifact.layerCount, 3)
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
        let ambiguous = artifact.ambiguousTexts(ofPrompt: prompt)
        nodes = joined.map { Node(artifact, $0, ambiguous) }
        edges = shown.sorted().compactMap { edge in
            guard let source = order[Int(artifact.edges.sources[edge])],
                let target = order[Int(artifact.edges.targets[edge])]
            else { return nil }
            return Edge(source: source, target: target, weight: artifact.edges.weights[edge])
        }
        layerCount = artifact.layerCount
        (rows, boxesInRow) = (-1...artifact.layerCount, 3)
        length = artifact.tokens(ofPrompt: prompt).count
        // Tokens may be cut, but not what the graph explains.
        labelWidth = min(
            32, max(10, nodes.filter { $0.sort == "l" }.map(\.label.count).max() ?? 10))
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
    /// - Parameter ambiguous: texts that several tokens of the graph have.
    fileprivate init(
        _ artifact: AttributionGraphArtifact, _ node: Int, _ ambiguous: Set<String>
    ) {
        let nodes = artifact.nodes
        name = nodes.names[node]
        layer = nodes.layers[node]
        position = nodes.positions[node]
        influence = nodes.influences[node]
        let text = nodes.texts?[node] ?? ""
        let id = nodes.tokens[node]
        let token = text.isEmpty ? "\(id)" : ambiguous.contains(text) ? "\(text) t\(id)" : text
        if nodes.features[node] >= 0 {
            (sort, label) = ("m", "f\(nodes.features[node])")
        } else if layer == -1 {
            (sort, label) = ("i", token)
        } else if layer == artifact.layerCount {
            let probability = Figures.fixed(100 * nodes.probabilities[node], digits: 0)
            let other = text.isEmpty ? String(name.dropFirst("logits.".count)) : text
            (sort, label) = ("l", id >= 0 ? "\(token) \(probability)%" : other)
        } else {
            (sort, label) = ("e", "err")
        }
    }
}

extension AttributionGraphArtifact {
    /// Texts that tokens of different ids have, among the tokens and targets of a prompt's graph.
    fileprivate func ambiguousTexts(ofPrompt prompt: Int) -> Set<String> {
        var ids: [String: Int32] = [:]
        var ambiguous = Set<String>()
        for node in nodes(ofPrompt: prompt) where nodes.tokens[node] >= 0 {
            guard let text = nodes.texts?[node], !text.isEmpty else { continue }
            if let other = ids[text], other != nodes.tokens[node] { ambiguous.insert(text) }
            ids[text] = nodes.tokens[node]
        }
        return ambiguous
    }
}
