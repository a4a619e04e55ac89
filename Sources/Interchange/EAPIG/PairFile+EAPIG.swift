import Basics
import SwiftCSV
import Tasks
import Tokenization

extension PairFile {
    /// The records of one of EAP-IG's CSV files, which are distinguished by their columns.
    static func eapIG(
        _ text: [UInt8], source: String
    ) throws(Failure) -> (Format, [Record]) {
        let table: CSV<Enumerated>
        do {
            table = try CSV<Enumerated>(
                string: String(decoding: text, as: UTF8.self), delimiter: .comma,
                loadColumns: false)
        } catch {
            throw Failure(.badData, "\(source): it isn't CSV: \(error)")
        }
        func column(_ name: String) -> Int? {
            table.header.firstIndex { $0.filter { $0 != "\u{FEFF}" } == name }
        }
        guard let clean = column("clean"), let corrupted = column("corrupted") else {
            throw Failure(
                .badData,
                "\(source): it is neither JSON nor CSV with the columns `clean` and `corrupted`")
        }
        func records(
            _ pair:
                @escaping @Sendable (_ row: [String], _ vocabulary: TaskVocabulary)
                throws(Failure) -> PromptPair
        ) -> [Record] {
            table.rows.enumerated().map { index, cells in
                // A row may lack its last columns.
                let missing = max(table.header.count - cells.count, 0)
                let row = cells + [String](repeating: "", count: missing)
                return Record(location: "row \(index + 1)") { (vocabulary) throws(Failure) in
                    try pair(row, vocabulary)
                }
            }
        }
        if let label = column("label") {
            return (
                .eapIGGreaterThan,
                records { (row, vocabulary) throws(Failure) in
                    try greaterThan(row[clean], row[corrupted], row[label], vocabulary)
                }
            )
        }
        guard let correct = column("correct_idx"), let incorrect = column("incorrect_idx") else {
            throw Failure(
                .badData,
                "\(source): it has neither the column `label` nor `correct_idx` and "
                    + "`incorrect_idx`, so no answers")
        }
        let hard = column("corrupted_hard")
        return (
            .eapIGIOI,
            records { (row, vocabulary) throws(Failure) in
                try ioi(
                    row[clean], row[corrupted], hard: hard.map { row[$0] },
                    ids: (Int32(row[correct]), Int32(row[incorrect])), vocabulary)
            }
        )
    }

    /// A row of greater-than: `label` is the last two digits of the first year, and every later year
    /// is a right answer.
    private static func greaterThan(
        _ clean: String, _ corrupted: String, _ label: String, _ vocabulary: TaskVocabulary
    ) throws(Failure) -> PromptPair {
        guard let ending = Int(label), (0..<100).contains(ending) else {
            throw Failure(.badData, "its label `\(label)` isn't a number from 0 to 99")
        }
        let (right, wrong) = try YearAnswers(vocabulary).answers(after: ending)
        guard !right.isEmpty, !wrong.isEmpty else {
            throw Failure(
                .badData, "after the label \(ending) every next token is right, or none")
        }
        return PromptPair(
            clean: .text(clean), corrupted: .text(corrupted), answers: right.map { .text($0) },
            wrongAnswers: wrong.map { .text($0) })
    }

    /// A row of IOI. Its ids are those of a tokenizer that the file doesn't name, so the answers are
    /// read from the texts where possible: `corrupted_hard` differs from `clean` in one word, which
    /// is the wrong answer in `clean` and the right one in `corrupted_hard`.
    private static func ioi(
        _ clean: String, _ corrupted: String, hard: String?, ids: (Int32?, Int32?),
        _ vocabulary: TaskVocabulary
    ) throws(Failure) -> PromptPair {
        if let hard, let (subject, object) = exchangedWord(clean, hard) {
            return PromptPair(
                clean: .text(clean), corrupted: .text(corrupted), answers: [.text(" " + object)],
                wrongAnswers: [.text(" " + subject)])
        }
        guard let correct = ids.0, let incorrect = ids.1 else {
            throw Failure(.badData, "its correct_idx and incorrect_idx aren't token ids")
        }
        for id in [correct, incorrect] {
            let name = vocabulary.tokenizer?.token(for: id)?.drop { $0 == " " } ?? ""
            guard !name.isEmpty, clean.contains(name) else {
                throw Failure(
                    .badData,
                    "its answer, token \(id), is `\(name)` to this model's tokenizer, which isn't "
                        + "in the prompt: the file was made for another tokenizer")
            }
        }
        return PromptPair(
            clean: .text(clean), corrupted: .text(corrupted), answers: [.ids([correct])],
            wrongAnswers: [.ids([incorrect])])
    }

    /// The only word in which two texts differ, in the first and in the second text.
    private static func exchangedWord(_ first: String, _ second: String) -> (String, String)? {
        func words(_ text: String) -> [Substring] { text.split { !$0.isLetter } }
        let (first, second) = (words(first), words(second))
        guard first.count == second.count else { return nil }
        let differing = zip(first, second).filter { $0 != $1 }
        guard differing.count == 1, let (one, other) = differing.first else { return nil }
        return (String(one), String(other))
    }
}
