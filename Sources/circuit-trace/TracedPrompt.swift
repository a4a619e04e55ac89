import Artifacts
import Basics
import ModelToolSupport
import Models
import ToolSupport

/// A prompt to trace.
struct TracedPrompt {
    /// What it is called in the artifact.
    var name: String
    /// What it is called in messages.
    var place: String
    /// Its token ids.
    var ids: [Int32]
}

extension TracedPrompt {
    /// Texts and lists of token ids as given on the command line.
    static func given(
        texts: [String], ids: [String], by source: ModelSource, addBOS: Bool?
    ) throws -> [TracedPrompt] {
        let prompts = try PromptReader.prompts(
            texts: texts, ids: ids, by: source, addBOS: addBOS)
        return prompts.map { prompt in
            TracedPrompt(
                name: prompt.text ?? "ids " + prompt.ids.map(String.init).joined(separator: ","),
                place: prompt.place, ids: prompt.ids)
        }
    }

    /// Prompts of pairs of a dataset.
    /// - Parameter sides: whether each is the corrupted one.
    static func ofPairs(
        _ pairs: [Int], sides: [Bool], of dataset: DatasetArtifact, in source: String
    ) throws -> [TracedPrompt] {
        try pairs.flatMap { pair in
            guard pair >= 0, pair < dataset.pairCount else {
                throw Failure(
                    .usage,
                    "\(source): there is no pair \(pair), only 0 to \(dataset.pairCount - 1)")
            }
            return sides.map { isCorrupted in
                let prompts = isCorrupted ? dataset.corrupted : dataset.clean
                let name = "pair \(pair), \(isCorrupted ? "corrupted" : "clean")"
                return TracedPrompt(name: name, place: name, ids: prompts.ids[pair])
            }
        }
    }
}
