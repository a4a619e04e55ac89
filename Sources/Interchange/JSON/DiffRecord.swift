package import Graphs
package import Artifacts

/// A comparison of two circuits.
package struct DiffRecord: Encodable {
    struct Side: Encodable {
        var circuit: ReferenceRecord
        var model: ModelRecord?
        var threshold: Double?
        var edgeCount: Int
        var nodeCount: Int
        var unalignedNodes: [String]

        private enum CodingKeys: String, CodingKey {
            case circuit, model, threshold
            case edgeCount = "edge_count"
            case nodeCount = "node_count"
            case unalignedNodes = "unaligned_nodes"
        }

        init(_ side: CircuitDiffArtifact.Side) {
            circuit = ReferenceRecord(side.circuit)
            model = side.model.map(ModelRecord.init)
            threshold = side.threshold
            edgeCount = side.edgeCount
            nodeCount = side.nodeCount
            unalignedNodes = side.unalignedNodes
        }
    }

    struct Entry: Encodable {
        var name: String
        var inFirst: Bool
        var inSecond: Bool
        var firstScore: Float?
        var secondScore: Float?

        private enum CodingKeys: String, CodingKey {
            case name
            case inFirst = "in_first"
            case inSecond = "in_second"
            case firstScore = "first_score"
            case secondScore = "second_score"
        }

        init(_ entry: CircuitDiffArtifact.Entry) {
            name = entry.name
            inFirst = entry.inFirst
            inSecond = entry.inSecond
            firstScore = entry.firstScore.finite
            secondScore = entry.secondScore.finite
        }
    }

    struct Summary: Encodable {
        /// Which edges are counted; nil where the key says it.
        var group: String?
        var onlyFirst: Int
        var onlySecond: Int
        var both: Int

        private enum CodingKeys: String, CodingKey {
            case group, both
            case onlyFirst = "only_first"
            case onlySecond = "only_second"
        }
    }

    struct Scores: Encodable {
        var count: Int
        var meanAbsolute: Double
        var maximum: Double
        var maximumEdge: String
        var correlation: Double?

        private enum CodingKeys: String, CodingKey {
            case count, maximum, correlation
            case meanAbsolute = "mean_absolute"
            case maximumEdge = "maximum_edge"
        }
    }

    var artifact = ArtifactKind.circuitDiff.rawValue
    var same: Bool
    var first: Side
    var second: Side
    var alignment: String
    var alignmentStatement: [String]?
    var edgeJaccard: Double
    var nodeJaccard: Double
    var edges: [Entry]
    var nodes: [Entry]
    var summaries: [Summary]
    var scores: Scores?
    var neurons: Summary?

    private enum CodingKeys: String, CodingKey {
        case artifact, same, first, second, alignment, edges, nodes, summaries, scores, neurons
        case alignmentStatement = "alignment_statement"
        case edgeJaccard = "edge_jaccard"
        case nodeJaccard = "node_jaccard"
    }

    /// The record of a stored comparison.
    package init(_ diff: CircuitDiffArtifact) {
        first = Side(diff.first)
        second = Side(diff.second)
        alignment = diff.alignment
        edgeJaccard = diff.edgeJaccard
        nodeJaccard = diff.nodeJaccard
        edges = diff.edges.map(Entry.init)
        nodes = diff.nodes.map(Entry.init)
        same = (edges + nodes).allSatisfy { $0.inFirst && $0.inSecond }
        summaries = diff.summaries.map { summary in
            Summary(
                group: summary.group, onlyFirst: summary.onlyFirst,
                onlySecond: summary.onlySecond, both: summary.both)
        }
    }

    /// The record of a comparison just made.
    package init(_ diff: CircuitDiffArtifact, _ comparison: CircuitComparison) {
        self.init(diff)
        same = comparison.areSame
        alignmentStatement = comparison.alignment.statement
        neurons = comparison.neurons.map {
            Summary(onlyFirst: $0.onlyFirst, onlySecond: $0.onlySecond, both: $0.both)
        }
        scores = comparison.scores.map { scores in
            Scores(
                count: scores.count, meanAbsolute: scores.meanAbsolute, maximum: scores.maximum,
                maximumEdge: scores.maximumEdge, correlation: scores.correlation.finite)
        }
    }
}
