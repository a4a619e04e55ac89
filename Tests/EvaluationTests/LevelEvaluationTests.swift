import Artifacts
import Basics
import CircuitRuns
import Discovery
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

        /// Scores as artifacts store them.
        func scores(_ resolution: ScoreResolution = []) throws -> EdgeScoresArtifact {
            let scorer = try pairs.scorer(
                by: EAPIGInputs(steps: 5), .logitDifference, resolution: resolution)
            return EdgeScoresArtifact(
                try scorer.scores(), of: scorer, model: pairs.dataset.model, datasetDigest: "",
                cacheDigest: nil)
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
        let table = try setting.scores(.positions).graph
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
        let scores = try setting.scores().projected(to: level, keepingPositions: false)
        let judge = try setting.judge(of: scores.graph)
        var generator = SplitMix64(seed: 2)
        let inCircuit = (0..<scores.graph.edgeCount).map { _ in generator.nextUnit() < 0.7 }
        let chosen = Set(inCircuit.indices.filter { inCircuit[$0] }.map(scores.graph.edgeName))
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
        var evaluation = EvaluationArtifact(
            model: nil, subject: ArtifactReference(kind: .circuit, digest: ""),
            metric: "logit-diff", figures: [])
        evaluation.addMinimality(of: inCircuit, judge: judge)
        #expect(evaluation.graph == scores.graph)
        let column = try #require(evaluation.edgeColumns["minimality"])
        #expect(column.indices.allSatisfy { column[$0].isNaN != inCircuit[$0] })
    }

    @Test("A graph of another model, and positions of other prompts, are refused")
    func otherGraphs() throws {
        let setting = try Setting("tiny-llama-gqa", .kl)
        let other = try Setting("tiny-gpt2", .kl)
        #expect(throws: Failure.self) { try setting.judge(of: other.graph.table) }
        let ragged = try Setting("tiny-llama-gqa", .kl, file: "ragged")
        let table = try setting.scores(.positions).graph
        #expect(throws: Failure.self) { try ragged.judge(of: table) }
    }

    @Test("Nodes and neurons are selected by their scores, with all edges between them")
    func selections() throws {
        let setting = try Setting("tiny-llama-gqa", .logitDifference)
        let scores = try setting.scores(.neurons)
        let nodeScores = try #require(scores.nodeScores)
        let best = (1..<nodeScores.count - 1).sorted { nodeScores[$0] > nodeScores[$1] }
        let circuit = try CircuitArtifact(
            NodeSelection(.nodes, count: 4), from: scores, digest: "")
        let taken = Set(best.prefix(4) + [0])
        for edge in circuit.inCircuit.indices where circuit.inCircuit[edge] {
            #expect(taken.contains(Int(circuit.graph.senderOfEdge[edge])))
        }
        #expect(circuit.method == "top-nodes" && circuit.inCircuit.contains(true))
        // Scores without those of nodes add them up from their edges.
        var edgesOnly = scores
        (edgesOnly.nodeScores, edgesOnly.neuronScores) = (nil, nil)
        let same = try CircuitArtifact(
            NodeSelection(.nodes, count: 4), from: edgesOnly, digest: "")
        #expect(same.inCircuit == circuit.inCircuit)
        #expect(throws: Failure.self) {
            try CircuitArtifact(NodeSelection(.neurons, count: 4), from: edgesOnly, digest: "")
        }

        let table = try #require(scores.neuronScores)
        let ofNeurons = try CircuitArtifact(
            NodeSelection(.neurons, count: 20, absolute: true), from: scores, digest: "")
        let neurons = try #require(ofNeurons.neurons)
        let width = neurons.shape[1]
        let counted = neurons.values.indices.filter { $0 >= width && neurons.values[$0] }
        #expect(counted.count == 20)
        let least = try #require(counted.map { abs(table.values[$0]) }.min())
        let left = neurons.values.indices.filter {
            $0 >= width && !neurons.values[$0] && !table.values[$0].isNaN
        }
        #expect(left.allSatisfy { abs(table.values[$0]) <= least })
        #expect(ofNeurons.neuronCounts?[0] == Int32(setting.graph.dModel))
        #expect(ofNeurons.weightedEdgeCount < Double(ofNeurons.inCircuit.count { $0 }))
    }
}
