import Artifacts
import Basics
import CircuitRuns
import Engine
import Evaluation
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import TestSupport
import Testing

/// Circuits of other levels than the model's own edges.
@Suite("Circuits by position, of neurons and of coarser edges")
struct LevelEvaluationTests {
    /// A tiny model, and an experiment to judge circuits on.
    private struct Setting {
        let pairs: ReferencePairs
        let graph: ComputationalGraph
        let experiment: Experiment

        init(_ family: String, _ metric: Metric, file: String = "pairs") throws {
            pairs = try ReferencePairs(family, file: file)
            graph = ComputationalGraph(pairs.transformer.configuration)
            experiment = try pairs.experiment(metric)
        }

        func judge(of table: GraphTable? = nil) throws -> CircuitJudge {
            try CircuitJudge(experiment, of: table, bootstrap: nil)
        }

        /// The graph with edges of their own at each position.
        var positions: GraphTable {
            graph.table(forPromptsOf: experiment.clean.layout.lengths).table
        }
    }

    static let cases = EvaluationReference.families.flatMap { family in
        ["logit-diff", "kl"].map { (family, $0) }
    }

    private func close(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }
    }

    @Test("The values of a circuit by position equal the reference's", arguments: cases)
    func positions(family: String, metric: String) throws {
        let setting = try Setting(family, Metric(named: metric))
        let reference = try setting.pairs.reference("evaluation", as: EvaluationReference.self)
        let expected = try #require(reference.metrics[metric]).positions
        let table = setting.positions
        let digits = expected.circuit.map(EvaluationReference.flags)
        let names = (0..<setting.graph.edgeCount).map(setting.graph.name(ofEdge:))
        let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        let inCircuit = try (0..<table.edgeCount).map { edge in
            let receiver = table.receivers[Int(table.receiverOfEdge[edge])]
            let position = try #require(receiver.split(separator: "@").last.flatMap { Int($0) })
            let name = table.edgeName(edge).replacing("@\(position)", with: "")
            return digits[position][try #require(numbers[name])]
        }
        let judge = try setting.judge(of: table)
        #expect(close(judge.values(of: inCircuit), expected.values))
        let all = inCircuit.map { _ in true }
        #expect(close(judge.values(of: all), judge.full))
    }

    @Test("The values of a circuit of neurons equal the reference's", arguments: cases)
    func neurons(family: String, metric: String) throws {
        let setting = try Setting(family, Metric(named: metric))
        let reference = try setting.pairs.reference("evaluation", as: EvaluationReference.self)
        let expected = try #require(reference.metrics[metric]).neurons
        let rows = expected.neurons.map(EvaluationReference.flags)
        let width = try #require(rows.map(\.count).max())
        func table(_ rows: [[Bool]]) -> DenseArray<Bool> {
            DenseArray(
                shape: [rows.count + 1, width],
                values: (rows + [[]]).flatMap {
                    $0 + [Bool](repeating: false, count: width - $0.count)
                })
        }
        func masks(_ neurons: DenseArray<Bool>) throws -> NeuronMasks {
            try NeuronMasks(neurons, in: setting.experiment)
        }
        let judge = try setting.judge()
        let inCircuit = EvaluationReference.flags(expected.circuit)
        #expect(
            close(judge.values(of: inCircuit, neurons: try masks(table(rows))), expected.values))
        // With all neurons it is the circuit of whole edges.
        let all = table(rows.map { $0.map { _ in true } })
        #expect(
            close(judge.values(of: inCircuit, neurons: try masks(all)), judge.values(of: inCircuit))
        )
        let narrow = DenseArray<Bool>(repeating: true, shape: [rows.count + 1, 3])
        #expect(throws: Failure.self) { try masks(narrow) }
    }

    @Test(
        "The values of a coarser edge are those of all edges that it is made of",
        arguments: ["tiny-llama-gqa", "tiny-gpt-neox"], [GraphLevel.layer, .head])
    func coarser(family: String, level: GraphLevel) throws {
        let setting = try Setting(family, .logitDifference, file: "ragged")
        let table = try GraphProjection(of: setting.graph.table, to: level, false).graph
        let judge = try setting.judge(of: table)
        var generator = SplitMix64(seed: 2)
        let inCircuit = (0..<table.edgeCount).map { _ in generator.nextUnit() < 0.7 }
        let chosen = Set(inCircuit.indices.filter { inCircuit[$0] }.map(table.edgeName))
        let edges = setting.graph.table
        func coarse(_ name: String) -> String {
            let head = String(name.prefix { $0 != "<" })
            return level == .head ? head : String(head.prefix { $0 != "." })
        }
        let finer = (0..<edges.edgeCount).map { edge in
            chosen.contains(
                coarse(edges.nodes[Int(edges.senderOfEdge[edge])]) + "->"
                    + coarse(edges.receivers[Int(edges.receiverOfEdge[edge])]))
        }
        #expect(finer.contains(true) && finer.contains(false))
        #expect(judge.values(of: inCircuit) == (try setting.judge().values(of: finer)))
        // Minimality of a coarse edge is cutting all that it is made of.
        let minimality = Minimality(of: inCircuit, judge: judge)
        #expect(minimality.graph == table)
        let column = minimality.ofEdges
        #expect(column.indices.allSatisfy { column[$0].isNaN != inCircuit[$0] })
    }

    @Test("A graph of another model, and positions of other prompts, are refused")
    func otherGraphs() throws {
        let setting = try Setting("tiny-llama-gqa", .kl)
        let other = try Setting("tiny-gpt2", .kl)
        #expect(throws: Failure.self) { try setting.judge(of: other.graph.table) }
        let ragged = try Setting("tiny-llama-gqa", .kl, file: "ragged")
        let table = setting.positions
        #expect(throws: Failure.self) { try ragged.judge(of: table) }
    }
}
