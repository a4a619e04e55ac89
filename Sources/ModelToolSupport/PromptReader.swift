import Basics
import FoundationEssentials
package import Models
import Tokenization
package import ToolSupport

/// One prompt as the user gave it, and the token ids the model reads.
package struct Prompt {
    /// What to call it in messages: `prompt 0`, `standard input, line 3`.
    package var place: String
    /// Its text; nil where it was given as token ids.
    package var text: String?
    /// Its token ids, BOS included.
    package var ids: [Int32]
}

/// Turns arguments and lines into prompts.
package struct PromptReader {
    /// The model whose tokens they become.
    package let source: ModelSource
    /// Whether BOS is put before texts; nil leaves it to the tokenizer's own setting.
    package let addBOS: Bool?
    /// Whether lines are bare text.
    package var readsPlainLines = false

    /// Prepares to read prompts for a model.
    /// - Throws: `Failure` (usage) where BOS is asked for and the tokenizer has none.
    package init(_ source: ModelSource, addBOS: Bool?) throws {
        self.source = source
        self.addBOS = addBOS
        if addBOS == true, try source.tokenizer()?.bosID == nil {
            throw Failure(
                .usage, "the tokenizer of \(source.name) has no BOS token; leave --bos away")
        }
    }

    /// Prompts given as texts and as lists of token ids, in this order, counted from 0.
    package static func prompts(
        texts: [String], ids: [String], by source: ModelSource, addBOS: Bool?
    ) throws -> [Prompt] {
        let reader = try PromptReader(source, addBOS: addBOS)
        if !ids.isEmpty, let list = texts.first(where: isListOfIDs) {
            throw Failure(
                .usage,
                "'\(list.prefix(40))' would be a text: --ids goes before each list of token ids")
        }
        return try texts.enumerated().map { index, text in
            try reader.prompt(text: text, place: "prompt \(index)")
        }
            + ids.enumerated().map { index, list in
                let place = "prompt \(texts.count + index)"
                return Prompt(place: place, text: nil, ids: try reader.ids(list, place: place))
            }
    }

    /// Whether a text has numbers and commas alone, so that beside `--ids` it hardly is meant as text.
    private static func isListOfIDs(_ text: String) -> Bool {
        text.contains(",") && text.allSatisfy { $0 == "," || $0.isWholeNumber }
    }

    /// A prompt given as a line: `{"text": ..}` or `{"ids": [..]}`; nil for an empty line.
    package func prompt(line: InputLines.Line) throws -> Prompt? {
        let place = "standard input, line \(line.number)"
        if readsPlainLines { return try prompt(text: line.text, place: place) }
        guard line.text.contains(where: { !$0.isWhitespace }) else { return nil }
        let record: Record
        do {
            record = try JSONDecoder().decode(Record.self, from: Data(line.text.utf8))
        } catch {
            throw Failure(
                .badData,
                #"\#(place): not a JSON object with "text" or "ids" (list of integers); "#
                    + "for plain text give --lines")
        }
        switch (record.text, record.ids) {
        case (let text?, nil): return try prompt(text: text, place: place)
        case (nil, let ids?): return Prompt(place: place, text: nil, ids: ids)
        default:
            throw Failure(.badData, #"\#(place): needs "text" or "ids", one of them"#)
        }
    }

    private struct Record: Decodable {
        var text: String?
        var ids: [Int32]?
    }

    private func prompt(text: String, place: String) throws -> Prompt {
        guard let tokenizer = try source.tokenizerForUser() else {
            throw Failure(
                .badData,
                "\(source.path) has no tokenizer, so \(place) can't be text: give token ids, by "
                    + #"--ids or as {"ids": [..]}"#)
        }
        return Prompt(place: place, text: text, ids: try tokenizer.encode(text, addBOS: addBOS))
    }

    private func ids(_ text: String, place: String) throws -> [Int32] {
        try text.split { $0 == "," || $0.isWhitespace }.map { word in
            guard let id = Int32(word) else {
                throw Failure(
                    .usage,
                    "\(place): '\(word.prefix(40))' is no token id; with --ids a prompt is "
                        + "numbers such as 504,1208")
            }
            return id
        }
    }
}
