import Foundation

/// What the reference implementation says of scores, circuits and how good they are
/// (`fixtures/reference/<model>/evaluation.json`).
package struct EvaluationReference: Decodable {
    /// A circuit taken from the scores.
    package struct Selection: Decodable {
        package var greedy: Bool
        package var absolute: Bool
        package var count: Int
        package var taken: String
        package var pruned: String
    }

    package struct Areas: Decodable {
        package var pessimistic: Double
        package var trapezoid: Double
    }

    package struct Bootstrap: Decodable {
        package var samples: Int
        package var confidence: Double
        package var seed: Int
    }

    package struct Knockouts: Decodable {
        package var sets: Int
        package var seed: UInt64
    }

    /// A circuit whose edges differ from position to position.
    package struct Positions: Decodable {
        /// Of each position a digit an edge.
        package var circuit: [String]
        package var values: [Double]
    }

    /// A circuit of single neurons.
    package struct Neurons: Decodable {
        package var circuit: String
        /// Of each sender a digit a neuron.
        package var neurons: [String]
        package var values: [Double]
    }

    /// What a metric says.
    package struct Figures: Decodable {
        package var full: [Double]
        package var corrupted: [Double]
        package var cprFaithfulness: [Double]
        package var cprEdges: [Int]
        package var cpr: Double
        package var cprInterval: [Double]
        package var cmdFaithfulness: [Double]
        package var cmdEdges: [Int]
        package var cmd: Double
        package var cmdInterval: [Double]
        package var values: [Double]
        package var minimality: [Double]
        package var knockoutsOfEdges: [[Double]]
        package var knockoutsOfNodes: [[Double]]
        package var positions: Positions
        package var neurons: Neurons

        private enum CodingKeys: String, CodingKey {
            case full, corrupted, cpr, cmd, values, minimality, positions, neurons
            case cprFaithfulness = "cpr-faithfulness"
            case cprEdges = "cpr-edges"
            case cprInterval = "cpr-interval"
            case cmdFaithfulness = "cmd-faithfulness"
            case cmdEdges = "cmd-edges"
            case cmdInterval = "cmd-interval"
            case knockoutsOfEdges = "knockouts-edges"
            case knockoutsOfNodes = "knockouts-nodes"
        }
    }

    package static let families = [
        "tiny-gpt2", "tiny-llama-gqa", "tiny-gemma2", "tiny-gemma3", "tiny-olmo2", "tiny-qwen3",
        "tiny-gemma", "tiny-mistral", "tiny-phi3", "tiny-smollm3",
    ]

    package var scores: [Float]
    package var selections: [Selection]
    package var truth: String
    package var auc: Areas
    package var shares: [Double]
    package var bootstrap: Bootstrap
    package var knockouts: Knockouts
    package var circuit: String
    package var metrics: [String: Figures]

    /// A column of flags from its digits.
    package static func flags(_ digits: String) -> [Bool] { digits.map { $0 == "1" } }
}
