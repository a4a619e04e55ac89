import Artifacts
import Basics
import CircuitRuns
import Discovery
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Metrics whose terms read other positions than the prompt's end, against PyTorch in float64, which
/// reads all positions of one pass over whole prompts.
@Suite("Metrics of several positions equal the reference's")
struct PositionMetricTests {
    struct OfMetric: Decodable {
        var terms: [LogitMetric.Term]
        var clean: [Double]
        var corrupted: [Double]
        var patched: [String: [Double]]
        var eap: [Float]
        var eapIGInputs: [Float]
        var acdc: Search

        struct Search: Decodable {
            var threshold: Double
            var kept: [String]
            var loss_of_circuit: Double
        }
        private enum CodingKeys: String, CodingKey {
            case terms, clean, corrupted, patched, eap, acdc
            case eapIGInputs = "eap-ig-inputs"
        }

        var metric: Metric {
            .custom(LogitMetric(name: "own", higherIsBetter: true, terms: terms))
        }
    }
    struct Reference: Decodable {
        var present: String
        var linear: OfMetric
        var curved: OfMetric
    }
    /// A family's pairs, and what the reference says of two metrics on them.
    struct Case {
        let pairs: ReferencePairs
        let present: [Bool]
        let metrics: [OfMetric]

        init(_ family: String) throws {
            pairs = try ReferencePairs(family, file: "positions")
            let reference = try pairs.reference("positions", as: Reference.self)
            present = reference.present.map { $0 == "1" }
            metrics = [reference.linear, reference.curved]
        }

        func experiment(_ metric: Metric, _ ablation: Ablation = .resample) throws -> Experiment {
            let read = try metric.pairs(of: pairs.dataset)
            #expect(read.pairCount > pairs.dataset.pairCount)
            return try pairs.experiment(
                metric, ablation: ablation,
                activations: PairActivations(running: read, with: pairs.transformer))
        }
    }

    @Test(
        "Values of whole runs and of circuits by every ablation",
        arguments: ReferencePairs.everyFamily
    )
    func values(family: String) throws {
        let one = try Case(family)
        for expected in one.metrics {
            for ablation in [Ablation.resample, .zero, .mean, .meanPositional] {
                let experiment = try one.experiment(expected.metric, ablation)
                let metric = experiment.metric
                func values(_ outputs: SenderOutputs) -> [Double] {
                    let logits = outputs.logits(with: one.pairs.transformer)
                    return metric.valuesOfAnswers(metric.values(logits: logits))
                }
                #expect(isClose(values(experiment.clean), expected.clean))
                #expect(isClose(metric.valuesOfFullModel, expected.clean))
                #expect(isClose(values(experiment.corrupted), expected.corrupted))
                let patched = try #require(expected.patched[ablation.rawValue])
                let evaluator = CircuitEvaluator(experiment)
                #expect(
                    isClose(evaluator.values(of: one.present), patched), "\(family) \(ablation)")
                let masked = MaskedEvaluator(experiment).evaluate(EdgeMasks(one.present))
                #expect(isClose(metric.valuesOfAnswers(masked.values), patched))
            }
        }
    }

    @Test("Scores by gradients", arguments: ReferencePairs.everyFamily)
    func scores(family: String) throws {
        let one = try Case(family)
        for expected in one.metrics {
            let experiment = try one.experiment(expected.metric)
            let eap = try AttributionScorer(experiment, by: EAP()).scores().mean
            #expect(scoreGap(eap, expected.eap) < 2e-4, "\(family)")
            let integrated = try AttributionScorer(experiment, by: EAPIGInputs(steps: 5)).scores()
            #expect(scoreGap(integrated.mean, expected.eapIGInputs) < 2e-4, "\(family)")
        }
    }

    @Test(
        "The gradient by masks predicts how the loss changes",
        arguments: ["tiny-gpt2", "tiny-gemma2"])
    func masks(family: String) throws {
        let one = try Case(family)
        for expected in one.metrics {
            let evaluator = MaskedEvaluator(try one.experiment(expected.metric))
            var generator = SplitMix64(seed: 11)
            let mask = (0..<evaluator.graph.edgeCount).map { _ in Float(generator.nextUnit()) }
            let direction = mask.map { _ in Float(generator.nextUnit() * 2 - 1) }
            let gradient = evaluator.maskGradient(mask).gradient
            let predicted = zip(gradient, direction).reduce(0) { $0 + $1.0 * Double($1.1) }
            func loss(_ step: Float) -> Double {
                evaluator.evaluate(.shared(zip(mask, direction).map { $0 + step * $1 })).loss
            }
            let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2
            #expect(abs(predicted - slope) < 0.02 * abs(slope) + 5e-3, "\(predicted) \(slope)")
        }
    }

    @Test("ACDC keeps the edges that the reference keeps", arguments: ReferencePairs.everyFamily)
    func search(family: String) throws {
        let one = try Case(family)
        for expected in one.metrics {
            let experiment = try one.experiment(expected.metric)
            let found = ACDC(experiment).run(at: expected.acdc.threshold)
            let graph = experiment.graph
            let kept = (0..<graph.edgeCount).filter { found.inCircuit[$0] }.map(graph.name(ofEdge:))
            #expect(kept == expected.acdc.kept, "\(family)")
            #expect(abs(found.circuitMetric + expected.acdc.loss_of_circuit) < 1e-4)
        }
    }

    @Test("Methods that add up sizes of pairs refuse them, and patching")
    func refused() throws {
        let one = try Case("tiny-gpt2")
        let experiment = try one.experiment(one.metrics[0].metric)
        for method in [HISP(), AtPStar(), InformationFlowRoutes()] as [any ScoringMethod] {
            let error = #expect(throws: Failure.self) {
                try AttributionScorer(experiment, by: method)
            }
            #expect(error?.description.contains("reads pairs at their ends alone") == true)
        }
        let error = #expect(throws: Failure.self) { try PatchedPairs(experiment) }
        #expect(error?.description.contains("reads several positions") == true)
    }

    @Test("What the pairs lack is named")
    func missing() throws {
        let dataset = try ReferencePairs("tiny-gpt2", file: "positions").dataset
        func message(_ position: LogitMetric.Position, _ dataset: DatasetArtifact) -> String {
            let term = LogitMetric.Term(
                weight: 1, reduction: .mean, tokens: .listed([.init(id: 3)]), at: position)
            let metric = Metric.custom(
                LogitMetric(name: "own", higherIsBetter: true, terms: [term]))
            let error = #expect(throws: Failure.self) { try metric.pairs(of: dataset) }
            return error?.description ?? ""
        }
        #expect(
            message(.named("subjct"), dataset)
                == "the metric own: the dataset has no position named 'subjct'; it has end, subject"
        )
        #expect(message(.index(6), dataset).contains("position 6, and pair 0 has 6 tokens"))
        var other = dataset
        other.positions["subject"] = [2, -1, 3, 1]
        #expect(message(.named("subject"), other).contains("pair 1 has no position 'subject'"))
        other = dataset
        other.model = ModelReference(name: "x", path: "x", digest: "", family: "tracr")
        #expect(message(.index(0), other).contains("sees later positions"))
    }

    private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 5e-5 * max(1, abs($1)) }
    }
}
