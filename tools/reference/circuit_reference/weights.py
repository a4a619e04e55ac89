"""A model's weights in one shape for all families, float64 by default.

`y = x W + b` throughout; per-head tensors have the head first. Biases are zero where a family has
none, and a gain is one.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor


@dataclass
class Norm:
    """Layer norm, RMS norm or nothing, over the last dimension."""

    kind: str  # "layer", "rms" or "none"
    gain: Tensor | None = None
    bias: Tensor | None = None
    epsilon: float = 0.0

    def __call__(self, x: Tensor) -> Tensor:
        if self.kind == "none":
            return x
        if self.kind == "layer":
            x = x - x.mean(-1, keepdim=True)
        x = x * self.scale(x) * self.gain
        return x if self.bias is None else x + self.bias

    def scale(self, x: Tensor) -> Tensor:
        return (x.pow(2).mean(-1, keepdim=True) + self.epsilon).rsqrt()


@dataclass
class Rotation:
    """The rotary embedding of a layer's queries and keys."""

    inverse_frequencies: Tensor  # scaling applied
    magnitude: float = 1.0  # what rotated dimensions are multiplied with (YaRN, LongRoPE)


@dataclass
class Layer:
    norm1: Norm  # before attention
    norm2: Norm  # before the MLP
    w_q: Tensor  # [n_heads, d_model, d_head]
    w_k: Tensor  # [n_kv_heads, d_model, d_head]
    w_v: Tensor
    b_q: Tensor  # [n_heads, d_head]
    b_k: Tensor
    b_v: Tensor
    w_o: Tensor  # [n_heads, d_head, d_model]
    b_o: Tensor  # [d_model]
    w_in: Tensor  # [d_model, d_mlp]
    b_in: Tensor
    w_out: Tensor  # [d_mlp, d_model]
    b_out: Tensor
    w_gate: Tensor | None = None
    post_norm1: Norm | None = None  # of the attention's output (Gemma 2 and 3, OLMo 2)
    post_norm2: Norm | None = None  # of the MLP's output
    window: int | None = None  # sliding attention window in tokens
    rotation: Rotation | None = None
    norm_q: Norm | None = None  # of queries before rotation: of each head, or, where its gain is
    norm_k: Norm | None = None  # longer than a head, of all heads together (OLMo 2)


@dataclass
class Weights:
    family: str
    n_heads: int
    n_kv_heads: int
    token_embedding: Tensor  # [d_vocab, d_model]
    position_embedding: Tensor | None  # [n_context, d_model]
    layers: list[Layer]
    final_norm: Norm
    unembedding: Tensor  # [d_model, d_vocab]
    unembedding_bias: Tensor | None = None
    activation: str = "gelu_new"
    attention_scale: float = 1.0
    attention_softcap: float | None = None
    logit_softcap: float | None = None
    embedding_scale: float = 1.0
    causal: bool = True
    parallel: bool = False  # MLP beside attention rather than after it

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    @property
    def d_model(self) -> int:
        return self.token_embedding.shape[1]


def heads_in(weight: Tensor, heads: int) -> Tensor:
    """`[d_model, heads * d_head]` to `[heads, d_model, d_head]`."""
    return weight.unflatten(1, (heads, -1)).permute(1, 0, 2).contiguous()


def affine(linear) -> tuple[Tensor, Tensor]:
    """The weight `[in, out]` and bias of a torch Linear or a GPT-2 Conv1D."""
    weight = linear.weight if type(linear).__name__ == "Conv1D" else linear.weight.T
    bias = linear.bias
    return weight, (weight.new_zeros(weight.shape[1]) if bias is None else bias)


