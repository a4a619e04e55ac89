import Basics
import Testing

@Suite("Text that is printed for a person")
struct PrintableTextTests {
    @Test(
        "What acts on a terminal or on the order of reading is escaped",
        arguments: [
            ("\u{1B}[31mred", "\\u{1b}[31mred"), ("a\u{7}b\u{7F}", "a\\u{7}b\\u{7f}"),
            ("\u{9B}2J", "\\u{9b}2J"), ("abc\u{202E}fed", "abc\\u{202e}fed"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"), ("\u{FEFF}x", "\\u{feff}x"),
            ("one\ntwo\r\n\tthree", "one\\ntwo\\r\\n\\tthree"), ("a\u{2028}b", "a\\u{2028}b"),
            ("\0", "\\u{0}"),
        ])
    func escaped(text: String, shown: String) {
        #expect(text.printable == shown)
        // What was escaped stays as it is.
        #expect(shown.printable == shown)
    }

    @Test("What can be read stays", arguments: ["a3.h7<q>", "ü 日本 b", "👩‍💻", "नमस्‍ते", ""])
    func kept(text: String) {
        #expect(text.printable == text)
    }

    @Test("Lines that are meant stay lines")
    func lines() {
        #expect("a\n\u{1B}b\n".printableLines == "a\n\\u{1b}b\n")
    }
}
