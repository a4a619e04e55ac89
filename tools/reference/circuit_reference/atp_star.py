"""AtP* (Kramar et al. 2024): attribution patching of nodes, with its two corrections.

A node's score is the mean over pairs and over dropped layers of the size of its attribution: what
patching it would change, dot the gradient in the clean run. Its own layer, whose drop leaves it no
gradient, is not counted (`input` has none).

- Queries and keys: what patching all of a head's queries (or keys) changes is its z with the
  softmax computed anew, so a saturated softmax hides nothing.
- GradDrop: the gradient doesn't go through what one layer, attention and MLP, adds to the stream,
  for each layer in turn, so that direct and indirect effects don't cancel.
"""

import torch
from torch import Tensor

from . import metrics
from .experiment import Experiment


def dropped_gradients(experiment: Experiment, dropped: int | None) -> dict[str, Tensor]:
    """The gradient of each pair's own loss by hook name, at `hook_embed`, every z and MLP output."""
    model, pairs = experiment.model, experiment.pairs
    probes: dict[str, Tensor] = {}

    def replace(name: str, value: Tensor) -> Tensor:
        if name == "hook_embed" or name.endswith(("hook_z", "hook_mlp_out")):
            probes[name] = torch.zeros_like(value).requires_grad_()
            value = value + probes[name]
        if name in (f"blocks.{dropped}.hook_attn_out", f"blocks.{dropped}.hook_mlp_out"):
            value = value.detach()
        return value

    logits = pairs.at_last(model.hooked(pairs.clean, replace)[0])
    losses = metrics.loss(experiment.metric, pairs, logits, experiment.clean_logits)
    found = torch.autograd.grad(losses.sum(), list(probes.values()), allow_unused=True)
    return {
        name: torch.zeros_like(probe) if gradient is None else gradient
        for (name, probe), gradient in zip(probes.items(), found)}


@torch.no_grad()
def changes(experiment: Experiment) -> dict[str, tuple[str, Tensor]]:
    """For every node, the hook at which patching it shows, and what it changes there."""
    model, pairs, graph = experiment.model, experiment.pairs, experiment.graph
    source = model.hooked(pairs.corrupted)[1]
    clean = model.hooked(pairs.clean)[1]
    found = {"input": ("hook_embed", source["hook_embed"] - clean["hook_embed"])}
    for layer in range(graph.n_layers):
        attention, mlp = f"blocks.{layer}.attn.", f"blocks.{layer}.hook_mlp_out"
        z = attention + "hook_z"
        for kind in "qkv":
            patched = model.hooked(
                pairs.clean,
                lambda name, value: source[name] if name == attention + "hook_" + kind else value)
            change = patched[1][z] - clean[z]
            for receiver in graph.receivers:
                if (receiver.layer, receiver.kind) == (layer, kind):
                    own = torch.zeros_like(change)
                    for node in receiver.nodes:
                        head = int(node.split(".h")[1])
                        own[head] = change[head]
                    found[receiver.name] = (z, own)
        for head in range(graph.n_heads):
            own = torch.zeros_like(clean[z])
            own[head] = source[z][head] - clean[z][head]
            found[f"a{layer}.h{head}"] = (z, own)
        found[f"m{layer}"] = (mlp, source[mlp] - clean[mlp])
    return found


def layer_of(name: str) -> int | None:
    return None if name == "input" else int(name.split(".")[0][1:])


def node_scores(experiment: Experiment) -> dict[str, float]:
    """By name: senders, and the receivers q, k and v."""
    n_layers = experiment.graph.n_layers
    change = changes(experiment)
    gradients = {dropped: dropped_gradients(experiment, dropped) for dropped in range(n_layers)}
    gradients[None] = dropped_gradients(experiment, None)
    scores = {}
    for name, (hook, difference) in change.items():
        own = layer_of(name)
        drops = [dropped for dropped in range(n_layers) if dropped != own] or [None]
        sizes = []
        for dropped in drops:
            product = difference * gradients[dropped][hook]
            pair_axis = product.dim() - 3  # z has its heads first
            axes = [axis for axis in range(product.dim()) if axis != pair_axis]
            sizes.append(product.sum(axes).abs())
        scores[name] = float(torch.stack(sizes).mean())
    return scores


def edge_scores(experiment: Experiment, nodes: dict[str, float]) -> Tensor:
    """`[receiver, sender]`: an edge matters as much as the lesser of its two ends."""
    graph = experiment.graph
    scores = torch.zeros(len(graph.receivers), len(graph.senders), dtype=torch.float64)
    for row, receiver in enumerate(graph.receivers):
        own = nodes.get(receiver.name, float("inf"))  # logits has no score of its own
        for column, sender in enumerate(graph.senders[: receiver.senders]):
            scores[row, column] = min(nodes[sender], own)
    return scores
