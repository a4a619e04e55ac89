import Tasks
import Basics

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension PairFile {
    /// AutoCircuit's file of prompts.
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

    /// Whether an object is AutoCircuit's: it alone has `prompts`.
    private struct Probe: Decodable {
        struct Anything: Decodable {
            init(from decoder: any Decoder) {}
        }
        var prompts: [Anything]
    }

    /// The records of AutoCircuit's JSON; nil where `text` isn't that.
    ///
    /// `word_idxs`, positions that hold for all prompts, are counted there without BOS and move by
    /// one with it, as ours do. Its padding is no part of the file.
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
        let positions = (file.word_idxs ?? [:]).mapValues { PromptPair.Position.token($0) }
        return file.prompts.enumerated().map { index, prompt in
            let pair = PromptPair(
                clean: .text(prompt.clean), corrupted: .text(prompt.corrupt),
                answers: (prompt.answers ?? []).map { .text($0) },
                wrongAnswers: (prompt.wrong_answers ?? []).map { .text($0) }, positions: positions)
            return Record(place: "prompts[\(index)]") { (_) throws(Failure) in pair }
        }
    }
}
