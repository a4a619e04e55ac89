import Basics

/// Where one kind of file keeps the weights of one family.
protocol ModelLayout: Sendable {
    /// The model's shape.
    var configuration: ModelConfiguration { get }
    /// Asks `reader` for every weight.
    func weights(_ reader: WeightReader) throws(Failure) -> ModelWeights
    /// Ends of the names of tensors that files hold and that aren't weights, such as masks.
    var unusedTensors: [String] { get }
    /// Keys of `config.json` that are known to have no effect in this family.
    var unusedKeys: [String] { get }
}

/// All weights of a model.
struct ModelWeights {
    var tokenEmbedding: EmbeddingTable
    var positionEmbedding: EmbeddingTable?
    var layers: [LayerWeights] = []
    var finalNorm: NormWeights
    var unembedding: Affine
}

extension ModelLayout {
    var unusedTensors: [String] { [] }
    var unusedKeys: [String] { [] }
}

extension HuggingFaceFolder {
    /// The layout of the family that `config.json` names.
    func layout() throws(Failure) -> any ModelLayout {
        let layout: any ModelLayout
        let type = try configuration.modelType
        if try !configuration.object("quantization_config").isEmpty {
            let method = try configuration.object("quantization_config")
                .string("quant_method", default: "some method")
            throw configuration.unsupported("a model whose weights are quantised by \(method)")
        }
        if let family = KnownFamilies.llamaLike.first(where: { $0.modelType == type }) {
            layout = try LlamaLikeLayout(family, configuration)
        } else {
            switch type {
            case "gpt2": layout = try GPT2Layout(configuration, catalog)
            case "gpt_neox": layout = try GPTNeoXLayout(configuration)
            case "tracr": layout = try TracrLayout(configuration)
            default:
                throw KnownFamilies.unknown(type, path: configuration.path, isGGUF: false)
            }
        }
        try layout.configuration.check(path: configuration.path)
        return layout
    }
}

extension GGUFFile {
    /// The layout of the family that `general.architecture` names.
    func layout() throws(Failure) -> any ModelLayout {
        let layout: any ModelLayout
        let architecture = try metadata.string("general.architecture")
        if let family = KnownFamilies.llamaLike.first(where: { $0.architecture == architecture }) {
            layout = try LlamaLikeLayout(family, self)
        } else {
            switch architecture {
            case "gpt2": layout = try GPT2Layout(self)
            case "gptneox": layout = try GPTNeoXLayout(self)
            default: throw KnownFamilies.unknown(architecture, path: catalog.path, isGGUF: true)
            }
        }
        guard try metadata.bool("\(architecture).attention.causal") ?? true else {
            throw metadata.unsupported("attention in both directions")
        }
        let parts = try metadata.int("split.count", default: 1)
        guard parts <= 1 else {
            throw metadata.unsupported(
                "one of \(parts) parts of a model (join them with llama-gguf-split --merge), which")
        }
        try layout.configuration.check(path: catalog.path)
        return layout
    }
}

extension ModelConfiguration {
    /// Refuses shapes that make no sense, before anything is allocated by them.
    func check(path: String) throws(Failure) {
        let dimensions = [
            ("layers", nLayers, 1 << 12), ("heads", nHeads, 1 << 16),
            ("key and value heads", nKeyValueHeads, 1 << 16), ("width", dModel, 1 << 20),
            ("head width", dHead, 1 << 16), ("MLP width", dMLP, 1 << 24),
            ("vocabulary", dVocab, 1 << 28),
            ("output vocabulary", dVocabOut, 1 << 28), ("context", nContext, 1 << 30),
        ]
        for (name, value, limit) in dimensions where value < 1 || value > limit {
            throw Failure(.badData, "\(path): \(value) isn't a possible number: \(name)")
        }
        guard nHeads.isMultiple(of: nKeyValueHeads) else {
            throw Failure(
                .badData,
                "\(path): \(nHeads) heads can't share \(nKeyValueHeads) key and value heads")
        }
        for case let rotary? in [rotary, slidingRotary] {
            guard rotary.dimensions >= 2, rotary.dimensions <= dHead, dHead.isMultiple(of: 2) else {
                throw Failure(
                    .badData,
                    "\(path): \(rotary.dimensions) rotary dimensions in heads of width \(dHead)")
            }
        }
        if family == .gpt2 || family == .gptNeoX, nHeads * dHead != dModel {
            throw Failure(.badData, "\(path): a width of \(dModel) isn't \(nHeads) whole heads")
        }
        if let slidingWindow, slidingWindow < 1 {
            throw Failure(.badData, "\(path): a sliding window of \(slidingWindow)")
        }
    }

    private var rotary: RotaryEmbedding? {
        if case .rotary(let rotary) = positions { rotary } else { nil }
    }

    /// The head width of `config.json` models that only give width and heads.
    static func headWidth(of dModel: Int, heads: Int) -> Int { heads > 0 ? dModel / heads : 0 }
}
