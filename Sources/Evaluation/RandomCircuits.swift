package import Artifacts
import Basics
package import Graphs

/// The mean faithfulness of random circuits of the size of a given one: edges are taken greedily from
/// the logits by random scores, as many as leave at most as many once loose ends are removed.
package struct RandomCircuits: EvaluationPart {
    private let drawings: RandomDrawings
    private let faithfulness: EvaluationArtifact.Figure

    /// Draws and runs the circuits.
    /// - Parameters:
    ///   - inCircuit: the edges of the circuit whose size they have, `[edge]`.
    ///   - count: how many are drawn, at least one.
    package init(
        like inCircuit: [Bool], count: Int, seed: UInt64, topology: GraphTopology,
        judge: CircuitJudge
    ) {
        var generator = SplitMix64(seed: seed)
        let size = topology.pruned(inCircuit).count { $0 }
        let values = (0..<count).map { _ in
            let scores = inCircuit.map { _ in Float(generator.nextUnit()) }
            let selection = EdgeSelection(.budget(size), greedy: true)
            return judge.values(of: selection.select(scores, in: topology).inCircuit)
        }
        drawings = RandomDrawings(count: count)
        faithfulness = judge.resampling.figure("faithfulness-random") { mean in
            values.reduce(0) { $0 + judge.faithfulness($1, mean) } / Double(count)
        }
    }

    package func store(in evaluation: inout EvaluationArtifact) {
        drawings.store(in: &evaluation)
        evaluation.figures.append(faithfulness)
    }
}

/// How many drawings the figures of random circuits are means of: one figure for all of them.
struct RandomDrawings: EvaluationPart {
    let count: Int

    func store(in evaluation: inout EvaluationArtifact) {
        guard !evaluation.figures.contains(where: { $0.name == "random-drawings" }) else { return }
        evaluation.figures.append(
            EvaluationArtifact.Figure(name: "random-drawings", value: Double(count)))
    }
}
