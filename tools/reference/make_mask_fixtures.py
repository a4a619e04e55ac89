"""Writes fixtures/reference/<model>/learned-masks.json: a few steps of the methods that learn masks.

    python tools/reference/make_mask_fixtures.py [MODEL ...]

The noise of every draw is in the file, so that other code can be held to the same steps.
"""

import sys

import torch

from circuit_reference import masks, pairs as pair_files, weights
from circuit_reference.experiment import Experiment
from circuit_reference.transformer import Transformer
from make_method_fixtures import MODELS, ROOT, names, write

STEPS = {"subnetwork-probing": 4, "edge-pruning": 6, "uniform-gradient-sampling": 3}


def noise(*shape: int, seed: int) -> torch.Tensor:
    """Numbers between 0 and 1 with three digits, never at the ends."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(1, 1000, shape, generator=generator).double() / 1000


def gates() -> dict:
    log_odds = torch.linspace(-4, 4, 17, dtype=torch.float64, requires_grad=True)
    drawn = noise(17, seed=1)
    values, chances = masks.gate(log_odds, drawn), masks.open_probability(log_odds)
    slopes, = torch.autograd.grad(values.sum(), log_odds)
    chance_slopes, = torch.autograd.grad(chances.sum(), log_odds)
    return {
        "log_odds": log_odds, "noise": drawn, "values": values, "slopes": slopes,
        "open": chances, "open_slopes": chance_slopes}


def steps(model: Transformer, pairs) -> dict:
    experiment = Experiment(model, pairs, "kl")
    edges = len(model.graph.edges)
    sp, ep, ugs = STEPS.values()
    runs = {
        "subnetwork-probing": (masks.learn_subnetwork_probing, noise(sp, edges, seed=2), 5.0, 0.3),
        "edge-pruning": (masks.learn_edge_pruning, noise(ep, edges, seed=3), 0.6, 0.3),
        "uniform-gradient-sampling": (
            masks.learn_uniform_gradient_sampling,
            noise(ugs, len(pairs.clean), edges, seed=4), 0.02, 0.5)}
    content = {}
    for name, (learn, drawn, setting, rate) in runs.items():
        found, log_odds = learn(experiment, drawn, setting, rate)
        content[name] = {
            "setting": setting, "learning_rate": rate, "noise": drawn, "losses": found,
            "log_odds": log_odds}
    return content


def make(name: str) -> None:
    folder = ROOT / "fixtures/reference" / f"tiny-{name}"
    weight, _ = weights.load(str(ROOT / "fixtures/models" / f"tiny-{name}"))
    pairs = pair_files.read(folder / "pairs.jsonl")
    for suffix, ungrouped in (("", False), ("-ungrouped", True)):
        if ungrouped and weight.n_kv_heads == weight.n_heads:
            continue
        model = Transformer(weight, ungrouped=ungrouped)
        mask = noise(len(model.graph.edges), seed=5)
        gradient = masks.ablated_gradient(Experiment(model, pairs, "kl", "mean"), mask)
        write(folder / f"learned-masks{suffix}.json", {
            "edges": names(model.graph), "metric": "kl", "gates": gates(),
            **steps(model, pairs),
            "ablated-gradient": {"ablation": "mean", "mask": mask, "gradient": gradient}})
        print(name + suffix)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for model_name in sys.argv[1:] or MODELS:
        make(model_name)
