import Engine
import Testing

@Suite("Row layouts")
struct RowLayoutTests {
    @Test("Pieces cover all prompts in order, from the first on, with at most so many rows")
    func pieces() {
        let even = RowLayout(lengths: Array(repeating: 15, count: 16))
        #expect(even.pieces(ofAtMost: 128) == [0..<8, 8..<16])
        #expect(even.pieces(ofAtMost: 64) == [0..<4, 4..<8, 8..<12, 12..<16])
        #expect(even.pieces(ofAtMost: 64, prompts: 3).map(\.count) == [3, 3, 3, 3, 3, 1])
        #expect(even.pieces(ofAtMost: 1) == (0..<16).map { $0..<$0 + 1 })
        #expect(even.pieces(ofAtMost: 10_000) == [0..<16])
        #expect(RowLayout(lengths: []).pieces(ofAtMost: 8).isEmpty)

        let ragged = RowLayout(lengths: [40, 2, 3, 5, 30, 1, 9, 10])
        #expect(ragged.pieces(ofAtMost: 40) == [0..<1, 1..<5, 5..<8])
        let longFirst = RowLayout(lengths: [1000] + Array(repeating: 10, count: 24))
        #expect(longFirst.pieces(ofAtMost: 64).map(\.count) == [1, 6, 6, 6, 6])
    }

    @Test("More prompts leave all pieces but the last as they are", arguments: [1, 7, 20, 64])
    func prefixes(rows: Int) {
        let lengths = (0..<40).map { 3 + ($0 * 7) % 11 }
        let all = RowLayout(lengths: lengths).pieces(ofAtMost: rows)
        for count in 1..<lengths.count {
            let some = RowLayout(lengths: Array(lengths[..<count])).pieces(ofAtMost: rows)
            #expect(some.dropLast() == all.prefix(some.count - 1))
            #expect(some.last?.upperBound == count)
            #expect(some.last?.lowerBound == all[some.count - 1].lowerBound)
        }
    }
}