def gpt2(model, config) -> Weights:
    heads, size = config.n_head, config.n_embd
    layers = []
    for block in model.transformer.h:
        weight, bias = affine(block.attn.c_attn)
        w_q, w_k, w_v = (heads_in(part, heads) for part in weight.split(size, 1))
        b_q, b_k, b_v = (part.view(heads, -1) for part in bias.split(size))
        w_o, b_o = affine(block.attn.c_proj)
        layers.append(Layer(
            layer_norm(block.ln_1), layer_norm(block.ln_2), w_q, w_k, w_v, b_q, b_k, b_v,
            w_o.unflatten(0, (heads, -1)), b_o, *affine(block.mlp.c_fc), *affine(block.mlp.c_proj)))
    return Weights(
        "gpt2", heads, heads, model.transformer.wte.weight, model.transformer.wpe.weight, layers,
        layer_norm(model.transformer.ln_f), model.lm_head.weight.T,
        activation=config.activation_function)


def gpt_neox(model, config) -> Weights:
    heads = config.num_attention_heads
    layers = []
    for block in model.gpt_neox.layers:
        weight, bias = affine(block.attention.query_key_value)  # per head: q, k, v
        w_q, w_k, w_v = heads_in(weight, heads).chunk(3, -1)
        b_q, b_k, b_v = bias.view(heads, -1).chunk(3, -1)
        w_o, b_o = affine(block.attention.dense)
        layers.append(Layer(
            layer_norm(block.input_layernorm), layer_norm(block.post_attention_layernorm),
            w_q, w_k, w_v, b_q, b_k, b_v, w_o.unflatten(0, (heads, -1)), b_o,
            *affine(block.mlp.dense_h_to_4h), *affine(block.mlp.dense_4h_to_h),
            rotation=rotation(model.gpt_neox.rotary_emb)))
    return Weights(
        "gpt_neox", heads, heads, model.gpt_neox.embed_in.weight, None, layers,
        layer_norm(model.gpt_neox.final_layer_norm), model.get_output_embeddings().weight.T,
        activation=config.hidden_act,
        parallel=config.use_parallel_residual)


