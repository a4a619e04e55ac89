import Basics
import FoundationEssentials
import Tasks

extension PairFile {
    /// AutoCircuit's file.
    private struct AutoCircuitFile: Decodable {
        struct Prompt: Decodable {
            var clean: String
            var corrupt: String
            var answers: [String]?
            var wrong_answers: [String]?
        }

        var word_idxs: [String: Int]?
        var prompts: [Prompt]
    }

    /// Distinguishes AutoCircuit's file from a line of JSONL: only the former has `prompts`.
    private struct Probe: Decodable {
        struct Anything: Decodable {
            init(from decoder: any Decoder) {}
        }
        var prompts: [Anything]
    }

    /// The records of AutoCircuit's JSON; nil where `text` has another format.
    ///
    /// `word_idxs` names positions that are the same in all prompts. They are counted without the BOS
    /// token, as ``PromptPair/Position/token(_:)`` counts too.
    static func autoCircuit(
        _ text: [UInt8], source: String
    ) throws(Failure) -> [Record]? {
        let decoder = JSONDecoder()
        guard (try? decoder.decode(Probe.self, from: Data(text))) != nil else { return nil }
        let file: AutoCircuitFile
        do {
            file = try decoder.decode(AutoCircuitFile.self, from: Data(text))
        } catch {
            throw Failure(.badData, "\(source): \(JSONReading.reason(error))")
        }
        if let repeated = RepeatedKey(in: text) {
            throw Failure(.badData, "\(source): an object has `\(repeated.name)` twice")
        }
        let positions = (file.word_idxs ?? [:]).mapValues { PromptPair.Position.token($0) }
        return file.prompts.enumerated().map { index, prompt in
            let pair = PromptPair(
                clean: .text(prompt.clean), corrupted: .text(prompt.corrupt),
                answers: (prompt.answers ?? []).map { .text($0) },
                wrongAnswers: (prompt.wrong_answers ?? []).map { .text($0) }, positions: positions)
            return Record(location: "prompts[\(index)]") { (_) throws(Failure) in pair }
        }
    }
}
