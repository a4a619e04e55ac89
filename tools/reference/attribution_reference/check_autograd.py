"""Compares this package's direct effects with autograd's: python -m attribution_reference.check_autograd

transformers' own forward pass in float64 is made linear: softmax, the scales of norms and what MLPs output
are detached, and a source of gradient, 0, is added at each layer's output hook. Run it in tools/reference,
after make_attribution_fixtures.py; needs torch and transformers.
"""

import pathlib

import numpy as np
import torch
import transformers
import yaml

from .graph import Graph
from .model import Model
from .transcoders import Transcoders

FIXTURES = pathlib.Path(__file__).resolve().parents[3] / "fixtures"
PROMPT = [2, 17, 33, 45, 9, 17]


def linear_norm(norm, gain, bias):
    """A norm whose scale is constant; it keeps what it outputs before gain and bias."""
    epsilon = getattr(norm, "variance_epsilon", None) or getattr(norm, "eps")

    def forward(x):
        centred = x - x.mean(-1, keepdim=True) if bias is not None else x
        scale = (centred.pow(2).mean(-1, keepdim=True) + epsilon).rsqrt().detach()
        norm.normalized = centred * scale
        return norm.normalized * gain + (0 if bias is None else bias)

    return forward


class LinearModel:
    """A model of transformers whose backward pass is that of the attribution graph."""

    def __init__(self, folder, transcoders):
        self.transcoders = transcoders
        self.model = model = transformers.AutoModelForCausalLM.from_pretrained(
            folder, attn_implementation="eager", dtype=torch.float64).eval()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        gemma = model.config.model_type.startswith("gemma")
        for module in model.modules():
            if "Norm" in type(module).__name__:
                gain = module.weight + (1 if gemma else 0)
                module.forward = linear_norm(module, gain, getattr(module, "bias", None))
        base = getattr(model, model.base_model_prefix)
        self.layers = base.layers if hasattr(base, "layers") else base.h
        self.embedding = getattr(base, "embed_tokens", None) or getattr(base, "embed_in", None) or base.wte
        self.final_norm = next(
            getattr(base, n) for n in ("norm", "final_layer_norm", "ln_f") if hasattr(base, n))
        self.reads, self.outputs = {}, {}
        for i, layer in enumerate(self.layers):
            self.hook(i, layer)

    def hook(self, i, layer):
        """Has layer i keep what its encoder reads, and output a constant plus 0."""
        tc = self.transcoders
        names = ("pre_feedforward_layernorm", "ln_2", "post_attention_layernorm")
        before = next((getattr(layer, n) for n in names if hasattr(layer, n)), None)
        after = getattr(layer, "post_feedforward_layernorm", None)
        if not hasattr(layer, "pre_feedforward_layernorm") and after is not None:
            before = None
        stream = {}
        if before is not None:
            before.register_forward_pre_hook(lambda m, x: stream.update(x=x[0]))

        def constant(y, x):
            read = {
                "hook_resid_mid": lambda: stream["x"], "mlp.hook_in": lambda: x,
                "ln2.hook_normalized": lambda: before.normalized}[tc.input_hook]()
            self.reads[i] = read
            self.outputs[i] = torch.zeros_like(y, requires_grad=True)
            y = y.detach() + self.outputs[i]
            if tc.skip[i] is not None:
                through = read @ torch.tensor(tc.skip[i]).T
                y = y + through - through.detach()
            return y

        if tc.output_hook == "mlp.hook_out" or after is None:
            layer.mlp.register_forward_hook(lambda m, x, y: constant(y, x[0]))
        else:
            inputs = {}
            layer.mlp.register_forward_pre_hook(lambda m, x: inputs.update(x=x[0]))
            after.register_forward_hook(lambda m, x, y: constant(y, inputs["x"]))

    def run(self, ids):
        """The final norm's output, `[position, d]`."""
        softmax = torch.nn.functional.softmax
        torch.nn.functional.softmax = lambda *a, **k: softmax(*a, **k).detach()
        kept = []
        final = self.final_norm.register_forward_hook(lambda m, x, y: kept.append(y[0]))

        def leaf(module, x, y):
            self.embedded = y.detach().requires_grad_()
            return self.embedded

        handle = self.embedding.register_forward_hook(leaf)
        self.model(torch.tensor([ids]))
        torch.nn.functional.softmax = softmax
        handle.remove()
        final.remove()
        return kept[0]

    def gradients(self, target):
        leaves = [self.embedded, *(self.outputs[i] for i in range(len(self.layers)))]
        found = torch.autograd.grad(target, leaves, retain_graph=True, allow_unused=True)
        return [np.zeros(leaf.shape[1:]) if g is None else g[0].numpy() for g, leaf in zip(found, leaves)]


def adjacency(graph, linear):
    """The graph's matrix, its vectors of sources times autograd's gradients."""
    tc, n, T, L = graph.transcoders, len(graph.selected), len(graph.ids), len(graph.model.layers)
    final = linear.run(graph.ids)
    rows = np.zeros_like(graph.adjacency)
    unembedding = linear.model.get_output_embeddings().weight
    targets = {r: (l, p, f) for r, (l, p, f) in enumerate(graph.active)}
    targets |= {len(rows) - len(graph.logit_tokens) + r: t for r, t in enumerate(graph.logit_tokens)}
    for row, target in targets.items():
        if isinstance(target, tuple):
            l, p, f = target
            value = linear.reads[l][0, p] @ torch.tensor(tc.W_enc[l][f])
        else:
            value = final[-1] @ (unembedding[int(target)] - unembedding.mean(0))
        embedded, *outputs = linear.gradients(value)
        rows[row, :n] = [
            graph.a[l][p, f] * sum(
                tc.W_dec[l][f, k] @ outputs[m][p] for k, m in enumerate(tc.outputs(l)))
            for l, p, f in graph.active]
        rows[row, n : n + L * T] = [graph.errors[l][p] @ outputs[l][p] for l in range(L) for p in range(T)]
        tokens = linear.embedded.detach()[0].numpy()
        rows[row, n + L * T : n + L * T + T] = (tokens * embedded).sum(-1)
    return rows


def main():
    for folder in sorted((FIXTURES / "attribution" / "sets").iterdir()):
        if not (folder / "config.yaml").exists() or "scope" in folder.name:
            continue
        model = FIXTURES / "models" / yaml.safe_load((folder / "config.yaml").read_text())["model_name"]
        transcoders = Transcoders(folder)
        graph = Graph(Model(model), transcoders, PROMPT)
        expected = adjacency(graph, LinearModel(model, transcoders))
        gap, size = np.abs(expected - graph.adjacency).max(), np.abs(expected).max()
        print(f"{folder.name} {gap:.1e} of at most {size:.3g}, {len(graph.selected)} features")
        # transformers computes attention patterns in float32 whatever the type.
        assert gap < 2e-6 * max(1, size), folder.name


if __name__ == "__main__":
    main()
