import Basics

/// What a model's files say that nothing here has read: known to be without effect, or worth a warning.
enum UnreadParts {
    /// A warning about keys of `config.json` that weren't asked for, nil where all that are left are
    /// known to leave the logits as they are.
    /// - Parameter unused: those that have no effect in this family.
    static func warning(
        about configuration: HuggingFaceConfiguration, unused: [String], family: ModelFamily
    ) -> String? {
        let unknown = configuration.unaskedKeys.filter { key in
            !withoutEffect.contains(key) && !generation.contains(key) && !unused.contains(key)
                && !key.hasPrefix("_")
        }
        return warning(about: unknown, in: configuration.path, family)
    }

    /// A warning about keys of a GGUF file, like that about `config.json`.
    static func warning(about file: GGUFFile, family: ModelFamily) throws(Failure) -> String? {
        let architecture = try file.metadata.string("general.architecture") + "."
        let unknown = file.metadata.unaskedKeys(beginningWith: architecture).filter {
            !ggufWithoutEffect.contains(String($0.dropFirst(architecture.count)))
        }
        return warning(about: unknown, in: file.catalog.path, family)
    }

    private static func warning(
        about keys: [String], in path: String, _ family: ModelFamily
    ) -> String? {
        guard !keys.isEmpty else { return nil }
        let list = keys.prefix(5).joined(separator: ", ")
        let more = keys.count > 5 ? " and \(keys.count - 5) more" : ""
        return "\(path): nothing is known of \(list)\(more) in a \(family.rawValue) model, and "
            + "\(keys.count == 1 ? "it has" : "they have") no effect here: if the logits depend on "
            + "\(keys.count == 1 ? "it" : "them"), they are wrong"
    }

    /// Keys of `config.json` that leave the logits as they are: training, other heads, precision,
    /// special tokens, and what says how `transformers` computes.
    private static let withoutEffect: Set<String> = [
        "architectures", "attention_dropout", "attn_implementation", "attn_pdrop", "auto_map",
        "bad_words_ids", "begin_suppress_tokens", "bos_token_id", "cache_implementation",
        "chunk_size_feed_forward", "classifier_activation", "classifier_dropout",
        "cross_attention_hidden_size", "decoder_start_token_id", "dtype", "embd_pdrop",
        "eos_token_id", "finetuning_task", "gradient_checkpointing", "hidden_dropout",
        "hidden_dropout_prob", "attention_probs_dropout_prob", "id2label", "initializer_range",
        "is_decoder", "is_encoder_decoder", "label2id", "num_labels", "output_attentions",
        "output_hidden_states", "output_past", "pad_token_id", "prefix", "pretraining_tp",
        "problem_type", "pruned_heads", "reorder_and_upcast_attn", "resid_pdrop", "return_dict",
        "sep_token_id", "summary_activation", "summary_first_dropout",
        "summary_proj_to_labels", "summary_type", "summary_use_proj", "suppress_tokens",
        "task_specific_params", "tf_legacy_loss", "tie_encoder_decoder", "tokenizer_class",
        "torch_dtype", "torchscript", "transformers.js_config", "transformers_version",
        "unsloth_fixed", "unsloth_version", "use_bfloat16", "use_cache", "add_cross_attention",
        "n_ctx", "model_type", "is_llama_config", "rope_interleaved",
    ]

    /// Settings of text generation that older versions kept in `config.json`.
    private static let generation: Set<String> = [
        "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
        "exponential_decay_length_penalty", "forced_bos_token_id", "forced_eos_token_id",
        "length_penalty", "max_length", "min_length", "no_repeat_ngram_size", "num_beam_groups",
        "num_beams", "num_return_sequences", "output_scores", "remove_invalid_values",
        "repetition_penalty", "return_dict_in_generate", "temperature", "top_k", "top_p",
        "typical_p",
    ]

    /// Keys after `<architecture>.` in GGUF files that leave the logits as they are.
    private static let ggufWithoutEffect: Set<String> = [
        "vocab_size", "rope.scaling.finetuned", "tensor_data_layout", "pooling_type",
        "expert_used_count",
    ]

    /// Tensors of heads for other uses than the next token, whose names begin so.
    private static let otherHeads = [
        "score.", "v_head.", "classifier.", "multiple_choice_head.", "qa_outputs.", "cls.",
    ]

    /// Refuses a model with tensors that its family doesn't have: without them its logits would be
    /// wrong.
    /// - Returns: a warning where there are tensors of other heads, which don't matter.
    static func check(
        _ tensors: [String], ending unused: [String], path: String, family: ModelFamily
    ) throws(Failure) -> String? {
        let left = tensors.filter { name in !unused.contains { name.hasSuffix($0) } }.sorted()
        let strange = left.filter { name in !otherHeads.contains { name.hasPrefix($0) } }
        if let first = strange.first {
            throw Failure(
                .badData,
                "\(path): \(family.rawValue) models have no tensor \(first)"
                    + (strange.count > 1 ? " (nor \(strange.count - 1) others that are there)" : "")
                    + ": it is a variant that isn't supported")
        }
        guard let first = left.first else { return nil }
        return "\(path): the tensor \(first) belongs to a head for another use, and isn't read"
    }
}
