"""Writes fixtures/reference/<model>/evaluation.json: circuits from scores, and how good they are.

    python tools/reference/make_evaluation_fixtures.py

Uses the pairs that make_method_fixtures.py wrote; fixtures/reference/README.md says what is in it.
"""

import random
import sys

import numpy as np
import torch

from circuit_reference import metrics, pairs as pair_files, weights
from circuit_reference.evaluation import auc, interval, knockouts, trapezoid
from circuit_reference.experiment import Experiment
from circuit_reference.selection import greedy, prune, top_n
from circuit_reference.transformer import Transformer
from make_method_fixtures import ROOT, write

MODELS = [
    "tiny-gpt2", "tiny-llama-gqa", "tiny-gemma2", "tiny-gemma3", "tiny-olmo2", "tiny-qwen3",
    "tiny-gemma", "tiny-mistral", "tiny-phi3", "tiny-smollm3"]
SHARES = [0.02, 0.05, 0.1, 0.25, 0.5, 0.8, 1]
BOOTSTRAP = {"samples": 200, "confidence": 0.9, "seed": 7}
KNOCKOUTS = {"sets": 4, "seed": 5}


def bits(circuit: list[bool]) -> str:
    return "".join(str(int(edge)) for edge in circuit)


class Judge:
    """The metric of circuits that are lists over a graph's edges."""

    def __init__(self, experiment: Experiment):
        self.experiment, self.graph = experiment, experiment.graph
        self.full = self.values([True] * len(self.graph.edges))
        self.corrupted = self.values([False] * len(self.graph.edges))

    def values(self, circuit: list[bool]) -> np.ndarray:
        present = torch.zeros_like(self.graph.real())
        for (sender, receiver), keep in zip(self.graph.edges, circuit):
            present[receiver, sender] = keep
        return self.experiment.values(self.experiment.patched(present)).numpy()

    def faithfulness(self, values: np.ndarray, chosen=slice(None)) -> float:
        low, high = self.corrupted[chosen].mean(), self.full[chosen].mean()
        return float((values[chosen].mean() - low) / (high - low))


def sizes(judge: Judge, scores: list[float]) -> dict:
    """Faithfulness over nominal sizes, and the areas: CPR by signed, CMD by absolute scores."""
    content = {}
    for name, absolute, height in (
            ("cpr", False, lambda f: f), ("cmd", True, lambda f: abs(1 - f))):
        columns, counts = [], []
        for share in SHARES:
            count = int(share * len(scores) * (1 + 1e-12))
            circuit = prune(judge.graph, top_n(judge.graph, scores, count, absolute))
            columns.append(judge.values(circuit))
            counts.append(sum(circuit))

        def area(chosen) -> float:
            return trapezoid(SHARES, [height(judge.faithfulness(c, chosen)) for c in columns])

        content |= {
            f"{name}-faithfulness": [judge.faithfulness(c) for c in columns],
            f"{name}-edges": counts, name: area(slice(None)),
            f"{name}-interval": interval(len(judge.full), statistic=area, **BOOTSTRAP)}
    return content


def one_circuit(judge: Judge, circuit: list[bool]) -> dict:
    graph = judge.graph
    members = [edge for edge, keep in enumerate(circuit) if keep]
    nodes = sorted(
        {graph.edges[edge][0] for edge in members} - {graph.senders.index("input")})
    sign = 1 if metrics.LOWER_IS_BETTER[judge.experiment.metric] else -1

    def without(edges: set[int], of: list[bool]) -> np.ndarray:
        return judge.values([keep and edge not in edges for edge, keep in enumerate(of)])

    whole = judge.values(circuit)
    everything = [True] * len(circuit)
    content = {
        "values": whole.tolist(),
        "minimality": [sign * float((without({e}, circuit) - whole).mean()) for e in members]}
    for level, elements in (("edges", members), ("nodes", nodes)):
        points = []
        for chosen in knockouts(elements, **KNOCKOUTS):
            cut = set(chosen) if level == "edges" else {
                edge for edge, (sender, _) in enumerate(graph.edges) if sender in chosen}
            points.append([
                float(without(cut, everything).mean()), float(without(cut, circuit).mean())])
        content[f"knockouts-{level}"] = points
    return content


