import Artifacts
import Basics
import Engine
import Evaluation
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Tasks
import TestSupport
import Testing

/// Figures of circuits against a plain PyTorch implementation that patches every edge in a whole
/// forward pass.
@Suite("Evaluations equal the reference's")
struct EvaluationReferenceTests {
    static let cases = EvaluationReference.families.flatMap { family in
        ["logit-diff", "kl"].map { (family, $0) }
    }

    /// What circuits of a tiny model are judged on.
    private func judge(
        _ family: String, _ metric: String, threads: Int = 2
    ) throws -> (CircuitJudge, EvaluationReference, GraphTopology) {
        let pairs = try ReferencePairs(family, threads: threads)
        let reference = try pairs.reference("evaluation", as: EvaluationReference.self)
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let experiment = try pairs.experiment(Metric(named: metric))
        let bootstrap = EvaluationArtifact.Bootstrap(
            samples: reference.bootstrap.samples, confidence: reference.bootstrap.confidence,
            seed: reference.bootstrap.seed)
        return (
            try CircuitJudge(experiment, bootstrap: bootstrap), reference,
            try GraphTopology(graph.table)
        )
    }

    /// An evaluation of these results.
    private func evaluation(_ parts: any EvaluationPart...) -> EvaluationArtifact {
        var evaluation = EvaluationArtifact(
            model: nil, subject: ArtifactReference(kind: .circuit, digest: ""), metric: "kl",
            figures: [])
        for part in parts { part.store(in: &evaluation) }
        return evaluation
    }

