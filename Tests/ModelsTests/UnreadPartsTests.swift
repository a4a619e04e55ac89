import Basics
import Foundation
import Models
import Testing

/// Keys and tensors of which nothing is known: each is used, without effect, refused or reported.
@Suite("What a model's files say beyond what is read")
struct UnreadPartsTests {
    /// A copy of a fixture with another `config.json`.
    private func folder(_ name: String, config: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder.copy(of: name)
        _ = try folder.write(config.utf8, as: "config.json")
        return folder
    }

    /// A copy of a fixture with a key more, or another value, in `config.json`.
    private func folder(_ name: String, setting key: String, to value: Any) throws
        -> TemporaryFolder
    {
        let folder = try TemporaryFolder.copy(of: name)
        let data = try Data(contentsOf: URL(filePath: folder.path + "/config.json"))
        var config = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        config[key] = value
        _ = try folder.write(JSONSerialization.data(withJSONObject: config), as: "config.json")
        return folder
    }

    /// A copy of a fixture with a tensor more.
    private func folder(_ name: String, adding tensor: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder.copy(of: name)
        var tensors = try readAll(folder.path + "/model.safetensors")
        tensors[tensor] = TestTensor([1, 2], shape: [2])
        _ = try folder.write(safetensors(tensors), as: "model.safetensors")
        return folder
    }

    @Test(
        "Nothing is reported of the configurations of published models", arguments: publishedConfigs
    )
    func publishedModels(_ name: String, _ config: String) throws {
        let folder = try folder("tiny-llama", config: config)
        #expect(try ModelSource(folder.path).warnings == [])
    }

    @Test("A key that isn't known is reported, one that is null or without effect isn't")
    func unknownKey() throws {
        let strange = try folder("tiny-llama", setting: "residual_multiplier", to: 0.5)
        let warnings = try ModelSource(strange.path).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("residual_multiplier") == true)
        let inner = try folder(
            "tiny-llama", setting: "rope_parameters",
            to: ["rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 2]])
        #expect(
            try ModelSource(inner.path).warnings.first?.contains("rope_parameters.mrope_section")
                == true)
        let null = try folder("tiny-llama", setting: "residual_multiplier", to: NSNull())
        #expect(try ModelSource(null.path).warnings == [])
        let known = try folder("tiny-llama", setting: "attention_dropout", to: 0.1)
        #expect(try ModelSource(known.path).warnings == [])
    }

    @Test("Quantised weights are refused")
    func quantised() throws {
        let folder = try folder(
            "tiny-llama", setting: "quantization_config", to: ["quant_method": "gptq"])
        expectError(.badData, "quantised by gptq") { _ = try ModelSource(folder.path) }
    }

    @Test("A model with tensors that its family doesn't have is refused")
    func strangeTensor() throws {
        let folder = try folder("tiny-llama", adding: "model.layers.1.self_attn.q_norm.weight")
        expectError(.badData, "no tensor model.layers.1.self_attn.q_norm.weight") {
            _ = try Model.load(folder.path)
        }
    }

    @Test(
        "Masks and frequencies that old files hold are passed over, heads for other uses reported")
    func knownTensors() throws {
        let old = try folder("tiny-llama", adding: "model.layers.0.self_attn.rotary_emb.inv_freq")
        #expect(try Model.load(old.path).warnings == [])
        let mask = try folder("tiny-gpt2", adding: "transformer.h.0.attn.bias")
        #expect(try Model.load(mask.path).warnings == [])
        let score = try folder("tiny-llama", adding: "score.weight")
        #expect(try Model.load(score.path).warnings.first?.contains("score.weight") == true)
    }

    @Test("A head that differs from the embedding is used though the two are said to be tied")
    func tiedFlagWithOwnHead() throws {
        let folder = try folder("tiny-llama", setting: "tie_word_embeddings", to: true)
        let model = try Model.load(folder.path)
        #expect(model.warnings.first?.contains("lm_head.weight that differs") == true)
        let untied = try Model.load(fixture("models/tiny-llama"))
        defer { withExtendedLifetime((model, untied)) {} }
        #expect(model.unembedding.flat == untied.unembedding.flat)
    }

    @Test("A head that equals the embedding is shared with it")
    func tiedFlagWithSameHead() throws {
        let folder = try folder("tiny-llama", setting: "tie_word_embeddings", to: true)
        var tensors = try readAll(folder.path + "/model.safetensors")
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
        _ = try folder.write(safetensors(tensors), as: "model.safetensors")
        let model = try Model.load(folder.path)
        #expect(model.warnings == [])
        #expect(model.unembedding.weight.values == model.tokenEmbedding.values)
    }

