import Artifacts
import Basics
import Graphs
import Testing

@Suite("The best assignment")
struct AssignmentTests {
    /// The largest sum over all ways to give rows columns of their own, or none.
    private func bestSum(_ gains: DenseArray<Double>, row: Int = 0, taken: Set<Int> = []) -> Double
    {
        guard row < gains.shape[0] else { return 0 }
        var best = bestSum(gains, row: row + 1, taken: taken)
        for column in 0..<gains.shape[1] where !taken.contains(column) {
            let rest = bestSum(gains, row: row + 1, taken: taken.union([column]))
            best = max(best, gains.values[row * gains.shape[1] + column] + rest)
        }
        return best
    }

    @Test("It has the largest sum of all assignments, tried one by one")
    func bruteForce() {
        var random = SplitMix64(seed: 3)
        for trial in 0..<400 {
            let (rows, columns) = (trial % 6, (trial / 6) % 6)
            // Few different values, so that there are ties, some of them below 0.
            let gains = DenseArray(
                shape: [rows, columns],
                values: (0..<rows * columns).map { _ in
                    Double(random.number(below: trial % 2 == 0 ? 5 : 1000)) / 4 - 0.5
                })
            let assigned = Assignment(gains: gains).columnOfRow
            #expect(assigned.count == rows)
            let columnsTaken = assigned.compactMap { $0 }
            #expect(Set(columnsTaken).count == columnsTaken.count)
            let chosen = assigned.enumerated().compactMap { row, column in
                column.map { gains.values[row * columns + $0] }
            }
            #expect(chosen.allSatisfy { $0 > 0 })
            #expect(abs(chosen.reduce(0, +) - bestSum(gains)) < 1e-9)
        }
    }

    @Test("A hidden permutation of a large table is found")
    func permutation() {
        var random = SplitMix64(seed: 9)
        let size = 120
        let hidden = random.pick(size, of: Array(0..<size))
        let gains = DenseArray(
            shape: [size, size],
            values: (0..<size * size).map { cell in
                hidden[cell / size] == cell % size
                    ? 1 : Double(random.number(below: 1000)) / 1001
            })
        #expect(Assignment(gains: gains).columnOfRow == hidden)
    }
}
