#!/usr/bin/env python3
"""Makes fixtures/models/tiny-*: one small random model a family, with what transformers computes.

    python tools/reference/make_tiny_models.py [NAME ...]

Needs torch, transformers, safetensors and gguf. Every weight is random, biases and norm gains
too, and larger than any usual initialisation, so that a wrong sign, a missing bias or a swapped
row shows in the logits. See fixtures/models/README.md for the layout of the files.
"""

import json
import math
import pathlib
import sys
import shutil

import gguf
import torch
import transformers
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "models"
VOCABULARY, CONTEXT, WIDTH, HEADS, LAYERS = 60, 32, 32, 4, 3
SHARED = dict(bos_token_id=None, eos_token_id=None, pad_token_id=None)


def configurations():
    common = dict(
        vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, max_position_embeddings=CONTEXT, **SHARED)
    gated = dict(common, intermediate_size=48, rms_norm_eps=1e-5)
    return {
        "tiny-gpt2": transformers.GPT2Config(
            vocab_size=VOCABULARY, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
            n_positions=CONTEXT, n_inner=64, **SHARED),
        "tiny-llama": transformers.LlamaConfig(
            **gated, num_key_value_heads=HEADS, tie_word_embeddings=False),
        # Heads wider than WIDTH / HEADS, tied embeddings and scaled rotary frequencies.
        "tiny-llama-gqa": transformers.LlamaConfig(
            **dict(gated, intermediate_size=64), num_key_value_heads=2, head_dim=12,
            tie_word_embeddings=True,
            rope_parameters=dict(
                rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0,
                high_freq_factor=4.0, original_max_position_embeddings=28)),
        "tiny-qwen2": transformers.Qwen2Config(
            **gated, num_key_value_heads=2, tie_word_embeddings=True),
        "tiny-gpt-neox": transformers.GPTNeoXConfig(
            **common, intermediate_size=64, rope_parameters=dict(
                rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5),
            use_parallel_residual=True),
        # Caps and a window small enough to change the logits of short prompts.
        "tiny-gemma2": transformers.Gemma2Config(
            **gated, num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=6,
            attn_logit_softcapping=3.0, final_logit_softcapping=8.0, sliding_window=4),
        # One key and value head for all.
        "tiny-gemma": transformers.GemmaConfig(**gated, num_key_value_heads=1, head_dim=8),
        # Two layers with a window and a rotary base of their own, then one without.
        "tiny-gemma3": transformers.Gemma3TextConfig(
            **gated, num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=6, sliding_window=4,
            sliding_window_pattern=3, rope_parameters=dict(
                full_attention=dict(rope_type="linear", rope_theta=5000.0, factor=8.0),
                sliding_attention=dict(rope_type="default", rope_theta=100.0))),
        "tiny-qwen3": transformers.Qwen3Config(
            **gated, num_key_value_heads=2, head_dim=12, tie_word_embeddings=False,
            rope_parameters=dict(
                rope_type="yarn", rope_theta=1000.0, factor=4.0,
                original_max_position_embeddings=8)),
        "tiny-mistral": transformers.MistralConfig(
            **gated, num_key_value_heads=2, sliding_window=3),
        "tiny-olmo2": transformers.Olmo2Config(**gated, num_key_value_heads=2),
        # Factors of LongRoPE for three quarters of each head.
        "tiny-phi3": transformers.Phi3Config(
            **gated, num_key_value_heads=2, sliding_window=5, original_max_position_embeddings=16,
            rope_parameters=dict(
                rope_type="longrope", rope_theta=100.0, partial_rotary_factor=0.75,
                short_factor=[1.0, 1.3, 1.9], long_factor=[1.5, 3.0, 7.0])),
        # Four layers, of which the last doesn't rotate.
        "tiny-smollm3": transformers.SmolLM3Config(
            **dict(gated, num_hidden_layers=4), num_key_value_heads=2, rope_parameters=dict(
                rope_type="dynamic", rope_theta=500.0, factor=2.0)),
    }


# The models that are written as GGUF too, with the architecture's name there. (GGUF files of Mistral
# say that they are Llama's, and nothing of the window.)
ARCHITECTURES = {
    "tiny-llama-gqa": "llama", "tiny-qwen2": "qwen2", "tiny-gemma2": "gemma2", "tiny-gpt2": "gpt2",
    "tiny-gpt-neox": "gptneox", "tiny-gemma": "gemma", "tiny-gemma3": "gemma3",
    "tiny-qwen3": "qwen3", "tiny-olmo2": "olmo2", "tiny-phi3": "phi3", "tiny-smollm3": "smollm3"}


