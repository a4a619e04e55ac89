import Basics
import Glibc

extension GGUFFile {
    /// Tensors that say how the rotary frequencies are scaled. Those for long prompts aren't read.
    static let rotaryTensors: Set = [
        "rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight",
    ]
}

extension RotaryEmbedding {
    /// As GGUF metadata describes it and llama.cpp reads it, with the factors of `rope_freqs.weight`
    /// or `rope_factors_short.weight` where there are such.
    /// - Parameter context: `context_length`.
    init(
        _ file: GGUFFile, architecture: String, dimensions: Int, context: Int
    ) throws(Failure) {
        let metadata = file.metadata
        func key(_ name: String) -> String { "\(architecture).rope." + name }
        let base = try metadata.float(key("freq_base"), default: 10000)
        guard base > 1 else { throw metadata.unsupported("the rotary base \(base)") }
        // Without a type it is linear; the second key is that of 2023.
        let kind = try metadata.string(key("scaling.type"), default: "linear")
        let older = try metadata.float(key("scale_linear"), default: 0)
        var factor = try metadata.float(key("scaling.factor"), default: older)
        guard factor >= 0 else { throw metadata.unsupported("the rotary scaling by \(factor)") }
        if factor == 0 || kind == "none" { factor = 1 }
        let trainingContext = try metadata.int(
            key("scaling.original_context_length"), default: context)
        let attentionFactor = try metadata.float(key("scaling.attn_factor"), default: 1)
        switch kind {
        case "none", "linear", "longrope":
            self.init(dimensions: dimensions, base: base, scaling: .linear(factor: factor))
            magnitude = Float(attentionFactor)
        case "yarn":
            self.init(
                dimensions: dimensions, base: base,
                scaling: .yarn(
                    factor: factor,
                    fast: try metadata.float(key("scaling.yarn_beta_fast"), default: 32),
                    slow: try metadata.float(key("scaling.yarn_beta_slow"), default: 1),
                    context: Double(trainingContext), truncates: true,
                    magnitude: attentionFactor * (1 + 0.1 * log(max(factor, 1)))))
        default: throw metadata.unsupported("the rotary scaling \"\(kind)\"")
        }
        try divide(by: "rope_freqs.weight", of: file)
        if file.catalog["rope_factors_short.weight"] != nil {
            try divide(by: "rope_factors_short.weight", of: file)
            longestPrompt = trainingContext
        }
    }

    private mutating func divide(by name: String, of file: GGUFFile) throws(Failure) {
        guard file.catalog[name] != nil else { return }
        let tensor = try file.catalog.tensor(name, shape: [inverseFrequencies.count])
        let factors = try file.catalog.floats(of: tensor)
        for index in factors.indices where factors[index] > 0 {
            inverseFrequencies[index] /= factors[index]
        }
    }
}
