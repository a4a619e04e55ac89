import Artifacts

/// Pairs as EAP-IG's reader takes them for any task: texts and one token id for each answer.
struct EAPIGDatasetFormat: PairFormat {
    let name = "eap-ig-csv"
    let origin =
        "EAP-IG: pairs of any task ([which columns are read](data.md#autocircuit-and-eap-ig))"
    let extensions = ["csv"]
    let recognition = "a table with the columns `clean` and `corrupted`"
    let cannotHold =
        "answers after the first and of several tokens, pairs without a wrong answer, prompts as token "
        + "ids, positions, the model, task and seed"

    func recognizes(_ file: ForeignFile) -> Bool {
        let header = file.textStart.prefix { !$0.isNewline }
        let columns = header.split { ",;\t".contains($0) }.map { $0.filter { !$0.isWhitespace } }
        return columns.contains("clean") && columns.contains("corrupted")
    }

    func text(of pairs: [WrittenPair], by job: WritingJob) throws -> String {
        var rows = ["clean,corrupted,correct_idx,incorrect_idx"]
        var (bare, more) = (0, 0)
        for pair in pairs {
            let (clean, corrupted) = try pair.texts(name)
            guard let right = pair.answerIDs.first, let wrong = pair.wrongAnswerIDs.first,
                right.count == 1, wrong.count == 1
            else {
                bare += 1
                continue
            }
            if pair.answerIDs.count > 1 || pair.wrongAnswerIDs.count > 1 { more += 1 }
            rows.append("\(Self.cell(clean)),\(Self.cell(corrupted)),\(right[0]),\(wrong[0])")
        }
        if bare > 0 {
            job.leaveOut(["\(bare) pairs without a right and a wrong answer of one token"])
        }
        if more > 0 { job.leaveOut(["all answers but the first of \(more) pairs"]) }
        if pairs.contains(where: { !$0.positions.isEmpty }) { job.leaveOut(["positions"]) }
        return rows.joined(separator: "\n") + "\n"
    }

    private static func cell(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
