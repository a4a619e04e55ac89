"""A transformer read from a Hugging Face folder, run in float64, and its linearised pass."""

import json
import math
import pathlib

import numpy as np
from safetensors.numpy import load_file


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class Norm:
    """LayerNorm or RMSNorm; `gain` includes Gemma's 1 + w."""

    def __init__(self, epsilon, gain, bias=None):
        self.epsilon, self.gain, self.bias = epsilon, gain, bias
        self.centres = bias is not None

    def inverse_scale(self, x):
        x = self.centre(x)
        return 1 / np.sqrt((x**2).mean(-1, keepdims=True) + self.epsilon)

    def centre(self, x):
        return x - x.mean(-1, keepdims=True) if self.centres else x

    def normalized(self, x):
        """Before gain and bias."""
        return self.centre(x) * self.inverse_scale(x)

    def __call__(self, x):
        y = self.normalized(x) * self.gain
        return y + self.bias if self.centres else y

    def back(self, dy, scale):
        """The gradient of the input, the scale held constant."""
        return self.centre(dy * self.gain * scale)


class NoNorm:
    """Where a family has no norm: the stream as it is."""

    gain = 1.0

    def inverse_scale(self, x):
        return 1.0

    def centre(self, x):
        return x

    normalized = __call__ = centre

    def back(self, dy, scale):
        return dy


class Layer:
    pass


