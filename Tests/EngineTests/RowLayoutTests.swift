import Engine
import Testing

@Suite("Row layouts")
struct RowLayoutTests {
    @Test("Pieces cover all prompts in order, with row counts as equal as prompts allow")
    func pieces() {
        let even = RowLayout(lengths: Array(repeating: 15, count: 16))
        #expect(even.pieces(ofAbout: 128) == [0..<8, 8..<16])
        #expect(even.pieces(ofAbout: 64) == [0..<4, 4..<8, 8..<12, 12..<16])
        #expect(even.pieces(ofAbout: 1) == (0..<16).map { $0..<$0 + 1 })
        #expect(even.pieces(ofAbout: 10_000) == [0..<16])
        #expect(RowLayout(lengths: []).pieces(ofAbout: 8).isEmpty)

        let ragged = RowLayout(lengths: [40, 2, 3, 5, 30, 1, 9, 10])
        #expect(ragged.pieces(ofAbout: 34) == [0..<1, 1..<5, 5..<8])
        let longFirst = RowLayout(lengths: [1000] + Array(repeating: 10, count: 24))
        #expect(longFirst.pieces(ofAbout: 64).dropFirst().allSatisfy { $0.count >= 5 })
    }
}
