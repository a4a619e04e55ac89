import Basics
import Foundation
import TestSupport
import Testing
import Tokenization

@Suite("Damaged and foreign tokenizers are refused")
struct BadInputTests {
    private static let byteLevel = #""pre_tokenizer": {"type": "ByteLevel"}"#
    private static func document(
        _ model: String, rest: String = byteLevel
    ) -> String { "{\"model\": {\"type\": \"BPE\", \(model)}, \(rest)}" }

    @Test(
        "A damaged or unsupported tokenizer.json is refused with the reason",
        arguments: [
            ("", "expected `{`"),
            ("{", "expected `\"`"),
            ("[]", "expected `{`"),
            (#"{"model": 3}"#, "Path: model"),
            (#"{"model": {"vocab": {"a": 1.5}}}"#, "expected `}`"),
            (#"{"model": {"vocab": {"a": -1}}}"#, "expected a token id"),
            (#"{"model": {"vocab": {"a": 99999999999999}}}"#, "expected a token id"),
            (#"{"model": {"vocab": {"a": 900000000}}, "#, "expected"),
            (document(#""vocab": {"a": 900000000}, "merges": []"#), "far beyond"),
            (document(#""vocab": {}, "merges": []"#), "vocabulary is empty"),
            (document(#""vocab": {"a": 0}, "merges": ["a b"]"#), "not in the vocabulary"),
            (document(#""vocab": {"a": 0}, "merges": ["ab"]"#), "two tokens"),
            (document(#""vocab": {"a": 0}, "merges": [["a"]]"#), "two tokens"),
            (document(#""vocab": {"\ud800": 0}, "merges": []"#), "expected a character"),
            (document(#""vocab": {"\q": 0}, "merges": []"#), "expected an escape"),
            (document(#""vocab": {"\u00"#), "four hexadecimal"),
            (document(#""vocab": {"a": 0}, "merges": [], "byte_fallback": true"#), "byte"),
            (document(#""vocab": {"a": 0}, "end_of_word_suffix": "</w>""#), "</w>"),
            (#"{"model": {"type": "WordPiece", "vocab": {"a": 0}}}"#, "WordPiece"),
            (#"{"model": {"type": "Unigram", "vocab": []}}"#, "vocabulary is empty"),
            (#"{"model": {"type": "Unigram", "vocab": {"a": 0}}}"#, "a score each"),
            (#"{"model": {"vocab": [["a", -1]], "unk_id": 1}}"#, "`unk_id` 1"),
            (#"{"model": {"vocab": [["a", "b"]]}}"#, "expected a number"),
            (#"{"model": {"vocab": [["a"]]}}"#, "expected `,`"),
            (document(#""vocab": {"a": 0}, "dropout": 0.1"#), "at random"),
            (
                document(#""vocab": {"a": 0}"#, rest: #""pre_tokenizer": {"type": "Bert"}"#),
                "`Bert`"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#, rest: byteLevel + #", "normalizer": {"type": "Nmt"}"#),
                "`Nmt`"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#,
                    rest:
                        #""normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAAAAA="}"#
                ), "damaged"
            ),
            (
                document(#""vocab": {"a": 0}"#, rest: #""decoder": {"type": "CTC"}"#), "`CTC`"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#,
                    rest: #""pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "last"}"#),
                "`last`"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#,
                    rest: #""pre_tokenizer": {"type": "Sequence", "pretokenizers": ["#
                        + String(repeating: #"{"type": "Digits"}, "#, count: 64)
                        + #"{"type": "Digits"}]}"#), "65 rules"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#,
                    rest: #""pre_tokenizer": {"type": "Split", "behavior": "Isolated","#
                        + #" "pattern": {"Regex": "(unclosed"}}"#),
                "(unclosed"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#,
                    rest: byteLevel + #", "added_tokens": [{"id": -7, "content": "x"}]"#),
                "negative id"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#,
                    rest: byteLevel + #", "post_processor": {"type": "TemplateProcessing","#
                        + #" "single": [{"SpecialToken": {"id": "<s>"}}], "special_tokens": {}}"#),
                "<s>"
            ),
            (String(repeating: "[", count: 100_000), "expected"),
            (
                #"{"x": "# + String(repeating: "[", count: 100_000)
                    + String(repeating: "]", count: 100_000) + "}", "not a tokenizer"
            ),
        ])
    func tokenizerJSON(json: String, complaint: String) throws {
        let error = #expect(throws: Failure.self) {
            try Tokenizer(tokenizerJSON: Data(json.utf8), config: nil, source: "x/tokenizer.json")
        }
        let description = try #require(error?.description)
        #expect(error?.kind == .badData)
        #expect(description.hasPrefix("x/tokenizer.json: "))
        #expect(description.contains(complaint), "\(description)")
    }

    @Test("Every prefix of a tokenizer.json is refused, without a crash")
    func truncated() throws {
        let whole = try Fixture.data("tokenizer/tiny-odd/tokenizer.json")
        for length in stride(from: 0, to: whole.count - 1, by: 97) {
            #expect(throws: Failure.self) {
                try Tokenizer(tokenizerJSON: whole.prefix(length), config: nil)
            }
        }
    }

    @Test("A damaged or unsupported GGUF vocabulary is refused with the reason")
    func gguf() throws {
        func complaint(_ change: (inout GGUFVocabulary) -> Void) throws -> String? {
            var vocabulary = GGUFVocabulary(
                preTokenizer: "gpt-2", tokens: StringTable(["a", "b", "ab"]),
                merges: StringTable(["a b"]))
            change(&vocabulary)
            return #expect(throws: Failure.self) {
                try Tokenizer(vocabulary: vocabulary, source: "m.gguf")
            }?.description
        }
        #expect(try complaint { $0.model = "bert" }?.contains("`bert`") == true)
        #expect(
            try complaint {
                $0.model = "llama"
                $0.merges = StringTable()
            }?.contains("no tokenizer.ggml.scores") == true)
        #expect(try complaint { $0.scores = [1] }?.contains("scores has 1 entries") == true)
        #expect(
            try complaint {
                $0.model = "llama"
                $0.scores = [1, .nan, 2]
                $0.merges = StringTable()
            }?.contains("no number") == true)
        #expect(try complaint { $0.preTokenizer = "xyz" }?.contains("`xyz`") == true)
        #expect(try complaint { $0.tokenTypes = [1] }?.contains("token_type") == true)
        #expect(try complaint { $0.bosID = 3 }?.contains("bos_token_id 3") == true)
        #expect(try complaint { $0.unknownID = 9 }?.contains("unknown_token_id 9") == true)
        #expect(try complaint { $0.eosID = -1 }?.contains("eos_token_id -1") == true)
        #expect(try complaint { $0.tokens = StringTable() }?.contains("empty") == true)
        #expect(try complaint { $0.merges = StringTable(["ab"]) }?.contains("merges[0]") == true)
        #expect(try complaint { $0.merges = StringTable(["b a"]) }?.contains("merge 0") == true)
    }

    @Test("An expression that takes too many steps is refused, not waited for")
    func endlessExpressions() throws {
        for expression in ["(a+)+$", "(a|aa)+$"] {
            let tokenizer = try Tokenizer(
                tokenizerJSON: try JSONSerialization.data(withJSONObject: [
                    "model": ["type": "BPE", "vocab": ["a": 0, "!": 1], "merges": [String]()],
                    "pre_tokenizer": [
                        "type": "Split", "behavior": "Isolated", "pattern": ["Regex": expression],
                    ],
                ]), config: nil, source: "x/tokenizer.json")
            let error = #expect(throws: Failure.self) {
                try tokenizer.encode(String(repeating: "a", count: 60) + "!")
            }
            #expect(error?.description.hasPrefix("x/tokenizer.json: its expression") == true)
            #expect(error?.kind == .badData)
        }
    }

    @Test("A damaged tokenizer.model is refused, whichever byte is wrong")
    func damagedSentencePiece() throws {
        let whole = try Fixture.data("tokenizer/sp-unigram/tokenizer.model")
        // Cut off inside a piece. (Whole pieces are a model of their own.)
        for length in [1, 2, 3, 5, 11, whole.count - 1] {
            #expect(throws: Failure.self) {
                try Tokenizer(sentencePiece: whole.prefix(length), config: nil)
            }
        }
        var random = SplitMix64(seed: 1)
        for _ in 0..<300 {
            var bytes = whole
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = UInt8.random(in: 0...255, using: &random)
            // Refused or not, it never crashes, and what is read makes ids of the vocabulary.
            if let tokenizer = try? Tokenizer(sentencePiece: bytes, config: nil),
                let ids = try? tokenizer.encode("The war lasted, 中 <table>")
            {
                #expect(ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularySize })
            }
        }
    }
}