def at_positions(judge: Judge, draw: random.Random) -> dict:
    """A circuit whose edges differ from position to position: a string of digits for each."""
    graph, experiment = judge.graph, judge.experiment
    length = experiment.pairs.clean.shape[1]
    circuit = [[draw.random() < 0.7 for _ in graph.edges] for _ in range(length)]
    present = torch.zeros(1, length, *graph.real().shape, dtype=torch.bool)
    for position, keeps in enumerate(circuit):
        for (sender, receiver), keep in zip(graph.edges, keeps):
            present[0, position, receiver, sender] = keep
    values = experiment.values(experiment.patched(present))
    return {"circuit": [bits(keeps) for keeps in circuit], "values": values.tolist()}


def of_neurons(judge: Judge, draw: random.Random) -> dict:
    """A circuit of some edges, along which only some neurons of their senders are current: values
    of the embedding, of a head's z, of an MLP's hidden layer; the others are ablated."""
    graph, experiment = judge.graph, judge.experiment
    model, weights = experiment.model, experiment.model.weights
    layer = weights.layers[0]
    counts = {"input": layer.w_in.shape[0], "m": layer.w_in.shape[1], "a": layer.w_o.shape[1]}
    neurons = {
        name: [draw.random() < 0.6 for _ in range(counts.get(name) or counts[name[0]])]
        for name in graph.senders}
    circuit = [draw.random() < 0.7 for _ in graph.edges]
    present = torch.zeros_like(graph.real())
    for (sender, receiver), keep in zip(graph.edges, circuit):
        present[receiver, sender] = keep

    def mask(*names: str) -> torch.Tensor:
        rows = torch.tensor([neurons[name] for name in names], dtype=torch.float64)
        return rows.to(experiment.corrupted.dtype)

    ablated: dict[str, torch.Tensor] = {}

    def keep(name: str, value: torch.Tensor) -> torch.Tensor:
        ablated[name] = value
        return value

    def inside(name: str, value: torch.Tensor) -> torch.Tensor:
        index = name.split(".")[1]
        if name.endswith("hook_z"):
            present = mask(*(f"a{index}.h{head}" for head in range(graph.n_heads)))[:, None, None]
        else:
            present = mask(f"m{index}")[0]
        return present * value + (1 - present) * ablated[name]

    def replace(name: str, value: torch.Tensor) -> torch.Tensor:
        if name != "input":
            return value
        present = mask("input")[0]
        return present * value + (1 - present) * experiment.corrupted_embedding

    with torch.no_grad():
        model.run(experiment.corrupted_embedding, inside=keep)
        final = model.run(
            experiment.clean_embedding, present, experiment.ablated, replace=replace,
            inside=inside).final
    return {
        "circuit": bits(circuit), "neurons": [bits(neurons[name]) for name in graph.senders],
        "values": experiment.values(final).tolist()}


def make(name: str) -> None:
    folder = ROOT / "fixtures/reference" / name
    weight, _ = weights.load(str(ROOT / "fixtures/models" / name))
    model = Transformer(weight)
    graph = model.graph
    draw = random.Random(11)
    # One decimal place, so that many scores are equal.
    scores = [round(draw.gauss(0.1, 1), 1) for _ in graph.edges]
    truth = [draw.random() < 0.2 for _ in graph.edges]
    selections = []
    for method in (top_n, greedy):
        for absolute in (False, True):
            for count in (0, 1, 7, len(scores) // 10, len(scores) // 3, len(scores)):
                taken = method(graph, scores, count, absolute)
                selections.append({
                    "greedy": method is greedy, "absolute": absolute, "count": count,
                    "taken": bits(taken), "pruned": bits(prune(graph, taken))})
    circuit = prune(graph, greedy(graph, scores, len(scores) // 4, True))
    stairs, area = auc(scores, truth)
    content = {
        "scores": scores, "selections": selections, "truth": bits(truth),
        "auc": {"pessimistic": stairs, "trapezoid": area}, "shares": SHARES,
        "bootstrap": BOOTSTRAP, "knockouts": KNOCKOUTS, "circuit": bits(circuit), "metrics": {}}
    pairs = pair_files.read(folder / "pairs.jsonl")
    for metric in ("logit-diff", "kl"):
        judge = Judge(Experiment(model, pairs, metric))
        content["metrics"][metric] = {
            "full": judge.full.tolist(), "corrupted": judge.corrupted.tolist(),
            **sizes(judge, scores), **one_circuit(judge, circuit),
            "positions": at_positions(judge, random.Random(12)),
            "neurons": of_neurons(judge, random.Random(13))}
    write(folder / "evaluation.json", content)
    print(name, len(scores), "edges;", sum(circuit), "in the circuit")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for model_name in sys.argv[1:] or MODELS:
        make(model_name)
