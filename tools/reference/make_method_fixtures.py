"""Writes fixtures/reference/<model>/: what the reference finds on pairs of random tokens.

    python tools/reference/make_method_fixtures.py [--only FILE ...] [MODEL ...]

Everything is computed in float64 and rounded to 9 significant digits; fixtures/reference/README.md
says what each file holds.
"""

import argparse
import json
from pathlib import Path

import torch

from circuit_reference import atp_star, attribution, metrics, pairs as pair_files, weights
from circuit_reference.acdc import acdc
from circuit_reference.acdc_levels import LevelSearch
from circuit_reference.answers import AnswerExperiment
from circuit_reference.experiment import ABLATIONS, Experiment
from circuit_reference.positions import PositionExperiment
from circuit_reference.patching import PER_HEAD, RESIDUAL, Patching
from circuit_reference.transformer import Transformer

ROOT = Path(__file__).resolve().parents[2]
MODELS = [
    "gpt2", "gpt-neox", "llama", "llama-gqa", "qwen2", "gemma2", "gemma3", "olmo2", "qwen3", "gemma",
    "mistral", "phi3", "smollm3"]
METRICS = ["kl", "logit-diff"]
STEPS = 5


def rounded(value):
    """Nested lists of numbers with 9 significant digits."""
    if isinstance(value, torch.Tensor):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return float(f"{value:.9g}") if isinstance(value, float) else value


def write(path: Path, content: dict) -> None:
    text = json.dumps(rounded(content), separators=(",", ":"))
    path.write_text(text.replace('],"', '],\n"').replace('},"', '},\n"') + "\n")
    assert path.stat().st_size < 300_000, path


def per_edge(graph, matrix: torch.Tensor) -> list:
    """`[..., receiver, sender]` as lists over the graph's edges, in the graph's order."""
    senders, receivers = zip(*graph.edges)
    return matrix[..., list(receivers), list(senders)].tolist()


def names(graph) -> list[str]:
    return [graph.name(edge) for edge in graph.edges]


def random_edges(graph, share: float, generator: torch.Generator) -> torch.Tensor:
    """A random set of edges, `[receiver, sender]`."""
    chosen = torch.rand(len(graph.edges), generator=generator) < share
    present = torch.zeros_like(graph.real())
    for (sender, receiver), keep in zip(graph.edges, chosen.tolist()):
        present[receiver, sender] = keep
    return present


def digits(graph, present: torch.Tensor) -> str:
    """A 0 or 1 for every edge, in the graph's order."""
    return "".join(str(int(present[receiver, sender])) for sender, receiver in graph.edges)


def scores(model: Transformer, pairs) -> dict:
    content = {"edges": names(model.graph), "steps": STEPS}
    for metric in METRICS:
        experiment = Experiment(model, pairs, metric)
        found = {name: method(experiment, STEPS) for name, method in attribution.METHODS.items()}
        content[metric] = {
            name: per_edge(model.graph, score.mean(0)) for name, score in found.items()}
        content[metric]["eap-per-pair"] = per_edge(model.graph, found["eap"])
    return content


def more_scores(model: Transformer, pairs) -> dict:
    """Scores beside the usual ones; the mask gradient at a random set of edges."""
    graph = model.graph
    present = random_edges(graph, 0.7, torch.Generator().manual_seed(6))
    content = {"edges": names(graph), "nodes": graph.senders, "present": digits(graph, present)}
    for metric in METRICS:
        experiment = Experiment(model, pairs, metric)
        content[metric] = {
            "mask-gradient": per_edge(
                graph, attribution.mask_gradient(experiment, present).mean(0)),
            "node-mask-gradient": attribution.node_mask_gradient(experiment)}
    content["information-flow-routes"] = per_edge(
        graph, attribution.information_flow_routes(experiment))
    return content


