import Basics
import Glibc

/// How a model's rotary frequencies differ from the usual ones, so that it reads longer prompts than
/// those it was first trained on.
enum RotaryScaling {
    /// Not at all.
    case none
    /// All are divided by a factor (position interpolation, Chen et al. 2023).
    case linear(factor: Double)
    /// Llama 3's: slow frequencies, which turn less than `low` times within the context of training,
    /// are divided by `factor`; those faster than `high` stay; those between are blended.
    case llama3(factor: Double, low: Double, high: Double, context: Double)
    /// YaRN's (Peng et al. 2023): the same by dimension rather than by frequency, and the rotated
    /// vectors are multiplied with `magnitude`.
    case yarn(
        factor: Double, fast: Double, slow: Double, context: Double, truncates: Bool,
        magnitude: Double)
    /// LongRoPE's (Ding et al. 2024): each is divided by a factor of its own. These are for prompts
    /// within the context of training; longer ones take others.
    case long(factors: [Double], context: Int, magnitude: Double)
}

extension RotaryEmbedding {
    /// The usual frequencies `base ^ (-2i / dimensions)`, scaled.
    ///
    /// An odd number of dimensions rotates one more, as in `transformers`.
    init(dimensions: Int, base: Double, scaling: RotaryScaling = .none) {
        // The shape is checked once it is known whole; until then a nonsensical one mustn't hurt.
        let pairs = (max(0, min(dimensions, 1 << 16)) + 1) / 2
        let divisor = Self.divisor(scaling, dimensions: dimensions, base: base)
        self.init(
            inverseFrequencies: (0..<pairs).map { index in
                let frequency = pow(base, -2 * Double(index) / Double(dimensions))
                return Float(frequency / divisor(index, frequency))
            })
        switch scaling {
        case .none, .linear, .llama3: break
        case .yarn(_, _, _, _, _, let magnitude): self.magnitude = Float(magnitude)
        case .long(_, let context, let magnitude):
            self.magnitude = Float(magnitude)
            longestPrompt = context
        }
    }

    /// What the frequency of a pair is divided by.
    private static func divisor(
        _ scaling: RotaryScaling, dimensions: Int, base: Double
    ) -> (_ pair: Int, _ frequency: Double) -> Double {
        switch scaling {
        case .none: return { _, _ in 1 }
        case .linear(let factor): return { _, _ in factor }
        case .llama3(let factor, let low, let high, let context):
            return { _, frequency in
                let turns = context * frequency / (2 * .pi)
                if turns > high { return 1 }
                if turns < low { return factor }
                let smooth = (turns - low) / (high - low)
                return 1 / ((1 - smooth) / factor + smooth)
            }
        case .yarn(let factor, let fast, let slow, let context, let truncates, _):
            // The pair that turns so many times within the context of training.
            func pair(turning turns: Double) -> Double {
                Double(dimensions) * log(context / (turns * 2 * .pi)) / (2 * log(base))
            }
            var (low, high) = (pair(turning: fast), pair(turning: slow))
            if truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
            (low, high) = (max(low, 0), min(high, Double(dimensions - 1)))
            if low == high { high += 0.001 }
            return { index, _ in
                let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
                return 1 / (ramp / factor + 1 - ramp)
            }
        case .long(let factors, _, _):
            return { index, _ in factors.indices.contains(index) ? factors[index] : 1 }
        }
    }
}
