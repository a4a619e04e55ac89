import Artifacts

/// An evaluation.
struct EvaluationRecord: Encodable {
    struct Figure: Encodable {
        var name: String
        var value: Double?
        var lower: Double?
        var upper: Double?
    }

    struct Curve: Encodable {
        var name: String
        var xLabel: String
        var yLabel: String
        var x: [Double?]
        var y: [Double?]
        var lower: [Double?]?
        var upper: [Double?]?
        var edgeCounts: [Int]?

        private enum CodingKeys: String, CodingKey {
            case name, x, y, lower, upper
            case xLabel = "x_label"
            case yLabel = "y_label"
            case edgeCounts = "edge_counts"
        }
    }

    struct Bootstrap: Encodable {
        var samples: Int
        var confidence: Double
        var seed: Int
    }

    /// An edge with its values in the columns that there are.
    struct Edge: Encodable {
        var edge: String
        var values: [String: Double]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(edge, forKey: Key(stringValue: "edge"))
            for (name, value) in values {
                try container.encode(value, forKey: Key(stringValue: name))
            }
        }

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }

    var model: ModelRecord?
    var subject: ReferenceRecord
    var truth: ReferenceRecord?
    var metric: String
    var ablation: String
    var figures: [Figure]
    var curves: [Curve]
    var pairs: [String: [Double?]]
    var edges: [Edge]?
    var bootstrap: Bootstrap?
    var datasetDigest: String?

    private enum CodingKeys: String, CodingKey {
        case model, subject, truth, metric, ablation, figures, curves, pairs, edges, bootstrap
        case datasetDigest = "dataset_digest"
    }

    init(_ evaluation: EvaluationArtifact) {
        model = evaluation.model.map(ModelRecord.init)
        subject = ReferenceRecord(evaluation.subject)
        truth = evaluation.truth.map(ReferenceRecord.init)
        metric = evaluation.metric
        ablation = evaluation.ablation
        figures = evaluation.figures.map { figure in
            Figure(
                name: figure.name, value: figure.value.finite, lower: figure.lower.finite,
                upper: figure.upper.finite)
        }
        curves = evaluation.curves.map { curve in
            Curve(
                name: curve.name, xLabel: curve.xLabel, yLabel: curve.yLabel,
                x: curve.x.map(\.finite), y: curve.y.map(\.finite),
                lower: curve.lower?.map(\.finite), upper: curve.upper?.map(\.finite),
                edgeCounts: curve.edgeCounts)
        }
        pairs = evaluation.pairColumns.mapValues { $0.map(\.finite) }
        bootstrap = evaluation.bootstrap.map {
            Bootstrap(samples: $0.samples, confidence: $0.confidence, seed: $0.seed)
        }
        if let graph = evaluation.graph, !evaluation.edgeColumns.isEmpty {
            // Edges that no column says anything of are left out.
            edges = (0..<graph.edgeCount).compactMap { edge in
                let values = evaluation.edgeColumns.compactMapValues { $0[edge].finite }
                return values.isEmpty ? nil : Edge(edge: graph.edgeName(edge), values: values)
            }
        }
        datasetDigest = evaluation.datasetDigest
    }
}