def robust_acdc(experiment: Experiment, **options) -> dict:
    """A run whose threshold keeps some edges and lies well away from every effect."""
    for threshold in (0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003):
        kept, decisions = acdc(experiment, threshold, **options)
        if kept.sum() > 0.12 * len(experiment.graph.edges):
            break
    while min(abs(abs(d.after - d.before) - threshold) for d in decisions) < 2e-5:
        threshold = float(f"{threshold * 1.013:.4g}")
        kept, decisions = acdc(experiment, threshold, **options)
    graph = experiment.graph
    last = decisions[-1].after if decisions[-1].removed else decisions[-1].before
    end = experiment.loss_of(kept)
    if options.get("remove_redundant", True):
        assert abs(end - last) < 1e-9, (end, last)
    return {
        "metric": experiment.metric, "threshold": threshold, **options,
        "loss_of_full": experiment.loss_of(graph.real()), "loss_of_circuit": end,
        "loss_of_empty": experiment.loss_of(torch.zeros_like(kept)),
        "kept": [graph.name((s, r)) for s, r in graph.edges if kept[r, s]],
        "tested": [graph.name(d.edge) for d in decisions],
        "before": [d.before for d in decisions], "after": [d.after for d in decisions],
        "removed": [int(d.removed) for d in decisions]}


def acdc_runs(model: Transformer, pairs) -> dict:
    runs = []
    for metric in METRICS:
        for ablation in ("resample", "zero", "mean"):
            experiment = Experiment(model, pairs, metric, ablation)
            for order in ("cli", "library") if ablation == "resample" else ("cli",):
                # Only resampling makes cutting a node without inputs neutral.
                options = {} if ablation == "resample" else {"remove_redundant": False}
                run = robust_acdc(experiment, order=order, **options)
                runs.append({"ablation": ablation} | run)
    return {"runs": runs}


def robust_level_run(experiment: Experiment, ablation: str, level: str, by_position: bool) -> dict:
    """Like `robust_acdc`, of a search at a level."""
    redundant = ablation == "resample"

    def search(threshold):
        found = LevelSearch(experiment, level, by_position)
        return found, found.run(threshold, redundant)

    for threshold in (0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003):
        found, decisions = search(threshold)
        whole = LevelSearch(experiment, level, by_position).kept
        if len(found.kept) > 0.12 * len(whole):
            break
    while min(abs(d.after - d.before - threshold) for d in decisions) < 2e-5:
        threshold = float(f"{threshold * 1.013:.4g}")
        found, decisions = search(threshold)
    assert {d.removed for d in decisions} == {True, False}, (level, by_position, threshold)
    return {
        "level": level, "positions": int(by_position), "metric": experiment.metric,
        "ablation": ablation, "threshold": threshold, "loss_of_circuit": found.loss(),
        "kept": sorted(edge.name for edge in found.kept),
        "tested": [d.edge for d in decisions], "before": [d.before for d in decisions],
        "after": [d.after for d in decisions], "removed": [int(d.removed) for d in decisions]}


def level_runs(model: Transformer, pairs, name: str) -> dict:
    """ACDC at the levels of layers and heads, and by position."""
    cases = [("layer", False, "kl", "zero"),
             ("head", False, "kl", "resample"),
             ("head", False, "logit-diff", "mean")]
    if name in ("gpt2", "llama-gqa", "gpt-neox"):
        cases += [("layer", True, "logit-diff", "resample"), ("head", True, "kl", "resample")]
    if name == "gpt2":
        cases.append(("edge", True, "kl", "resample"))
    return {"runs": [
        robust_level_run(Experiment(model, pairs, metric, ablation), ablation, level, by_position)
        for level, by_position, metric, ablation in cases]}


def patched(model: Transformer, pairs, sets: int = 4) -> dict:
    """Random sets of edges under every ablation."""
    generator = torch.Generator().manual_seed(5)
    content = {"edges": names(model.graph), "sets": []}
    for index in range(sets):
        present = random_edges(model.graph, (0.9, 0.7, 0.5, 0.2)[index % 4], generator)
        entry = {"present": digits(model.graph, present)}
        for ablation in ABLATIONS:
            entry[ablation] = {}
            for metric in ("kl", "logit-diff", "prob-diff"):
                experiment = Experiment(model, pairs, metric, ablation)
                entry[ablation][metric] = experiment.values(experiment.patched(present))
        content["sets"].append(entry)
    return content


