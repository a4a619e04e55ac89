import Basics
import Foundation
import TestSupport
import Testing
import Tokenization

/// The table of tokenizers in docs/families.md against what is read and what is refused.
@Suite("The tokenizers in docs/families.md")
struct TokenizerTableTests {
    /// The rows of the table that begins so.
    private func rows(after header: String = "| file | what it may say |") throws -> [String] {
        let text = try String(
            contentsOfFile: Fixture.path("../docs/families.md"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix(header) })
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map(String.init)
    }

    /// The components that the row of `tokenizer.json` names after a word.
    private func listed(_ kind: String) throws -> Set<String> {
        let row = try #require(rows().first { $0.contains("`tokenizer.json`") })
        let part = try #require(
            row.split(separator: ";").first { $0.contains(" \(kind) ") }?
                .split(separator: " \(kind) ", maxSplits: 1).last ?? nil)
        // What stands in brackets explains a name.
        let names = part.replacing(#/\([^)]*\)/#, with: "").matches(of: #/[A-Z][A-Za-z]+/#)
        return Set(names.map { String($0.output) })
    }

    /// Whether a tokenizer with one component is read, not refused as one that isn't supported.
    private func isRead(_ key: String, _ type: String, more: [String: Any] = [:]) -> Bool {
        var component: [String: Any] = [
            "type": type, "pattern": ["String": "x"], "content": "y", "prepend": "z",
            "precompiled_charsmap": "", "behavior": "Isolated", "prepend_scheme": "first",
        ]
        component.merge(more) { $1 }
        var document: [String: Any] = [
            "model": ["type": "BPE", "vocab": ["a": 0, "b": 1], "merges": [String]()]
        ]
        document[key] = component
        // This decoder goes with the pre-tokenizer of its name alone.
        if key == "decoder", type == "ByteLevel" { document["pre_tokenizer"] = ["type": type] }
        do {
            _ = try Tokenizer(
                tokenizerJSON: JSONSerialization.data(withJSONObject: document), config: nil)
            return true
        } catch {
            return !"\(error)".contains("not supported")
        }
    }

    /// All that the `tokenizers` library has, of which the table lists what is read here.
    @Test(
        "The components of tokenizer.json that are read are those that the table lists",
        arguments: [
            (
                "normalizer", "normalizers",
                "NFC NFD NFKC NFKD Lowercase StripAccents Prepend Replace Strip Precompiled Nmt "
                    + "BertNormalizer ByteLevel"
            ),
            (
                "pre_tokenizer", "pre-tokenizers",
                "ByteLevel Metaspace Split Digits WhitespaceSplit Whitespace Punctuation "
                    + "CharDelimiterSplit BertPreTokenizer UnicodeScripts FixedLength"
            ),
            (
                "decoder", "decoders",
                "ByteLevel Metaspace Replace ByteFallback Fuse Strip WordPiece BPEDecoder CTC"
            ),
        ])
    func components(key: String, kind: String, all: String) throws {
        let read = all.split(separator: " ").map(String.init).filter { isRead(key, $0) }
        #expect(Set(read) == (try listed(kind)))
    }

    @Test("The models that are read are those that the table lists")
    func models() throws {
        let scored: [Any] = [["a", -1.0] as [Any], ["b", -2.0] as [Any]]
        let models: [String: [String: Any]] = [
            "BPE": ["vocab": ["a": 0, "b": 1], "merges": [String]()],
            "Unigram": ["vocab": scored, "unk_id": 0],
            "WordPiece": ["vocab": ["a": 0, "b": 1]], "WordLevel": ["vocab": ["a": 0, "b": 1]],
        ]
        let read = models.filter { isRead("model", $0.key, more: $0.value) }.map(\.key)
        #expect(Set(read) == (try listed("models")))
    }

    @Test("The tokenizers of GGUF files that are read are those that the table lists")
    func gguf() throws {
        let listed = try rows().compactMap { row -> String? in
            row.firstMatch(of: #/`tokenizer.ggml.model` = `([a-z0-9]+)`/#).map { String($0.1) }
        }
        let read = ["gpt2", "llama", "bert", "t5", "rwkv", "plamo2", "no_vocab"].filter { model in
            do {
                _ = try Tokenizer(
                    vocabulary: GGUFVocabulary(
                        model: model, preTokenizer: "gpt-2", tokens: StringTable(["a", "b"])),
                    source: "test")
                return true
            } catch {
                return !"\(error)".contains("are supported")
            }
        }
        #expect(read == listed)
    }

    @Test("The names of tokenizer.ggml.pre that are read are those that the table lists")
    func preTokenizers() throws {
        let listed = try rows(after: "| `tokenizer.ggml.pre` |").flatMap { row in
            row.split(separator: "|")[0].matches(of: #/`([^`]+)`/#).map { String($0.1) }
        }
        #expect(listed == GGUFPreTokenizer.names)
        #expect(Set(listed).count == listed.count)
        // Of llama.cpp's names, one that is read and one that isn't.
        for (name, isRead) in listed.map({ ($0, true) }) + [("chatglm-bpe", false)] {
            let vocabulary = GGUFVocabulary(
                model: "gpt2", preTokenizer: name, tokens: StringTable(["a", "b"]))
            if isRead {
                _ = try Tokenizer(vocabulary: vocabulary, source: "test")
            } else {
                let error = #expect(throws: Failure.self) {
                    try Tokenizer(vocabulary: vocabulary, source: "test")
                }
                #expect(error?.description.contains("`\(name)` is not supported") == true)
            }
        }
    }
}
