import Artifacts
import Basics
import Engine
import Evaluation
import Graphs
import ToolSupport

extension EvalTool {
    /// Says which edges would be found again: of scores by resampling their pairs, of circuits by
    /// counting those that have an edge.
    func stability(of subjects: [Subject]) throws -> (EvaluationArtifact, Provenance) {
        let first = subjects[0]
        if let other = subjects.first(where: { $0.ablation != first.ablation }) {
            throw Failure(
                .badData,
                "\(first.name) has ablation \(first.ablation) and \(other.name) \(other.ablation): "
                    + "an edge is not the same in both")
        }
        var evaluation = EvaluationArtifact(
            model: first.model, subject: subjects.count == 1 ? first.reference : nil,
            metric: subjects.allSatisfy { $0.metric == first.metric } ? first.metric : "",
            ablation: first.ablation, figures: [])
        evaluation.subjectDatasetDigest = subjects.count == 1 ? first.datasetDigest : nil
        let stability = try stability(ofParts: subjects)
        stability.store(in: &evaluation)
        return (
            evaluation,
            try .appending(
                .thisRun(
                    inputs: subjects.map(\.input), seed: Int(truncatingIfNeeded: seed.seed)),
                to: subjects.map(\.provenance))
        )
    }

    private func stability(ofParts subjects: [Subject]) throws -> EdgeStability {
        let given = GivenOptions.ofThisRun
        if subjects.count == 1, let scores = subjects[0].scores, subjects[0].circuit == nil {
            let name = subjects[0].name
            guard let perPair = subjects[0].perPair else {
                throw Failure(
                    .badData,
                    "\(name): it has no scores of each pair; make them with circuit-score --per-pair"
                )
            }
            guard let best else {
                throw Failure(
                    .usage, "\(name) has scores: say with --best how many edges a circuit has")
            }
            guard best <= scores.count else {
                throw Failure(.usage, "--best \(best): the graph has \(scores.count) edges")
            }
            guard let resampling else {
                throw Failure(.usage, "--bootstrap 0 draws no samples of the pairs")
            }
            try BLAS.load()
            return try EdgeStability(
                of: perPair, in: subjects[0].graph, best: best, absolute: absolute,
                bootstrap: resampling)
        }
        if let scores = subjects.first(where: { $0.circuit == nil }) {
            throw Failure(
                .usage,
                "\(scores.name) has scores: the stability of scores is that of one file's pairs, and "
                    + "that of several files is of circuits")
        }
        try given.refuse(
            ["best", "absolute", "bootstrap", "confidence", "seed"],
            because: "circuits are counted, not ranked or drawn again")
        let circuits = subjects.flatMap(\.circuits)
        guard circuits.count > 1 else {
            throw Failure(
                .usage,
                "\(subjects[0].name) has one circuit; give several, or one with several runs")
        }
        return try EdgeStability(of: circuits)
    }
}