class Model:
    """`layers[i]` has norms, projections `[outputs, inputs]` and biases."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        config = json.loads((folder / "config.json").read_text())
        tensors = {k: v.astype(np.float64) for k, v in load_file(folder / "model.safetensors").items()}
        self.family = config["model_type"]
        self.parallel = False
        self.logit_cap = config.get("final_logit_softcapping")
        self.attention_cap = config.get("attn_logit_softcapping")
        self.embed_scale = 1.0
        self.position_table = None
        read = {"gpt2": self.read_gpt2, "gpt_neox": self.read_neox}.get(self.family, self.read_llama)
        read(config, tensors)

    def read_llama(self, c, t):
        gemma = self.family.startswith("gemma")
        d, self.heads = c["hidden_size"], c["num_attention_heads"]
        self.kv = c.get("num_key_value_heads", self.heads)
        self.width = c.get("head_dim") or d // self.heads
        self.scale = (c["query_pre_attn_scalar"] if gemma else self.width) ** -0.5
        epsilon = c["rms_norm_eps"]
        rope = c.get("rope_parameters") or {"rope_theta": c.get("rope_theta", 10000.0)}
        kinds = c.get("layer_types")
        own = self.family == "olmo2"
        act = c.get("hidden_activation") or c.get("hidden_act")
        self.act = {"silu": silu, "gelu_pytorch_tanh": gelu_tanh}[act]

        def norm(name):
            return Norm(epsilon, t[name + ".weight"] + (1 if gemma else 0))

        self.layers = []
        for i in range(c["num_hidden_layers"]):
            p, layer = f"model.layers.{i}.", Layer()
            layer.ln1 = NoNorm() if own else norm(p + "input_layernorm")
            layer.post1 = norm(p + "post_attention_layernorm") if gemma or own else None
            before = ("pre_feedforward" if gemma else "post_attention") + "_layernorm"
            layer.ln2 = NoNorm() if own else norm(p + before)
            layer.post2 = norm(p + "post_feedforward_layernorm") if gemma or own else None
            layer.q_norm, layer.k_norm = (
                norm(f"{p}self_attn.{n}_norm") if f"{p}self_attn.{n}_norm.weight" in t else None
                for n in "qk")
            for short in "qkvo":
                setattr(layer, "W" + short, t[f"{p}self_attn.{short}_proj.weight"])
                setattr(layer, "b" + short, t.get(f"{p}self_attn.{short}_proj.bias", 0.0))
            layer.gate, layer.up, layer.down = (
                t[f"{p}mlp.{n}_proj.weight"] for n in ("gate", "up", "down"))
            sliding = kinds[i] == "sliding_attention" if kinds else False
            layer.window = c.get("sliding_window") if sliding else None
            layer.rotary = Rotary(rope.get(kinds[i], rope) if kinds else rope, self.width)
            self.layers.append(layer)
        self.ln_final = norm("model.norm")
        self.W_E = t["model.embed_tokens.weight"]
        self.W_U = t.get("lm_head.weight", self.W_E)
        if gemma:
            self.embed_scale = d**0.5

    def read_gpt2(self, c, t):
        t = {k.removeprefix("transformer."): v for k, v in t.items()}
        self.heads = self.kv = c["n_head"]
        d = c["n_embd"]
        self.width, self.act = d // self.heads, gelu_tanh
        self.scale = self.width**-0.5

        def norm(name):
            return Norm(c["layer_norm_epsilon"], t[name + ".weight"], t[name + ".bias"])

        self.layers = []
        for i in range(c["n_layer"]):
            p, layer = f"h.{i}.", Layer()
            layer.ln1, layer.ln2 = norm(p + "ln_1"), norm(p + "ln_2")
            layer.post1 = layer.post2 = layer.gate = layer.window = layer.rotary = None
            layer.q_norm = layer.k_norm = None
            for n, short in enumerate("qkv"):
                part = slice(n * d, (n + 1) * d)
                setattr(layer, "W" + short, t[p + "attn.c_attn.weight"][:, part].T)
                setattr(layer, "b" + short, t[p + "attn.c_attn.bias"][part])
            layer.Wo, layer.bo = t[p + "attn.c_proj.weight"].T, t[p + "attn.c_proj.bias"]
            layer.up, layer.bup = t[p + "mlp.c_fc.weight"].T, t[p + "mlp.c_fc.bias"]
            layer.down, layer.bdown = t[p + "mlp.c_proj.weight"].T, t[p + "mlp.c_proj.bias"]
            self.layers.append(layer)
        self.ln_final = norm("ln_f")
        self.W_E, self.position_table = t["wte.weight"], t["wpe.weight"]
        self.W_U = self.W_E

    def read_neox(self, c, t):
        t = {k.removeprefix("gpt_neox."): v for k, v in t.items()}
        d, self.heads = c["hidden_size"], c["num_attention_heads"]
        self.kv, self.width, self.act = self.heads, d // self.heads, gelu
        self.scale, self.parallel = self.width**-0.5, c["use_parallel_residual"]

        def norm(name):
            return Norm(c["layer_norm_eps"], t[name + ".weight"], t[name + ".bias"])

        self.layers = []
        for i in range(c["num_hidden_layers"]):
            p, layer = f"layers.{i}.", Layer()
            layer.ln1, layer.ln2 = norm(p + "input_layernorm"), norm(p + "post_attention_layernorm")
            layer.post1 = layer.post2 = layer.gate = layer.window = None
            layer.q_norm = layer.k_norm = None
            layer.rotary = Rotary(c["rope_parameters"], self.width)
            # q, k and v of head 0, then of head 1 and so on.
            name = p + "attention.query_key_value."
            weight = t[name + "weight"].reshape(self.heads, 3, self.width, d)
            bias = t[name + "bias"].reshape(self.heads, 3, self.width)
            for n, short in enumerate("qkv"):
                setattr(layer, "W" + short, weight[:, n].reshape(d, d))
                setattr(layer, "b" + short, bias[:, n].reshape(d))
            layer.Wo, layer.bo = t[p + "attention.dense.weight"], t[p + "attention.dense.bias"]
            layer.up, layer.bup = t[p + "mlp.dense_h_to_4h.weight"], t[p + "mlp.dense_h_to_4h.bias"]
            layer.down, layer.bdown = t[p + "mlp.dense_4h_to_h.weight"], t[p + "mlp.dense_4h_to_h.bias"]
            self.layers.append(layer)
        self.ln_final = norm("final_layer_norm")
        self.W_E, self.W_U = t["embed_in.weight"], t["embed_out.weight"]

    def embeddings(self, ids):
        return self.W_E[ids] * self.embed_scale

    def pattern(self, layer, x):
        """`[head, query, key]` from the normalised stream."""
        T, h, kv, w = len(x), self.heads, self.kv, self.width
        q, k = x @ layer.Wq.T + layer.bq, x @ layer.Wk.T + layer.bk
        if layer.q_norm and len(layer.q_norm.gain) != w:
            # OLMo 2: of all heads together.
            q, k = layer.q_norm(q), layer.k_norm(k)
        q, k = q.reshape(T, h, w), k.reshape(T, kv, w)
        if layer.q_norm and len(layer.q_norm.gain) == w:
            q, k = layer.q_norm(q), layer.k_norm(k)
        if layer.rotary:
            q, k = layer.rotary(q), layer.rotary(k)
        k = k.repeat(h // kv, 1)
        s = np.einsum("qhw,khw->hqk", q, k) * self.scale
        if self.attention_cap:
            s = self.attention_cap * np.tanh(s / self.attention_cap)
        distance = np.arange(T)[:, None] - np.arange(T)
        mask = distance >= 0
        if layer.window:
            mask &= distance < layer.window
        return softmax(np.where(mask, s, -np.inf))

    def attend(self, layer, x, pattern):
        """What attention outputs, before a norm that follows it."""
        v = (x @ layer.Wv.T + layer.bv).reshape(len(x), self.kv, self.width)
        z = np.einsum("hqk,khw->qhw", pattern, v.repeat(self.heads // self.kv, 1))
        return z.reshape(len(x), -1) @ layer.Wo.T + layer.bo

    def mlp(self, layer, x):
        if layer.gate is None:
            return self.act(x @ layer.up.T + layer.bup) @ layer.down.T + layer.bdown
        return (self.act(x @ layer.gate.T) * (x @ layer.up.T)) @ layer.down.T

    def cap(self, logits):
        return self.logit_cap * np.tanh(logits / self.logit_cap) if self.logit_cap else logits


class Rotary:
    """Rotates the first part of `[position, head, width]`; `rope` is that of config.json."""

    def __init__(self, rope, width):
        base, kind = rope["rope_theta"], rope.get("rope_type", "default")
        self.width = int(width * rope.get("partial_rotary_factor", 1))
        steps = np.arange(0, self.width, 2) / self.width
        self.frequencies, self.factor = base**-steps, 1.0
        if kind == "linear":
            self.frequencies = self.frequencies / rope["factor"]
        elif kind == "yarn":
            self.yarn(rope, base)
        else:
            assert kind == "default", kind

    def yarn(self, rope, base):
        """Peng et al. 2023: slow frequencies are divided by the factor, fast ones aren't."""
        w, old, factor = self.width, rope["original_max_position_embeddings"], rope["factor"]

        def place(turns):
            return w * math.log(old / (turns * 2 * math.pi)) / (2 * math.log(base))

        low = max(math.floor(place(rope.get("beta_fast") or 32)), 0)
        high = min(math.ceil(place(rope.get("beta_slow") or 1)), w - 1)
        if low == high:
            high += 0.001
        slow = np.clip((np.arange(w // 2) - low) / (high - low), 0, 1)
        self.frequencies = self.frequencies * (slow / factor + 1 - slow)
        self.factor = 0.1 * math.log(factor) + 1

    def __call__(self, v):
        angle = np.arange(len(v))[:, None] * self.frequencies
        cos, sin = (self.factor * np.concatenate([f(angle)] * 2, -1)[:, None] for f in (np.cos, np.sin))
        turned, rest = v[..., : self.width], v[..., self.width :]
        half = self.width // 2
        other = np.concatenate([-turned[..., half:], turned[..., :half]], -1)
        return np.concatenate([turned * cos + other * sin, rest], -1)


def silu(x):
    return x / (1 + np.exp(-x))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / 2**0.5))


class Run:
    """A forward pass, with all that the linearised model holds constant.

    `mlp_hook(i, x, out)` gets layer i's stream before the MLP and the MLP's output (before a norm
    that follows), and returns what takes its place; `patterns` freezes attention patterns. Where
    attention and MLP are side by side the stream before the MLP, `mid`, is the layer's input.
    `added[layer, site]` `[position, d]` is added at a hook of the layer: `hook_resid_pre` and so on.
    """

    def __init__(self, model, ids, patterns=None, mlp_hook=None, out_hook=None, added=None):
        self.model, self.ids, added = model, ids, added or {}
        x = model.embeddings(ids)
        if model.position_table is not None:
            x = x + model.position_table[: len(ids)]
        self.pre, self.mid, self.patterns, self.mlp_module, self.mlp_out = [], [], [], [], []
        self.attention_module = []
        for i, layer in enumerate(model.layers):
            extra = lambda site: added.get((i, site), 0.0)
            x = x + extra("hook_resid_pre")
            self.pre.append(x)
            normalized = layer.ln1(x)
            self.patterns.append(patterns[i] if patterns else model.pattern(layer, normalized))
            a = model.attend(layer, normalized, self.patterns[i])
            self.attention_module.append(a)
            attended = (layer.post1(a) if layer.post1 else a) + extra("hook_attn_out")
            mid = x if model.parallel else x + attended + extra("hook_resid_mid")
            self.mid.append(mid)
            m = model.mlp(layer, layer.ln2(mid))
            if mlp_hook:
                m = mlp_hook(i, mid, m)
            self.mlp_module.append(m)
            out = layer.post2(m) if layer.post2 else m
            if out_hook:
                out = out_hook(i, mid, out)
            self.mlp_out.append(out)
            x = x + attended if model.parallel else mid
            x = x + out + extra("hook_mlp_out") + extra("hook_resid_post")
        self.final = x
        self.raw_logits = model.ln_final(x) @ model.W_U.T
        self.logits = model.cap(self.raw_logits)

    def attention_back(self, i, g):
        """The gradient at the layer's input of `g` at what follows its attention, `[position, d]`."""
        model, layer = self.model, self.model.layers[i]
        if layer.post1:
            g = layer.post1.back(g, layer.post1.inverse_scale(self.attention_module[i]))
        T = len(g)
        dz = (g @ layer.Wo).reshape(T, model.heads, model.width)
        dv = np.einsum("hqk,qhw->khw", self.patterns[i], dz)
        dv = dv.reshape(T, model.kv, model.heads // model.kv, model.width).sum(2).reshape(T, -1)
        return layer.ln1.back(dv @ layer.Wv, layer.ln1.inverse_scale(self.pre[i]))
