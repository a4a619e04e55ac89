#!/usr/bin/env python3
"""Makes fixtures/attribution: random transcoders for the tiny models, and their attribution graphs.

Needs numpy, safetensors and PyYAML. The values are computed in float64 by attribution_reference,
which `python -m attribution_reference.check FOLDER` compares with circuit-tracer's own.
See fixtures/attribution/README.md for what is in the files.
"""

import pathlib
import shutil

import numpy as np
import yaml
from safetensors.numpy import save_file

from attribution_reference.graph import Graph, prune, scores, subgraph_scores
from attribution_reference.heads import loadings
from attribution_reference.intervention import intervene
from attribution_reference.model import Model
from attribution_reference.transcoders import Transcoders

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
ROOT = FIXTURES / "attribution"
LAYERS, WIDTH, FEATURES, PROMPT = 3, 32, 16, [2, 17, 33, 45, 9, 17]

# name: model, kind, input hook, output hook, activation, skip
CASES = {
    "qwen2-relu": ("tiny-qwen2", "plt", "mlp.hook_in", "mlp.hook_out", "relu", False),
    "gemma2-jumprelu": ("tiny-gemma2", "plt", "ln2.hook_normalized", "hook_mlp_out", "jumprelu", False),
    "gemma2-skip": ("tiny-gemma2", "plt", "mlp.hook_in", "mlp.hook_out", "jumprelu", True),
    "llama-skip": ("tiny-llama", "plt", "hook_resid_mid", "mlp.hook_out", "relu", True),
    "gpt2-topk": ("tiny-gpt2", "plt", "ln2.hook_normalized", "hook_mlp_out", "topk", False),
    "gpt2-clt": ("tiny-gpt2", "clt", "hook_resid_mid", "hook_mlp_out", "relu", False),
    "qwen2-clt": ("tiny-qwen2", "clt", "mlp.hook_in", "hook_mlp_out", "jumprelu", False),
    "qwen3-jumprelu": ("tiny-qwen3", "plt", "mlp.hook_in", "mlp.hook_out", "jumprelu", False),
    "neox-relu": ("tiny-gpt-neox", "plt", "ln2.hook_normalized", "hook_mlp_out", "relu", False),
    "neox-skip": ("tiny-gpt-neox", "plt", "mlp.hook_in", "mlp.hook_out", "relu", True),
    "neox-clt": ("tiny-gpt-neox", "clt", "mlp.hook_in", "hook_mlp_out", "jumprelu", False),
    "gemma3-skip": ("tiny-gemma3", "plt", "mlp.hook_in", "mlp.hook_out", "jumprelu", True),
    "gemma3-clt": ("tiny-gemma3", "clt", "hook_resid_mid", "hook_mlp_out", "jumprelu", False),
    "olmo2-relu": ("tiny-olmo2", "plt", "mlp.hook_in", "mlp.hook_out", "relu", False),
}
KINDS = {"plt": "transcoder_set", "clt": "cross_layer_transcoder"}