def patching(model: Transformer, pairs) -> dict:
    content = {"metric": "logit-diff", "edges": names(model.graph)}
    experiment = Experiment(model, pairs, "logit-diff")
    for direction in ("noising", "denoising"):
        patch = Patching(experiment, direction == "denoising")
        content[direction] = {
            **{kind: patch.residual(kind) for kind in RESIDUAL},
            **{kind: patch.heads(kind) for kind in PER_HEAD}, "paths": patch.paths()}
    return content


def metric_values(model: Transformer, pairs) -> dict:
    """Every metric of each pair on the corrupted run and with a random set of edges cut, and the
    mean scores of its gradient along the way from corrupted to clean."""
    present = random_edges(model.graph, 0.6, torch.Generator().manual_seed(7))
    content = {"edges": names(model.graph), "present": digits(model.graph, present)}
    for metric in metrics.LOWER_IS_BETTER:
        experiment = Experiment(model, pairs, metric)
        content[metric] = {
            "corrupted": metrics.metric(
                metric, pairs, experiment.corrupted_logits, experiment.clean_logits),
            "patched": experiment.values(experiment.patched(present))}
        if metric in metrics.DIFFERENTIABLE:
            content[metric]["eap-ig-inputs"] = per_edge(
                model.graph, attribution.eap_ig_inputs(experiment, STEPS).mean(0))
    return content


def answer_values(model: Transformer, records: list[dict]) -> dict:
    """The log-probability of answers in several tokens, like `metric_values`."""
    present = random_edges(model.graph, 0.6, torch.Generator().manual_seed(8))
    experiment = AnswerExperiment(model, records)
    with torch.no_grad():
        clean, corrupted = (
            experiment.values(model.run(embedding).final) for embedding in (
                experiment.clean_embedding, experiment.corrupted_embedding))
    return {
        "edges": names(model.graph), "present": digits(model.graph, present), "clean": clean,
        "corrupted": corrupted, "patched": experiment.values(experiment.patched(present)),
        "eap-ig-inputs": per_edge(
            model.graph, attribution.eap_ig_inputs(experiment, STEPS).mean(0))}


POSITION_METRICS = {
    # Linear in the logits of three positions; and one of which no term reads the end.
    "linear": [
        {"tokens": "answers"}, {"weight": -0.5, "tokens": [5, 9], "at": "subject"},
        {"weight": 0.7, "of": "sum", "tokens": [11, 2], "at": 1}],
    "curved": [
        {"of": "log-sum-exp", "tokens": [4, 8, 15], "at": "subject"},
        {"weight": -1, "of": "log-sum-exp", "tokens": "all", "at": "subject"},
        {"weight": 0.25, "tokens": [16], "at": -2}],
}


def position_values(model: Transformer, records: list[dict]) -> dict:
    """Metrics that read several positions, like `metric_values`, and what ACDC keeps by them."""
    present = random_edges(model.graph, 0.6, torch.Generator().manual_seed(9))
    content = {"edges": names(model.graph), "present": digits(model.graph, present)}
    for name, terms in POSITION_METRICS.items():
        experiment = PositionExperiment(model, records, terms)
        with torch.no_grad():
            clean, corrupted = (
                experiment.values(model.run(embedding).final) for embedding in (
                    experiment.clean_embedding, experiment.corrupted_embedding))
        run = robust_acdc(experiment)
        content[name] = {
            "terms": terms, "clean": clean, "corrupted": corrupted,
            "patched": {
                ablation: other.values(other.patched(present)) for ablation in ABLATIONS
                for other in [PositionExperiment(model, records, terms, ablation)]},
            "eap-ig-inputs": per_edge(
                model.graph, attribution.eap_ig_inputs(experiment, STEPS).mean(0)),
            "eap": per_edge(model.graph, attribution.eap(experiment).mean(0)),
            "acdc": {key: run[key] for key in ("threshold", "kept", "loss_of_circuit")}}
    return content