    private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-4 * max(1, abs(b)) }
    private func close(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { close($0, $1) }
    }

    @Test("CPR, CMD, their curves and their intervals equal the reference's", arguments: cases)
    func areasOverSizes(family: String, metric: String) throws {
        let (judge, reference, topology) = try judge(family, metric)
        let expected = try #require(reference.metrics[metric])
        #expect(close(judge.full, expected.full) && close(judge.ablated, expected.corrupted))
        let evaluation = evaluation(
            SizeCurves(
                CircuitSizes(shares: reference.shares), of: reference.scores, topology: topology,
                judge: judge))
        let signed = try #require(evaluation.curves.first { $0.name == "faithfulness-signed" })
        let absolute = try #require(evaluation.curves.first { $0.name == "faithfulness-absolute" })
        #expect(close(signed.y, expected.cprFaithfulness))
        #expect(signed.edgeCounts == expected.cprEdges)
        #expect(close(absolute.y, expected.cmdFaithfulness))
        #expect(absolute.edgeCounts == expected.cmdEdges)
        let cpr = try #require(evaluation.figures.first { $0.name == "cpr" })
        let cmd = try #require(evaluation.figures.first { $0.name == "cmd" })
        #expect(close([cpr.value, cpr.lower, cpr.upper], [expected.cpr] + expected.cprInterval))
        #expect(close([cmd.value, cmd.lower, cmd.upper], [expected.cmd] + expected.cmdInterval))
    }

    @Test(
        "Faithfulness, minimality and completeness of a circuit equal the reference's",
        arguments: cases)
    func oneCircuit(family: String, metric: String) throws {
        let (judge, reference, _) = try judge(family, metric)
        let expected = try #require(reference.metrics[metric])
        let inCircuit = EvaluationReference.flags(reference.circuit)
        let evaluation = evaluation(
            Faithfulness(of: inCircuit, judge: judge), Minimality(of: inCircuit, judge: judge))
        #expect(close(evaluation.pairColumns["circuit"] ?? [], expected.values))
        let column = try #require(evaluation.edgeColumns["minimality"])
        let members = inCircuit.indices.filter { inCircuit[$0] }
        #expect(close(members.map { column[$0] }, expected.minimality))
        #expect(column.count { $0.isNaN } == inCircuit.count - members.count)
        for (level, points) in [
            (Knockouts.Level.edges, expected.knockoutsOfEdges),
            (.nodes, expected.knockoutsOfNodes),
        ] {
            let completeness = Completeness(
                of: inCircuit,
                under: Knockouts(
                    level, count: reference.knockouts.sets, seed: reference.knockouts.seed),
                judge: judge)
            let curve = completeness.curve
            #expect(close(curve.x, points.map { $0[0] }) && close(curve.y, points.map { $0[1] }))
            let gap = points.reduce(0) { $0 + abs($1[0] - $1[1]) } / Double(points.count)
            let figure = try #require(
                completeness.figures.first { $0.name == "incompleteness" })
            #expect(close(figure.value, gap))
        }
    }

    @Test("A circuit's values don't depend on the circuits evaluated before it")
    func evaluationOrder() throws {
        let (judge, reference, _) = try judge("tiny-llama-gqa", "kl")
        let (fresh, _, _) = try self.judge("tiny-llama-gqa", "kl")
        let inCircuit = EvaluationReference.flags(reference.circuit)
        for selection in reference.selections.prefix(12) {
            _ = judge.values(of: EvaluationReference.flags(selection.pruned))
        }
        #expect(judge.values(of: inCircuit) == fresh.values(of: inCircuit))
    }

    @Test("Intervals depend on the seed, and not on the number of threads")
    func intervalSeeds() throws {
        func made(threads: Int, seed: Int) throws -> EvaluationArtifact {
            let pairs = try ReferencePairs("tiny-gpt2", threads: threads)
            let reference = try pairs.reference("evaluation", as: EvaluationReference.self)
            let graph = ComputationalGraph(pairs.transformer.configuration)
            let judge = try CircuitJudge(
                pairs.experiment(.kl),
                bootstrap: EvaluationArtifact.Bootstrap(
                    samples: 50, confidence: 0.9, seed: seed))
            let topology = try GraphTopology(graph.table)
            var evaluation = evaluation(
                ReferenceValues(judge),
                SizeCurves(
                    CircuitSizes(), of: reference.scores, topology: topology, judge: judge),
                RandomSizeCurve(
                    CircuitSizes(shares: [0.2, 0.8]), count: 2, seed: 4, topology: topology,
                    judge: judge),
                RandomCircuits(
                    like: EvaluationReference.flags(reference.circuit), count: 2, seed: 4,
                    topology: topology, judge: judge))
            // A plain number, without an interval.
            evaluation.figures.removeAll { $0.name == "random-drawings" }
            return evaluation
        }
        let one = try made(threads: 1, seed: 3)
        #expect(try one == made(threads: 3, seed: 3))
        let other = try made(threads: 1, seed: 4)
        #expect(one.figures.map(\.value) == other.figures.map(\.value))
        #expect(one.figures.map(\.lower) != other.figures.map(\.lower))
        let all = one.figures
        #expect(all.allSatisfy { $0.lower <= $0.upper })
        #expect(all.contains { $0.name == "cpr-random" && $0.value.isFinite })
    }

    @Test("Scores per pair give intervals of the areas under the ROC curves")
    func areaIntervals() throws {
        var scores = EdgeScoresArtifact.sample
        let count = scores.graph.edgeCount
        var generator = SplitMix64(seed: 2)
        let perPair = (0..<count * 6).map { _ in Float(generator.nextUnit()) }
        scores.perPair = DenseArray(shape: [count, 6], values: perPair)
        scores.scores = (0..<count).map { edge in
            perPair[edge * 6..<edge * 6 + 6].reduce(0, +) / 6
        }
        var truth = CircuitArtifact.sample(scores.graph, edges: [:])
        for edge in stride(from: 0, to: count, by: 3) { truth.inCircuit[edge] = true }
        let evaluation = evaluation(
            try AgreementWithTruth(
                of: scores.scores, perPair: scores.perPair, in: scores.graph, with: truth,
                bootstrap: EvaluationArtifact.Bootstrap(samples: 100, confidence: 0.95, seed: 0)))
        #expect(evaluation.figures.count == 4)
        for figure in evaluation.figures {
            #expect(figure.lower < figure.value && figure.value < figure.upper)
        }
        truth.graph = GraphTable.sample(layers: 3)
        #expect(throws: Failure.self) {
            try AgreementWithTruth(
                of: scores.scores, in: scores.graph, with: truth, bootstrap: nil)
        }
    }

    @Test("The weighted edge count weighs an edge by its sender's share of neurons")
    func weightedEdges() {
        var circuit = CircuitArtifact.sample(edges: ["input->m0": 1, "m0->logits": 1])
        #expect(circuit.weightedEdgeCount == 2)
        circuit.neurons = DenseArray(repeating: true, shape: [circuit.graph.nodes.count, 4])
        let m0 = circuit.graph.nodes.firstIndex(of: "m0") ?? 0
        for neuron in 0..<3 { circuit.neurons?.values[m0 * 4 + neuron] = false }
        #expect(circuit.weightedEdgeCount == 1.25)
    }
}
