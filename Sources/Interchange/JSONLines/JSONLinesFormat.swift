import Artifacts

/// Pairs as JSONL, the toolkit's own files of pairs.
struct JSONLinesFormat: PairFormat {
    let name = "jsonl"
    let origin = "CircuitTools: a pair a line ([data](data.md#jsonl))"
    let extensions = ["jsonl"]
    let recognition = "objects with `clean` and `corrupted`, one a line"
    let cannotHold = "the model, task and seed, whether BOS is put before prompts"

    func recognizes(_ file: ForeignFile) -> Bool {
        file.textStart.hasPrefix("{") && file.textStart.contains("\"clean")
            && !file.textStart.contains("\"prompts\"")
    }

    func text(of pairs: [WrittenPair], by job: WritingJob) -> String {
        pairs.map { Self.line($0) + "\n" }.joined()
    }

    /// A pair as an object on one line.
    private static func line(_ pair: WrittenPair) -> String {
        var fields: [String] = []
        for (name, content) in [("clean", pair.clean), ("corrupted", pair.corrupted)] {
            switch content {
            case .text(let text): fields.append("\"\(name)\": \(PythonJSON.string(text))")
            case .ids(let ids): fields.append("\"\(name)_ids\": \(ids)")
            }
        }
        for (name, idName, contents, ids) in [
            ("answers", "answer_ids", pair.answers, pair.answerIDs),
            ("wrong_answers", "wrong_answer_ids", pair.wrongAnswers, pair.wrongAnswerIDs),
        ] where !contents.isEmpty {
            let texts = contents.compactMap(\.text)
            fields.append(
                texts.count == contents.count
                    ? "\"\(name)\": [\(texts.map(PythonJSON.string).joined(separator: ", "))]"
                    : "\"\(idName)\": \(ids)")
        }
        if !pair.positions.isEmpty {
            let positions = pair.positions.sorted { $0.key < $1.key }.map {
                "\(PythonJSON.string($0.key)): \($0.value)"
            }
            fields.append("\"positions\": {\(positions.joined(separator: ", "))}")
        }
        return "{" + fields.joined(separator: ", ") + "}"
    }
}
