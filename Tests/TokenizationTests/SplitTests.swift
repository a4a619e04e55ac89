import Foundation
import TestSupport
import Testing
import Tokenization

@Suite("Text is cut where the tokenizers library cuts it")
struct SplitTests {
    /// A tokenizer that cuts text at an expression, and has hardly a token.
    private func splitter(
        _ expression: String, _ behavior: String = "Isolated", inverted: Bool = false
    ) throws -> Tokenizer {
        try Tokenizer(
            tokenizerJSON: try JSONSerialization.data(withJSONObject: [
                "model": ["type": "BPE", "vocab": ["a": 0], "merges": [String]()],
                "pre_tokenizer": [
                    "type": "Split", "behavior": behavior, "invert": inverted,
                    "pattern": ["Regex": expression],
                ],
            ]), config: nil)
    }

    @Test("Expressions mean what they mean to Oniguruma, empty matches included")
    func expressions() throws {
        struct Document: Decodable {
            struct Split: Decodable {
                var expression: String
                var behavior: String
                var inverted: Bool
                var text: String
                var pieces: [String]
            }
            var splits: [Split]
        }
        let document = try JSONDecoder().decode(
            Document.self, from: try Fixture.data("tokenizer/splits.json"))
        #expect(document.splits.count == 744)
        for split in document.splits {
            let tokenizer = try splitter(
                split.expression, split.behavior, inverted: split.inverted)
            let words = try tokenizer.words(of: split.text).map { Array($0.utf8) }
            #expect(
                words == split.pieces.map { Array($0.utf8) },
                "\(split.expression) \(split.behavior) \(split.text.debugDescription)")
        }
    }

    @Test(
        "The scanners of well-known expressions cut as Oniguruma does",
        arguments: [
            #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
            cl100k(#"\p{N}{1,3}"#), cl100k(#"\p{N}"#), #"\p{N}"#, #"\p{N}+"#,
        ])
    func scanners(expression: String) throws {
        let scanner = try splitter(expression)
        // In a group it is none of those that have a scanner.
        let engine = try splitter("(?:" + expression + ")")
        for string in try ReferenceStrings.load("tiny-gpt2").strings {
            #expect(
                try scanner.words(of: string.text) == engine.words(of: string.text),
                "\(string.text.debugDescription)")
        }
    }

    private static func cl100k(_ numbers: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
}
