import Artifacts

/// A named group of an attribution graph's nodes.
package struct Supernode: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Its members, by their places in the artifact.
    package let members: [Int]

    /// A group.
    package init(name: String, members: [Int]) {
        self.name = name
        self.members = members
    }
}

/// The graph between named groups of nodes: an edge is the sum of the kept edges from members of one to
/// members of the other, as in Neuronpedia's subgraphs. Tokens and logits that are in no group stand for
/// themselves where a kept edge joins them to a group.
package struct SupernodeGraph: Sendable {
    /// A group, or a token or logit by itself.
    package struct Node: Sendable {
        /// The group's name, or the node's.
        package var name: String
        /// Whether it is a group.
        package var isGroup: Bool
        /// Its members, by their places in the artifact.
        package var members: [Int]
        /// The sum of its members' influence.
        package var influence: Double
    }

    /// An edge between two nodes.
    package struct Edge: Hashable, Sendable {
        /// The node that it leads from.
        package var source: Int
        /// The node that it leads to.
        package var target: Int
        /// The sum of the weights.
        package var weight: Float
        /// How many kept edges it is made of.
        package var count: Int
    }

    /// The graph whose nodes are in the groups.
    package let graph: PromptGraph
    /// The groups in their order, then tokens and logits.
    package let nodes: [Node]
    /// The edges, by target, then source.
    package let edges: [Edge]

    /// The graph between groups.
    package init(_ graph: PromptGraph, _ groups: [Supernode]) {
        let artifact = graph.artifact
        var nodes = groups.map { group in
            Node(
                name: group.name, isGroup: true, members: group.members,
                influence: group.members.reduce(0) { $0 + artifact.nodes.influences[$1] })
        }
        var nodeOf: [Int: Int] = [:]
        for (index, group) in groups.enumerated() {
            for member in group.members { nodeOf[member] = index }
        }
        let kept = graph.edges.filter { artifact.edges.kept[$0] }
        let grouped = nodeOf
        for edge in kept {
            let ends = [artifact.edges.sources[edge], artifact.edges.targets[edge]].map(Int.init)
            guard ends.contains(where: { grouped[$0] != nil }) else { continue }
            for end in ends where nodeOf[end] == nil {
                let layer = artifact.nodes.layers[end]
                guard layer == -1 || layer == artifact.layerCount else { continue }
                nodeOf[end] = nodes.count
                nodes.append(
                    Node(
                        name: artifact.nodes.names[end], isGroup: false, members: [end],
                        influence: artifact.nodes.influences[end]))
            }
        }
        var sums: [Ends: (weight: Double, count: Int)] = [:]
        for edge in kept {
            guard let source = nodeOf[Int(artifact.edges.sources[edge])],
                let target = nodeOf[Int(artifact.edges.targets[edge])], source != target,
                nodes[source].isGroup || nodes[target].isGroup
            else { continue }
            let old = sums[Ends(target: target, source: source)] ?? (0, 0)
            sums[Ends(target: target, source: source)] = (
                old.weight + Double(artifact.edges.weights[edge]), old.count + 1
            )
        }
        self.graph = graph
        self.nodes = nodes
        edges = sums.map { ends, sum in
            Edge(
                source: ends.source, target: ends.target, weight: Float(sum.weight),
                count: sum.count)
        }.sorted { ($0.target, $0.source) < ($1.target, $1.source) }
    }

    private struct Ends: Hashable {
        var target: Int
        var source: Int
    }
}
