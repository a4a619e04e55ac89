"""Holds fixtures/tracr against the reference implementation, and the truth against interventions.

    python tools/reference/check_tracr.py

For each program: the logits equal tracr's; with every edge outside the truth cut, under zero and
under resample ablation, the logits of all inputs stay as they are; and which edges of the truth,
cut alone, change some logit.
"""

import itertools
import json
from pathlib import Path

import torch

from circuit_reference import weights
from circuit_reference.transformer import Transformer

ROOT = Path(__file__).resolve().parents[2] / "fixtures/tracr"


def main() -> None:
    torch.set_num_threads(1)
    for name in ("reverse", "xproportion"):
        folder = ROOT / name
        config = json.loads((folder / "config.json").read_text())
        truth = json.loads((folder / "truth.json").read_text())
        model = Transformer(weights.load(str(folder))[0])
        graph = model.graph

        reference = json.loads((folder / "reference.json").read_text())
        ids = torch.tensor([case["ids"] for case in reference])
        logits = model.logits(model.run(model.embed(ids)).final)
        difference = (logits - torch.tensor([case["logits"] for case in reference])).abs().max()

        tokens = [i for i, t in enumerate(config["vocabulary"]) if not t.startswith("compiler")]
        ids = torch.tensor([
            [config["bos_token_id"], *row] for row in itertools.product(tokens, repeat=5)])
        other = ids[torch.randperm(len(ids), generator=torch.Generator().manual_seed(0))]
        clean, corrupted = (model.run(model.embed(x)) for x in (ids, other))
        expected = model.logits(clean.final)

        def change(present: torch.Tensor, ablated: torch.Tensor) -> float:
            run = model.run(model.embed(ids), present, ablated)
            return float((model.logits(run.final) - expected).abs().max())

        named = {graph.name(edge): edge for edge in graph.edges}
        circuit = torch.zeros_like(graph.real())
        for entry in truth["edges"]:
            sender, receiver = named[entry["edge"]]
            circuit[receiver, sender] = True
        zero = torch.zeros_like(corrupted.outputs)
        print(f"{name}: {len(truth['edges'])} of {len(named)} edges; logits within "
              f"{float(difference):.1e} of tracr's; everything else cut changes them by "
              f"{change(circuit, zero):.1e} (zero), {change(circuit, corrupted.outputs):.1e} "
              "(resample)")
        for entry in truth["edges"]:
            sender, receiver = named[entry["edge"]]
            present = graph.real()
            present[receiver, sender] = False
            effects = [change(present, ablated) for ablated in (zero, corrupted.outputs)]
            print(f"  {entry['edge']:22} varies {entry['varies']!s:5}  cut alone: "
                  f"zero {effects[0]:.3f}, resample {effects[1]:.3f}")


if __name__ == "__main__":
    main()
