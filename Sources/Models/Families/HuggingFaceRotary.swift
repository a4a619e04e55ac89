import Basics
import Glibc

/// The rotation that `config.json` describes: `rope_theta` and `rope_scaling` as transformers 4 wrote
/// them, or `rope_parameters` as 5 does, for all layers or apart for those with a window.
struct HuggingFaceRotary {
    /// In all layers but the sliding ones.
    let everywhere: RotaryEmbedding
    /// In layers with a window, if they differ.
    let sliding: RotaryEmbedding?

    /// Reads the rotation of a family.
    /// - Parameter context: `max_position_embeddings`.
    init(
        _ config: HuggingFaceConfiguration, _ family: LlamaLikeFamily, headWidth: Int, context: Int
    ) throws(Failure) {
        let older = try config.object("rope_scaling")
        let newer = try config.object("rope_parameters")
        let isNested = newer.isObject("full_attention")
        let defaults = Defaults(
            base: try config.float("rope_theta", default: family.defaults.rotaryBase),
            rotatedPart: family.rotatesPartly
                ? try config.float("partial_rotary_factor", default: 1) : 1,
            rotatesPartly: family.rotatesPartly, callsLongRoPEYarn: family.callsLongRoPEYarn,
            context: context,
            trainingContext: config.has("original_max_position_embeddings")
                ? try config.int("original_max_position_embeddings")
                : family.defaults.trainingContext)
        let parameters =
            !older.isEmpty ? older : isNested ? try newer.object("full_attention") : newer
        everywhere = try RotaryEmbedding(parameters, headWidth: headWidth, defaults)
        if isNested, newer.isObject("sliding_attention") {
            var defaults = defaults
            defaults.base = family.defaults.slidingRotaryBase ?? defaults.base
            sliding = try RotaryEmbedding(
                newer.object("sliding_attention"), headWidth: headWidth, defaults)
        } else if let base = family.defaults.slidingRotaryBase {
            sliding = RotaryEmbedding(
                dimensions: headWidth,
                base: try config.float("rope_local_base_freq", default: base))
        } else {
            sliding = nil
        }
    }

    /// What holds where `rope_parameters` say nothing.
    struct Defaults {
        /// The base of the frequencies.
        var base: Double
        /// Which part of each head is rotated.
        var rotatedPart: Double
        /// Whether the family can rotate a part only.
        var rotatesPartly: Bool
        /// Whether "su" and "yarn" mean LongRoPE.
        var callsLongRoPEYarn = false
        /// The longest prompt.
        var context: Int
        /// The longest prompt of the first training, where the configuration says so outside.
        var trainingContext: Int?
    }
}

extension RotaryEmbedding {
    /// Reads one object `rope_parameters` or `rope_scaling`.
    init(
        _ parameters: HuggingFaceConfiguration, headWidth: Int,
        _ defaults: HuggingFaceRotary.Defaults
    ) throws(Failure) {
        let base = try parameters.float("rope_theta", default: defaults.base)
        guard base > 1 else { throw parameters.unsupported("the rotary base \(base)") }
        let part = try parameters.float("partial_rotary_factor", default: defaults.rotatedPart)
        guard part == 1 || defaults.rotatesPartly, (0...1).contains(part) else {
            throw parameters.unsupported(
                "a rotary part of \(part) of heads of width \(headWidth)")
        }
        // Nonsensical widths are refused later, with the rest of the shape.
        let dimensions = Int(Double(max(0, min(headWidth, 1 << 17))) * part)
        self.init(
            dimensions: dimensions, base: base,
            scaling: try parameters.scaling(defaults, pairs: (dimensions + 1) / 2))
    }
}

extension HuggingFaceConfiguration {
    /// The scaling of one object `rope_parameters` or `rope_scaling`.
    fileprivate func scaling(
        _ defaults: HuggingFaceRotary.Defaults, pairs: Int
    ) throws(Failure) -> RotaryScaling {
        let kind = try string("rope_type", default: string("type", default: "default"))
        func factor() throws(Failure) -> Double { try positive("factor") }
        func trainingContext() throws(Failure) -> Double {
            let inside = try int("original_max_position_embeddings", default: defaults.context)
            return Double(defaults.trainingContext ?? inside)
        }
        switch kind {
        case "default": return .none
        // Prompts within the context, and no others are read, are rotated as without it.
        case "dynamic":
            _ = try factor()
            return .none
        case "linear": return .linear(factor: try factor())
        case "llama3":
            return .llama3(
                factor: try factor(), low: try positive("low_freq_factor"),
                high: try positive("high_freq_factor"), context: try trainingContext())
        case "yarn" where !defaults.callsLongRoPEYarn:
            return try yarn(defaults, trainingContext())
        case "longrope": return try longRoPE(defaults, trainingContext(), pairs: pairs)
        case "su" where defaults.callsLongRoPEYarn, "yarn" where defaults.callsLongRoPEYarn:
            return try longRoPE(defaults, trainingContext(), pairs: pairs)
        default: throw unsupported("the rotary scaling \"\(kind)\"")
        }
    }

    private func yarn(
        _ defaults: HuggingFaceRotary.Defaults, _ context: Double
    ) throws(Failure) -> RotaryScaling {
        let factor =
            isNull("factor") ? Double(defaults.context) / context : try positive("factor")
        func magnitude(_ share: Double = 1) -> Double {
            factor <= 1 ? 1 : 0.1 * share * log(factor) + 1
        }
        let (own, all) = (
            try float("mscale", default: 0), try float("mscale_all_dim", default: 0)
        )
        let usual = own != 0 && all != 0 ? magnitude(own) / magnitude(all) : magnitude()
        return .yarn(
            factor: factor, fast: try positive("beta_fast", default: 32),
            slow: try positive("beta_slow", default: 1), context: context,
            truncates: try bool("truncate", default: true),
            magnitude: try float("attention_factor", default: usual))
    }

    private func longRoPE(
        _ defaults: HuggingFaceRotary.Defaults, _ context: Double, pairs: Int
    ) throws(Failure) -> RotaryScaling {
        let factors = try numbers("short_factor")
        _ = try numbers("long_factor")
        guard factors.count == pairs, factors.allSatisfy({ $0 > 0 }) else {
            throw unsupported("short_factor of \(factors.count) numbers for \(pairs) frequencies")
        }
        let factor =
            has("factor") ? try positive("factor") : Double(defaults.context) / context
        let usual = factor <= 1 ? 1 : (1 + log(factor) / log(context)).squareRoot()
        return .long(
            factors: factors, context: Int(context),
            magnitude: try float("attention_factor", default: usual))
    }

    private func positive(
        _ key: String, default absent: Double? = nil
    ) throws(Failure) -> Double {
        let value = try float(key, default: absent)
        guard value > 0 else { throw unsupported("\(key) \(value) of a rotary scaling") }
        return value
    }
}
