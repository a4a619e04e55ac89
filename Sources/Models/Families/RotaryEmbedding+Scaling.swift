import Basics
import Glibc

extension RotaryEmbedding {
    /// The usual frequencies `base ^ (-2i / dimensions)`, each then divided by its `factor`.
    init(dimensions: Int, base: Double, factor: (Double) -> Double = { _ in 1 }) {
        // The shape is checked once it is known whole; until then a nonsensical one mustn't hurt.
        let pairs = max(0, min(dimensions, 1 << 16)) / 2
        self.init(
            inverseFrequencies: (0..<pairs).map { index in
                let frequency = pow(base, -2 * Double(index) / Double(dimensions))
                return Float(frequency / factor(frequency))
            })
    }

    /// As `config.json` describes it: `rope_theta` and `rope_scaling` (transformers 4) or
    /// `rope_parameters` (5).
    init(_ config: HuggingFaceConfiguration, dimensions: Int) throws(Failure) {
        let scaling = try config.object(
            config.has("rope_parameters") ? "rope_parameters" : "rope_scaling")
        let outer = try config.float("rope_theta", default: 10000)
        let base = try scaling.float("rope_theta", default: outer)
        guard base > 0 else { throw config.unsupported("the rotary base \(base)") }
        let kind = try scaling.string(
            "rope_type", default: scaling.string("type", default: "default"))
        switch kind {
        case "default":
            self.init(dimensions: dimensions, base: base)
        case "linear":
            let factor = try scaling.float("factor")
            self.init(dimensions: dimensions, base: base) { _ in factor }
        case "llama3":
            let factor = try scaling.float("factor")
            let low = try scaling.float("low_freq_factor")
            let high = try scaling.float("high_freq_factor")
            let context = try scaling.float("original_max_position_embeddings")
            self.init(dimensions: dimensions, base: base) { frequency in
                Self.llama3Factor(frequency, factor, low: low, high: high, context: context)
            }
        default:
            throw config.unsupported("the rotary scaling \"\(kind)\"")
        }
    }

    /// Llama 3's scaling: slow frequencies, which turn less than `low` times within the context of
    /// training, are divided by `factor`; those faster than `high` stay; those between are blended.
    private static func llama3Factor(
        _ frequency: Double, _ factor: Double, low: Double, high: Double, context: Double
    ) -> Double {
        let turns = context * frequency / (2 * .pi)
        if turns > high { return 1 }
        if turns < low { return factor }
        let smooth = (turns - low) / (high - low)
        return 1 / ((1 - smooth) / factor + smooth)
    }

    /// As GGUF metadata describes it, with the factors of `rope_freqs.weight` where there is one.
    init(
        _ file: GGUFFile, architecture: String, dimensions: Int
    ) throws(Failure) {
        let metadata = file.metadata
        func key(_ name: String) -> String { "\(architecture).rope." + name }
        let base = try metadata.float(key("freq_base"), default: 10000)
        let kind = try metadata.string(key("scaling.type"), default: "none")
        guard kind == "none" || kind == "linear", base > 0 else {
            throw metadata.unsupported("the rotary scaling \"\(kind)\" with the base \(base)")
        }
        var factor = try metadata.float(key("scaling.factor"), default: 1)
        if kind == "none" || factor <= 0 { factor = 1 }
        self.init(dimensions: dimensions, base: base) { _ in factor }
        if file.catalog["rope_freqs.weight"] != nil {
            let tensor = try file.catalog.tensor("rope_freqs.weight", shape: [dimensions / 2])
            let factors = try file.catalog.floats(of: tensor)
            for index in factors.indices where factors[index] > 0 {
                inverseFrequencies[index] /= factors[index]
            }
        }
    }
}
