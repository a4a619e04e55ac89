import Basics
import Engine
import Foundation
import Models
import TestSupport
import Testing

/// The likeliest next tokens.
@Suite("Next tokens")
struct NextTokensTests {
    private let prompts: [[Int32]] = [[1, 2, 3, 4, 5], [7, 8]]

    private func transformer(_ name: String = "tiny-gpt2") throws -> Transformer {
        try Transformer(try Model.load(Fixture.path("models/\(name)")))
    }

    @Test(
        "The most likely next tokens are those of the highest logits",
        arguments: [0, 1, 5, 60, 1000])
    func mostLikely(count: Int) throws {
        let transformer = try transformer()
        let logits = try transformer.logits(of: prompts).array
        let next = try transformer.nextTokens(after: prompts, count: count)
        for (prompt, found) in next.enumerated() {
            let row = Array(logits[prompt * 60..<(prompt + 1) * 60])
            let order = row.indices.sorted { row[$0] > row[$1] }.prefix(count)
            #expect(found.top.map(\.id) == order.map { Int32($0) })
            #expect(found.top.map(\.logit) == order.map { row[$0] })
            let sum = log(row.reduce(0) { $0 + exp(Double($1)) })
            #expect(abs(found.logSumExp - sum) < 1e-6)
            let probability = found.top.reduce(0) { $0 + found.probability(of: $1) }
            if count >= 60 { #expect(abs(probability - 1) < 1e-6) }
        }
    }

    @Test("The error of an invalid prompt names the prompt and the problem")
    func invalidPrompts() throws {
        let transformer = try transformer()
        for (ids, problem) in [([], "no tokens"), ([99], "token 99"), ([-1], "token -1")]
            as [([Int32], String)]
        {
            let error = #expect(throws: Failure.self) {
                try transformer.validate([[1], ids]) { "line \($0 + 1)" }
            }
            #expect(error?.description.contains("line 2") == true)
            #expect(error?.description.contains(problem) == true)
        }
        #expect(throws: Failure.self) {
            try transformer.validate([[Int32](repeating: 1, count: 33)])
        }
    }
}