def write_set(name, folder, random):
    model, kind, reads, writes, activation, skip = CASES[name]
    folder.mkdir(parents=True)

    def values(*shape, scale):
        return (random.standard_normal(shape) * scale).astype(np.float32)

    for i in range(LAYERS):
        shift = 0.0 if activation == "topk" else 0.2
        encoder = {
            "W_enc": values(FEATURES, WIDTH, scale=0.2),
            "b_enc": values(FEATURES, scale=0.1) - np.float32(shift),
            "b_dec": values(WIDTH, scale=0.1)}
        threshold = np.abs(values(FEATURES, scale=0.3))
        if kind == "plt":
            tensors = encoder | {"W_dec": values(FEATURES, WIDTH, scale=0.3)}
            if skip:
                tensors["W_skip"] = values(WIDTH, WIDTH, scale=0.1)
            if activation == "jumprelu":
                tensors["activation_function.threshold"] = threshold
            save_file(tensors, folder / f"layer_{i}.safetensors")
        else:
            if activation == "jumprelu":
                encoder["threshold"] = threshold
            save_file({f"{k}_{i}": v for k, v in encoder.items()}, folder / f"W_enc_{i}.safetensors")
            decoder = values(FEATURES, LAYERS - i, WIDTH, scale=0.3)
            save_file({f"W_dec_{i}": decoder}, folder / f"W_dec_{i}.safetensors")
    config = dict(
        model_name=model, model_kind=KINDS[kind], feature_input_hook=reads, feature_output_hook=writes)
    if activation in ("relu", "topk"):
        config["activation"] = activation
    if activation == "topk":
        config["k"] = 5
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def write_gemma_scope(folder, transcoders):
    """The weights of gemma2-skip as Gemma Scope 2 stores them, and without the skip as Gemma Scope 1."""
    for version, listed in (("1", "layer_{}/params.npz"), ("2", "layer_{}.safetensors")):
        target = folder / f"gemma-scope-{version}"
        target.mkdir()
        files = [listed.format(i) for i in range(LAYERS)]
        for i, file in enumerate(files):
            (target / file).parent.mkdir(exist_ok=True)
            f = lambda x: np.ascontiguousarray(x, np.float32)
            common = {
                "b_enc": f(transcoders.b_enc[i]), "b_dec": f(transcoders.b_dec[i]),
                "threshold": f(transcoders.thresholds[i])}
            encoder, decoder = f(transcoders.W_enc[i].T), f(transcoders.W_dec[i][:, 0])
            if version == "1":
                np.savez(target / file, W_enc=encoder, W_dec=decoder, **common)
            else:
                save_file(
                    {"w_enc": encoder, "w_dec": decoder,
                     "affine_skip_connection": f(transcoders.skip[i].T), **common}, target / file)
        config = dict(
            model_name="google/gemma-2-2b", model_kind="transcoder_set",
            feature_input_hook=transcoders.input_hook, feature_output_hook=transcoders.output_hook,
            transcoders=[f"hf://google/gemma-scope/{file}?revision=main" for file in files])
        (target / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def expected(graph, interventions=True):
    n, T = len(graph.selected), len(graph.ids)
    nodes, edges, influence, cumulative = prune(graph.adjacency, n, T, graph.logit_probabilities)
    f = lambda x: np.ascontiguousarray(x, np.float32)
    h = lambda x: np.ascontiguousarray(x, np.float16)
    features = np.array([graph.active[i] for i in graph.selected]).reshape(-1, 3)
    result = {
        "adjacency": f(graph.adjacency), "features": h(features),
        "activations": f([graph.a[l][p, x] for l, p, x in features]),
        "pre_activations": f(graph.z),
        "logit_tokens": h(graph.logit_tokens), "logit_probabilities": f(graph.logit_probabilities),
        "node_kept": h(nodes), "edge_kept": h(edges), "influence": f(influence),
        "cumulative": f(cumulative),
        "scores": f(scores(graph.adjacency, n, T, graph.logit_probabilities))}
    if interventions:
        changes = [(*graph.active[len(graph.active) // 4], 0.0), (*graph.active[len(graph.active) // 2], 2.5)]
        result["interventions"] = f(changes)
        for mode, layers in (("direct", None), ("layers", range(1, 3)), ("frozen-attention", None), ("open", None)):
            result["steered_" + mode] = f(intervene(graph, changes, mode, layers)[-1])
        result["clean"] = f(graph.run.logits[-1])
    return result


def expected_loadings(graph, count=24):
    """Head loadings of the strongest edges, half of them between positions."""
    n, T = len(graph.selected), len(graph.ids)
    _, kept, *_ = prune(graph.adjacency, n, T, graph.logit_probabilities)
    order = sorted(zip(*np.nonzero(kept)), key=lambda e: -abs(graph.adjacency[e]))
    position = [int(name.split("@")[1]) if "@" in name else T - 1 for name in graph.names()]
    crossing = [e for e in order if position[e[0]] != position[e[1]]][: count // 2]
    edges = crossing + [e for e in order if e not in crossing][: count - len(crossing)]
    through, last, past = loadings(graph, edges)
    f = lambda x: np.ascontiguousarray(x, np.float32)
    return {"edges": f(edges), "through": f(through), "last": f(last), "past": f(past)}


def expected_subgraph(graph):
    """Scores of every third feature, on the whole graph and on the kept part."""
    n, T, L = len(graph.selected), len(graph.ids), len(graph.model.layers)
    features = [graph.active[i] for i in graph.selected]
    chosen = np.arange(n) % 3 == 0
    nodes, edges, *_ = prune(graph.adjacency, n, T, graph.logit_probabilities)
    common = (graph.adjacency, features, L, T, graph.logit_probabilities, chosen)
    return {
        "whole": np.array(subgraph_scores(*common), np.float32),
        "kept": np.array(subgraph_scores(*common, nodes, edges), np.float32)}


SITES = ["hook_resid_pre", "hook_attn_out", "hook_resid_mid", "hook_mlp_out", "hook_resid_post"]


def expected_vectors(graph, random):
    """Logits with a steering vector at each site of layer 1, from position 2 on, and two features changed."""
    f = lambda x: np.ascontiguousarray(x, np.float32)
    sites = [s for s in SITES if not (graph.model.parallel and s == "hook_resid_mid")]
    vectors = {site: f(random.standard_normal(WIDTH)) for site in sites}
    mask = (np.arange(len(graph.ids)) >= 2)[:, None]
    added = {(1, site): mask * vector.astype(np.float64) for site, vector in vectors.items()}
    changes = [(*graph.active[len(graph.active) // 4], 0.0), (*graph.active[len(graph.active) // 2], 2.5)]
    result = dict(vectors)
    for mode, layers in (("direct", None), ("layers", range(1, 3)), ("frozen-attention", None), ("open", None)):
        result[mode] = f(intervene(graph, changes, mode, layers, added)[-1])
        result[mode + "-alone"] = f(intervene(graph, [], mode, layers, added)[-1])
    return result


def main():
    random = np.random.default_rng(15)
    # What make_layer_folder_fixtures.py wrote stays.
    for old in [*CASES, "gemma-scope-1", "gemma-scope-2"]:
        shutil.rmtree(ROOT / "sets" / old, ignore_errors=True)
    (ROOT / "expected").mkdir(parents=True, exist_ok=True)
    for name, (model_name, *_) in CASES.items():
        folder = ROOT / "sets" / name
        write_set(name, folder, random)
        model, transcoders = Model(FIXTURES / "models" / model_name), Transcoders(folder)
        graph = Graph(model, transcoders, PROMPT)
        save_file(expected(graph), ROOT / "expected" / f"{name}.safetensors")
        save_file(expected_subgraph(graph), ROOT / "expected" / f"{name}-subgraph.safetensors")
        save_file(expected_loadings(graph), ROOT / "expected" / f"{name}-heads.safetensors")
        if name in ("gpt2-clt", "gemma2-skip", "neox-skip"):
            values = expected_vectors(graph, np.random.default_rng(2))
            save_file(values, ROOT / "expected" / f"{name}-vectors.safetensors")
        if name == "gpt2-clt":
            difference = (model.W_U[7] - model.W_U[9]).astype(np.float32)
            save_file({"seven-nine": difference}, ROOT / "target-vectors.safetensors")
            np.save(ROOT / "nine.npy", difference)
        if name in ("qwen2-relu", "gpt2-clt"):
            capped = Graph(model, transcoders, PROMPT, max_features=20, batch=3, update=2)
            save_file(expected(capped, False), ROOT / "expected" / f"{name}-capped.safetensors")
        if name == "gemma2-skip":
            write_gemma_scope(ROOT / "sets", transcoders)
            transcoders.skip = [None] * LAYERS
            save_file(
                expected(Graph(model, transcoders, PROMPT), False),
                ROOT / "expected" / "gemma-scope-1.safetensors")


if __name__ == "__main__":
    main()
