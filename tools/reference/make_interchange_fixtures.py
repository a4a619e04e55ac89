"""Writes files of other tools, as those tools write them, to fixtures/interchange.

    python tools/reference/make_interchange_fixtures.py

Needs torch, numpy and safetensors. Layouts: EAP-IG's `Graph.to_json` and `Graph.to_pt`
(hannamw/EAP-IG, July 2025), AutoCircuit's `PruneScores`, ACDC's `save_edges`, Edge-Pruning's
`edges.json`. Numbers are random.
"""

import json
import pathlib
import pickle
import sys
import types

import numpy
import torch
from safetensors.numpy import save_file

OUT = pathlib.Path(__file__).parents[2] / "fixtures" / "interchange"
LAYERS, HEADS, WIDTH = 2, 2, 8


def names():
    """Senders and receivers in the library's order."""
    senders, receivers = ["input"], []
    for layer in range(LAYERS):
        receivers += [f"a{layer}.h{head}<{slot}>" for slot in "qkv" for head in range(HEADS)]
        receivers.append(f"m{layer}")
        senders += [f"a{layer}.h{head}" for head in range(HEADS)] + [f"m{layer}"]
    return senders, receivers + ["logits"]


def edges():
    """(sender, receiver) in the order in which the library makes edges."""
    stream = ["input"]
    for layer in range(LAYERS):
        heads = [f"a{layer}.h{head}" for head in range(HEADS)]
        for sender in stream:
            for head in heads:
                yield from ((sender, f"{head}<{slot}>") for slot in "qkv")
        stream += heads
        yield from ((sender, f"m{layer}") for sender in stream)
        stream.append(f"m{layer}")
    yield from ((sender, "logits") for sender in stream)


def main():
    OUT.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(0)
    senders, receivers = names()
    shape = (len(senders), len(receivers))
    scores, kept = torch.zeros(shape), torch.zeros(shape).bool()
    for sender, receiver in edges():
        place = senders.index(sender), receivers.index(receiver)
        scores[place] = torch.randn((), generator=generator) / 100
        kept[place] = bool(torch.rand((), generator=generator) < 0.4)
    nodes_kept = torch.tensor([bool(kept[i].any()) for i in range(len(senders))])
    node_scores = torch.randn(len(senders), generator=generator)
    node_scores[0] = torch.nan
    cfg = {"n_layers": LAYERS, "n_heads": HEADS, "parallel_attn_mlp": False, "d_model": WIDTH}

    def edge(sender, receiver):
        place = senders.index(sender), receivers.index(receiver)
        return {"score": scores[place].item(), "in_graph": bool(kept[place])}

    nodes = {name: {"in_graph": bool(nodes_kept[i])} for i, name in enumerate(senders)}
    nodes["logits"] = {"in_graph": True}
    (OUT / "mib.json").write_text(
        json.dumps({"cfg": cfg, "nodes": nodes, "edges": {f"{s}->{r}": edge(s, r) for s, r in edges()}}))

    torch.save(
        {"cfg": dict(cfg), "src_nodes": senders, "dst_nodes": receivers, "edges_scores": scores,
         "edges_in_graph": kept, "nodes_in_graph": nodes_kept, "nodes_scores": node_scores},
        OUT / "eap-ig.pt")
    # Rows of another tensor, transposed and shifted: what strides and offsets are for.
    torch.save(
        {"cfg": dict(cfg), "src_nodes": senders, "dst_nodes": receivers,
         "edges_scores": torch.cat([torch.ones(1, len(senders)), scores.t()])[1:].t(),
         "edges_in_graph": kept.float(), "nodes_in_graph": nodes_kept},
        OUT / "eap-ig-strided.pt")

    prune_scores = {}
    for layer in range(LAYERS):
        before = 1 + layer * (HEADS + 1)
        for slot in "qkv":
            rows = [receivers.index(f"a{layer}.h{head}<{slot}>") for head in range(HEADS)]
            prune_scores[f"blocks.{layer}.hook_{slot}_input"] = scores[:before, rows].t().contiguous()
        prune_scores[f"blocks.{layer}.hook_mlp_in"] = scores[:before + HEADS, receivers.index(f"m{layer}")].clone()
    prune_scores[f"blocks.{LAYERS - 1}.hook_resid_post"] = scores[:, -1].clone()
    torch.save(prune_scores, OUT / "auto-circuit.pt")

    # ACDC's own class, under its name, so that the pickle is what ACDC writes.
    module = types.ModuleType("acdc.acdc_utils")

    class TorchIndex:
        def __init__(self, places):
            self.as_index = tuple(slice(None) if place is None else place for place in places)
            self.hashable_tuple = tuple(places)

    TorchIndex.__module__, TorchIndex.__qualname__ = "acdc.acdc_utils", "TorchIndex"
    module.TorchIndex = TorchIndex
    sys.modules["acdc"] = types.ModuleType("acdc")
    sys.modules["acdc.acdc_utils"] = module

    def hook(name, sends):
        if name == "input":
            return "blocks.0.hook_resid_pre", TorchIndex([None])
        if name == "logits":
            return f"blocks.{LAYERS - 1}.hook_resid_post", TorchIndex([None])
        layer = name[1]
        if name[0] == "m":
            return f"blocks.{layer}.hook_mlp_{'out' if sends else 'in'}", TorchIndex([None])
        point = "attn.hook_result" if sends else f"hook_{name[-2]}_input"
        return f"blocks.{layer}.{point}", TorchIndex([None, None, int(name[4])])

    saved = []
    for sender, receiver in edges():
        place = senders.index(sender), receivers.index(receiver)
        if kept[place]:
            saved.append(((*hook(receiver, False), *hook(sender, True)), scores[place].item()))
    index = TorchIndex([None, None, 0])
    saved.append((("blocks.0.attn.hook_q", index, "blocks.0.hook_q_input", index), None))
    (OUT / "acdc-edges.pkl").write_bytes(pickle.dumps(saved))

    writers = {"input": "embeds"}
    pruned = [
        [writers.get(s, s), "resid_post" if r == "logits" else r.replace("<", ".").rstrip(">")]
        for s, r in edges() if kept[senders.index(s), receivers.index(r)]]
    (OUT / "edges.json").write_text(json.dumps(pruned, indent=4))

    # Activations of the sample dataset of the tests: three pairs of at most three tokens.
    arrays = {}
    for run, sign in [("clean", 1), ("corrupted", -1)]:
        for name, tail in [("blocks.0.hook_resid_pre", (8,)), ("blocks.0.attn.hook_z", (2, 4))]:
            size = int(numpy.prod((3, 3, *tail)))
            arrays[f"{run}/{name}"] = (sign * numpy.arange(size, dtype="f4") / 4).reshape(3, 3, *tail)
    save_file(arrays, OUT / "cache.safetensors")
    numpy.savez(OUT / "cache.npz", **arrays)

    class Evil:
        def __reduce__(self):
            return (eval, ("__import__('os').system('touch /tmp/run-by-a-pickle')",))

    torch.save({"cfg": Evil(), "edges_scores": scores}, OUT / "code.pt")
    # An axis of one number may have any stride, which no address may be computed from.
    torch.save({"x": torch.arange(4.0).as_strided((1, 2), (2**63 - 1, 1), 1)}, OUT / "stride.pt")


main()