def randomize(model, seed):
    generator = torch.Generator().manual_seed(seed)
    gemma = model.config.model_type.startswith("gemma")
    # Embeddings that the model multiplies mustn't drown what its layers add: the token before would be
    # all that it predicts.
    embedding = 0.2 if model.config.model_type in ("gemma", "gemma3_text") else 0.7
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() == 1:
            is_gain = name.endswith("weight") and not gemma
            values = (1 if is_gain else 0) + 0.3 * noise
        elif "embed" in name or "wte" in name or "wpe" in name:
            values = noise * embedding
        else:
            values = noise * 0.3
        parameter.data.copy_(values)


def as_version_4(folder):
    """Rewrites config.json as transformers 4 wrote it, which is what most folders still hold."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = rope
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def write_gguf(folder, architecture):
    """The same model as llama.cpp's converter writes it, in float32 and without a tokenizer."""
    config = transformers.AutoConfig.from_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    writer = gguf.GGUFWriter(folder.with_suffix(".gguf"), architecture)
    writer.add_name(folder.name)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(
        config.n_inner if architecture == "gpt2" else config.intermediate_size)
    writer.add_head_count(HEADS)
    if architecture == "gpt2":
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    elif architecture == "gptneox":
        writer.add_layer_norm_eps(config.layer_norm_eps)
        writer.add_parallel_residual(config.use_parallel_residual)
        writer.add_rope_dimension_count(WIDTH // HEADS // 2)
    else:
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        write_rotary(writer, config, architecture)
    writer.add_vocab_size(VOCABULARY)
    if getattr(config, "head_dim", None):
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if architecture == "llama":
        writer.add_rope_dimension_count(config.head_dim)
        writer.add_tensor("rope_freqs.weight", llama3_factors(config).numpy())
    if getattr(config, "sliding_window", None):
        writer.add_sliding_window(config.sliding_window)
    if architecture == "gemma3":
        # What llama.cpp reads and its converter leaves at the usual value.
        writer.add_uint32("gemma3.attention.sliding_window_pattern", 3)
        writer.add_attention_scale(config.query_pre_attn_scalar ** -0.5)
    if architecture == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
        writer.add_attention_scale(config.query_pre_attn_scalar ** -0.5)
    names = gguf.get_tensor_name_map(
        gguf.MODEL_ARCH[architecture.upper()], config.num_hidden_layers)
    for name, values in weights.items():
        if architecture in ("llama", "smollm3") and name.endswith(("q_proj.weight", "k_proj.weight")):
            heads = HEADS if "q_proj" in name else config.num_key_value_heads
            values = values.reshape(heads, 2, -1, WIDTH).transpose(1, 2).reshape(values.shape)
        if architecture.startswith("gemma") and name.endswith("norm.weight"):
            values = values + 1
        if architecture == "gpt2" and values.dim() == 2 and ".h." in name:
            values = values.T
        if "query_key_value" in name:
            # q, k and v of each head in turn become all of q, all of k, all of v.
            parts = values.reshape(HEADS, 3, WIDTH // HEADS, -1).transpose(0, 1)
            values = parts.reshape(values.shape)
        name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        writer.add_tensor(name, values.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_rotary(writer, config, architecture):
    """The base of the frequencies, and how they are scaled."""
    rope = config.rope_parameters
    if architecture == "gemma3":
        writer.add_float32("gemma3.rope.freq_base_swa", rope["sliding_attention"]["rope_theta"])
        rope = rope["full_attention"]
    writer.add_rope_freq_base(rope["rope_theta"])
    kind = rope["rope_type"]
    if kind in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(kind))
        writer.add_rope_scaling_factor(rope["factor"])
    if kind in ("yarn", "longrope"):
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if kind == "longrope":
        old = rope["original_max_position_embeddings"]
        writer.add_rope_dimension_count(2 * len(rope["short_factor"]))
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(CONTEXT / old) / math.log(old)))
        for length in ("short", "long"):
            writer.add_tensor(
                f"rope_factors_{length}.weight",
                torch.tensor(rope[f"{length}_factor"], dtype=torch.float32).numpy())


