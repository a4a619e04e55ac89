import Models
import TestSupport
import Testing
import Tokenization

@Suite("Ids and texts equal those of transformers")
struct ReferenceTests {
    static let tokenizers = [
        "tiny-gpt2", "tiny-llama3", "tiny-qwen2", "tiny-smollm", "tiny-odd", "json-llama",
        "json-metaspace-first", "json-metaspace-never", "json-unigram", "json-unigram-bytes",
    ]

    @Test(
        "A tokenizer.json gives the ids and the texts of 439 difficult strings",
        arguments: tokenizers)
    func tokenizerJSON(name: String) throws {
        let tokenizer = try tinyTokenizer(name)
        let reference = try ReferenceStrings.load(name)
        #expect(reference.strings.count == 439)
        try reference.check(tokenizer)
    }

    @Test(
        "A GGUF vocabulary gives the ids of 439 difficult strings",
        arguments: [
            ("tiny-gpt2", "gpt-2"), ("tiny-llama3", "llama-bpe"), ("tiny-smollm", "smollm"),
        ])
    func ggufVocabulary(name: String, preTokenizer: String) throws {
        var vocabulary = try TokenizationTests.ggufVocabulary(name, preTokenizer: preTokenizer)
        vocabulary.bosID = 0
        let tokenizer = try Tokenizer(vocabulary: vocabulary, source: name)
        for string in try ReferenceStrings.load(name).strings {
            #expect(
                try tokenizer.encode(string.text) == string.ids, "\(string.text.debugDescription)")
        }
    }

    @Test("A GGUF vocabulary with Qwen 2's rules gives the ids where no normalization is needed")
    func qwen2Vocabulary() throws {
        // GGUF doesn't record normal form C; llama.cpp doesn't apply it either.
        let tokenizer = try Tokenizer(
            vocabulary: try TokenizationTests.ggufVocabulary("tiny-qwen2", preTokenizer: "qwen2"),
            source: "qwen2")
        var compared = 0
        for string in try ReferenceStrings.load("tiny-qwen2").strings
        where string.decoded == nil && !string.text.contains("NORM") {
            #expect(
                try tokenizer.encode(string.text) == string.ids, "\(string.text.debugDescription)")
            compared += 1
        }
        #expect(compared > 390)
    }

    @Test(
        "SmolLM2's GGUF file gives the ids and the texts of 439 difficult strings",
        .enabled(if: Fixture.smolLM2 != nil, Fixture.needsSmolLM2))
    func smolLM2() throws {
        let source = try ModelSource(Fixture.smolLM2 ?? "")
        let tokenizer = try #require(try source.tokenizer())
        try ReferenceStrings.load("smollm2").check(tokenizer)
        #expect(tokenizer.vocabularySize == 49152)
        #expect(tokenizer.bosID == 1 && tokenizer.eosID == 2 && !tokenizer.addsBOS)
        #expect(try tokenizer.encode("a", addBOS: true) == [1] + tokenizer.encode("a"))
    }

    @Test(
        "A SentencePiece vocabulary in GGUF gives the ids and the texts of 439 difficult strings",
        arguments: ["gguf-llama", "gguf-gemma3", "gguf-phi3"])
    func sentencePieceGGUF(name: String) throws {
        let path = Fixture.path("tokenizer/\(name)/vocabulary.gguf")
        let vocabulary = try #require(try GGUFFile(path: path).vocabulary())
        let tokenizer = try Tokenizer(vocabulary: vocabulary, source: path)
        let reference = try ReferenceStrings.load(name)
        #expect(reference.strings.count == 439)
        try reference.check(tokenizer)
        #expect(tokenizer.addsBOS && tokenizer.bosID == 1 && tokenizer.eosID == 2)
    }

    @Test(
        "A tokenizer.model gives the ids of sentencepiece for 436 difficult strings",
        arguments: ["sp-bpe", "sp-bpe-unknown", "sp-unigram", "sp-unigram-bytes"])
    func sentencePiece(name: String) throws {
        let tokenizer = try #require(
            try Tokenizer.load(folder: Fixture.path("tokenizer/\(name)")))
        var reference = try ReferenceStrings.load(name)
        // `transformers` finds these in text, and so does this tokenizer; sentencepiece doesn't.
        let special = ["<unk>", "<s>", "</s>"]
        reference.strings.removeAll { special.contains($0.text) }
        #expect(reference.strings.count == 436)
        try reference.check(tokenizer) { ids in
            // sentencepiece writes its unknown token in a way of its own.
            !ids.contains(0)
        }
        for (id, text) in special.enumerated() {
            #expect(try tokenizer.encode("a\(text)").last == Int32(id))
        }
        #expect(!tokenizer.addsBOS && tokenizer.bosID == 1 && tokenizer.eosID == 2)
    }

    @Test(
        "Gemma 3's GGUF file gives the ids and the texts of 40 strings",
        .enabled(if: Fixture.gemma3Vocabulary != nil, Fixture.needsGemma3Vocabulary))
    func gemma3() throws {
        let path = Fixture.gemma3Vocabulary ?? ""
        let vocabulary = try #require(try GGUFFile(path: path).vocabulary())
        let tokenizer = try Tokenizer(vocabulary: vocabulary, source: path)
        let reference = try ReferenceStrings.load("gemma3")
        #expect(reference.strings.count == 40)
        try reference.check(tokenizer)
        #expect(tokenizer.vocabularySize == 262_144 && tokenizer.addsBOS)
        #expect(tokenizer.singleToken(" Mary") != nil && tokenizer.singleToken("Mary") != nil)
    }
}
