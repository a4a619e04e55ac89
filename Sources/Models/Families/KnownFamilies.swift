import Basics

/// The families that can be read, and what others are.
package enum KnownFamilies {
    /// Those that are laid out like Llama.
    static let llamaLike: [LlamaLikeFamily] = [
        .llama, .mistral, .qwen2, .qwen3, .gemma, .gemma2, .gemma3, .olmo2, .phi3, .smolLM3,
    ]

    /// `model_type` and `general.architecture` of every family; an architecture is nil where its models
    /// aren't read from GGUF.
    package static let all: [(family: ModelFamily, modelType: String, architecture: String?)] =
        [(.gpt2, "gpt2", "gpt2"), (.gptNeoX, "gpt_neox", "gptneox")]
        + llamaLike.map { ($0.family, $0.modelType, $0.architecture) }
        + [(.tracr, "tracr", nil)]

    /// The error for a model of another family.
    /// - Parameter isGGUF: whether `name` is a `general.architecture`, not a `model_type`.
    static func unknown(_ name: String, path: String, isGGUF: Bool) -> Failure {
        var known: [String] = []
        for family in all {
            guard let name = isGGUF ? family.architecture : family.modelType else { continue }
            if !known.contains(name) { known.append(name) }
        }
        let list = known.dropLast().joined(separator: ", ") + " and " + (known.last ?? "")
        let what = kind(of: name).map { "\"\(name)\" is \($0), which isn't supported" }
        return Failure(
            .badData,
            "\(path): \(what ?? "unknown model family \"\(name)\""); known are \(list)")
    }

    /// What kind of model a name stands for, of those that can't be read on principle.
    private static func kind(of name: String) -> String? {
        let plain = name.lowercased().filter { $0.isLetter || $0.isNumber }
        return kinds.first { kind in
            kind.names.contains(plain) || kind.parts.contains { plain.contains($0) }
        }?.description
    }

    /// Names of models without `_`, `-` and `.`: whole, and parts that tell.
    private static let kinds: [(description: String, names: [String], parts: [String])] = [
        (
            "a model of images or sound with text",
            [
                "gemma3", "mistral3", "idefics", "idefics2", "idefics3", "fuyu", "pixtral", "clip",
                "mllama", "florence2", "kosmos2", "blip", "blip2", "aria", "qwen2audio", "whisper",
                "janus", "smolvlm", "gotocr2", "ultravox",
            ],
            ["vl", "vision", "llava", "paligemma", "gemma3n", "omni", "multimodal", "internvl"]
        ),
        (
            "a state-space or recurrent model",
            ["jamba", "bamba", "zamba", "zamba2", "lfm2", "xlstm", "qwen3next", "nemotronh"],
            ["mamba", "rwkv", "recurrentgemma", "griffin", "hyena", "granitehybrid", "hybrid"]
        ),
        (
            "a mixture of experts",
            [
                "mixtral", "dbrx", "llama4", "deepseek2", "deepseekv2", "deepseekv3", "arctic",
                "jetmoe", "grok", "grok1", "minimax", "hunyuanv1moe", "ernie45moe",
            ],
            ["moe", "gptoss", "glm4moe", "kimi"]
        ),
        (
            "an encoder, or an encoder and a decoder",
            ["t5", "mt5", "bart", "mbart", "pegasus", "marian", "longt5", "umt5", "electra"],
            ["bert", "t5encoder", "nllb"]
        ),
    ]
}
