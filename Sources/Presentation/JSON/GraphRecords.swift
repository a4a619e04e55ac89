import Artifacts

// The rows of the long lists of circuits and scores: types of their own, which are encoded faster
// than a `JSONObject`.

/// An edge. Every key is always there, and null stands for an unknown value, except that the share of
/// runs is left out where there is a single run.
struct EdgeRecord: Encodable {
    var edge: String
    var inCircuit: Bool?
    var score: Float?
    var keptShare: Float?

    private enum CodingKeys: String, CodingKey {
        case edge, score
        case inCircuit = "in_circuit"
        case keptShare = "kept_share"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(edge, forKey: .edge)
        try container.encode(inCircuit, forKey: .inCircuit)
        try container.encode(score, forKey: .score)
        try container.encodeIfPresent(keptShare, forKey: .keptShare)
    }

    /// The edges of a graph that are selected, in the graph's order.
    static func records(
        _ graph: GraphTable, inCircuit: [Bool]?, scores: [Float]?, keptShares: [Float]? = nil,
        _ selection: ReportSelection
    ) -> [EdgeRecord] {
        (0..<graph.edgeCount).compactMap { edge in
            let name = graph.edgeName(edge)
            guard selection.selects(name) else { return nil }
            return EdgeRecord(
                edge: name, inCircuit: inCircuit?[edge], score: scores?[edge].finite,
                keptShare: keptShares?[edge])
        }
    }
}

/// A node.
struct NodeRecord: Encodable {
    var node: String
    var inCircuit: Bool?
    var score: Float?
    /// The role that it plays in the behaviour.
    var role: String?
    /// Its neurons in a circuit of single neurons.
    var neurons: [Int]?

    private enum CodingKeys: String, CodingKey {
        case node, score, role, neurons
        case inCircuit = "in_circuit"
    }
}

/// An edge tested by ACDC: the metric before and after, and by how much the loss rose.
struct DecisionRecord: Encodable {
    var edge: String
    var before: Double?
    var after: Double?
    var lossIncrease: Double?
    var removed: Bool

    private enum CodingKeys: String, CodingKey {
        case edge, before, after, removed
        case lossIncrease = "loss_increase"
    }

    /// The decisions on edges that are selected, in the order they were made.
    static func records(
        _ decisions: [LoggedDecision], metric: String, _ graph: GraphTable,
        _ selection: ReportSelection
    ) -> [DecisionRecord] {
        decisions.compactMap { decision in
            let name = graph.edgeName(Int(decision.edge))
            guard selection.selects(name) else { return nil }
            return DecisionRecord(
                edge: name, before: decision.before.finite, after: decision.after.finite,
                lossIncrease: decision.lossIncrease(metric: metric).finite,
                removed: decision.removed)
        }
    }
}
