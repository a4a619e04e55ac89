package import Basics
import FoundationEssentials

extension Tokenizer {
    /// The files of a folder that make its tokenizer, if they are there: `tokenizer.json`, or
    /// SentencePiece's `tokenizer.model` where that isn't, with `tokenizer_config.json`. In that order,
    /// by name.
    package static func files(inFolder path: String) -> [String] {
        func isThere(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: path + "/" + name)
        }
        let vocabulary = ["tokenizer.json", "tokenizer.model"].first(where: isThere)
        return [vocabulary].compactMap(\.self)
            + ["tokenizer_config.json"].filter(isThere)
    }

    /// The tokenizer of the Hugging Face folder at `path`, `nil` where it has none.
    package static func load(folder path: String) throws(Failure) -> Tokenizer? {
        func content(_ name: String) throws(Failure) -> Data {
            guard let data = FileManager.default.contents(atPath: path + "/" + name) else {
                throw Failure(.missingInput, "\(path)/\(name): can't be read")
            }
            return data
        }
        let files = files(inFolder: path)
        let config =
            files.contains("tokenizer_config.json") ? try content("tokenizer_config.json") : nil
        switch files.first {
        case "tokenizer.json":
            return try Tokenizer(
                tokenizerJSON: try content("tokenizer.json"), config: config,
                source: path + "/tokenizer.json")
        case "tokenizer.model":
            return try Tokenizer(
                sentencePiece: try content("tokenizer.model"), config: config,
                source: path + "/tokenizer.model")
        default: return nil
        }
    }
}