def llama3_factors(config):
    """What each rotary frequency is divided by, as llama.cpp's converter computes it."""
    rope = config.rope_parameters
    base, width = rope["rope_theta"], config.head_dim
    old, low, high = (
        rope["original_max_position_embeddings"], rope["low_freq_factor"],
        rope["high_freq_factor"])
    factors = []
    for index in range(0, width, 2):
        wavelength = 2 * torch.pi * base ** (index / width)
        if wavelength < old / high:
            factors.append(1.0)
        elif wavelength > old / low:
            factors.append(rope["factor"])
        else:
            smooth = (old / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return torch.tensor(factors, dtype=torch.float32)


def parts(model):
    """Per layer: (layer, output projection, module whose output joins the stream) x (attn, mlp)."""
    kind = model.config.model_type
    if kind == "gpt2":
        return [(b, b.attn.c_proj, b.attn, b.mlp) for b in model.transformer.h]
    if kind == "gpt_neox":
        return [(b, b.attention.dense, b.attention, b.mlp) for b in model.gpt_neox.layers]
    if kind in ("gemma2", "gemma3_text", "olmo2"):
        return [(b, b.self_attn.o_proj, b.post_attention_layernorm, b.post_feedforward_layernorm)
                for b in model.model.layers]
    return [(b, b.self_attn.o_proj, b.self_attn, b.mlp) for b in model.model.layers]


def first(value):
    return value[0] if isinstance(value, tuple) else value


def record(model):
    """Hooks that fill the returned dictionary with the activations of one prompt."""
    found = {}

    def keep(name, value):
        found[name] = first(value).detach()[0].contiguous().clone()

    def keep_heads(name, value):
        value = first(value).detach()[0]
        found[name] = value.reshape(value.shape[0], HEADS, -1).contiguous().clone()

    for index, (block, projection, attention, mlp) in enumerate(parts(model)):
        at = f"blocks.{index}"
        block.register_forward_pre_hook(
            lambda _, args, kw, at=at: keep(
                f"{at}.hook_resid_pre", args[0] if args else kw["hidden_states"]),
            with_kwargs=True)
        block.register_forward_hook(
            lambda _, __, output, at=at: keep(f"{at}.hook_resid_post", output))
        projection.register_forward_pre_hook(
            lambda _, args, at=at: keep_heads(f"{at}.attn.hook_z", args))
        attention.register_forward_hook(
            lambda _, __, output, at=at: keep(f"{at}.hook_attn_out", output))
        mlp.register_forward_hook(
            lambda _, __, output, at=at: keep(f"{at}.hook_mlp_out", output))
    return found


def main():
    for seed, (name, configuration) in enumerate(configurations().items()):
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        folder = ROOT / name
        shutil.rmtree(folder, ignore_errors=True)
        model = transformers.AutoModelForCausalLM.from_config(configuration).float().eval()
        randomize(model, seed)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        if name == "tiny-llama-gqa":
            as_version_4(folder)

        # What is recorded is what transformers computes from the files, not from what made them.
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder, attn_implementation="eager", dtype=torch.float32).eval()
        found = record(model)
        generator = torch.Generator().manual_seed(1000 + seed)
        prompts = [
            torch.randint(VOCABULARY, (length,), generator=generator).tolist()
            for length in (1, 5, 9, 12)]
        arrays = {}
        for index, prompt in enumerate(prompts):
            found.clear()
            with torch.no_grad():
                logits = model(torch.tensor([prompt])).logits[0]
            arrays[f"{index}.logits"] = logits.contiguous()
            arrays.update({f"{index}.{key}": value for key, value in found.items()})
        save_file(arrays, folder / "reference.safetensors")
        reference = dict(
            made_by="tools/reference/make_tiny_models.py",
            transformers=transformers.__version__, torch=torch.__version__.split("+")[0],
            prompts=prompts)
        (folder / "reference.json").write_text(json.dumps(reference) + "\n")
        architecture = ARCHITECTURES.get(name)
        if architecture:
            write_gguf(folder, architecture)
        weights = load_file(folder / "model.safetensors")
        print(name, sum(w.numel() for w in weights.values()), "weights, logits std",
              round(float(logits.std()), 2))


if __name__ == "__main__":
    main()
