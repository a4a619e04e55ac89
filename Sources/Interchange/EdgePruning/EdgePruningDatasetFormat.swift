import Artifacts
import Basics

/// Edge-Pruning's own datasets: JSONL in which `<predict>` marks what the model should say.
struct EdgePruningDatasetFormat: PairFormat {
    let name = "edge-pruning-jsonl"
    let origin = "Edge-Pruning: pairs whose answer stands in `<predict>` tags"
    let extensions = ["jsonl"]
    let recognition = "JSONL with `<predict>` in `clean`"
    let cannotHold =
        "answers after the first, wrong answers after the first, prompts as token ids, positions, the "
        + "model, task and seed"

    func recognizes(_ file: ForeignFile) -> Bool {
        file.textStart.hasPrefix("{") && file.textStart.contains(PredictTag.opening)
    }

    func text(of pairs: [WrittenPair], by job: WritingJob) throws -> String {
        var lines: [String] = []
        for pair in pairs {
            let (clean, corrupted) = try pair.texts(name)
            guard let answer = pair.answers.first?.text else {
                throw Failure(.badData, "a pair has no answer, which \(name) marks")
            }
            let wrong = pair.wrongAnswers.first?.text
            let fields = [
                "\"clean\": \(PythonJSON.string(PredictTag.marking(answer, after: clean)))",
                "\"corrupted\": "
                    + PythonJSON.string(
                        wrong.map { PredictTag.marking($0, after: corrupted) } ?? corrupted),
            ]
            lines.append("{" + fields.joined(separator: ", ") + "}\n")
        }
        if pairs.contains(where: { $0.answers.count > 1 || $0.wrongAnswers.count > 1 }) {
            job.leaveOut(["all answers of a pair but the first"])
        }
        if pairs.contains(where: { !$0.positions.isEmpty }) { job.leaveOut(["positions"]) }
        return lines.joined()
    }
}
