"""Holds the reference implementation against itself, on every tiny model.

    python tools/reference/check_reference.py

Its logits are compared with those of `transformers` when the fixtures are made; here stand what
must hold between its own parts.
"""

from pathlib import Path

import torch

from circuit_reference import attribution, pairs as pair_files, weights
from circuit_reference.experiment import Experiment
from circuit_reference.transformer import Transformer

ROOT = Path(__file__).resolve().parents[2] / "fixtures"
TOLERANCE = 1e-9


def close(a: torch.Tensor, b: torch.Tensor, tolerance: float = TOLERANCE) -> None:
    assert torch.allclose(a, b, rtol=tolerance, atol=tolerance), float((a - b).abs().max())


def ends_of_patching(experiment: Experiment) -> None:
    """All edges present give the clean run; none give the corrupted one."""
    real = experiment.graph.real()
    close(experiment.last_logits(experiment.patched(real)), experiment.clean_logits)
    none = torch.zeros_like(real)
    close(experiment.last_logits(experiment.patched(none)), experiment.corrupted_logits)


def both_passes_agree(experiment: Experiment) -> None:
    logits = experiment.model.hooked(experiment.pairs.clean)[0]
    close(experiment.pairs.at_last(logits), experiment.clean_logits)


def nodes_are_their_edges(experiment: Experiment) -> None:
    """Cutting every edge from a node is patching the node in the plain pass."""
    graph, model, pairs = experiment.graph, experiment.model, experiment.pairs
    source = model.hooked(pairs.corrupted)[1]
    for layer in range(graph.n_layers):
        for head in range(graph.n_heads + 1):
            is_head = head < graph.n_heads
            node = f"a{layer}.h{head}" if is_head else f"m{layer}"
            hook = f"blocks.{layer}." + ("attn.hook_z" if is_head else "hook_mlp_out")

            def replace(name: str, value: torch.Tensor) -> torch.Tensor:
                if name != hook:
                    return value
                value = value.clone()
                where = head if is_head else slice(None)
                value[where] = source[name][where]
                return value

            present = graph.real()
            present[:, graph.sender_index[node]] = False
            patched = pairs.at_last(model.hooked(pairs.clean, replace)[0])
            close(experiment.last_logits(experiment.patched(present)), patched)


def gradient_is_a_limit(experiment: Experiment) -> None:
    """EAP is the derivative of cutting an edge by a small part, by finite differences."""
    graph, model = experiment.graph, experiment.model
    scores = attribution.eap(experiment).mean(0)
    real, step = graph.real(), 1e-5
    nothing_cut = float(experiment.losses(model.run(experiment.clean_embedding).final).mean())
    for sender, receiver in graph.edges[:: len(graph.edges) // 12]:
        present = real.clone()
        present[receiver, sender] = False
        losses = []
        for sign in (1, -1):
            mixed = experiment.clean + sign * step * (experiment.ablated - experiment.clean)
            final = model.run(experiment.clean_embedding, present, mixed).final
            losses.append(float(experiment.losses(final).mean()))
        assert abs(sum(losses) / 2 - nothing_cut) < 1e-6
        slope = torch.tensor((losses[0] - losses[1]) / (2 * step), dtype=scores.dtype)
        close(slope, scores[receiver, sender], 1e-6)


def batches_do_not_matter(experiment: Experiment) -> None:
    """A pair's score is the same alone as among others."""
    p = experiment.pairs
    alone = pair_files.Pairs(
        p.clean[:1], p.corrupted[:1], p.lengths[:1], p.answers[:1], p.wrong_answers[:1])
    single = Experiment(experiment.model, alone, experiment.metric)
    close(attribution.eap(single)[0], attribution.eap(experiment)[0])


def mask_gradient_is_eap(experiment: Experiment) -> None:
    """... where nothing is cut."""
    everything = attribution.mask_gradient(experiment, experiment.graph.real())
    close(everything, attribution.eap(experiment))


def shared_heads_add_up(grouped: Experiment, ungrouped: Experiment) -> None:
    """A shared receiver's gradient scores are the sums over the heads it feeds."""
    for method in (attribution.eap, attribution.eap_ig_inputs):
        fine, coarse = method(ungrouped), method(grouped)
        for index, receiver in enumerate(grouped.graph.receivers):
            if ".kv" in receiver.name:
                heads = [
                    ungrouped.graph.receiver_index[f"{node}<{receiver.kind}>"]
                    for node in receiver.nodes]
                close(fine[:, heads].sum(1), coarse[:, index])


def main() -> None:
    torch.set_num_threads(1)
    for folder in sorted((ROOT / "reference").glob("tiny-*")):
        weight, _ = weights.load(str(ROOT / "models" / folder.name))
        pairs = pair_files.read(folder / "pairs.jsonl")
        variants = [Transformer(weight)]
        if weight.n_kv_heads != weight.n_heads:
            variants.append(Transformer(weight, ungrouped=True))
        experiments = [Experiment(model, pairs, "logit-diff") for model in variants]
        for experiment in experiments:
            ends_of_patching(experiment)
            both_passes_agree(experiment)
            nodes_are_their_edges(experiment)
            gradient_is_a_limit(experiment)
            batches_do_not_matter(experiment)
            mask_gradient_is_eap(experiment)
        if len(experiments) == 2:
            shared_heads_add_up(*experiments)
        print(folder.name, "holds")


if __name__ == "__main__":
    main()