def atp_star_scores(model: Transformer, pairs) -> dict:
    """AtP* of nodes, by name, and of edges."""
    content = {"edges": names(model.graph)}
    for metric in ("logit-diff", "nll"):
        experiment = Experiment(model, pairs, metric)
        nodes = atp_star.node_scores(experiment)
        content[metric] = {
            "nodes": nodes,
            "edges": per_edge(model.graph, atp_star.edge_scores(experiment, nodes))}
    return content


def gradients(model: Transformer, pairs) -> dict:
    """Of the first pair's negated logit difference, in the clean run."""
    experiment = Experiment(model, pairs, "logit-diff")
    found = attribution.receiver_gradients(experiment, experiment.clean_embedding)[:, 0]
    return {r.name: found[i] for i, r in enumerate(model.graph.receivers)}


def make(name: str, only: list[str]) -> None:
    folder = ROOT / "fixtures/reference" / f"tiny-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    weight, twin = weights.load(str(ROOT / "fixtures/models" / f"tiny-{name}"))
    model = Transformer(weight)
    for file, lengths, answers in (("pairs", [7] * 4, 1), ("ragged", [6, 8, 5, 8], 2)):
        records = []
        for index, length in enumerate(lengths):
            one = pair_files.random_records(len(weight.token_embedding), 1, length, index + 10)[0]
            one["answer_ids"] += [[(one["answer_ids"][0][0] + 7) % 60]] * (answers - 1)
            records.append(one)
        (folder / f"{file}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    spelled = []
    for index, (length, tokens) in enumerate(((6, 2), (4, 1), (5, 3))):
        one = pair_files.random_records(len(weight.token_embedding), 1, length, index + 30)[0]
        one["answer_ids"] = [[(one["answer_ids"][0][0] + 11 * i) % 60 for i in range(tokens)]]
        spelled.append(one)
    (folder / "spelled.jsonl").write_text("".join(json.dumps(r) + "\n" for r in spelled))
    positioned = []
    for index, (length, subject) in enumerate(((6, 2), (7, 6), (5, 3), (7, 1))):
        one = pair_files.random_records(len(weight.token_embedding), 1, length, index + 50)[0]
        positioned.append(one | {"positions": {"subject": subject}})
    (folder / "positions.jsonl").write_text("".join(json.dumps(r) + "\n" for r in positioned))
    pairs = pair_files.read(folder / "pairs.jsonl")
    ragged = pair_files.read(folder / "ragged.jsonl")

    with torch.no_grad():
        logits = {
            run: model.logits(model.run(model.embed(ids)).final)
            for run, ids in (("clean", pairs.clean), ("corrupted", pairs.corrupted))}
        difference = (logits["clean"] - twin(pairs.clean).logits).abs().max()
    assert difference < 1e-4, difference
    files = {
        "logits": lambda: logits,
        "patching": lambda: patching(model, pairs),
        "gradients": lambda: gradients(model, pairs),
        "acdc-levels": lambda: level_runs(model, pairs, name),
        "metrics": lambda: {
            "pairs": metric_values(model, pairs), "ragged": metric_values(model, ragged)},
        "spelled": lambda: answer_values(model, spelled),
        "positions": lambda: position_values(model, positioned),
        "atp-star-ragged": lambda: atp_star_scores(model, ragged),
        "ragged": lambda: patched(model, ragged, 2) | {"scores": scores(model, ragged)}}
    variants = {"": model}
    if weight.n_kv_heads != weight.n_heads:
        variants["-ungrouped"] = Transformer(weight, ungrouped=True)
    for suffix, variant in variants.items():
        for file, content in (
                ("scores", scores), ("more-scores", more_scores), ("acdc", acdc_runs),
                ("patched", patched), ("atp-star", atp_star_scores)):
            files[file + suffix] = lambda content=content, variant=variant: content(variant, pairs)
    for file, content in files.items():
        if not only or file in only:
            write(folder / f"{file}.json", content())
    print(name, "logits within", float(difference), "of transformers")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", default=MODELS)
    parser.add_argument("--only", nargs="+", default=[], help="such as scores or metrics")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for model_name in arguments.models:
        make(model_name, arguments.only)
