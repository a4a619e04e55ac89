import Basics

/// Where one kind of file keeps the weights of one family.
protocol ModelLayout: Sendable {
    /// The model's shape.
    var configuration: ModelConfiguration { get }
    /// Asks `reader` for every weight.
    func weights(_ reader: WeightReader) throws(Failure) -> ModelWeights
}

/// All weights of a model.
struct ModelWeights {
    var tokenEmbedding: EmbeddingTable
    var positionEmbedding: EmbeddingTable?
    var layers: [LayerWeights] = []
    var finalNorm: NormWeights
    var unembedding: Affine
}

extension HuggingFaceFolder {
    /// The layout of the family that `config.json` names.
    func layout() throws(Failure) -> any ModelLayout {
        let layout: any ModelLayout
        switch try configuration.modelType {
        case "gpt2": layout = try GPT2Layout(configuration, catalog)
        case "gpt_neox": layout = try GPTNeoXLayout(configuration)
        case "llama": layout = try LlamaLayout(llama: configuration)
        case "qwen2": layout = try LlamaLayout(qwen2: configuration)
        case "gemma2": layout = try LlamaLayout(gemma2: configuration)
        case "tracr": layout = try TracrLayout(configuration)
        case let other:
            throw Failure(
                .badData,
                "\(configuration.path): unknown model family \"\(other)\"; "
                    + "known are gpt2, gpt_neox, llama, qwen2, gemma2 and tracr")
        }
        try layout.configuration.check(path: configuration.path)
        return layout
    }
}

extension GGUFFile {
    /// The layout of the family that `general.architecture` names.
    func layout() throws(Failure) -> any ModelLayout {
        let layout: any ModelLayout
        switch try metadata.string("general.architecture") {
        case "gpt2": layout = try GPT2Layout(self)
        case "gptneox": layout = try GPTNeoXLayout(self)
        case "llama": layout = try LlamaLayout(llama: self)
        case "qwen2": layout = try LlamaLayout(qwen2: self)
        case "gemma2": layout = try LlamaLayout(gemma2: self)
        case let other:
            throw Failure(
                .badData,
                "\(catalog.path): unknown model family \"\(other)\"; "
                    + "known are gpt2, gptneox, llama, qwen2 and gemma2")
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
        if case .rotary(let rotary) = positions {
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

    /// The head width of `config.json` models that only give width and heads.
    static func headWidth(of dModel: Int, heads: Int) -> Int { heads > 0 ? dModel / heads : 0 }
}
