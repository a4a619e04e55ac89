import Basics
import FoundationEssentials
import Tasks

extension PairFile {
    /// A line of JSONL.
    private struct Line: Decodable {
        /// One token id, or several.
        struct IDs: Decodable {
            var ids: [Int32]

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                ids = try (try? [container.decode(Int32.self)]) ?? container.decode([Int32].self)
            }
        }

        var clean: String?
        var corrupted: String?
        var answers: [String]?
        var wrong_answers: [String]?
        var clean_ids: [Int32]?
        var corrupted_ids: [Int32]?
        var answer_ids: [IDs]?
        var wrong_answer_ids: [IDs]?
        var positions: [String: Int]?
    }

    /// Why a line of valid JSON isn't a pair.
    private struct LineError: Error {
        var reason: String
    }

    /// The records of JSONL: one object a line; empty lines are skipped.
    static func jsonLines(
        _ text: [UInt8], source: String
    ) throws(Failure) -> [Record] {
        let decoder = JSONDecoder()
        var records: [Record] = []
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated()
        where line.contains(where: { !" \t\r".utf8.contains($0) }) {
            let location = "line \(index + 1)"
            let pair: PromptPair
            do {
                pair = try self.pair(decoder.decode(Line.self, from: Data(line)))
            } catch let error as LineError {
                throw Failure(.badData, "\(source), \(location): \(error.reason)")
            } catch {
                throw Failure(
                    .badData, "\(source), \(location): \(JSONReading.reason(error))")
            }
            records.append(Record(location: location) { (_) throws(Failure) in pair })
        }
        return records
    }

    private static func pair(_ line: Line) throws(LineError) -> PromptPair {
        PromptPair(
            clean: try prompt(line.clean, line.clean_ids, "clean"),
            corrupted: try prompt(line.corrupted, line.corrupted_ids, "corrupted"),
            answers: try answers(line.answers, line.answer_ids, "answers", "answer_ids"),
            wrongAnswers: try answers(
                line.wrong_answers, line.wrong_answer_ids, "wrong_answers", "wrong_answer_ids"),
            positions: (line.positions ?? [:]).mapValues { .token($0) })
    }

    private static func prompt(
        _ text: String?, _ ids: [Int32]?, _ field: String
    ) throws(LineError) -> PromptPair.Content {
        switch (text, ids) {
        case (let text?, nil): return .text(text)
        case (nil, let ids?): return .ids(ids)
        case (nil, nil): throw LineError(reason: "it has neither `\(field)` nor `\(field)_ids`")
        default: throw LineError(reason: "it has both `\(field)` and `\(field)_ids`; give one")
        }
    }

    private static func answers(
        _ texts: [String]?, _ ids: [Line.IDs]?, _ textField: String, _ idField: String
    ) throws(LineError) -> [PromptPair.Content] {
        if texts != nil, ids != nil {
            throw LineError(reason: "it has both `\(textField)` and `\(idField)`; give one")
        }
        return (texts ?? []).map { .text($0) } + (ids ?? []).map { .ids($0.ids) }
    }
}
