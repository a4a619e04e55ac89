import Basics
import Tasks
import Tokenization

/// A row of one of EAP-IG's files, and what each kind of file says is right and wrong.
struct EAPIGRow {
    typealias Answers = (right: [PromptPair.Content], wrong: [PromptPair.Content])

    let cells: [String: String]
    let vocabulary: TaskVocabulary

    /// A column's cell, empty where there is none.
    subscript(column: String) -> String { cells[column] ?? "" }

    /// IOI: `corrupted_hard` differs from `clean` in one word, which is the wrong answer in `clean`
    /// and the right one in `corrupted_hard`.
    func exchangedNames() throws(Failure) -> Answers {
        guard let (subject, object) = Self.exchangedWord(self["clean"], self["corrupted_hard"])
        else {
            return try ids("correct_idx", "incorrect_idx")
        }
        return ([.text(" " + object)], [.text(" " + subject)])
    }

    /// The token ids of two columns.
    func ids(_ right: String, _ wrong: String) throws(Failure) -> Answers {
        ([.ids([try id(right)])], [.ids([try id(wrong)])])
    }

    /// Greater-than: all later years after the ending that the file names.
    func laterYears() throws(Failure) -> Answers {
        let column = cells["correct_idx"] == nil ? "label" : "correct_idx"
        let label = self[column]
        guard let ending = Int(label), (0..<100).contains(ending) else {
            throw Failure(
                .badData, "its `\(column)`, `\(label)`, isn't the ending of a year, from 0 to 99")
        }
        // A label of another kind of task is no year.
        let digits = (ending < 10 ? "0" : "") + String(ending)
        guard
            self["clean"].split(whereSeparator: { !$0.isNumber }).contains(where: {
                $0.hasSuffix(digits)
            })
        else {
            throw Failure(
                .badData,
                "`\(column)` is taken for the ending of a year, as in EAP-IG's greater-than, and no "
                    + "number in `clean` ends in \(digits); give `answers` and `wrong_answers`")
        }
        let (right, wrong) = try YearAnswers(vocabulary).answers(after: ending)
        guard !right.isEmpty, !wrong.isEmpty else {
            throw Failure(
                .badData, "after the ending \(digits) every next token is right, or none")
        }
        return (right.map { .text($0) }, wrong.map { .text($0) })
    }

    /// Gender bias: the ids where they are ` he` and ` she`, which the label (1: he) names as well.
    func pronouns() throws(Failure) -> Answers {
        let given = try ids("clean_answer_idx", "corrupted_answer_idx")
        let pronouns = [" he", " she"].map { vocabulary.tokenizer?.singleToken($0) }
        let isTokenizers = [given.right, given.wrong].allSatisfy { side in
            pronouns.contains { id in id.map { side == [.ids([$0])] } ?? false }
        }
        guard !isTokenizers, !pronouns.contains(nil),
            let isHe = ["0": false, "1": true][self["label"]]
        else { return given }
        return isHe
            ? ([.text(" he")], [.text(" she")]) : ([.text(" she")], [.text(" he")])
    }

    /// Facts: the first token of each country's name, as the file's own ids are.
    func countries() throws(Failure) -> Answers {
        func first(_ column: String) throws(Failure) -> PromptPair.Content {
            let name = self[column]
            guard !name.isEmpty, let tokenizer = vocabulary.tokenizer,
                let id = try tokenizer.encodeContinuation(" " + name).first
            else { return .ids([try id(column + "_idx")]) }
            return .ids([id])
        }
        return ([try first("country")], [try first("corrupted_country")])
    }

    /// Hypernymy: the words of Python's lists, or the ids where a word isn't one token.
    func hypernyms() throws(Failure) -> Answers {
        func answers(_ column: String) throws(Failure) -> [PromptPair.Content] {
            let words = Self.pythonList(self[column])
            if let words, !words.isEmpty,
                words.allSatisfy({ vocabulary.tokenizer?.singleToken(" " + $0) != nil })
            {
                return words.map { .text(" " + $0) }
            }
            let ids = (Self.pythonList(self[column + "_idx"]) ?? []).map { Int32($0) }
            guard !ids.isEmpty, !ids.contains(nil) else {
                throw Failure(.badData, "its \(column)_idx isn't a list of token ids")
            }
            return ids.compactMap { $0.map { .ids([$0]) } }
        }
        return (try answers("answers"), try answers("corrupted_answers"))
    }

    /// Agreement: verbs in the number that the file names against the same verbs in the other. Its
    /// own list of verbs isn't in the file; these are ``AgreementVerbs``.
    func verbs() throws(Failure) -> Answers {
        guard let isPlural = ["0": false, "1": true][self["plural"]] else {
            throw Failure(.badData, "its `plural`, `\(self["plural"])`, is neither 0 nor 1")
        }
        let verbs = try AgreementVerbs(vocabulary)
        let (singular, plural) = (verbs.singular, verbs.plural)
        return isPlural ? (plural, singular) : (singular, plural)
    }

    private func id(_ column: String) throws(Failure) -> Int32 {
        guard let id = Int32(self[column]) else {
            throw Failure(.badData, "its `\(column)`, `\(self[column])`, isn't a token id")
        }
        return id
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

    /// The parts of a list as Python prints it, `['gem', "cat's"]` or `[1, 2]`, without their
    /// quotation marks; nil where it is none.
    private static func pythonList(_ text: String) -> [String]? {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
        return text.dropFirst().dropLast().split(separator: ",").map { part in
            String(part.filter { !$0.isWhitespace && $0 != "'" && $0 != "\"" })
        }
    }
}
