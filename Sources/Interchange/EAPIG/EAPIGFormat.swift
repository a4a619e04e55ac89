import Basics
import Tasks

/// The CSV files that EAP-IG's authors publish (hannamw/eap-ig-faithfulness, `data/`), each told by
/// the names of all columns that say what is right.
///
/// Their token ids are those of a tokenizer that the file doesn't name. Answers are therefore read
/// from texts where a file has them.
package enum EAPIGFormat: Hashable, Sendable, CaseIterable {
    /// `clean,corrupted,corrupted_hard,correct_idx,incorrect_idx`: IOI. `corrupted_hard` differs from
    /// `clean` in one name, which is the wrong answer.
    case ioi
    /// `clean,corrupted,correct_idx,incorrect_idx`: colored objects, and whatever its reader is given.
    case answerIDs
    /// `clean,corrupted,correct_idx` (or, in older files, `label`): greater-than. The number is the
    /// ending of the first year, and every later year is right.
    case greaterThan
    /// `clean,corrupted,clean_answer_idx,corrupted_answer_idx,label`: gender bias, he or she.
    case genderBias
    /// `clean,...,country,country_idx,corrupted,...,corrupted_country,corrupted_country_idx`: facts.
    case factRetrieval
    /// `clean,...,answers,answers_idx,corrupted,...,corrupted_answers,corrupted_answers_idx`.
    case hypernymy
    /// `clean,corrupted,group,plural`: subject-verb agreement; `plural` is 1 where the verb is one.
    case agreement

    /// What it is called in messages.
    package var name: String {
        switch self {
        case .ioi: "EAP-IG IOI CSV"
        case .answerIDs: "EAP-IG CSV of answers' token ids"
        case .greaterThan: "EAP-IG greater-than CSV"
        case .genderBias: "EAP-IG gender bias CSV"
        case .factRetrieval: "EAP-IG fact retrieval CSV"
        case .hypernymy: "EAP-IG hypernymy CSV"
        case .agreement: "EAP-IG subject-verb agreement CSV"
        }
    }

    /// Columns that say what is right in one of these files.
    private static let telling: Set = [
        "corrupted_hard", "correct_idx", "incorrect_idx", "label", "clean_answer_idx",
        "corrupted_answer_idx", "country_idx", "corrupted_country_idx", "answers_idx",
        "corrupted_answers_idx", "plural",
    ]

    /// The columns that any of these files is read from.
    private static let read = telling.union([
        "clean", "corrupted", "country", "corrupted_country", "answers", "corrupted_answers",
    ])

    /// The sets of telling columns that a file of this kind has.
    private var columns: [Set<String>] {
        switch self {
        case .ioi: [["corrupted_hard", "correct_idx", "incorrect_idx"]]
        case .answerIDs: [["correct_idx", "incorrect_idx"]]
        case .greaterThan: [["correct_idx"], ["label"]]
        case .genderBias:
            [
                ["clean_answer_idx", "corrupted_answer_idx", "label"],
                ["clean_answer_idx", "corrupted_answer_idx"],
            ]
        case .factRetrieval: [["country_idx", "corrupted_country_idx"]]
        case .hypernymy: [["answers_idx", "corrupted_answers_idx"]]
        case .agreement: [["plural"]]
        }
    }

    /// The file that has these columns; nil where they aren't those of one.
    init?(columns header: [String]) {
        let told = Self.telling.intersection(header)
        guard header.contains("clean"), header.contains("corrupted"),
            let format = Self.allCases.first(where: { $0.columns.contains(told) })
        else { return nil }
        // Hypernymy's `answers` is a list of Python; elsewhere it is ours.
        let own: Set = ["answers", "answer_ids", "wrong_answers", "wrong_answer_ids"]
        guard format == .hypernymy || own.isDisjoint(with: header) else { return nil }
        self = format
    }

    /// The records of such a file.
    func records(of table: CSVTable) throws(Failure) -> [PairFile.Record] {
        let columns = Self.read.intersection(table.header).compactMap { name in
            table.column(name).map { (name, $0) }
        }
        return table.rows.map { row in
            let cells = Dictionary(uniqueKeysWithValues: columns.map { ($0, row[$1]) })
            return PairFile.Record(location: "line \(row.line)") { (vocabulary) throws(Failure) in
                try pair(EAPIGRow(cells: cells, vocabulary: vocabulary))
            }
        }
    }

    private func pair(_ row: EAPIGRow) throws(Failure) -> PromptPair {
        let (right, wrong) =
            switch self {
            case .ioi: try row.exchangedNames()
            case .answerIDs: try row.ids("correct_idx", "incorrect_idx")
            case .greaterThan: try row.laterYears()
            case .genderBias: try row.pronouns()
            case .factRetrieval: try row.countries()
            case .hypernymy: try row.hypernyms()
            case .agreement: try row.verbs()
            }
        return PromptPair(
            clean: .text(row["clean"]), corrupted: .text(row["corrupted"]), answers: right,
            wrongAnswers: wrong)
    }
}
