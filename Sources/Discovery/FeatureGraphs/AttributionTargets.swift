package import Basics
import Engine
import Glibc
package import Graphs
import Models

/// What an attribution graph explains: directions at the output of the final norm, after the last
/// position.
package struct AttributionTargets: Sendable {
    /// The targets, the likeliest first.
    package let targets: [FeatureGraph.Target]
    /// The tokens whose logits each is made of: one, a first and a second that is taken off, or none.
    package let tokens: [[Int32]]
    /// The direction of each, `[d_model]`: a column of the unembedding minus the mean of all.
    let directions: [[Float]]

    /// The likeliest next tokens.
    /// - Parameters:
    ///   - most: how many at most.
    ///   - mass: only as many as have this probability together.
    package init(likeliest most: Int, mass: Double, after run: FrozenRun) {
        let probabilities = Self.probabilities(run)
        var chosen: [Int32] = []
        var sum = 0.0
        let order = probabilities.indices.sorted {
            (probabilities[$0], $1) > (probabilities[$1], $0)
        }
        for id in order.prefix(most) {
            chosen.append(Int32(id))
            sum += probabilities[id]
            if sum >= mass { break }
        }
        let unembedding = CentredUnembedding(run)
        targets = chosen.map {
            FeatureGraph.Target(label: "t\($0)", token: $0, weight: probabilities[Int($0)])
        }
        tokens = chosen.map { [$0] }
        directions = chosen.map { unembedding.column($0) }
    }

    /// Tokens, and differences of two tokens' logits, of the caller's choice.
    ///
    /// A token's weight is its probability, that of a difference 1.
    /// - Throws: `Failure` (usage) for a token that isn't in the vocabulary.
    package init(_ choices: [TargetChoice], after run: FrozenRun) throws(Failure) {
        let probabilities = Self.probabilities(run)
        let unembedding = CentredUnembedding(run)
        var targets: [FeatureGraph.Target] = []
        var directions: [[Float]] = []
        for choice in choices {
            for id in choice.tokens where id < 0 || id >= probabilities.count {
                throw Failure(
                    .usage,
                    "the target \(choice.label): \(run.transformer.model.name) has no token \(id), "
                        + "only 0 to \(probabilities.count - 1)")
            }
            switch choice {
            case .token(let id):
                targets.append(
                    FeatureGraph.Target(
                        label: choice.label, token: id, weight: probabilities[Int(id)]))
                directions.append(unembedding.column(id))
            case .difference(let first, let second):
                targets.append(FeatureGraph.Target(label: choice.label, token: nil, weight: 1))
                let pair = zip(unembedding.column(first), unembedding.column(second))
                directions.append(pair.map { $0 - $1 })
            case .direction(_, let values):
                guard values.count == run.dModel else {
                    throw Failure(
                        .usage,
                        "the target \(choice.label) is a vector of \(values.count) values, but "
                            + "d_model is \(run.dModel)")
                }
                targets.append(FeatureGraph.Target(label: choice.label, token: nil, weight: 1))
                directions.append(values)
            }
        }
        self.targets = targets
        tokens = choices.map(\.tokens)
        self.directions = directions
    }

    /// The probabilities of all tokens after the prompt.
    private static func probabilities(_ run: FrozenRun) -> [Double] {
        let logits = run.logits().map(Double.init)
        let top = logits.max() ?? 0
        let powers = logits.map { exp($0 - top) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}

/// A target of the caller's choice.
package enum TargetChoice: Hashable, Sendable {
    /// A token's logit.
    case token(Int32)
    /// The difference of two tokens' logits.
    case difference(Int32, Int32)
    /// A direction at the output of the final norm, `[d_model]`, with a name.
    case direction(String, [Float])

    /// Its name after `logits.`.
    package var label: String {
        switch self {
        case .token(let id): "t\(id)"
        case .difference(let first, let second): "t\(first)-t\(second)"
        case .direction(let name, _): name
        }
    }

    var tokens: [Int32] {
        switch self {
        case .token(let id): [id]
        case .difference(let first, let second): [first, second]
        case .direction: []
        }
    }
}

/// The unembedding with the mean over the vocabulary taken off: what a logit is above the mean logit.
private struct CentredUnembedding {
    private let weight: Weight
    private let mean: [Double]

    init(_ run: FrozenRun) {
        let weight = run.transformer.model.unembedding.weight
        var sum = [Double](repeating: 0, count: weight.inputs)
        // Sums of some in float32, and of these in float64: fast, and exact enough.
        let part = FloatBuffer(count: weight.inputs)
        for start in stride(from: 0, to: weight.outputs, by: 256) {
            part.values.update(repeating: 0, count: weight.inputs)
            for column in start..<min(weight.outputs, start + 256) {
                weight.addColumn(column, scaledBy: 1, to: part.values)
            }
            for index in sum.indices { sum[index] += Double(part.values[index]) }
        }
        mean = sum.map { $0 / Double(weight.outputs) }
        self.weight = weight
    }

    func column(_ token: Int32) -> [Float] {
        let values = FloatBuffer(zeros: weight.inputs)
        weight.addColumn(Int(token), scaledBy: 1, to: values.values)
        return mean.indices.map { Float(Double(values.values[$0]) - mean[$0]) }
    }
}
