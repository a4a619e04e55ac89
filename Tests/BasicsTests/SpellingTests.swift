import Basics
import Testing

@Suite("Misspelt names")
struct SpellingTests {
    @Test(
        "The nearest name, if it is near",
        arguments: [
            ("--treshold", "--threshold"), ("--thershold", "--threshold"), ("answer", "answers"),
            ("wrongAnswers", "wrong_answers"), ("ansers", "answers"), ("template", nil), ("x", nil),
            ("", nil), ("--", nil),
        ] as [(String, String?)])
    func nearest(word: String, meant: String?) {
        let names = ["--threshold", "--thresholds", "answers", "wrong_answers", "positions"]
        #expect(Spelling.nearest(to: word, among: names) == meant)
    }
}
