import Testing
import ToolSupport

@Suite("Lists separated by commas")
struct CommaListTests {
    @Test("Empty parts are ignored, unless the list is to refuse them")
    func parts() {
        #expect(CommaList("a,,b,").parts == ["a", "b"])
        #expect(CommaList("").parts == [])
        #expect(CommaList("a,,b,", keepsEmptyParts: true).parts == ["a", "", "b", ""])
    }

    @Test("Numbers are finite and all different")
    func numbers() {
        #expect(CommaList("0.5,-1,2e3").differentNumbers == [0.5, -1, 2000])
        for text in ["1,x", "1,1.0", "inf", "nan"] {
            #expect(CommaList(text).differentNumbers == nil)
        }
        #expect(CommaList("1,,2").differentNumbers == [1, 2])
        #expect(CommaList("1,,2", keepsEmptyParts: true).differentNumbers == nil)
    }
}
