import Basics
import Graphs
import Testing

@Suite("Best edges by partial selection")
struct BestEdgesTests {
    @Test(
        "They are the first of the ranking, with many equal scores and without a score",
        arguments: 0..<40)
    func ranking(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let scores = (0..<(1 + generator.number(below: 200))).map { _ in
            let value = generator.number(below: 12)
            return value == 0 ? Float.nan : Float(value - 6)
        }
        let counts = [0, 1, 2, scores.count / 3, scores.count - 1, scores.count, scores.count + 5]
        for absolute in [false, true] {
            let ranking = EdgeRanking(best: scores, absolute: absolute)
            for count in counts {
                var best = BestEdges(count: count, absolute: absolute)
                let edges = scores.withUnsafeBufferPointer { best.edges(of: $0) }
                #expect(edges == ranking.order.prefix(max(0, count)).sorted().map { Int32($0) })
            }
        }
    }

    @Test("Sorted, reversed and constant scores are selected from as any other")
    func shapes() {
        let ascending = (0..<1000).map { Float($0) }
        var best = BestEdges(count: 10, absolute: false)
        let all = [ascending, [Float](ascending.reversed()), [Float](repeating: 1, count: 1000)]
        for scores in all {
            let edges = scores.withUnsafeBufferPointer { best.edges(of: $0) }
            let ranking = EdgeRanking(best: scores, absolute: false)
            #expect(edges == ranking.order.prefix(10).sorted().map { Int32($0) })
        }
    }
}
