import TestSupport
import Testing
import Tokenization

@Suite("Ids and texts equal those of transformers")
struct ReferenceTests {
    static let tokenizers = [
        "tiny-gpt2", "tiny-llama3", "tiny-qwen2", "tiny-smollm", "tiny-odd",
    ]

    @Test("tokenizer.json: 439 nasty strings", arguments: tokenizers)
    func tokenizerJSON(name: String) throws {
        let tokenizer = try tinyTokenizer(name)
        let reference = try ReferenceStrings.load(name)
        #expect(reference.strings.count == 439)
        for string in reference.strings {
            #expect(tokenizer.encode(string.text) == string.ids, "\(string.text.debugDescription)")
            // Bytes, not characters: Swift's strings are equal where only their bytes differ.
            let decoded = Array(tokenizer.decode(string.ids).utf8)
            let expected = Array((string.decoded ?? string.text).utf8)
            #expect(decoded == expected, "\(string.text.debugDescription)")
        }
    }
}
