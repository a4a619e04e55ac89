import Artifacts
import CircuitRuns
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Where a search for a circuit of a wanted size begins.
@Suite("First threshold of a wanted size")
struct FirstThresholdTests {
    private func scores(_ experiment: Experiment) throws -> [Float] {
        try AttributionScorer(experiment, by: EAPIGInputs()).scores().mean
    }

    @Test("It is twice the score of that rank, signed or by size, of the edges that are searched")
    func rank() throws {
        let experiment = try ReferencePairs("tiny-gpt2").experiment(.logitDifference)
        let scores = try scores(experiment)
        let signed = scores.sorted(by: >)
        let absolute = scores.map(abs).sorted(by: >)
        for count in [1, 7, 20] {
            let bySign = ACDC(experiment)
            #expect(bySign.firstThreshold(forEdges: count) == 2 * Double(signed[count - 1]))
            let bySize = ACDC(experiment, options: ACDC.Options(absolute: true))
            #expect(bySize.firstThreshold(forEdges: count) == 2 * Double(absolute[count - 1]))
        }
        let start = scores.indices.map { $0 % 2 == 0 }
        let half = scores.indices.filter { start[$0] }.map { scores[$0] }.sorted(by: >)
        let search = ACDC(experiment, startingFrom: start)
        #expect(search.firstThreshold(forEdges: 5) == 2 * Double(half[4]))
    }

    @Test("Of layers it is the sum of what an edge is made of")
    func layers() throws {
        let experiment = try ReferencePairs("tiny-llama-gqa").experiment(.logitDifference)
        let table = experiment.graph.table
        var sums: [String: Float] = [:]
        for (edge, score) in try scores(experiment).enumerated() {
            // a1.h0->a2.kv1<v> is a part of a1->a2.
            let name = table.edgeName(edge).replacing(#/\.(h|kv)\d+(<.>)?/#, with: "")
            sums[name, default: 0] += score
        }
        let leveled = try LeveledGraph(experiment.graph, at: .layer)
        #expect(sums.count == leveled.table.edgeCount)
        let sorted = sums.values.sorted(by: >)
        for rank in [1, 3] {
            let found = ACDC(experiment, at: leveled).firstThreshold(forEdges: rank)
            #expect(abs(found - 2 * Double(sorted[rank - 1])) < 1e-4)
        }
    }

    @Test("By position it is the score of an edge at a position")
    func positions() throws {
        let experiment = try ReferencePairs("tiny-gpt2").experiment(.logitDifference)
        let leveled = try LeveledGraph(
            experiment.graph, at: .edge, forPromptsOf: experiment.clean.layout.lengths)
        let search = ACDC(experiment, at: leveled, options: ACDC.Options(absolute: true))
        let scorer = try AttributionScorer(
            experiment, by: EAPIGInputs(), resolution: .positions)
        let sizes = try scorer.scores().mean.map(abs).sorted(by: >)
        #expect(search.firstThreshold(forEdges: 4) == 2 * Double(sizes[3]))
    }

    @Test("Without a gradient, or edges enough that help, an eighth of the effect of all edges")
    func withoutScores() throws {
        let experiment = try ReferencePairs("tiny-gpt2").experiment(.accuracy)
        let evaluator = CircuitEvaluator(experiment)
        let count = experiment.graph.edgeCount
        let ablated = evaluator.values(of: [Bool](repeating: false, count: count))
        let full = evaluator.values(of: [Bool](repeating: true, count: count))
        let effect = zip(ablated, full).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(full.count)
        #expect(abs(ACDC(experiment).firstThreshold(forEdges: 5) - effect / 8) < 1e-6)
        let other = try ReferencePairs("tiny-gpt2").experiment(.logitDifference)
        #expect(
            ACDC(other).firstThreshold(forEdges: count) == other.effectOfAllEdges / 8)
    }
}
