import Artifacts
package import Basics

/// Two attribution graphs, or two circuits of features, compared by the names of their nodes: which kept
/// nodes and edges one has, which both, and how activations and weights differ. Of a pair's prompts it is
/// the graph of the pair.
package struct FeatureGraphComparison: Hashable, Sendable {
    /// A node that is kept in at least one graph.
    package struct Node: Hashable, Sendable {
        /// Its name; without position where positions are ignored.
        package var name: String
        /// Whether it is kept in the first graph.
        package var inFirst = false
        /// Whether it is kept in the second graph.
        package var inSecond = false
        /// Its activation and influence in the first graph; nil where it is no node, kept or not.
        package var first: Figures?
        /// Its activation and influence in the second graph.
        package var second: Figures?
    }

    /// What a graph says of a node.
    package struct Figures: Hashable, Sendable {
        /// Its activation, summed over positions where they are ignored; 0 of what isn't a feature.
        package var activation: Float
        /// Its influence.
        package var influence: Double
        /// Of a feature in a circuit of many graphs, the share of these that keep it.
        package var share: Double?
    }

    /// An edge that is kept in at least one graph.
    package struct Edge: Hashable, Sendable {
        /// `m0.f5@1->m1.f60@1`
        package var name: String
        /// Whether it is kept in the first graph.
        package var inFirst = false
        /// Whether it is kept in the second graph.
        package var inSecond = false
        /// Its weight in the first graph; nil where there is none, kept or not.
        package var firstWeight: Float?
        /// Its weight in the second graph.
        package var secondWeight: Float?

        /// The first weight less the second; where there is none it is 0.
        package var difference: Float { (firstWeight ?? 0) - (secondWeight ?? 0) }
    }

    /// What the graphs are called.
    package let names: [String]
    /// What their prompts are called.
    package let prompts: [String]
    /// What a reader has to know: how nodes were matched, and where the graphs are of different things.
    package let notes: [String]
    /// Nodes in the order of the first graph, then those of the second.
    package let nodes: [Node]
    /// Edges in the order of the first graph, then those of the second.
    package let edges: [Edge]
    /// How the weights differ over the edges that both graphs have; nil if there are none.
    package let weights: ScoreDifference?

    /// Compares two graphs.
    /// - Parameter ignoresPositions: whether features are matched by layer and number alone, tokens by
    ///   their id; weights are then summed over positions.
    /// - Throws: ``Failure`` (bad data) where the graphs are of different transcoders, whose features have
    ///   nothing in common.
    package init(
        _ first: PromptGraph, _ second: PromptGraph, ignoresPositions: Bool = false
    ) throws(Failure) {
        try Self.requireSameFeatures([first, second].map { ($0.name, $0.artifact.transcoders) })
        self.init(
            [first, second].map { NamedGraph($0, ignoresPositions: ignoresPositions) },
            names: [first.name, second.name],
            prompts: [first, second].map { $0.artifact.prompts[$0.prompt].name },
            notes: Self.notes(first, second, ignoresPositions))
    }

    init(_ sides: [NamedGraph], names: [String], prompts: [String], notes: [String]) {
        nodes = Self.merged(sides.map(\.nodeOrder)).compactMap { name in
            var node = Node(name: name)
            node.inFirst = sides[0].keptNodes.contains(name)
            node.inSecond = sides[1].keptNodes.contains(name)
            (node.first, node.second) = (sides[0].figures[name], sides[1].figures[name])
            return node.inFirst || node.inSecond ? node : nil
        }
        edges = Self.merged(sides.map(\.edgeOrder)).compactMap { name in
            var edge = Edge(name: name)
            edge.inFirst = sides[0].keptEdges.contains(name)
            edge.inSecond = sides[1].keptEdges.contains(name)
            edge.firstWeight = sides[0].weights[name]
            edge.secondWeight = sides[1].weights[name]
            return edge.inFirst || edge.inSecond ? edge : nil
        }
        weights = ScoreDifference(
            edges.map {
                CircuitDiffArtifact.Entry(
                    name: $0.name, inFirst: $0.inFirst, inSecond: $0.inSecond,
                    firstScore: $0.firstWeight ?? .nan, secondScore: $0.secondWeight ?? .nan)
            })
        (self.names, self.prompts, self.notes) = (names, prompts, notes)
    }

    /// Whether both graphs keep the same nodes and edges; weights don't count.
    package var areSame: Bool {
        nodes.allSatisfy { $0.inFirst && $0.inSecond }
            && edges.allSatisfy { $0.inFirst && $0.inSecond }
    }

    /// What both graphs keep over what either keeps, of nodes; 1 where neither keeps any.
    package var nodeJaccard: Double {
        Self.jaccard(both: nodes.count { $0.inFirst && $0.inSecond }, either: nodes.count)
    }

    /// What both graphs keep over what either keeps, of edges.
    package var edgeJaccard: Double {
        Self.jaccard(both: edges.count { $0.inFirst && $0.inSecond }, either: edges.count)
    }

    private static func jaccard(both: Int, either: Int) -> Double {
        either == 0 ? 1 : Double(both) / Double(either)
    }

    /// Refuses graphs or circuits whose features have other meanings than those of the first.
    static func requireSameFeatures(
        _ graphs: [(name: String, transcoders: TranscoderReference)]
    ) throws(Failure) {
        guard let (first, one) = graphs.first else { return }
        for (name, other) in graphs where one.digest != other.digest {
            throw Failure(
                .badData,
                "\(first) and \(name) are of different transcoders (\(one.name), digest "
                    + "\(one.digest.prefix(16))..., and \(other.name), \(other.digest.prefix(16))...), "
                    + "whose features have only their numbers in common")
        }
    }

    private static func notes(
        _ first: PromptGraph, _ second: PromptGraph, _ ignoresPositions: Bool
    ) -> [String] {
        var notes = [
            ignoresPositions
                ? "features by layer and number, tokens by id; sums over positions"
                : "nodes by name"
        ]
        if first.artifact.model.digest != second.artifact.model.digest {
            notes.append(
                "the models differ: \(first.artifact.model.name), \(second.artifact.model.name)")
        }
        guard !ignoresPositions else { return notes }
        if first.tokens.count != second.tokens.count {
            notes.append(
                "the prompts have \(first.tokens.count) and \(second.tokens.count) tokens: positions "
                    + "may mean different things")
        } else {
            let other = zip(first.tokens, second.tokens).enumerated()
                .filter { $0.element.0 != $0.element.1 }.map { "\($0.offset)" }
            if !other.isEmpty {
                notes.append("the tokens differ at position " + other.joined(separator: ", "))
            }
        }
        return notes
    }

    /// The names of both lists, those of the first in front.
    private static func merged(_ lists: [[String]]) -> [String] {
        var seen = Set<String>()
        return lists.joined().filter { seen.insert($0).inserted }
    }
}
