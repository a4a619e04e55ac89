"""Attribution scores of edges. All have the same sign: positive where cutting the edge hurts.

The loss is the mean over pairs of the metric's losing side (`metrics.loss`), so a score does not
depend on the batch size: it is the mean over pairs of each pair's own score.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from .experiment import Experiment
from .transformer import unchanged

Replace = Callable[[str, Tensor], Tensor]


def receiver_gradients(
    experiment: Experiment, embedding: Tensor, replace: Replace = unchanged,
) -> Tensor:
    """The gradient of each pair's own loss at every receiver's input, in a whole pass from
    `embedding`: `[receiver, pair, position, d_model]`."""
    run = experiment.model.run(embedding, probe=True, replace=replace)
    gradients = torch.autograd.grad(
        experiment.losses(run.final).sum(), run.probes, allow_unused=True)
    return torch.cat([
        torch.zeros_like(probe) if gradient is None else gradient
        for probe, gradient in zip(run.probes, gradients)])


def slopes(experiment: Experiment, embedding: Tensor, replace: Replace = unchanged) -> Tensor:
    """How fast each pair's own loss rises, in a whole pass from `embedding`, where an edge begins to
    carry (ablated - clean) output of its sender more: `[pair, receiver, sender]`. That is this
    change dot the gradient at the receiver, through a norm after attention if there is one."""
    graph = experiment.graph
    shares = torch.zeros(
        embedding.shape[0], len(graph.receivers), len(graph.senders), dtype=embedding.dtype,
        requires_grad=True)
    run = experiment.model.run(
        embedding, replace=replace, nudge=(shares, experiment.ablated - experiment.clean))
    found, = torch.autograd.grad(experiment.losses(run.final).sum(), shares)
    return found * graph.real()


def eap(experiment: Experiment) -> Tensor:
    """Edge attribution patching: the gradient of the clean run."""
    return slopes(experiment, experiment.clean_embedding)


def eap_ig_inputs(experiment: Experiment, steps: int = 5) -> Tensor:
    """The gradient is the mean over embeddings from the corrupted one towards the clean one, at
    k/steps for k = 0, .., steps - 1."""
    start, end = experiment.corrupted_embedding, experiment.clean_embedding
    return sum(
        slopes(experiment, start + k / steps * (end - start)) for k in range(steps)) / steps


def components(experiment: Experiment) -> list[list[str]]:
    """What is interpolated at a time: the input, a layer's heads together, an MLP."""
    graph = experiment.graph
    result = [["input"]]
    for layer in range(graph.n_layers):
        result += [[f"a{layer}.h{head}" for head in range(graph.n_heads)], [f"m{layer}"]]
    return result


def eap_ig_activations(experiment: Experiment, steps: int = 5, own: bool = False) -> Tensor:
    """One component's outputs at a time are set between corrupted and clean, at k/steps towards
    clean for k = 1, .., steps, in an otherwise clean run.

    As in the EAP-IG library an edge's gradient is the mean over all these runs. With `own` it is
    the mean over the runs that interpolate the edge's own sender.
    """
    graph = experiment.graph
    total = torch.zeros(())
    groups = components(experiment)
    for group in groups:
        def between(k: int) -> Replace:
            def replace(name: str, value: Tensor) -> Tensor:
                if name not in group:
                    return value
                sender = graph.sender_index[name]
                low, high = experiment.ablated[sender], experiment.clean[sender]
                return low + k / steps * (high - low)
            return replace

        scores = sum(
            slopes(experiment, experiment.clean_embedding, between(k))
            for k in range(1, steps + 1)) / steps
        if own:
            chosen = torch.tensor([name in group for name in graph.senders])
            total = total + scores * chosen
        else:
            total = total + scores / len(groups)
    return total


def clean_corrupted(experiment: Experiment) -> Tensor:
    """The mean of the gradients of the clean and of the corrupted run."""
    embeddings = (experiment.clean_embedding, experiment.corrupted_embedding)
    return sum(slopes(experiment, embedding) for embedding in embeddings) / 2


def exact(experiment: Experiment) -> Tensor:
    """The loss with that one edge ablated, minus the loss of the whole model."""
    graph = experiment.graph
    present = graph.real()
    baseline = experiment.losses(experiment.patched(present))
    scores = torch.zeros(len(baseline), *present.shape, dtype=baseline.dtype)
    for sender, receiver in graph.edges:
        present[receiver, sender] = False
        scores[:, receiver, sender] = experiment.losses(experiment.patched(present)) - baseline
        present[receiver, sender] = True
    return scores


def mask_gradient(experiment: Experiment, present: Tensor) -> Tensor:
    """The gradient of the loss with respect to each edge's share of the ablated value, at the
    circuit of the `present` edges. With all edges present it is EAP."""
    pairs = len(experiment.clean_embedding)
    mask = present.to(experiment.clean.dtype).repeat(pairs, 1, 1).requires_grad_()
    run = experiment.model.run(experiment.clean_embedding, mask, experiment.ablated)
    found, = torch.autograd.grad(experiment.losses(run.final).sum(), mask)
    return -found * experiment.graph.real()


def node_mask_gradient(experiment: Experiment) -> Tensor:
    """`[sender]`: the sum over pairs of |d loss / d the sender's mask|, which is HISP before its
    normalisation: a sender's gradient is the sum of those of its edges."""
    return eap(experiment).sum(1).abs().sum(0)


def information_flow_routes(experiment: Experiment) -> Tensor:
    """How much nearer each sender brings the receiver's input to itself, in the clean run (Ferrando
    and Voita 2024): max(|x|_1 - |x - output|_1, 0), normalised over senders, mean over positions
    and pairs. `[receiver, sender]`; needs no metric."""
    graph, lengths = experiment.graph, experiment.pairs.lengths
    outputs = experiment.clean.clone()
    for index, layer in enumerate(experiment.model.weights.layers):
        if layer.post_norm1 is not None:
            # The norm acts on the heads' sum: its scale is shared out.
            first = graph.sender_index[f"a{index}.h0"]
            heads = outputs[first : first + graph.n_heads]
            heads *= layer.post_norm1.scale(heads.sum(0) + layer.b_o) * layer.post_norm1.gain
    unmasked = torch.arange(outputs.shape[2]) < lengths[:, None]
    scores = torch.zeros(len(graph.receivers), len(graph.senders), dtype=outputs.dtype)
    for index, receiver in enumerate(graph.receivers):
        parts = outputs[: receiver.senders]
        biases = [layer.b_o for layer in experiment.model.weights.layers[: receiver.layer]]
        if receiver.kind == "m" and not graph.parallel:
            biases.append(experiment.model.weights.layers[receiver.layer].b_o)
        x = parts.sum(0) + sum(biases)
        near = (x.abs().sum(-1) - (x - parts).abs().sum(-1)).clamp(min=0)  # [sender, pair, position]
        share = torch.nan_to_num(near / near.sum(0)) * unmasked
        scores[index, : receiver.senders] = (share.sum(-1) / lengths).mean(-1)
    return scores


METHODS: dict[str, Callable[[Experiment, int], Tensor]] = {
    "eap": lambda experiment, steps: eap(experiment),
    "eap-ig-inputs": eap_ig_inputs,
    "eap-ig-activations": eap_ig_activations,
    "eap-ig-activations-own": lambda experiment, steps: eap_ig_activations(experiment, steps, True),
    "clean-corrupted": lambda experiment, steps: clean_corrupted(experiment),
    "exact": lambda experiment, steps: exact(experiment),
}
