import Foundation

/// What the reference implementation says of scores, circuits and how good they are
/// (`fixtures/reference/<model>/evaluation.json`).
struct EvaluationReference: Decodable {
    /// A circuit taken from the scores.
    struct Selection: Decodable {
        var greedy: Bool
        var absolute: Bool
        var count: Int
        var taken: String
        var pruned: String
    }

    struct Areas: Decodable {
        var pessimistic: Double
        var trapezoid: Double
    }

    struct Bootstrap: Decodable {
        var samples: Int
        var confidence: Double
        var seed: Int
    }

    struct Knockouts: Decodable {
        var sets: Int
        var seed: UInt64
    }

    /// A circuit whose edges differ from position to position.
    struct Positions: Decodable {
        /// Of each position a digit an edge.
        var circuit: [String]
        var values: [Double]
    }

    /// A circuit of single neurons.
    struct Neurons: Decodable {
        var circuit: String
        /// Of each sender a digit a neuron.
        var neurons: [String]
        var values: [Double]
    }

    /// What a metric says.
    struct Figures: Decodable {
        var full: [Double]
        var corrupted: [Double]
        var cprFaithfulness: [Double]
        var cprEdges: [Int]
        var cpr: Double
        var cprInterval: [Double]
        var cmdFaithfulness: [Double]
        var cmdEdges: [Int]
        var cmd: Double
        var cmdInterval: [Double]
        var values: [Double]
        var minimality: [Double]
        var knockoutsOfEdges: [[Double]]
        var knockoutsOfNodes: [[Double]]
        var positions: Positions
        var neurons: Neurons

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

    static let families = ["tiny-gpt2", "tiny-llama-gqa", "tiny-gemma2"]

    var scores: [Float]
    var selections: [Selection]
    var truth: String
    var auc: Areas
    var shares: [Double]
    var bootstrap: Bootstrap
    var knockouts: Knockouts
    var circuit: String
    var metrics: [String: Figures]

    /// A column of flags from its digits.
    static func flags(_ digits: String) -> [Bool] { digits.map { $0 == "1" } }
}
