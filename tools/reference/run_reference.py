"""Runs one method of the reference on one's own model and pairs.

    python tools/reference/run_reference.py score --method eap-ig-inputs --model FOLDER_OR_GGUF \
        --pairs FILE.jsonl [--metric logit-diff] [--steps 5] [--ungroup-kv] -o scores.json
    python tools/reference/run_reference.py acdc --threshold 0.02 [--order cli] [--absolute] ...

The pairs are token ids (`circuit_reference/pairs.py`). The output has the fields of
`circuit-show --json`: `edges`, and of ACDC `decisions`; a name ending in .safetensors gets the
scores alone, in the graph's order of edges. float32 unless --float64.
"""

import argparse
import json
import time

import torch
from safetensors.torch import save_file

from circuit_reference import attribution, pairs, weights
from circuit_reference.acdc import acdc
from circuit_reference.experiment import ABLATIONS, Experiment
from circuit_reference.transformer import Transformer


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["score", "acdc"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs", required=True)
    parser.add_argument("--metric", default="logit-diff", choices=["kl", "logit-diff", "prob-diff"])
    parser.add_argument("--ablation", default="resample", choices=ABLATIONS)
    parser.add_argument("--method", default="eap", choices=attribution.METHODS)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threshold", type=float, default=0.02)
    parser.add_argument("--order", default="cli", choices=["cli", "library"])
    parser.add_argument("--absolute", action="store_true")
    parser.add_argument("--ungroup-kv", action="store_true")
    parser.add_argument("--float64", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    dtype = torch.float64 if arguments.float64 else torch.float32
    model = Transformer(weights.load(arguments.model, dtype)[0], arguments.ungroup_kv)
    graph = model.graph
    start = time.perf_counter()
    experiment = Experiment(
        model, pairs.read(arguments.pairs), arguments.metric, arguments.ablation)
    if arguments.task == "score":
        found = attribution.METHODS[arguments.method](experiment, arguments.steps).mean(0)
        values = torch.stack([found[r, s] for s, r in graph.edges]).float()
        if arguments.output.endswith(".safetensors"):
            save_file({arguments.method: values}, arguments.output)
            return
        content = {"artifact": "edge-scores", "edges": [
            {"edge": graph.name(edge), "score": score}
            for edge, score in zip(graph.edges, values.tolist())]}
    else:
        kept, decisions = acdc(
            experiment, arguments.threshold, arguments.order, arguments.absolute,
            remove_redundant=arguments.ablation == "resample")
        content = {
            "artifact": "circuit",
            "edges": [
                {"edge": graph.name((s, r)), "in_circuit": bool(kept[r, s])}
                for s, r in graph.edges],
            "decisions": [
                {"edge": graph.name(d.edge), "before": d.before, "after": d.after,
                 "removed": d.removed} for d in decisions]}
    content["seconds"] = time.perf_counter() - start
    with open(arguments.output, "w") as file:
        json.dump(content, file)


if __name__ == "__main__":
    main()
