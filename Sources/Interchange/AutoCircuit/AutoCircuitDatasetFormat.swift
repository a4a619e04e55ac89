import Artifacts

/// AutoCircuit's files of prompts: `{"word_idxs": {...}, "prompts": [{"clean", "corrupt", ...}]}`.
struct AutoCircuitDatasetFormat: PairFormat {
    let name = "auto-circuit-json"
    let origin = "AutoCircuit: pairs of prompts"
    let extensions = ["json"]
    let recognition = "a list under the key `prompts`"
    let cannotHold =
        "prompts as token ids, positions that differ between pairs, the model, task and seed"

    func recognizes(_ file: ForeignFile) -> Bool {
        file.textStart.hasPrefix("{") && file.textStart.contains("\"prompts\"")
            && file.textStart.contains("\"corrupt\"")
    }

    func text(of pairs: [WrittenPair], by job: WritingJob) throws -> String {
        var prompts: [String] = []
        for pair in pairs {
            let (clean, corrupted) = try pair.texts(name)
            let lists = [("answers", pair.answers), ("wrong_answers", pair.wrongAnswers)].map {
                "\"\($0)\": [\($1.compactMap(\.text).map(PythonJSON.string).joined(separator: ", "))]"
            }
            prompts.append(
                "{\"clean\": \(PythonJSON.string(clean)), \"corrupt\": \(PythonJSON.string(corrupted)), "
                    + lists.joined(separator: ", ") + "}")
        }
        let common = (pairs.first?.positions ?? [:]).filter { name, position in
            pairs.allSatisfy { $0.positions[name] == position }
        }
        let others = Set(pairs.flatMap(\.positions.keys)).subtracting(common.keys).sorted()
        if !others.isEmpty {
            job.leaveOut(["positions that differ between pairs (\(others.joined(separator: ", ")))"]
            )
        }
        let words = common.sorted { $0.key < $1.key }.map {
            "\(PythonJSON.string($0.key)): \($0.value)"
        }
        let wordFields = words.isEmpty ? "" : "\"word_idxs\": {\(words.joined(separator: ", "))}, "
        return "{\(wordFields)\"prompts\": [\n" + prompts.joined(separator: ",\n") + "\n]}\n"
    }
}
