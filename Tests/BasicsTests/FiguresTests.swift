import Basics
import Testing

@Suite("Numbers as people read them")
struct FiguresTests {
    @Test(
        "About four digits, of any size",
        arguments: [
            (0.0, "0.0000"), (0.12346, "0.1235"), (-12.3456, "-12.346"), (123.456, "123.46"),
            (70651.04, "70651.0"), (0.00001234, "1.23e-5"), (9_999_999, "1.00e7"),
            (.nan, "-"), (-.infinity, "-inf"),
        ])
    func short(value: Double, text: String) { #expect(Figures.short(value) == text) }

    @Test("Without zeros at the end, with a sign, with thousands, in percent")
    func others() {
        #expect(Figures.plain(0.5) == "0.5" && Figures.plain(200) == "200")
        #expect(Figures.signed(0.5) == "+0.5000" && Figures.signed(-0.5) == "-0.5000")
        #expect(Figures.count(70_651) == "70,651" && Figures.count(-1_000_000) == "-1,000,000")
        #expect(Figures.percent(1, of: 3) == "33.3%" && Figures.percent(1, of: 0) == "-")
        #expect(Figures.fixed(-0.0004, digits: 3) == "0.000")
        #expect(Figures.fixed(1.9996, digits: 3) == "2.000" && Figures.fixed(2.5, digits: 0) == "3")
    }

    @Test("A text is filled before or behind, and never cut")
    func padding() {
        #expect("ab".padding(to: 4) == "ab  " && "ab".padding(to: 4, before: true) == "  ab")
        #expect("abcde".padding(to: 4) == "abcde")
    }

    @Test("JSON is one line with sorted keys; what it can't say is an error")
    func json() throws {
        #expect(try JSONText.line(["b": "x/y", "a": "é"]) == #"{"a":"é","b":"x/y"}"#)
        #expect(throws: Failure.self) { _ = try JSONText.line([Double.nan]) }
    }
}
