import Foundation
import Models
import TestSupport
import Testing
import Tokenization

@Suite("Tokenizer")
struct TokenizerTests {
    @Test("BOS comes from the settings, unless overridden")
    func bos() throws {
        let adds = try tinyTokenizer("tiny-llama3")
        let bos = try #require(adds.bosID)
        let plain = try adds.encode("a b", addBOS: false)
        #expect(adds.addsBOS)
        #expect(try adds.encode("a b") == [bos] + plain)
        #expect(try adds.encode("a b", addBOS: true) == [bos] + plain)
        #expect(try adds.encode("", addBOS: nil) == [bos])
        // One BOS written out and one added, as `transformers` has it.
        #expect(try adds.encode("<|begin_of_text|>a b") == [bos, bos] + plain)

        let leaves = try tinyTokenizer("tiny-gpt2")
        let end = try #require(leaves.bosID)
        #expect(!leaves.addsBOS)
        #expect(try leaves.encode("a b", addBOS: true) == [end] + leaves.encode("a b"))

        let without = try tinyTokenizer("tiny-qwen2")
        #expect(without.bosID == nil)
        #expect(try without.encode("a b", addBOS: true) == without.encode("a b"))
    }

    @Test("A GGUF vocabulary adds BOS where it says so, or where its rules do")
    func ggufBOS() throws {
        var vocabulary = try ggufVocabulary("tiny-llama3", preTokenizer: "llama-bpe")
        vocabulary.bosID = 0
        #expect(try Tokenizer(vocabulary: vocabulary, source: "").addsBOS)
        vocabulary.addsBOS = false
        #expect(try !Tokenizer(vocabulary: vocabulary, source: "").addsBOS)
        vocabulary.preTokenizer = "smollm"
        vocabulary.addsBOS = nil
        #expect(try !Tokenizer(vocabulary: vocabulary, source: "").addsBOS)
        vocabulary.addsBOS = true
        #expect(try Tokenizer(vocabulary: vocabulary, source: "").encode("").count == 1)
    }

    @Test("A single token is found by its text, and its text by its id")
    func singleTokens() throws {
        let tokenizer = try tinyTokenizer("tiny-gpt2")
        let mary = try #require(tokenizer.singleToken(" Mary"))
        #expect(tokenizer.token(for: mary) == " Mary")
        #expect(tokenizer.id(of: " Mary") == mary)
        #expect(tokenizer.singleToken(" Mary John") == nil)
        #expect(tokenizer.singleToken("") == nil)
        #expect(tokenizer.singleToken("<|endoftext|>") == 0)
        #expect(tokenizer.id(of: "<|endoftext|>") == 0)
        #expect(tokenizer.id(of: " no such token") == nil)
        #expect(tokenizer.token(for: -1) == nil)
        #expect(tokenizer.token(for: Int32(tokenizer.vocabularySize)) == nil)
        // BOS that the settings add doesn't count.
        #expect(try tinyTokenizer("tiny-llama3").singleToken("a") != nil)
    }

    @Test("A text that goes on from another gets no space before it")
    func continuations() throws {
        let path = Fixture.path("tokenizer/gguf-llama/vocabulary.gguf")
        let vocabulary = try #require(try GGUFFile(path: path).vocabulary())
        let tokenizer = try Tokenizer(vocabulary: vocabulary, source: path)
        let whole = try tokenizer.encodeText("The war lasted")
        #expect(
            try tokenizer.encodeText("The") + tokenizer.encodeContinuation(" war lasted") == whole)
        let the = try #require(tokenizer.singleToken(" The"))
        #expect(the == whole.first)
        #expect(tokenizer.token(for: the) == " The")
        #expect(tokenizer.id(of: " The") == the)
        #expect(tokenizer.decode(whole) == "The war lasted")
        #expect(tokenizer.decodeContinuation(whole) == " The war lasted")
        #expect(tokenizer.singleToken("The") != the)
    }

    @Test("Ids that are part of a character decode together, and alone to U+FFFD")
    func partsOfCharacters() throws {
        let tokenizer = try tinyTokenizer("tiny-gpt2")
        let ids = try tokenizer.encode("中")
        #expect(ids.count == 3)
        #expect(tokenizer.decode(ids) == "中")
        #expect(tokenizer.token(for: ids[0]) == "\u{FFFD}")
        #expect(tokenizer.decode([-5, 1 << 30] + ids) == "中")
    }

    @Test("With a complete alphabet, every UTF-8 string is decoded from its ids")
    func roundTrip() throws {
        let tokenizer = try tinyTokenizer("tiny-smollm")
        for string in try ReferenceStrings.load("tiny-qwen2").strings {
            let decoded = try tokenizer.decode(tokenizer.encode(string.text))
            #expect(Array(decoded.utf8) == Array(string.text.utf8))
        }
    }

    @Test("Normal form C takes no character for another, nor moves one that it doesn't know")
    func normalFormC() throws {
        let tokenizer = try tinyTokenizer("tiny-qwen2")
        // A tag and an ideograph whose lower 16 bits are A; a mark that is new in Unicode 10.
        for text in ["\u{E0041}\u{300}", "\u{20041}\u{300}", "a\u{1DF7}\u{323}"] {
            let decoded = tokenizer.decode(try tokenizer.encode(text))
            #expect(Array(decoded.utf8) == Array(text.utf8))
        }
        let kaithi = tokenizer.decode(try tokenizer.encode("\u{11099}\u{110BA}A\u{300}"))
        #expect(Array(kaithi.utf8) == Array("\u{1109A}\u{C0}".utf8))
    }

    @Test("A folder's tokenizer is loaded, and a folder without one has none")
    func folder() throws {
        let tokenizer = try Tokenizer.load(folder: Fixture.path("tokenizer/tiny-gpt2"))
        #expect(tokenizer?.vocabularySize == 1400)
        #expect(try Tokenizer.load(folder: Fixture.path("tokenizer")) == nil)
    }

    @Test("llama.cpp's default rules cut punctuation, and numbers into threes from the left")
    func defaultRules() throws {
        let vocabulary = GGUFVocabulary(
            preTokenizer: nil,
            tokens: StringTable(
                ["a", "1", "2", "3", ".", "Ġ", "12", "123", "1231", "a.", "..", "Ġa"]),
            merges: StringTable(["1 2", "12 3", "123 1", "a .", ". .", "Ġ a"]))
        let tokenizer = try Tokenizer(vocabulary: vocabulary, source: "")
        #expect(try tokenizer.encode("1231") == [7, 1])
        #expect(try tokenizer.encode("a..") == [0, 10])
        #expect(try tokenizer.encode(" a") == [11])
    }
}
