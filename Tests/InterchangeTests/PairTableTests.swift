import Basics
import Interchange
import Tasks
import TestSupport
import Testing
import Tokenization

/// What the toolkit's own files may look like, besides one object a line.
@Suite("Pairs as tables, lists and with doubts")
struct PairTableTests {
    private let tokenizer: PairTokenizer
    private let words: Tokenizer

    init() throws {
        words = try wordTokenizer(["Mary", "John", "Sarah", "gave", "it", "to", "Paris"])
        tokenizer = try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: words, size: words.vocabularySize),
            contextLength: 64)
    }

    private func made(_ text: String) throws -> PairFile.Tokenized {
        try PairFile(text: Array(text.utf8), source: "pairs").tokenized(with: tokenizer)
    }

    private func texts(_ ids: [[Int32]]) -> [String] { ids.map { words.decode($0) } }

    @Test("A CSV with JSONL's fields keeps the spaces of its cells, quoted or not")
    func columns() throws {
        let file = try PairFile(
            text: Array(
                """
                \u{FEFF}clean, corrupted ,answers,wrong_answers,positions,note
                 Mary gave, John gave, Mary| Sarah,"["" John""]","{""giver"": 0}",x

                " John
                gave"," Mary
                gave",,
                 Sarah gave, John gave,"[]", Mary
                """.utf8), source: "pairs")
        #expect(file.format == .csv)
        #expect(file.warnings == ["pairs: the column `note` has no meaning here and is ignored"])
        let made = try file.tokenized(with: tokenizer)
        #expect(made.locations == ["line 2", "line 4", "line 7"])
        #expect(made.pairs[0].texts?.clean == " Mary gave")
        #expect(texts(made.pairs[0].answers) == [" Mary", " Sarah"])
        #expect(texts(made.pairs[0].wrongAnswers) == [" John"])
        #expect(made.pairs[0].positions["giver"] == 0)
        #expect(made.pairs[1].texts?.clean == " John\ngave" && made.pairs[1].answers.isEmpty)
        #expect(texts(made.pairs[2].wrongAnswers) == [" Mary"])
    }

    @Test("Token ids in cells, and other separators", arguments: [",", ";", "\t"])
    func ids(separator: String) throws {
        let text = """
            clean_ids,corrupted_ids,answer_ids,wrong_answer_ids
            1 2,3|2,4|5,"[6, [7, 8]]"
            """.replacing("\"[6, [7, 8]]\"", with: "\u{1}").replacing(",", with: separator)
        let pair = try made(text.replacing("\u{1}", with: "\"[6, [7, 8]]\"")).pairs[0]
        #expect(pair.clean == [1, 2] && pair.corrupted == [3, 2])
        #expect(pair.answers == [[4], [5]] && pair.wrongAnswers == [[6], [7, 8]])
    }

    @Test("Many columns over many short rows take no more than their text")
    func wide() throws {
        let names = (0..<5000).map { "note\($0)" }.joined(separator: ",")
        let rows = String(repeating: " Mary, John\n", count: 20_000)
        let file = try PairFile(
            text: Array("clean,corrupted,\(names)\n\(rows)".utf8), source: "pairs")
        #expect(file.count == 20_000 && file.warnings.count == 5000)
    }

    @Test("A list of objects, an object over several lines, an answer without brackets")
    func shapes() throws {
        let object = "{\"clean\": \" Mary\", \"corrupted\": \" John\",\n \"answers\": \" Paris\"}"
        for (text, location) in [(object, "line 1"), ("[\(object)]", "[0]")] {
            let made = try made(text)
            #expect(texts(made.pairs[0].answers) == [" Paris"])
            #expect(made.locations == [location])
        }
    }

    @Test("Fields without meaning are named once")
    func unknownFields() throws {
        let line = #"{"clean": " Mary", "corrupted": " John", "template": 3, "id": "x"}"#
        let file = try PairFile(text: Array("\(line)\n\(line)".utf8), source: "p")
        #expect(
            file.warnings == [
                "p, line 1: the field `id` has no meaning here and is ignored (in 2 pairs)",
                "p, line 1: the field `template` has no meaning here and is ignored (in 2 pairs)",
            ])
    }

    @Test("An answer that would join the prompt's last word is doubted, others aren't")
    func missingSpace() throws {
        func warnings(_ answer: String, after prompt: String) throws -> [String] {
            try made(
                "{\"clean\": \"\(prompt)\", \"corrupted\": \"\(prompt.replacing("Mary", with: "John"))\", "
                    + "\"answers\": [\"\(answer)\"]}"
            ).warnings
        }
        #expect(
            try warnings("Paris", after: " Mary gave") == [
                "pairs, line 1: the answer `Paris` has no space before it (it is 5 tokens, unlike "
                    + "` Paris`): write \" Paris\" if it is the next word"
            ])
        #expect(try warnings(" Paris", after: " Mary gave").isEmpty)
        #expect(try warnings("Paris", after: " Mary gave ").isEmpty)
        #expect(try warnings("3", after: " Mary 1").isEmpty)
        #expect(try warnings("Zorro", after: " Mary gave").isEmpty)
    }

    @Test("What isn't UTF-8 is said to be something else")
    func encodings() {
        let utf16: [UInt8] = "\u{FEFF}a,b".utf16.reduce(into: []) {
            $0 += [UInt8($1 & 255), UInt8($1 >> 8)]
        }
        let inputs: [([UInt8], String)] = [
            (utf16, "it is UTF-16"),
            ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0], "it is an HDF5 file"),
            (Array("clean,corrupted\na,".utf8) + [0xFF, 0xC0], "line 2: it isn't UTF-8"),
        ]
        for (bytes, words) in inputs {
            let error = #expect(throws: Failure.self) { try PairFile(text: bytes, source: "p") }
            #expect(error?.kind == .badData && error?.description.contains(words) == true)
        }
    }
}
