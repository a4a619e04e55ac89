"""Writes fixtures/reference/smollm2/exact.json: what cutting single edges of SmolLM2 does.

    python tools/reference/make_smollm2_exact.py SmolLM2-135M-Instruct.Q4_1.gguf [EDGES [SCORES.h5]]

200 edges by default, drawn at random; in float64, some seconds an edge. Only the receiver's layer
and those after it are run again, with the receiver's own input changed. With scores of
`circuit-score --method exact --metric logit-diff` of the same pairs (pairs.jsonl beside the file
written) it also says how well they agree; `--circuit` gives that tool the edges, as a circuit made by

    circuit-prune --known exact.json --model smollm2 -o sample.h5
"""

import json
import random
import sys

import torch
from torch import Tensor

from circuit_reference import metrics, pairs as pair_files, weights
from circuit_reference.graph import Receiver
from circuit_reference.transformer import Transformer
from make_smollm2_scores import FOLDER


def final_stream(model: Transformer, x: Tensor, receiver: Receiver, change: Tensor) -> Tensor:
    """The stream after the last layer, `[pair, position, d_model]`.

    `x` is the clean stream before the receiver's layer, and `change` is added to what the receiver
    alone reads.
    """
    for index in range(receiver.layer, model.graph.n_layers):
        layer = model.weights.layers[index]
        here = receiver if index == receiver.layer else None
        inputs = []
        for kind, count in (
                ("q", model.graph.n_heads), ("k", model.graph.kv_receivers),
                ("v", model.graph.kv_receivers)):
            streams = x.expand(count, *x.shape).clone()
            if here and here.kind == kind:
                streams[here.index] += change
            inputs.append(layer.norm1(streams))
        x = x + model.attention(layer, *inputs).sum(0) + layer.b_o
        read = x + change if here and here.kind == "m" else x
        x = x + model.mlp(layer, layer.norm2(read))
    return x + change if receiver.kind == "logits" else x


def main() -> None:
    torch.set_grad_enabled(False)
    weight, _ = weights.load(sys.argv[1])
    model = Transformer(weight)
    graph = model.graph
    pairs = pair_files.read(FOLDER / "pairs.jsonl")
    clean, corrupted = (model.run(model.embed(ids)) for ids in (pairs.clean, pairs.corrupted))
    clean_logits = pairs.at_last(model.logits(clean.final))

    def loss(final: Tensor) -> float:
        logits = model.logits(pairs.at_last(final))
        return -float(metrics.metric("logit-diff", pairs, logits, clean_logits).mean())

    before = {0: clean.outputs[0]}
    for layer in range(graph.n_layers):
        first = graph.sender_index[f"a{layer}.h0"]
        of_layer = clean.outputs[first:first + graph.n_heads + 1].sum(0)
        before[layer + 1] = before[layer] + of_layer + weight.layers[layer].b_o
    assert torch.allclose(before[graph.n_layers], clean.final)
    full = loss(clean.final)

    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    sample = random.Random(1).sample(graph.edges, count)
    scores = {}
    for sender, to in sample:
        receiver = graph.receivers[to]
        change = corrupted.outputs[sender] - clean.outputs[sender]
        final = final_stream(model, before[receiver.layer], receiver, change)
        scores[graph.name((sender, to))] = loss(final) - full
        print(len(scores), *list(scores.items())[-1], flush=True)
    content = {"edges": list(scores), "scores": list(scores.values())}
    (FOLDER / "exact.json").write_text(json.dumps(content) + "\n")
    if len(sys.argv) > 3:
        compare(sys.argv[3], scores)


def compare(path: str, expected: dict[str, float]) -> None:
    import h5py

    with h5py.File(path) as file:
        nodes, receivers = (file[f"{name}/name"].asstr()[:] for name in ("nodes", "receivers"))
        found = {
            f"{nodes[sender]}->{receivers[receiver]}": float(score)
            for sender, receiver, score in zip(
                file["edges/sender"][:], file["edges/receiver"][:], file["edges/score"][:])}
    pairs = torch.tensor([[found[name], score] for name, score in expected.items()]).double()
    gap = (pairs[:, 0] - pairs[:, 1]).abs().max()
    print(
        f"{len(pairs)} edges: Pearson {float(torch.corrcoef(pairs.T)[0, 1]):.8f}, "
        f"largest difference {float(gap):.2e} of scores up to {float(pairs[:, 1].abs().max()):.3g}")


if __name__ == "__main__":
    main()
