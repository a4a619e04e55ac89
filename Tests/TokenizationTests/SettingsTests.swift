import Foundation
import TestSupport
import Testing
import Tokenization

@Suite("Rarer settings of tokenizer files are used or reported")
struct SettingsTests {
    @Test("tokenizer_config.json and added tokens change ids as in transformers")
    func reference() throws {
        let rows = try #require(
            try json(Fixture.data("tokenizer/settings.json"))["settings"] as? [[String: Any]])
        #expect(rows.count == 15)
        let base = try json(Fixture.data("tokenizer/tiny-gpt2/tokenizer.json"))
        for row in rows {
            let name = try #require(row["name"] as? String)
            let changes = try #require(row["changes"] as? [String: Any])
            let tokenizer = try Tokenizer(
                tokenizerJSON: JSONSerialization.data(
                    withJSONObject: base.merging(changes) { $1 }),
                config: JSONSerialization.data(withJSONObject: try #require(row["config"])))
            for string in try #require(row["strings"] as? [[String: Any]]) {
                let text = try #require(string["text"] as? String)
                let ids = try #require(string["ids"] as? [NSNumber]).map(\.int32Value)
                #expect(try tokenizer.encode(text) == ids, "\(name): \(text.debugDescription)")
            }
        }
    }

    @Test("What is left out of account is reported by name")
    func warnings() throws {
        var document = try json(Fixture.data("tokenizer/tiny-gpt2/tokenizer.json"))
        document["surprise"] = 1
        document["truncation"] = ["max_length": 3]
        document["pre_tokenizer"] = [
            "type": "Sequence",
            "pretokenizers": [
                ["type": "Digits", "individual_digits": true, "colour": "red"],
                ["type": "ByteLevel", "add_prefix_space": false],
            ],
        ]
        document["decoder"] = ["type": "Fuse"]
        let tokenizer = try Tokenizer(
            tokenizerJSON: JSONSerialization.data(withJSONObject: document),
            config: Data(#"{"chat_template": "", "do_upper_case": true}"#.utf8))
        let warnings = tokenizer.warnings.joined(separator: "\n")
        #expect(tokenizer.warnings.count == 4, "\(warnings)")
        for name in [
            "`surprise`", "`pre_tokenizer.pretokenizers[0].colour`", "`do_upper_case`", "`Fuse`",
        ] {
            #expect(warnings.contains(name), "\(name) in \(warnings)")
        }
        for name in ["tiny-gpt2", "tiny-llama3", "json-llama", "json-unigram", "sp-bpe"] {
            let tokenizer = try Tokenizer.load(folder: Fixture.path("tokenizer/\(name)"))
            #expect(tokenizer?.warnings == [], "\(name)")
        }
    }

    @Test("Keys of a GGUF file that say nothing known about its tokenizer are reported")
    func ggufKeys() throws {
        var vocabulary = try ggufVocabulary("tiny-gpt2", preTokenizer: "gpt-2")
        vocabulary.otherKeys = [
            "tokenizer.chat_template", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.surprise",
        ]
        let tokenizer = try Tokenizer(vocabulary: vocabulary, source: "m.gguf")
        #expect(
            tokenizer.warnings == ["m.gguf: `tokenizer.ggml.surprise` is left out of account"])
    }

    private func json(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
