"""Compares this package with what circuit-tracer gave: python -m attribution_reference.check FOLDER

FOLDER holds models/, transcoders/CASE and CASE-N.npz, as written by circuit-tracer (see the names
of the arrays below). Run it in tools/reference.
"""

import pathlib
import sys

import numpy as np
import yaml

from .graph import Graph, prune, scores
from .intervention import intervene
from .model import Model
from .transcoders import Transcoders


def main(folder):
    worst = 0.0
    for path in sorted(folder.glob("*.npz")):
        case = path.stem.rsplit("-", 1)[0]
        expected = dict(np.load(path))
        options = {}
        if case.endswith("-capped"):
            options = dict(max_features=len(expected["selected_features"]), batch=8, update=2)
        where = folder / "transcoders" / case.removesuffix("-capped")
        config = yaml.safe_load((where / "config.yaml").read_text())
        model = Model(where / config["model_name"])
        g = Graph(model, Transcoders(where), expected["tokens"], **options)
        n, T = len(g.selected), len(g.ids)
        nodes, edges, _, cumulative = prune(g.adjacency, n, T, g.logit_probabilities)
        both = scores(g.adjacency, n, T, g.logit_probabilities)
        assert (np.array(g.active) == expected["active_features"]).all()
        assert (np.array(g.selected) == expected["selected_features"]).all()
        assert (g.logit_tokens == expected["logit_tokens"]).all()
        assert (nodes == expected["node_mask"]).all(), "nodes"
        assert (edges == expected["edge_mask"]).all(), "edges"
        some = expected["cumulative_scores"] < 0.999999
        gaps = {
            "adjacency": np.abs(g.adjacency - expected["adjacency"]).max(),
            "cumulative": np.abs(cumulative - expected["cumulative_scores"])[some].max(),
            "scores": np.abs(both - expected["scores"]).max(),
            "pre": np.abs(np.array(g.z) - expected["preactivations_clean"]).max()}
        if "intervention" in expected:
            changes = [(int(l), int(p), int(f), v) for l, p, f, v in expected["intervention"]]
            for mode, name, layers in [
                    ("direct", "direct", None), ("layers", "partial", range(2)),
                    ("layers", "late", range(1, 3)), ("frozen-attention", "frozen", None),
                    ("open", "open", None)]:
                if "logits_" + name in expected:
                    logits = intervene(g, changes, mode, layers)
                    gaps[name] = np.abs(logits - expected["logits_" + name]).max()
        # circuit-tracer computes in float32: sums of large values lose that much.
        size = max(1, np.abs(expected["adjacency"]).max(), np.abs(expected["logits_clean"]).max())
        worst = max(worst, *(gap / size for gap in gaps.values()))
        print(path.stem, {k: f"{v:.1e}" for k, v in gaps.items()})
    print(f"largest difference {worst:.1e} of the largest value")
    assert worst < 2e-5


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
