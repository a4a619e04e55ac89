package import Artifacts

/// Two circuits compared: what only one of them has, what both have, and how alike they are.
package struct CircuitComparison: Hashable, Sendable {
    /// How the graphs were aligned.
    package var alignment: GraphAlignment
    /// The edges of the common graph that are in either circuit, in the first graph's order.
    package var edges: [CircuitDiffArtifact.Entry]
    /// The nodes of the common graph that are in either circuit.
    package var nodes: [CircuitDiffArtifact.Entry]
    /// What of either circuit has no place in the common graph: it counts as in one circuit only.
    package var unaligned: Unaligned
    /// Counts of edges by layer (of the receiver) and by type (`head->q`).
    package var summaries: [CircuitDiffArtifact.Summary]
    /// How the scores differ, over all edges that both circuits score; nil if there are none.
    package var scores: ScoreDifference?
    /// How the neurons differ; nil if neither is a circuit of single neurons, or their graphs differ.
    package var neurons: NeuronComparison?

    /// How much of the circuits has no place in the common graph.
    package struct Unaligned: Hashable, Sendable {
        /// Edges of the first circuit.
        package var firstEdges: Int
        /// Edges of the second circuit.
        package var secondEdges: Int
        /// Nodes of both circuits.
        package var nodes: Int
    }

    /// Compares two circuits.
    ///
    /// - Parameter alignment: How their graphs are aligned; nil for by name where their shapes agree,
    ///   else by relative depth.
    package init(
        _ first: CircuitArtifact, _ second: CircuitArtifact, alignment: GraphAlignment? = nil
    ) {
        let alignment = alignment ?? GraphAlignment(first.graph, second.graph)
        var table = AlignedEdges()
        table.add(first, names: alignment.first, toFirst: true)
        table.add(second, names: alignment.second, toFirst: false)
        self.alignment = alignment
        edges = table.entries.filter { $0.inFirst || $0.inSecond }
        nodes = Self.nodes(first, second, alignment)
        unaligned = Unaligned(
            firstEdges: first.unalignedEdgeCount(alignment.first),
            secondEdges: second.unalignedEdgeCount(alignment.second),
            nodes: first.unalignedNodes(alignment.first).count
                + second.unalignedNodes(alignment.second).count)
        summaries = CircuitDiffArtifact.Summary.summaries(of: edges)
        scores = ScoreDifference(table.entries)
        neurons = NeuronComparison(first, second)
    }

    /// Whether both circuits have the same edges, nodes and neurons; scores don't count.
    package var areSame: Bool {
        unaligned == Unaligned(firstEdges: 0, secondEdges: 0, nodes: 0)
            && edges.allSatisfy { $0.inFirst && $0.inSecond }
            && nodes.allSatisfy { $0.inFirst && $0.inSecond } && neurons?.areSame ?? true
    }

    /// Jaccard index of the sets of edges: what both have over what either has; 1 if both are empty.
    package var edgeJaccard: Double {
        Self.jaccard(edges, unaligned: unaligned.firstEdges + unaligned.secondEdges)
    }

    /// Jaccard index of the sets of nodes.
    package var nodeJaccard: Double { Self.jaccard(nodes, unaligned: unaligned.nodes) }

    private static func jaccard(
        _ entries: [CircuitDiffArtifact.Entry], unaligned: Int
    ) -> Double {
        let either = entries.count + unaligned
        guard either > 0 else { return 1 }
        return Double(entries.count { $0.inFirst && $0.inSecond }) / Double(either)
    }

    private static func nodes(
        _ first: CircuitArtifact, _ second: CircuitArtifact, _ alignment: GraphAlignment
    ) -> [CircuitDiffArtifact.Entry] {
        var order: [String] = []
        var entries: [String: CircuitDiffArtifact.Entry] = [:]
        func add(_ circuit: CircuitArtifact, _ names: [String?], toFirst: Bool) {
            for (name, isIn) in zip(names, circuit.nodeInCircuit) where isIn {
                guard let name else { continue }
                if entries[name] == nil { order.append(name) }
                var entry =
                    entries[name]
                    ?? CircuitDiffArtifact.Entry(name: name, inFirst: false, inSecond: false)
                entry.inFirst = entry.inFirst || toFirst
                entry.inSecond = entry.inSecond || !toFirst
                entries[name] = entry
            }
        }
        add(first, alignment.first.nodes, toFirst: true)
        add(second, alignment.second.nodes, toFirst: false)
        return order.compactMap { entries[$0] }
    }
}

extension CircuitArtifact {
    /// The nodes of the circuit without a name in the common graph.
    func unalignedNodes(_ names: GraphAlignment.Names) -> [String] {
        graph.nodes.indices.filter { nodeInCircuit[$0] && names.nodes[$0] == nil }
            .map { graph.nodes[$0] }
    }

    /// How many of the circuit's edges have an end without a name in the common graph.
    func unalignedEdgeCount(_ names: GraphAlignment.Names) -> Int {
        (0..<graph.edgeCount).count { edge in
            inCircuit[edge]
                && (names.nodes[Int(graph.senderOfEdge[edge])] == nil
                    || names.receivers[Int(graph.receiverOfEdge[edge])] == nil)
        }
    }
}

/// The edges of two circuits on their common graph, each with its membership and score in both.
private struct AlignedEdges {
    private struct Key: Hashable {
        var sender: String
        var receiver: String
    }

    private var indexOfEdge: [Key: Int] = [:]
    private(set) var entries: [CircuitDiffArtifact.Entry] = []

    /// Adds a circuit's edges. Several edges folded onto one: it is in if any is, and its score is
    /// the sum of theirs.
    mutating func add(_ circuit: CircuitArtifact, names: GraphAlignment.Names, toFirst: Bool) {
        let graph = circuit.graph
        for edge in 0..<graph.edgeCount {
            guard let sender = names.nodes[Int(graph.senderOfEdge[edge])],
                let receiver = names.receivers[Int(graph.receiverOfEdge[edge])]
            else { continue }
            let index = index(of: Key(sender: sender, receiver: receiver))
            let score = circuit.scores?[edge] ?? .nan
            if toFirst {
                entries[index].inFirst = entries[index].inFirst || circuit.inCircuit[edge]
                entries[index].firstScore = Self.sum(entries[index].firstScore, score)
            } else {
                entries[index].inSecond = entries[index].inSecond || circuit.inCircuit[edge]
                entries[index].secondScore = Self.sum(entries[index].secondScore, score)
            }
        }
    }

    private mutating func index(of key: Key) -> Int {
        if let known = indexOfEdge[key] { return known }
        indexOfEdge[key] = entries.count
        entries.append(
            CircuitDiffArtifact.Entry(
                name: "\(key.sender)->\(key.receiver)", inFirst: false, inSecond: false))
        return entries.count - 1
    }

    /// The sum of what is known: NaN stands for an edge never tested.
    private static func sum(_ first: Float, _ second: Float) -> Float {
        first.isNaN ? second : second.isNaN ? first : first + second
    }
}
