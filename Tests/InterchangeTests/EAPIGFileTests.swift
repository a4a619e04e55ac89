import Basics
import Interchange
import Tasks
import TestSupport
import Testing
import Tokenization

/// Rows written as those of the files in `data/` of hannamw/eap-ig-faithfulness.
@Suite("EAP-IG's files")
struct EAPIGFileTests {
    private let words: Tokenizer
    private let tokenizer: PairTokenizer

    init() throws {
        words = try wordTokenizer(
            [
                "he", "she", "nurse", "pilot", "gem", "gems", "bugs", "France", "United", "is",
                "are",
                "was", "were", "red", "blue",
            ])
        tokenizer = try PairTokenizer(
            vocabulary: TaskVocabulary(tokenizer: words, size: words.vocabularySize),
            contextLength: 64)
    }

    private func made(_ text: String, as format: EAPIGFormat) throws -> PairFile.Tokenized {
        let file = try PairFile(text: Array(text.utf8), source: "pairs")
        #expect(file.format == .eapIG(format))
        return try file.tokenized(with: tokenizer)
    }

    private func texts(_ ids: [[Int32]]) -> [String] { ids.map { words.decode($0) } }

    private func id(_ text: String) throws -> Int32 { try #require(words.singleToken(text)) }

    @Test("Gender bias: the ids, and the label where they are another tokenizer's")
    func genderBias() throws {
        let header = "clean,corrupted,clean_answer_idx,corrupted_answer_idx,label\n"
        let (he, she) = (try id(" he"), try id(" she"))
        let own = try made(
            header + " nurse, pilot,\(she),\(he),0\n pilot, nurse,\(he),\(she),1", as: .genderBias)
        #expect(own.pairs.map(\.answers) == [[[she]], [[he]]])
        #expect(own.pairs.map(\.wrongAnswers) == [[[he]], [[she]]])
        let other = try made(header + " nurse, pilot,673,339,0", as: .genderBias)
        #expect(other.pairs[0].answers == [[she]] && other.pairs[0].wrongAnswers == [[he]])
    }

    @Test("Answers' ids alone are taken, with a warning that shows them")
    func answerIDs() throws {
        let made = try made(
            "clean,corrupted,correct_idx,incorrect_idx\n it, at,\(id(" red")),\(id(" blue"))",
            as: .answerIDs)
        #expect(texts(made.pairs[0].answers + made.pairs[0].wrongAnswers) == [" red", " blue"])
        #expect(made.warnings.count == 1)
        #expect(made.warnings[0].contains("` red` against ` blue`"))
    }

    @Test("Facts: the first token of a country's name")
    func facts() throws {
        let made = try made(
            """
            clean,capital,country,country_idx,corrupted,corrupted_capital,corrupted_country,\
            corrupted_country_idx
             nurse,Paris,France,4881, pilot,London,United Kingdom,1578
            """, as: .factRetrieval)
        #expect(texts(made.pairs[0].answers) == [" France"])
        #expect(texts(made.pairs[0].wrongAnswers) == [" United"])
    }

    @Test("Hypernymy: Python's lists of words, or the ids")
    func hypernymy() throws {
        let header =
            "clean,hypernym,answers,answers_idx,corrupted,corrupted_answers,corrupted_answers_idx\n"
        let made = try made(
            header + #"", gem",gem,"['gem', 'gems']","[16840, 23685]",", red",['bugs'],[19435]"#
                + "\n" + #"", gem",gem,"['stone']","[5, 6]",", red",['bugs'],[19435]"#,
            as: .hypernymy)
        #expect(texts(made.pairs[0].answers) == [" gem", " gems"])
        #expect(texts(made.pairs[0].wrongAnswers) == [" bugs"])
        #expect(made.pairs[1].answers == [[5], [6]])
    }

    @Test("Agreement: verbs in the number that the file names")
    func agreement() throws {
        let made = try made(
            "clean,corrupted,group,plural\n gem, gems,x,0\n gems, gem,x,1", as: .agreement)
        #expect(texts(made.pairs[0].answers) == [" is", " was"])
        #expect(texts(made.pairs[0].wrongAnswers) == [" are", " were"])
        #expect(texts(made.pairs[1].answers) == [" are", " were"])
        #expect(made.warnings[0].contains("2 verbs of the toolkit's own list"))
    }

    @Test("Greater-than by its published column")
    func greaterThan() throws {
        let made = try made(
            "clean,corrupted,correct_idx\n 1352 to 13, 1301 to 13,52", as: .greaterThan)
        #expect(texts(made.pairs[0].answers) == ["6", "7", "8", "9"])
    }

    @Test("A column of one of them alone doesn't make a file one of them")
    func ownColumns() throws {
        let file = try PairFile(
            text: Array("clean,corrupted,answers,label\n red, blue, gem,1".utf8), source: "pairs")
        #expect(file.format == .csv)
        #expect(try texts(file.tokenized(with: tokenizer).pairs[0].answers) == [" gem"])
    }
}
