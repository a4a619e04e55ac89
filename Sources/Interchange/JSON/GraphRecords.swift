import Artifacts

/// The shape of a graph.
struct GraphRecord: Encodable {
    var nLayers: Int
    var nHeads: Int
    var nKeyValueHeads: Int
    var dModel: Int
    var parallelAttentionMLP: Bool
    var ungroupedKeyValue: Bool
    var level: String

    private enum CodingKeys: String, CodingKey {
        case level
        case nLayers = "n_layers"
        case nHeads = "n_heads"
        case nKeyValueHeads = "n_key_value_heads"
        case dModel = "d_model"
        case parallelAttentionMLP = "parallel_attn_mlp"
        case ungroupedKeyValue = "ungrouped_key_value"
    }

    init(_ graph: GraphTable) {
        nLayers = graph.nLayers
        nHeads = graph.nHeads
        nKeyValueHeads = graph.nKeyValueHeads
        dModel = graph.dModel
        parallelAttentionMLP = graph.parallelAttentionMLP
        ungroupedKeyValue = graph.ungroupedKeyValue
        level = graph.level
    }
}

/// An edge. Every key is always there, and null stands for what isn't known; only the share of runs
/// that keep it is left out where there is a single run.
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
    /// Those of its neurons that are in a circuit of single neurons.
    var neurons: [Int]?

    private enum CodingKeys: String, CodingKey {
        case node, score, neurons
        case inCircuit = "in_circuit"
    }
}

/// An edge tested by ACDC.
struct DecisionRecord: Encodable {
    var edge: String
    var before: Double?
    var after: Double?
    var removed: Bool

    static func records(
        _ decisions: [Decision], _ graph: GraphTable, _ selection: ReportSelection
    ) -> [DecisionRecord] {
        decisions.compactMap { decision in
            let name = graph.edgeName(Int(decision.edge))
            guard selection.selects(name) else { return nil }
            return DecisionRecord(
                edge: name, before: decision.before.finite, after: decision.after.finite,
                removed: decision.removed)
        }
    }
}

/// A further run of a circuit artifact.
struct RunRecord: Encodable {
    var threshold: Double?
    var order: String
    var seed: Int?
    var edgeCount: Int
    var circuitMetric: Double?

    private enum CodingKeys: String, CodingKey {
        case threshold, order, seed
        case edgeCount = "edge_count"
        case circuitMetric = "circuit_metric"
    }

    init(_ run: CircuitRun) {
        threshold = run.threshold.finite
        order = run.order
        seed = run.seed
        edgeCount = run.inCircuit.count { $0 }
        circuitMetric = run.circuitMetric.finite
    }
}

/// A circuit.
struct CircuitRecord: Encodable {
    var model: ModelRecord?
    package var graph: GraphRecord
    var method: String
    var metric: String
    var fullMetric: Double?
    var circuitMetric: Double?
    var corruptedMetric: Double?
    var threshold: Double?
    var order: String
    var nominalEdgeCount: Int?
    var pairsPerTest: Int?
    var errorRate: Double?
    var ablation: String
    var datasetDigest: String?
    var cacheDigest: String?
    var scoresDigest: String?
    var nodes: [NodeRecord]
    var edges: [EdgeRecord]
    var decisions: [DecisionRecord]?
    var runs: [RunRecord]

    private enum CodingKeys: String, CodingKey {
        case model, graph, method, metric, threshold, order, ablation, nodes, edges, decisions, runs
        case fullMetric = "full_metric"
        case circuitMetric = "circuit_metric"
        case corruptedMetric = "corrupted_metric"
        case nominalEdgeCount = "nominal_edge_count"
        case pairsPerTest = "pairs_per_test"
        case errorRate = "error_rate"
        case datasetDigest = "dataset_digest"
        case cacheDigest = "cache_digest"
        case scoresDigest = "scores_digest"
    }

    init(_ circuit: CircuitArtifact, _ selection: ReportSelection) {
        model = circuit.model.map(ModelRecord.init)
        graph = GraphRecord(circuit.graph)
        method = circuit.method
        metric = circuit.metric
        fullMetric = circuit.fullMetric.finite
        circuitMetric = circuit.circuitMetric.finite
        corruptedMetric = circuit.corruptedMetric.finite
        threshold = circuit.threshold?.finite
        order = circuit.order
        nominalEdgeCount = circuit.nominalEdgeCount
        pairsPerTest = circuit.pairsPerTest
        errorRate = circuit.errorRate
        ablation = circuit.ablation
        datasetDigest = circuit.datasetDigest
        cacheDigest = circuit.cacheDigest
        scoresDigest = circuit.scoresDigest
        nodes = circuit.graph.nodes.indices.map { node in
            NodeRecord(
                node: circuit.graph.nodes[node], inCircuit: circuit.nodeInCircuit[node],
                neurons: circuit.neurons.map { table in
                    (0..<table.shape[1]).filter { table.values[node * table.shape[1] + $0] }
                })
        }
        edges = EdgeRecord.records(
            circuit.graph, inCircuit: circuit.inCircuit, scores: circuit.scores,
            keptShares: circuit.keptShare, selection)
        decisions =
            selection.decisions
            ? DecisionRecord.records(circuit.decisions, circuit.graph, selection) : nil
        runs = circuit.runs.map(RunRecord.init)
    }
}

/// Attribution scores.
struct ScoresRecord: Encodable {
    var model: ModelRecord
    package var graph: GraphRecord
    var method: String
    var metric: String
    var ablation: String
    var steps: Int?
    var seed: Int?
    var fullMetric: Double?
    var corruptedMetric: Double?
    var datasetDigest: String
    var cacheDigest: String?
    var nodes: [NodeRecord]?
    var edges: [EdgeRecord]
    var losses: [Double]?

    private enum CodingKeys: String, CodingKey {
        case model, graph, method, metric, ablation, steps, seed, nodes, edges, losses
        case fullMetric = "full_metric"
        case corruptedMetric = "corrupted_metric"
        case datasetDigest = "dataset_digest"
        case cacheDigest = "cache_digest"
    }

    init(_ scores: EdgeScoresArtifact, _ selection: ReportSelection) {
        model = ModelRecord(scores.model)
        graph = GraphRecord(scores.graph)
        method = scores.method
        metric = scores.metric
        ablation = scores.ablation
        steps = scores.steps
        seed = scores.seed
        fullMetric = scores.fullMetric.finite
        corruptedMetric = scores.corruptedMetric.finite
        datasetDigest = scores.datasetDigest
        cacheDigest = scores.cacheDigest
        nodes = scores.nodeScores.map { values in
            zip(scores.graph.nodes, values).map { NodeRecord(node: $0, score: $1.finite) }
        }
        edges = EdgeRecord.records(
            scores.graph, inCircuit: nil, scores: scores.scores, selection)
        losses = scores.losses?.compactMap(\.finite)
    }
}
