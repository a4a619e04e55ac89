import Basics
import Evaluation
import Testing

@Suite("Pareto front")
struct ParetoFrontTests {
    @Test("It is of those that no other dominates", arguments: 0..<50)
    func bruteForce(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let count = generator.number(below: 12)
        let sizes = (0..<count).map { _ in generator.number(below: 6) }
        let losses = (0..<count).map { _ in
            let value = generator.number(below: 6)
            return value == 0 ? Double.nan : Double(value)
        }
        let front = ParetoFront(edgeCounts: sizes, losses: losses).isOnFront
        for one in 0..<count {
            let isDominated = (0..<count).contains { other in
                sizes[other] <= sizes[one] && losses[other] <= losses[one]
                    && (sizes[other] < sizes[one] || losses[other] < losses[one])
            }
            #expect(front[one] == (!losses[one].isNaN && !isDominated))
        }
    }
}
