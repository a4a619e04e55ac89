/// Two circuits compared: which nodes and edges only the first has, only the second, or both.
package struct CircuitDiffArtifact: Hashable, Sendable {
    /// One of the two circuits.
    package struct Side: Hashable, Sendable {
        /// The circuit artifact.
        package var circuit: ArtifactReference
        /// The model it belongs to, if any.
        package var model: ModelReference?
        /// Its threshold; nil if it has none.
        package var threshold: Double?
        /// The number of edges in the circuit.
        package var edgeCount: Int
        /// The number of nodes in the circuit.
        package var nodeCount: Int
        /// Names of nodes in the circuit that nothing on the other side was aligned with.
        package var unalignedNodes: [String]

        /// Makes a side from its parts.
        package init(
            circuit: ArtifactReference, model: ModelReference?, threshold: Double? = nil,
            edgeCount: Int, nodeCount: Int, unalignedNodes: [String] = []
        ) {
            self.circuit = circuit
            self.model = model
            self.threshold = threshold
            self.edgeCount = edgeCount
            self.nodeCount = nodeCount
            self.unalignedNodes = unalignedNodes
        }
    }

    /// A node or edge that is in at least one of the circuits.
    package struct Entry: Hashable, Sendable {
        /// The name in the first circuit's graph.
        package var name: String
        /// Whether it is in the first circuit.
        package var inFirst: Bool
        /// Whether it is in the second circuit.
        package var inSecond: Bool
        /// The first circuit's score; NaN if it has none.
        package var firstScore: Float
        /// The second circuit's score; NaN if it has none.
        package var secondScore: Float

        /// Makes an entry from its parts.
        package init(
            name: String, inFirst: Bool, inSecond: Bool, firstScore: Float = .nan,
            secondScore: Float = .nan
        ) {
            self.name = name
            self.inFirst = inFirst
            self.inSecond = inSecond
            self.firstScore = firstScore
            self.secondScore = secondScore
        }
    }

    /// Counts of edges for one layer or one type of edge.
    package struct Summary: Hashable, Sendable {
        /// What is counted: `layer 3`, `head->mlp`, `q`, ...
        package var group: String
        /// Edges only in the first circuit.
        package var onlyFirst: Int
        /// Edges only in the second circuit.
        package var onlySecond: Int
        /// Edges in both.
        package var both: Int

        /// Makes a summary from its counts.
        package init(group: String, onlyFirst: Int, onlySecond: Int, both: Int) {
            self.group = group
            self.onlyFirst = onlyFirst
            self.onlySecond = onlySecond
            self.both = both
        }
    }

    /// The first circuit.
    package var first: Side
    /// The second circuit.
    package var second: Side
    /// How the graphs were aligned: `name`, `relative-depth`, or heads by `role`.
    package var alignment: String
    /// Edges in either circuit.
    package var edges: [Entry]
    /// Nodes in either circuit.
    package var nodes: [Entry]
    /// Jaccard index of the two sets of edges: 1 when both are empty.
    package var edgeJaccard: Double
    /// Jaccard index of the two sets of nodes.
    package var nodeJaccard: Double
    /// Counts by layer and by type of edge.
    package var summaries: [Summary]
    /// Which heads play the same part; nil where they weren't aligned by role.
    package var headMatches: HeadMatches?

    /// Makes a comparison from its parts.
    package init(
        first: Side, second: Side, alignment: String, edges: [Entry], nodes: [Entry],
        edgeJaccard: Double, nodeJaccard: Double, summaries: [Summary] = [],
        headMatches: HeadMatches? = nil
    ) {
        self.first = first
        self.second = second
        self.alignment = alignment
        self.edges = edges
        self.nodes = nodes
        self.edgeJaccard = edgeJaccard
        self.nodeJaccard = nodeJaccard
        self.summaries = summaries
        self.headMatches = headMatches
    }
}
