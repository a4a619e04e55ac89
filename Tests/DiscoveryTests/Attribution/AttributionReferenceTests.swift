import Artifacts
import Basics
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Tasks
import TestSupport
import Testing

/// Scores against a plain PyTorch implementation in float64, edge by edge.
@Suite("Attribution scores equal the reference's")
struct AttributionReferenceTests {
    /// `scores.json`, and the part of the same shape in `ragged.json`.
    struct Scores: Decodable {
        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(_ name: String) { stringValue = name }
            init?(stringValue: String) { self.init(stringValue) }
            init?(intValue: Int) { nil }
        }

        var edges: [String]
        var steps: Int
        /// By metric and method.
        var values: [String: [String: [Float]]] = [:]
        /// By metric, `[pair][edge]`.
        var perPair: [String: [[Float]]] = [:]

        init(from decoder: any Decoder) throws {
            let content = try decoder.container(keyedBy: Key.self)
            edges = try content.decode([String].self, forKey: Key("edges"))
            steps = try content.decode(Int.self, forKey: Key("steps"))
            for metric in ["kl", "logit-diff"] {
                let ofMetric = try content.nestedContainer(keyedBy: Key.self, forKey: Key(metric))
                for key in ofMetric.allKeys {
                    if key.stringValue == "eap-per-pair" {
                        perPair[metric] = try ofMetric.decode([[Float]].self, forKey: key)
                    } else {
                        values[metric, default: [:]][key.stringValue] = try ofMetric.decode(
                            [Float].self, forKey: key)
                    }
                }
            }
        }
    }
    struct Ragged: Decodable { var scores: Scores }

    static let cases =
        ReferencePairs.families.map { ($0, "scores") }
        + ReferencePairs.sharingFamilies.map { ($0, "scores-ungrouped") }
        + ReferencePairs.families.map { ($0, "ragged") }
    static let scoreCases = cases + ReferencePairs.similarFamilies.map { ($0, "scores") }
    static let methods: [any ScoringMethod.Type] = [
        EAP.self, EAPIGInputs.self, EAPIGActivations.self, CleanCorrupted.self, Exact.self,
    ]

    @Test("Scores equal the reference's", arguments: scoreCases)
    func scores(family: String, file: String) throws {
        let pairs = try ReferencePairs(family, file: file == "ragged" ? "ragged" : "pairs")
        let reference =
            file == "ragged"
            ? try pairs.reference(file, as: Ragged.self).scores
            : try pairs.reference(file, as: Scores.self)
        let ungrouped = file.hasSuffix("ungrouped")
        let graph = ComputationalGraph(
            pairs.transformer.configuration, ungroupedKeyValue: ungrouped)
        #expect((0..<graph.edgeCount).map(graph.name(ofEdge:)) == reference.edges)
        for (metric, byMethod) in reference.values {
            for type in Self.methods {
                var method: any ScoringMethod = type.init()
                method.set(.steps, to: reference.steps)
                let isEAP = method is EAP
                let expected = try #require(byMethod[method.name])
                let scores = try pairs.scores(
                    by: method, Metric(named: metric), ungrouped: ungrouped,
                    resolution: isEAP ? .pairs : [])
                let label: Comment = "\(family) \(file) \(metric) \(method.name)"
                #expect(scoreGap(scores.mean, expected) < 1e-4, label)
                if isEAP, let rows = reference.perPair[metric] {
                    let values = try #require(scores.perPair)
                    #expect(scoreGap(values.array, rows.flatMap { $0 }) < 1e-4, label)
                }
            }
        }
    }

    struct More: Decodable {
        struct OfMetric: Decodable {
            var nodes: [Float]
            var edges: [Float]
            enum CodingKeys: String, CodingKey {
                case nodes = "node-mask-gradient"
                case edges = "mask-gradient"
            }
        }
        var flow: [Float]
        /// The circuit of the mask gradients, a digit an edge.
        var present: String
        var kl: OfMetric
        var logitDifference: OfMetric
        enum CodingKeys: String, CodingKey {
            case present, kl
            case flow = "information-flow-routes"
            case logitDifference = "logit-diff"
        }
    }

    @Test(
        "Information flow routes equal the reference's",
        arguments: ReferencePairs.everyFamily)
    func flowRoutes(family: String) throws {
        let pairs = try ReferencePairs(family)
        let expected = try pairs.reference("more-scores", as: More.self).flow
        let scores = try pairs.scores(by: InformationFlowRoutes(), .kl).mean
        #expect(scoreGap(scores, expected) < 1e-4)
    }

    /// AtP* by metric, of nodes by their names and of edges.
    struct AtPStarReference: Decodable {
        struct OfMetric: Decodable {
            var nodes: [String: Float]
            var edges: [Float]
        }
        var logitDifference: OfMetric
        var negativeLogLikelihood: OfMetric
        enum CodingKeys: String, CodingKey {
            case logitDifference = "logit-diff"
            case negativeLogLikelihood = "nll"
        }
    }

    @Test("AtP* of nodes and edges equals the reference's", arguments: scoreCases)
    func atpStar(family: String, file: String) throws {
        let isRagged = file == "ragged"
        let pairs = try ReferencePairs(family, file: isRagged ? "ragged" : "pairs")
        let name = isRagged ? "atp-star-ragged" : file.replacing("scores", with: "atp-star")
        let reference = try pairs.reference(name, as: AtPStarReference.self)
        for (metric, expected) in [
            (Metric.logitDifference, reference.logitDifference),
            (.negativeLogLikelihood, reference.negativeLogLikelihood),
        ] {
            let scorer = try pairs.scorer(
                by: AtPStar(), metric, ungrouped: file.hasSuffix("ungrouped"))
            let scores = try scorer.scores()
            let label: Comment = "\(family) \(file) \(metric)"
            #expect(scoreGap(scores.mean, expected.edges) < 1e-4, label)
            let nodes = try #require(scores.ofNodes)
            let names = scorer.graph.senders.map(\.name)
            #expect(
                scoreGap(nodes, names.map { expected.nodes[$0] ?? .nan } + [0]) < 1e-4, label)
        }
    }

    @Test(
        "AtP* is refused under another ablation than resampling, and has no scores of single pairs")
    func atpStarRefusals() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        #expect(throws: Failure.self) {
            try pairs.scores(by: AtPStar(), .logitDifference, ablation: .mean)
        }
        #expect(throws: Failure.self) {
            try pairs.scores(by: AtPStar(), .logitDifference, resolution: .pairs)
        }
    }

    @Test(
        "HISP is the reference's gradient of node masks, normalised by layer",
        arguments: ReferencePairs.everyFamily)
    func headImportance(family: String) throws {
        let pairs = try ReferencePairs(family)
        let scorer = try pairs.scorer(by: HISP(), .logitDifference)
        let raw = try pairs.reference("more-scores", as: More.self).logitDifference.nodes
        let scores = try scorer.scores()
        let nodes = try #require(scores.ofNodes)
        let ofLayer = scorer.graph.nHeads + 1
        var expected: [Float] = [1]
        for layer in 0..<scorer.graph.nLayers {
            let part = raw[(1 + layer * ofLayer)..<(1 + (layer + 1) * ofLayer)]
            let norm = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
            expected += part.map { $0 / norm }
        }
        #expect(scoreGap(nodes, expected + [0]) < 1e-4)
        #expect(
            scores.mean.indices.allSatisfy {
                scores.mean[$0] == nodes[scorer.graph.sender(ofEdge: $0)]
            })
    }

    @Test("Mask gradients at a circuit equal the reference's", arguments: cases)
    func maskGradients(family: String, file: String) throws {
        guard file != "ragged" else { return }
        let pairs = try ReferencePairs(family)
        let ungrouped = file.hasSuffix("ungrouped")
        let reference = try pairs.reference("more-" + file, as: More.self)
        for (metric, expected) in [
            (Metric.kl, reference.kl.edges), (.logitDifference, reference.logitDifference.edges),
        ] {
            let scores = try pairs.scores(
                by: MaskGradient(circuit: reference.present.map { $0 == "1" }), metric,
                ungrouped: ungrouped, resolution: .pairs)
            #expect(scoreGap(scores.mean, expected) < 1e-4, "\(family) \(file) \(metric)")
        }
    }

    @Test("At the full model, mask gradients are the scores of EAP, pair by pair")
    func maskGradientsOfTheFullModel() throws {
        let pairs = try ReferencePairs("tiny-qwen2", file: "ragged")
        let gradients = try pairs.scores(by: MaskGradient(), .logitDifference, resolution: .pairs)
        let eap = try pairs.scores(by: EAP(), .logitDifference, resolution: .pairs)
        #expect(scoreGap(gradients.mean, eap.mean) < 1e-4)
        #expect(
            try scoreGap(
                #require(gradients.perPair).array, #require(eap.perPair).array) < 1e-4)
    }
}
