import Basics
import Interchange
import Tasks
import TestSupport
import Testing
import Tokenization

@Suite("Files of pairs")
struct PairFileTests {
    private let tokenizer: PairTokenizer

    init() throws {
        tokenizer = try Self.tokenizer(pairsDigits: false)
    }

    /// A tokenizer of pairs with the words of the files below.
    private static func tokenizer(pairsDigits: Bool) throws -> PairTokenizer {
        let words = try wordTokenizer(
            ["Mary", "John", "Sarah", "and", "to", "gave", "it", "she", "he", "The", "plan"],
            pairsDigits: pairsDigits)
        return try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: words, size: words.vocabularySize),
            contextLength: 64)
    }

    private func file(_ text: String) throws -> PairFile {
        try PairFile(text: Array(text.utf8), source: "pairs")
    }

    private func pairs(_ text: String) throws -> [TokenizedPair] {
        try file(text).tokenized(with: tokenizer).pairs
    }

    private func texts(_ ids: [[Int32]]) -> [String] {
        ids.map { tokenizer.vocabulary.tokenizer?.decode($0) ?? "" }
    }

    @Test("JSONL of texts")
    func jsonLines() throws {
        let made = try pairs(
            """
            {"clean": " Mary gave it to", "corrupted": " John gave it to", "answers": [" John"], \
            "wrong_answers": [" Mary", " she"], "positions": {"giver": 0}, "note": "ignored"}

            {"clean": " Mary", "corrupted": " John"}\r
            """)
        #expect(made.count == 2)
        #expect(made[0].texts?.clean == " Mary gave it to")
        #expect(texts(made[0].answers) == [" John"])
        #expect(texts(made[0].wrongAnswers) == [" Mary", " she"])
        #expect(made[0].positions == ["giver": 0, "end": 3])
        #expect(made[1].answers.isEmpty)
    }

    @Test("Edge-Pruning's tags are answers, with the spaces before them")
    func predictTags() throws {
        let made = try pairs(
            #"{"clean": " Mary gave it to <predict>John</predict> and", "corrupted": "#
                + #"" John gave it to <predict>Mary</predict>"}"#)
        #expect(made[0].texts?.clean == " Mary gave it to")
        #expect(made[0].texts?.corrupted == " John gave it to")
        #expect(texts(made[0].answers) == [" John"] && texts(made[0].wrongAnswers) == [" Mary"])
    }

    @Test("JSONL of token ids, for a model without a tokenizer")
    func jsonLinesOfIDs() throws {
        let file = try file(
            #"{"clean_ids": [1, 2], "corrupted_ids": [1, 3], "answer_ids": [4, [5, 6]], "#
                + #""wrong_answer_ids": [[7]]}"#)
        let untokenized = try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: nil, size: 10), contextLength: 4)
        let made = try file.tokenized(with: untokenized).pairs[0]
        #expect(file.format == .jsonLines && file.count == 1)
        #expect(made.clean == [1, 2] && made.corrupted == [1, 3])
        #expect(made.answers == [[4], [5, 6]] && made.wrongAnswers == [[7]])
        #expect(made.texts == nil)
    }

    @Test("AutoCircuit's JSON, with its positions and ragged answers")
    func autoCircuit() throws {
        let text = """
            {"word_idxs": {"IO": 0, "S1": 2},
             "prompts": [
              {"clean": " Mary and John to", "corrupt": " Mary and Mary to",
               "answers": [" Mary"], "wrong_answers": [" John", " Sarah"]},
              {"clean": " John and Sarah to", "corrupt": " John and Mary to",
               "answers": [" John", " he"], "wrong_answers": [" Sarah"]}]}
            """
        let made = try pairs(text)
        #expect(try file(text).format == .autoCircuit)
        #expect(made.map(\.answers.count) == [1, 2])
        #expect(made[1].positions == ["IO": 0, "S1": 2, "end": 3])
        #expect(made[0].texts?.corrupted == " Mary and Mary to")
    }

    @Test("EAP-IG's greater-than CSV, for both ways of writing years")
    func greaterThan() throws {
        let text = """
            clean,corrupted,label
            The plan to 1352 to 13,The plan to 1301 to 13,52
            The plan to 1498 to 14,The plan to 1401 to 14,98
            """
        let pairsOfDigits = try Self.tokenizer(pairsDigits: true)
        let two = try file(text).tokenized(with: pairsOfDigits).pairs
        #expect(try file(text).format == .eapIG(.greaterThan))
        #expect(two.map(\.answers.count) == [47, 1])
        #expect(two.map(\.wrongAnswers.count) == [53, 99])

        let single = try file(text).tokenized(with: tokenizer, skippingUnfit: true)
        #expect(texts(single.pairs[0].answers) == ["6", "7", "8", "9"])
        #expect(texts(single.pairs[0].wrongAnswers) == ["0", "1", "2", "3", "4"])
        // After 98 no larger tens are left.
        #expect(single.pairs.count == 1)
        #expect(single.unfit.count == 1 && single.unfit[0].contains("pairs, line 3"))
    }

    @Test("EAP-IG's IOI CSV: names come from the texts, the ids being another tokenizer's")
    func ioi() throws {
        let made = try pairs(
            """
            ,clean,corrupted,corrupted_hard,correct_idx,incorrect_idx
            470," Mary and John, John gave it to"," Mary and John, Sarah gave it to",\
            " Mary and John, Mary gave it to",47764,26757
            """)
        #expect(texts(made[0].answers) == [" Mary"])
        #expect(texts(made[0].wrongAnswers) == [" John"])
        #expect(made[0].texts?.clean == " Mary and John, John gave it to")
    }

    private func complaint(_ text: String) -> String {
        let error = #expect(throws: Failure.self) { try pairs(text) }
        #expect(error?.kind == .badData)
        return error?.description ?? ""
    }

    @Test(
        "What can't be read is refused with its line",
        arguments: [
            ("", "empty"),
            (" \n\t", "empty"),
            ("{", "line 1"),
            ("{\"clean\": \" a\"}", "line 1: it has neither `corrupted` nor `corrupted_ids`"),
            ("{\"clean\": \" a\", \"corrupted\": \" b\"}\n{\"clean\": 3}", "line 2"),
            ("{\"clean\": \" a\", \"clean_ids\": [1], \"corrupted\": \"b\"}", "both `clean` and"),
            (
                "{\"clean\": \" a\", \"corrupted\": \" b\", \"answers\": [], \"answer_ids\": []}",
                "both `answers` and `answer_ids`"
            ),
            ("{\"clean_ids\": [99999999999], \"corrupted_ids\": [1]}", "line 1"),
            ("{\"prompts\": []}", "no pairs"),
            ("{\"prompts\": [{\"clean\": \" a\"}]}", "`corrupt`"),
            ("a,b,c\n1,2,3", "neither JSON nor CSV"),
            ("clean,corrupted,label", "no pairs"),
            ("clean,corrupted,label\n a, b,x", "`label`, `x`"),
            ("clean,corrupted,label\n a", "line 2"),
            ("clean,corrupted,label\n the cat, the dog,1", "no number in `clean` ends in 01"),
            ("clean,corrupted,label\n\"a", "pairs, line 2: a quotation mark isn't closed"),
            ("clean,corrupted\n\"a\"b,c", "line 2: text follows a cell's closing"),
            ("clean,corrupted\n\"a\nb\",c\nd,e,f", "line 4: it has 3 cells and the header 2"),
            (
                "clean,corrupted,answer\n a, b, c",
                "line 1: unknown field `answer`; did you mean `answers`?"
            ),
            ("clean,corrupted,answers\n a, b,[1]", "line 2: `answers` must be a list of texts"),
            ("clean,corrupted,answer_ids\n a, b, c", "line 2: `answer_ids` must be"),
            ("clean,corrupted,clean\n a, b, c", "line 1: the column `clean` is there twice"),
            ("clean,corrupted\n a,", "line 2: it has neither `corrupted` nor"),
            ("\u{0}\u{1}\u{2}", "neither JSON nor CSV"),
            ("\u{89}HDF", "neither JSON nor CSV"),
            (
                "{\"clean\": \" a\", \"corrupted\": \" b\", \"wrongAnswers\": []}",
                "line 1: unknown field `wrongAnswers`; did you mean `wrong_answers`?"
            ),
            (
                "{\"clean\": \" a\", \"corrupted\": \" b\", \"answers\": 3}",
                "line 1: `answers` must be a list of texts, such as [\" Paris\"]"
            ),
            (
                "{\"clean\": \" a\\u0000\", \"corrupted\": \" b\"}",
                "line 1: the clean prompt has a NUL"
            ),
        ])
    func badFiles(text: String, expected: String) {
        let description = complaint(text)
        #expect(description.contains(expected), "\(description)")
        #expect(!description.contains("\n"))
    }

    @Test("A pair that doesn't fit is an error, or left out; too few pairs are an error")
    func unfit() throws {
        let text = """
            {"clean": " Mary", "corrupted": " John"}
            {"clean": " Mary", "corrupted": " Johnny"}
            {"clean": " Sarah", "corrupted": " John"}
            """
        #expect(complaint(text).contains("pairs, line 2"))
        let kept = try file(text).tokenized(with: tokenizer, skippingUnfit: true)
        #expect(kept.pairs.count == 2 && kept.unfit.count == 1)
        #expect(try file(text).tokenized(with: tokenizer, count: 1).pairs.count == 1)
        let few = #expect(throws: Failure.self) {
            try file(text).tokenized(with: tokenizer, count: 3, skippingUnfit: true)
        }
        #expect(few?.description.contains("2 pairs that fit, and 3") == true)
        let none = #expect(throws: Failure.self) {
            try file("{\"clean\": \" a\", \"corrupted\": \" a\"}")
                .tokenized(with: tokenizer, skippingUnfit: true)
        }
        #expect(none?.description.contains("none of its pairs") == true)
    }

    @Test("A file that isn't there is missing input")
    func missing() {
        let error = #expect(throws: Failure.self) {
            try PairFile.read("/no/such/file.jsonl")
        }
        #expect(error?.kind == .missingInput)
    }
}