def llama_like(model, config) -> Weights:
    """Llama and the families laid out like it: RMS norms, gated MLPs."""
    gemma = config.model_type.startswith("gemma")
    heads, kv_heads = config.num_attention_heads, config.num_key_value_heads
    layers = []
    for index, block in enumerate(model.model.layers):
        def norm(name: str) -> Norm | None:
            return rms_norm(getattr(block, name), gemma) if hasattr(block, name) else None

        attention, mlp = block.self_attn, block.mlp
        w_o, b_o = affine(attention.o_proj)
        if hasattr(attention, "qkv_proj"):  # Phi 3
            width = w_o.shape[0]
            parts = [width, width // heads * kv_heads, width // heads * kv_heads]
            (w_q, w_k, w_v), (b_q, b_k, b_v) = (
                t.split(parts, -1) for t in affine(attention.qkv_proj))
            w_gate, w_in = affine(mlp.gate_up_proj)[0].chunk(2, -1)
            b_in = w_in.new_zeros(w_in.shape[1])
        else:
            (w_q, b_q), (w_k, b_k), (w_v, b_v) = (
                affine(linear) for linear in (
                    attention.q_proj, attention.k_proj, attention.v_proj))
            w_gate, (w_in, b_in) = affine(mlp.gate_proj)[0], affine(mlp.up_proj)
        # Of norms after a sublayer, the first has the name that Llama's norm before the MLP has.
        has_after = hasattr(block, "post_feedforward_layernorm")
        kinds = getattr(config, "layer_types", None)
        window = getattr(config, "sliding_window", None)
        sliding = config.model_type in ("mistral", "phi3") if kinds is None else (
            kinds[index] == "sliding_attention")
        norm_q, norm_k = (
            rms_norm(getattr(attention, name), gemma) if hasattr(attention, name) else None
            for name in ("q_norm", "k_norm"))
        layers.append(Layer(
            norm("input_layernorm") or Norm("none"),
            norm("pre_feedforward_layernorm") or (
                Norm("none") if has_after else norm("post_attention_layernorm")),
            heads_in(w_q, heads), heads_in(w_k, kv_heads), heads_in(w_v, kv_heads),
            b_q.view(heads, -1), b_k.view(kv_heads, -1), b_v.view(kv_heads, -1),
            w_o.unflatten(0, (heads, -1)), b_o, w_in, b_in, *affine(mlp.down_proj),
            w_gate=w_gate,
            post_norm1=norm("post_attention_layernorm") if has_after else None,
            post_norm2=norm("post_feedforward_layernorm"),
            window=window if sliding else None,
            rotation=rotation(model.model.rotary_emb, kinds and kinds[index])
            if getattr(attention, "use_rope", True) else None,
            norm_q=norm_q, norm_k=norm_k))
    return Weights(
        config.model_type, heads, kv_heads, model.model.embed_tokens.weight, None, layers,
        rms_norm(model.model.norm, gemma), model.lm_head.weight.T,
        activation=getattr(config, "hidden_activation", None) or config.hidden_act,
        attention_softcap=getattr(config, "attn_logit_softcapping", None),
        logit_softcap=getattr(config, "final_logit_softcapping", None),
        embedding_scale=math.sqrt(config.hidden_size) if gemma else 1.0)


def rotation(module, layer_type: str | None = None) -> Rotation:
    """The rotary embedding of a layer; only Gemma 3 has one for each type of layer."""
    if layer_type is not None and hasattr(module, f"{layer_type}_inv_freq"):
        return Rotation(
            getattr(module, f"{layer_type}_inv_freq"),
            getattr(module, f"{layer_type}_attention_scaling"))
    return Rotation(module.inv_freq, module.attention_scaling)


def layer_norm(module) -> Norm:
    return Norm("layer", module.weight, module.bias, module.eps)


def rms_norm(module, one_plus: bool) -> Norm:
    epsilon = module.eps if one_plus else module.variance_epsilon
    return Norm("rms", module.weight + 1 if one_plus else module.weight, None, epsilon)


def tracr(folder: Path, dtype: torch.dtype) -> Weights:
    """A compiled program as `make_tracr.py` exports it."""
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text())
    tensors = {name: t.to(dtype) for name, t in load_file(folder / "model.safetensors").items()}
    heads, none = config["num_attention_heads"], Norm("none")
    layers = []
    for index in range(config["num_hidden_layers"]):
        def get(name: str) -> tuple[Tensor, Tensor]:
            prefix = f"layers.{index}.{name}"
            return tensors[prefix + ".weight"].T, tensors[prefix + ".bias"]

        (w_q, b_q), (w_k, b_k), (w_v, b_v), (w_o, b_o) = (
            get(f"attention.{name}") for name in ("query", "key", "value", "output"))
        layers.append(Layer(
            none, none, heads_in(w_q, heads), heads_in(w_k, heads), heads_in(w_v, heads),
            b_q.view(heads, -1), b_k.view(heads, -1), b_v.view(heads, -1),
            w_o.unflatten(0, (heads, -1)), b_o, *get("mlp.input"), *get("mlp.output")))
    return Weights(
        "tracr", heads, heads, tensors["token_embedding.weight"],
        tensors["position_embedding.weight"], layers, none, tensors["unembedding.weight"].T,
        activation="relu", attention_scale=1 / math.sqrt(config["head_dim"]), causal=False)


def load(path: str, dtype: torch.dtype = torch.float64):
    """The weights of the model at `path` (a folder or a GGUF file), and its `transformers` twin
    (`None` for tracr)."""
    from transformers import AutoModelForCausalLM

    folder = Path(path)
    config_file = folder / "config.json"
    if config_file.exists() and json.loads(config_file.read_text())["model_type"] == "tracr":
        return tracr(folder, dtype), None
    if folder.suffix == ".gguf":
        model = AutoModelForCausalLM.from_pretrained(
            str(folder.parent), gguf_file=folder.name, dtype=torch.float32,
            attn_implementation="eager")
    else:
        model = AutoModelForCausalLM.from_pretrained(
            path, dtype=torch.float32, attn_implementation="eager")
    model = model.eval().requires_grad_(False).to(dtype)
    config = model.config
    builders = {"gpt2": gpt2, "gpt_neox": gpt_neox}
    weights = builders.get(config.model_type, llama_like)(model, config)
    d_head = weights.layers[0].w_q.shape[-1]
    weights.attention_scale = 1 / math.sqrt(getattr(config, "query_pre_attn_scalar", d_head))
    return weights, model
