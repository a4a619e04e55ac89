import Artifacts
import Basics
import Tasks
import TestSupport
import Testing
import Tokenization

@Suite("PairTokenizer")
struct PairTokenizerTests {
    private let tokenizer: PairTokenizer

    init() throws {
        let words = try wordTokenizer(["Mary", "John", "store", "to"])
        tokenizer = try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: words, size: words.vocabularySize),
            contextLength: 6)
    }

    private func pair(
        _ clean: PromptPair.Content, _ corrupted: PromptPair.Content,
        answers: [PromptPair.Content] = [], wrong: [PromptPair.Content] = [],
        positions: [String: PromptPair.Position] = [:]
    ) -> PromptPair {
        PromptPair(
            clean: clean, corrupted: corrupted, answers: answers, wrongAnswers: wrong,
            positions: positions)
    }

    @Test("Texts and ids, answers of several tokens and positions of both kinds are tokenized")
    func tokenizes() throws {
        let made = try tokenizer.tokenize(
            pair(
                .text(" Mary to"), .text(" John to"), answers: [.text(" store"), .text(" xy")],
                wrong: [.ids([1, 2])], positions: ["name": .textEnd(5), "last": .token(1)]))
        #expect(made.clean.count == 2)
        #expect(made.answers.map(\.count) == [1, 3])
        #expect(made.wrongAnswers == [[1, 2]])
        #expect(made.positions == ["name": 0, "last": 1, "end": 1])
        #expect(made.texts?.clean == " Mary to")
        let ids = try tokenizer.tokenize(pair(.ids([1, 2]), .ids([1, 3])))
        #expect(ids.texts == nil)
        #expect(ids.answers.isEmpty)
    }

    @Test("A dataset holds the pairs as they are, and -1 where a pair lacks a position")
    func dataset() throws {
        let pairs = [
            try tokenizer.tokenize(
                pair(.text(" Mary to"), .text(" John to"), positions: ["name": .token(0)])),
            try tokenizer.tokenize(pair(.text(" Mary to John"), .text(" Mary to Mary"))),
        ]
        let model = ModelReference(name: "m", path: "/m", digest: "d", family: "gpt2")
        let dataset = DatasetArtifact(
            pairs, task: "t", seed: 3, model: model, tokenizer: tokenizer)
        #expect(dataset.pairCount == 2)
        #expect(dataset.lengths == [2, 3])
        #expect(dataset.positions == ["name": [0, -1], "end": [1, 2]])
        #expect(dataset.clean.texts == [" Mary to", " Mary to John"])
        #expect(dataset.seed == 3 && !dataset.bosAdded)
        // One pair given as ids: there is no text to keep for all.
        let mixed = DatasetArtifact(
            pairs + [try tokenizer.tokenize(pair(.ids([1]), .ids([2])))], task: "t", seed: nil,
            model: model, tokenizer: tokenizer)
        #expect(mixed.clean.texts == nil)
    }

    @Test("Pairs that can't be patched are refused, each with its reason")
    func refusals() {
        func complaint(_ pair: PromptPair) -> String {
            #expect(throws: Failure.self) { try tokenizer.tokenize(pair) }?.description ?? ""
        }
        let (mary, john) = (PromptPair.Content.text(" Mary"), PromptPair.Content.text(" John"))
        #expect(
            complaint(pair(mary, .text(" Johnny"))).contains("1 tokens and the corrupted one 3"))
        #expect(complaint(pair(.text(""), .text(""))).contains("empty"))
        #expect(complaint(pair(mary, mary)).contains("the same"))
        #expect(complaint(pair(.text(" xxxxxx"), .text(" yyyyyy"))).contains("model reads 6"))
        #expect(complaint(pair(.ids([99999]), .ids([1]))).contains("99999"))
        #expect(complaint(pair(.ids([-1]), .ids([1]))).contains("-1"))
        #expect(complaint(pair(mary, john, answers: [.text("")])).contains("an answer is empty"))
        #expect(complaint(pair(mary, john, answers: [mary], wrong: [mary])).contains("` Mary`"))
        #expect(complaint(pair(mary, john, positions: ["x": .token(1)])).contains("outside"))
        #expect(
            complaint(pair(mary, john, positions: ["x": .textEnd(3)])).contains("no token ends"))
        #expect(complaint(pair(mary, john, positions: ["a/b": .token(0)])).contains("`a/b`"))
    }

    @Test("Answers of several tokens are refused where one is needed")
    func singleTokenAnswers() throws {
        let strict = try PairTokenizer(
            vocabulary: tokenizer.vocabulary, contextLength: 6, requiresSingleTokenAnswers: true)
        let error = #expect(throws: Failure.self) {
            try strict.tokenize(pair(.text(" Mary"), .text(" John"), answers: [.text(" xy")]))
        }
        #expect(error?.description == "the answer ` xy` is 3 tokens, and one is needed")
    }

    @Test("Adding a BOS that the tokenizer doesn't have is a usage error")
    func noBOS() throws {
        let error = #expect(throws: Failure.self) {
            try PairTokenizer(vocabulary: tokenizer.vocabulary, contextLength: 6, addBOS: true)
        }
        #expect(error?.kind == .usage)
        let plain = try PairTokenizer(
            vocabulary: tokenizer.vocabulary, contextLength: 6, addBOS: false)
        #expect(plain.bos == nil)
    }
}
