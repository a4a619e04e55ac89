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
            (#"{"model": {"type": "Unigram", "vocab": []}}"#, "Unigram"),
            (document(#""vocab": {"a": 0}"#, rest: #""x": 0"#), "no `ByteLevel`"),
            (
                document(#""vocab": {"a": 0}"#, rest: #""pre_tokenizer": {"type": "Metaspace"}"#),
                "Metaspace"
            ),
            (
                document(
                    #""vocab": {"a": 0}"#, rest: byteLevel + #", "normalizer": {"type": "NFKC"}"#),
                "NFKC"
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
        #expect(try complaint { $0.model = "llama" }?.contains("scores") == true)
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
}
