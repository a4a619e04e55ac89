"""The forward pass, written out twice over the same attention and MLP.

`Transformer.run` is the one of circuits: every sender's output and every receiver's own input
exist, so that any set of edges can be cut. `Transformer.hooked` is the plain pass, whose
activations are named as TransformerLens names them and can be replaced.

Inside, a head dimension comes first: `[head, pair, position, ...]`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .graph import Graph
from .weights import Layer, Norm, Weights

ACTIVATIONS = {
    "gelu": functional.gelu,
    "gelu_new": lambda x: functional.gelu(x, approximate="tanh"),
    "gelu_pytorch_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "silu": functional.silu,
    "relu": functional.relu,
}


def unchanged(name: str, value: Tensor) -> Tensor:
    return value


@dataclass
class Run:
    """What a forward pass leaves behind."""

    outputs: Tensor  # [sender, pair, position, d_model], what each adds to the residual stream
    final: Tensor  # the input of `logits`, [pair, position, d_model]
    probes: list[Tensor]  # zeros added to the receivers' inputs, [receiver, pair, position, d_model]


class Transformer:
    def __init__(self, weights: Weights, ungrouped: bool = False):
        self.weights = weights
        self.graph = Graph(
            weights.n_layers, weights.n_heads, weights.n_kv_heads, weights.parallel, ungrouped)

    def embed(self, ids: Tensor) -> Tensor:
        """Token plus position embeddings, `[pair, position, d_model]`."""
        x = self.weights.token_embedding[ids] * self.weights.embedding_scale
        if self.weights.position_embedding is not None:
            x = x + self.weights.position_embedding[: ids.shape[1]]
        return x

    def logits(self, final: Tensor) -> Tensor:
        w = self.weights
        logits = w.final_norm(final) @ w.unembedding
        if w.logit_softcap is not None:
            logits = w.logit_softcap * torch.tanh(logits / w.logit_softcap)
        return logits

    def run(
        self, embedding: Tensor, present: Tensor | None = None, ablated: Tensor | None = None,
        probe: bool = False, replace: Callable[[str, Tensor], Tensor] = unchanged,
        inside: Callable[[str, Tensor], Tensor] = unchanged,
        nudge: tuple[Tensor, Tensor] | None = None,
    ) -> Run:
        """One pass from `embedding`, the output of the sender `input`.

        `present[receiver, sender]`: along an edge that is not present flows `ablated[sender]`
        instead of the sender's current output. Numbers between 0 and 1 mix the two; with a first
        axis of pairs, each pair has its own; with axes `[1, position]` first, each position.
        `probe` adds to every receiver's input a zero that requires a gradient.
        `replace(name, output)` may change a sender's output, `inside(name, value)` a layer's z or
        its MLP's hidden layer, by their hook names.

        `nudge`, shares `[pair, receiver, sender]` and changes `[sender, pair, position, d_model]`,
        adds to what an edge carries that share of the sender's change.

        The biases of the attention outputs belong to no sender: they always flow. Where a layer's
        attention is normalised afterwards, its heads send what they had before that, and each
        receiver normalises the sum that comes to it.
        """
        graph, real = self.graph, self.graph.real()
        outputs: list[Tensor] = []
        total = torch.zeros_like(embedding)  # what a receiver gets along every edge, but for `bias`
        bias = embedding.new_zeros(embedding.shape[-1])
        normalized: list[tuple[Layer, list[int]]] = []  # layers so far with such a norm, their heads
        probes: list[Tensor] = []

        def send(name: str, output: Tensor) -> Tensor:
            outputs.append(replace(name, output))
            return outputs[-1]

        def arriving(rows: slice, columns: list[int]) -> Tensor:
            """The sum of what some senders' edges carry, `[receiver, pair, position, d_model]`."""
            before = torch.stack([outputs[column] for column in columns])
            if present is None:
                x = before.sum(0).expand(rows.stop - rows.start, *before.shape[1:])
            else:
                here = present[..., rows, columns].to(before.dtype)
                gone = real[rows, columns].to(before.dtype) - here
                mix = {2: "rs,sbpd->rbpd", 3: "brs,sbpd->rbpd", 4: "xprs,sbpd->rbpd"}[
                    present.dim()]
                x = torch.einsum(mix, here, before) + torch.einsum(mix, gone, ablated[columns])
            if nudge is not None:
                shares, changes = nudge
                x = x + torch.einsum(
                    "brs,sbpd->rbpd", shares[:, rows, columns], changes[columns])
            return x

        def receive(layer: int, kind: str, count: int = 1) -> Tensor:
            if present is None and nudge is None:
                x = total.expand(count, *total.shape)
            else:
                first = graph.find(layer, kind)
                rows = slice(first, first + count)
                apart = {head for _, heads in normalized for head in heads}
                x = arriving(rows, [s for s in range(len(outputs)) if s not in apart])
                for block, heads in normalized:
                    x = x + block.post_norm1(arriving(rows, heads) + block.b_o)
            if probe:
                probes.append(torch.zeros_like(x).requires_grad_())
                x = x + probes[-1]
            return x + bias

        total = total + send("input", embedding)
        for index, layer in enumerate(self.weights.layers):
            inputs = [
                layer.norm1(receive(index, kind, count)) for kind, count in (
                    ("q", graph.n_heads), ("k", graph.kv_receivers), ("v", graph.kv_receivers))]
            parallel_input = receive(index, "m")[0] if graph.parallel else None
            def hook(name: str, value: Tensor) -> Tensor:
                return inside(f"blocks.{index}.attn.{name}", value) if name == "hook_z" else value

            heads = self.attention(layer, *inputs, hook=hook)
            first = len(outputs)
            sent = [send(f"a{index}.h{head}", output) for head, output in enumerate(heads)]
            if layer.post_norm1 is None:
                for output in sent:
                    total = total + output
                bias = bias + layer.b_o
            else:
                normalized.append((layer, list(range(first, len(outputs)))))
                total = total + layer.post_norm1(sum(sent) + layer.b_o)
            mlp_input = parallel_input if graph.parallel else receive(index, "m")[0]
            total = total + send(f"m{index}", self.mlp(
                layer, layer.norm2(mlp_input),
                lambda hidden: inside(f"blocks.{index}.mlp.hook_post", hidden)))
        final = receive(graph.n_layers, "logits")[0]
        return Run(torch.stack(outputs), final, probes)

    def hooked(
        self, ids: Tensor, replace: Callable[[str, Tensor], Tensor] = unchanged,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits and activations by hook name; `replace(name, value)` may change any of them."""
        activations: dict[str, Tensor] = {}

        def hook(name: str, value: Tensor) -> Tensor:
            activations[name] = value = replace(name, value)
            return value

        x = hook("hook_embed", self.embed(ids))
        for index, layer in enumerate(self.weights.layers):
            block = f"blocks.{index}."
            x = hook(block + "hook_resid_pre", x)
            normal = layer.norm1(x)[None]
            heads = self.attention(
                layer, normal.expand(self.graph.n_heads, *x.shape),
                *[normal.expand(self.graph.kv_receivers, *x.shape)] * 2,
                hook=lambda name, value: hook(block + "attn." + name, value), together=True)
            attention_out = heads.sum(0) + layer.b_o
            if layer.post_norm1 is not None:
                attention_out = layer.post_norm1(attention_out)
            attention_out = hook(block + "hook_attn_out", attention_out)
            middle = x if self.graph.parallel else hook(
                block + "hook_resid_mid", x + attention_out)
            mlp_out = hook(block + "hook_mlp_out", self.mlp(layer, layer.norm2(middle)))
            x = hook(block + "hook_resid_post", x + attention_out + mlp_out)
        return self.logits(x), activations

    def attention(
        self, layer: Layer, x_q: Tensor, x_k: Tensor, x_v: Tensor,
        hook: Callable[[str, Tensor], Tensor] = unchanged, together: bool = False,
    ) -> Tensor:
        """What each head puts out, from each one's normalised inputs.

        `together`: these are all the same, so that a norm over all heads is over all of q (or k), also
        of those that `hook` has changed.
        """
        share = self.graph.n_heads // layer.w_k.shape[0]

        def project(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
            if len(x) != len(weight):  # ungrouped: a KV head's weights, once per query head
                weight, bias = (t.repeat_interleave(share, 0) for t in (weight, bias))
            return torch.einsum("hbpd,hde->hbpe", x, weight) + bias[:, None, None]

        q = hook("hook_q", project(x_q, layer.w_q, layer.b_q))
        k = hook("hook_k", project(x_k, layer.w_k, layer.b_k))
        v = hook("hook_v", project(x_v, layer.w_v, layer.b_v))
        q = self.rotate(layer, self.normalize(
            layer.norm_q, q, None if together else x_q, layer.w_q, layer.b_q))
        k = self.rotate(layer, self.normalize(
            layer.norm_k, k, None if together else x_k, layer.w_k, layer.b_k))
        k, v = (t.repeat_interleave(len(q) // len(t), 0) for t in (k, v))
        scores = torch.einsum("hbqe,hbke->hbqk", q, k) * self.weights.attention_scale
        if (cap := self.weights.attention_softcap) is not None:
            scores = cap * torch.tanh(scores / cap)
        if self.weights.causal:
            distance = torch.arange(q.shape[2])[:, None] - torch.arange(q.shape[2])[None, :]
            hidden = distance < 0
            if layer.window is not None:
                hidden = hidden | (distance >= layer.window)
            scores = scores.masked_fill(hidden, -math.inf)
        pattern = hook("hook_pattern", scores.softmax(-1))
        z = hook("hook_z", torch.einsum("hbqk,hbke->hbqe", pattern, v))
        return torch.einsum("hbpe,hed->hbpd", z, layer.w_o)

    def normalize(
        self, norm: Norm | None, vectors: Tensor, x: Tensor | None, weight: Tensor, bias: Tensor,
    ) -> Tensor:
        """The norm of queries or keys before rotation.

        One over all heads is of each receiver by itself, as the norm of its input `x` is: what its
        input makes of all heads is normalised, and its own head taken from that. Without inputs of
        their own it is over the vectors of all heads.
        """
        if norm is None:
            return vectors
        if len(norm.gain) == weight.shape[-1]:
            return norm(vectors)
        if x is None:
            everything = vectors.permute(1, 2, 0, 3).flatten(2)[None]
        else:
            everything = (torch.einsum("hbpd,gde->hbpge", x, weight) + bias).flatten(3)
        gain = norm.gain.view(len(weight), -1).repeat_interleave(len(vectors) // len(weight), 0)
        return vectors * norm.scale(everything) * gain[:, None, None]

    def rotate(self, layer: Layer, x: Tensor) -> Tensor:
        """The rotary embedding over the first dimensions of each head, in halves."""
        if layer.rotation is None:
            return x
        position = torch.arange(x.shape[2], dtype=torch.float32)
        angle = position[:, None] * layer.rotation.inverse_frequencies.float()[None, :]
        cos, sin = (
            f(angle).to(x.dtype) * layer.rotation.magnitude for f in (torch.cos, torch.sin))
        half = angle.shape[1]
        a, b, rest = x[..., :half], x[..., half:2 * half], x[..., 2 * half:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)

    def mlp(
        self, layer: Layer, x: Tensor, change: Callable[[Tensor], Tensor] = lambda hidden: hidden,
    ) -> Tensor:
        activation = ACTIVATIONS[self.weights.activation]
        hidden = x @ layer.w_in + layer.b_in
        if layer.w_gate is None:
            hidden = activation(hidden)
        else:
            hidden = activation(x @ layer.w_gate) * hidden
        output = change(hidden) @ layer.w_out + layer.b_out
        return output if layer.post_norm2 is None else layer.post_norm2(output)