    @Test(
        "Models of other kinds are refused by what they are",
        arguments: [
            ("mixtral", "a mixture of experts"), ("qwen3_moe", "a mixture of experts"),
            ("mamba2", "a state-space"), ("rwkv7", "a state-space"),
            ("gemma3", "a model of images or sound"), ("qwen2_5_vl", "a model of images or sound"),
            ("llava_next", "a model of images or sound"), ("bert", "an encoder"),
            ("falcon", "unknown model family \"falcon\"; known are gpt2, gpt_neox, llama, mistral"),
        ])
    func otherKinds(_ type: String, _ message: String) throws {
        let folder = try folder("tiny-llama", setting: "model_type", to: type)
        expectError(.badData, message) { _ = try ModelSource(folder.path) }
    }
}

/// `config.json` of published models, the shapes of some made smaller.
private let publishedConfigs: [(String, String)] = [
    (
        "Llama 3.2 1B",
        """
        {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 128000, "eos_token_id": 128001, "head_dim": 64, "hidden_act": "silu",
        "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 8192,
        "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama",
        "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
        "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": {"factor": 32.0,
        "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192,
        "rope_type": "llama3"}, "rope_theta": 500000.0, "tie_word_embeddings": true,
        "torch_dtype": "bfloat16", "transformers_version": "4.45.0.dev0", "use_cache": true,
        "vocab_size": 128256}
        """
    ),
    (
        "SmolLM2",
        """
        {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 576,
        "initializer_range": 0.041666666666666664, "intermediate_size": 1536,
        "is_llama_config": true, "max_position_embeddings": 8192, "mlp_bias": false,
        "model_type": "llama", "num_attention_heads": 9, "num_hidden_layers": 30,
        "num_key_value_heads": 3, "pad_token_id": 2, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
        "rope_interleaved": false, "rope_scaling": null, "rope_theta": 100000,
        "tie_word_embeddings": true, "torch_dtype": "bfloat16",
        "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16"}},
        "transformers_version": "4.42.3", "use_cache": true, "vocab_size": 49152}
        """
    ),
    (
        "Qwen 3 0.6B",
        """
        {"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 151643, "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu",
        "hidden_size": 1024, "initializer_range": 0.02, "intermediate_size": 3072,
        "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3",
        "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8,
        "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000,
        "sliding_window": null, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
        "transformers_version": "4.51.0", "use_cache": true, "use_sliding_window": false,
        "vocab_size": 151936}
        """
    ),
    (
        "Gemma 1 2B",
        """
        {"architectures": ["GemmaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 2, "eos_token_id": 1, "head_dim": 256, "hidden_act": "gelu",
        "hidden_activation": null, "hidden_size": 2048, "initializer_range": 0.02,
        "intermediate_size": 16384, "max_position_embeddings": 8192, "model_type": "gemma",
        "num_attention_heads": 8, "num_hidden_layers": 18, "num_key_value_heads": 1,
        "pad_token_id": 0, "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 10000.0,
        "torch_dtype": "bfloat16", "transformers_version": "4.38.0.dev0", "use_cache": true,
        "vocab_size": 256000}
        """
    ),
    (
        "Gemma 2 2B",
        """
        {"architectures": ["Gemma2ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "attn_logit_softcapping": 50.0, "bos_token_id": 2, "cache_implementation": "hybrid",
        "eos_token_id": 1, "final_logit_softcapping": 30.0, "head_dim": 256,
        "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": 2304, "initializer_range": 0.02, "intermediate_size": 9216,
        "max_position_embeddings": 8192, "model_type": "gemma2", "num_attention_heads": 8,
        "num_hidden_layers": 26, "num_key_value_heads": 4, "pad_token_id": 0,
        "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06, "rope_theta": 10000.0,
        "sliding_window": 4096, "torch_dtype": "float32", "transformers_version": "4.42.4",
        "use_cache": true, "vocab_size": 256000}
        """
    ),
    (
        "Gemma 3 270M",
        """
        {"_sliding_window_pattern": 6, "architectures": ["Gemma3ForCausalLM"],
        "attention_bias": false, "attention_dropout": 0.0, "attn_logit_softcapping": null,
        "bos_token_id": 2, "eos_token_id": 1, "final_logit_softcapping": null, "head_dim": 256,
        "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 640, "initializer_range": 0.02,
        "intermediate_size": 2048, "layer_types": ["sliding_attention", "sliding_attention",
        "sliding_attention", "sliding_attention", "sliding_attention", "full_attention"],
        "max_position_embeddings": 32768, "model_type": "gemma3_text", "num_attention_heads": 4,
        "num_hidden_layers": 6, "num_key_value_heads": 1, "pad_token_id": 0,
        "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06, "rope_local_base_freq": 10000.0,
        "rope_scaling": null, "rope_theta": 1000000.0, "sliding_window": 512,
        "torch_dtype": "bfloat16", "transformers_version": "4.55.0.dev0",
        "use_bidirectional_attention": false, "use_cache": true, "vocab_size": 262144}
        """
    ),
    (
        "Mistral 7B",
        """
        {"architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2,
        "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02,
        "intermediate_size": 14336, "max_position_embeddings": 32768, "model_type": "mistral",
        "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
        "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": 4096,
        "tie_word_embeddings": false, "torch_dtype": "bfloat16",
        "transformers_version": "4.34.0.dev0", "use_cache": true, "vocab_size": 32000}
        """
    ),
    (
        "OLMo 2 1B",
        """
        {"architectures": ["Olmo2ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "eos_token_id": 100257, "hidden_act": "silu", "hidden_size": 2048,
        "initializer_range": 0.02, "intermediate_size": 8192, "max_position_embeddings": 4096,
        "model_type": "olmo2", "num_attention_heads": 16, "num_hidden_layers": 16,
        "num_key_value_heads": 16, "pad_token_id": 100277, "rms_norm_eps": 1e-06,
        "rope_scaling": null, "rope_theta": 500000, "tie_word_embeddings": false,
        "torch_dtype": "float32", "transformers_version": "4.47.0", "use_cache": true,
        "vocab_size": 100352}
        """
    ),
    (
        "Phi 4 mini",
        """
        {"architectures": ["Phi3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "auto_map": {"AutoConfig": "configuration_phi3.Phi3Config"}, "bos_token_id": 199999,
        "embd_pdrop": 0.0, "eos_token_id": 199999, "full_attn_mod": 1, "hidden_act": "silu",
        "hidden_size": 64, "initializer_range": 0.02, "intermediate_size": 8192,
        "interpolate_factor": 1, "lm_head_bias": false, "max_position_embeddings": 131072,
        "mlp_bias": false, "model_type": "phi3", "num_attention_heads": 8,
        "num_hidden_layers": 32, "num_key_value_heads": 8,
        "original_max_position_embeddings": 4096, "pad_token_id": 199999,
        "partial_rotary_factor": 0.75, "resid_pdrop": 0.0, "rms_norm_eps": 1e-05,
        "rope_scaling": {"long_factor": [1, 1.2, 1.5], "short_factor": [1.0, 1.0, 1.0],
        "type": "longrope"}, "rope_theta": 10000.0, "sliding_window": 262144,
        "tie_word_embeddings": true, "torch_dtype": "bfloat16", "transformers_version": "4.45.0",
        "use_cache": true, "vocab_size": 200064}
        """
    ),
    (
        "SmolLM3 3B",
        """
        {"architectures": ["SmolLM3ForCausalLM"], "attention_bias": false,
        "attention_dropout": 0.0, "bos_token_id": 128000, "eos_token_id": 128012,
        "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02,
        "intermediate_size": 11008, "layer_types": ["full_attention", "full_attention",
        "full_attention", "full_attention"], "max_position_embeddings": 65536,
        "max_window_layers": 28, "mlp_bias": false, "model_type": "smollm3",
        "no_rope_layer_interval": 4, "no_rope_layers": [1, 1, 1, 0], "num_attention_heads": 16,
        "num_hidden_layers": 4, "num_key_value_heads": 4, "pad_token_id": 128004,
        "pretraining_tp": 2, "rms_norm_eps": 1e-06, "rope_scaling": null,
        "rope_theta": 5000000.0, "sliding_window": null, "torch_dtype": "bfloat16",
        "transformers_version": "4.54.0.dev0", "use_cache": false, "use_sliding_window": false,
        "vocab_size": 128256}
        """
    ),
    (
        "Pythia 160M",
        """
        {"architectures": ["GPTNeoXForCausalLM"], "bos_token_id": 0, "eos_token_id": 0,
        "hidden_act": "gelu", "hidden_size": 768, "initializer_range": 0.02,
        "intermediate_size": 3072, "layer_norm_eps": 1e-05, "max_position_embeddings": 2048,
        "model_type": "gpt_neox", "num_attention_heads": 12, "num_hidden_layers": 12,
        "rotary_emb_base": 10000, "rotary_pct": 0.25, "tie_word_embeddings": false,
        "torch_dtype": "float16", "transformers_version": "4.24.0", "use_cache": true,
        "use_parallel_residual": true, "vocab_size": 50304}
        """
    ),
    (
        "GPT-2",
        """
        {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.1, "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
        "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2",
        "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
        "resid_pdrop": 0.1, "summary_activation": null, "summary_first_dropout": 0.1,
        "summary_proj_to_labels": true, "summary_type": "cls_index", "summary_use_proj": true,
        "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
        "vocab_size": 50257}
        """
    ),
]
