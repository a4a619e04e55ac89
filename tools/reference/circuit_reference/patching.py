"""Activation patching of nodes and paths: the metric's mean over pairs after each patch.

`noising` puts the corrupted run's value into the clean run, `denoising` the clean run's into the
corrupted run. Everything downstream is computed anew.
"""

import torch
from torch import Tensor

from . import metrics
from .experiment import Experiment

RESIDUAL = ("hook_resid_pre", "hook_attn_out", "hook_mlp_out")
PER_HEAD = ("attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_z", "attn.hook_pattern")


class Patching:
    def __init__(self, experiment: Experiment, denoising: bool = False):
        self.experiment = experiment
        pairs = experiment.pairs
        self.into, source = (pairs.clean, pairs.corrupted)[:: -1 if denoising else 1]
        self.denoising = denoising
        self.source = experiment.model.hooked(source)[1]

    @torch.no_grad()
    def patched(self, hook: str, where: tuple) -> float:
        """The metric with `activation[where]` of one hook taken from the source run."""
        def replace(name: str, value: Tensor) -> Tensor:
            if name != hook:
                return value
            value = value.clone()
            value[where] = self.source[name][where]
            return value

        e = self.experiment
        logits = e.pairs.at_last(e.model.hooked(self.into, replace)[0])
        return float(metrics.metric(e.metric, e.pairs, logits, e.clean_logits).mean())

    def residual(self, kind: str) -> list[list[float]]:
        """`[layer, position]` of one of RESIDUAL."""
        graph, positions = self.experiment.graph, self.into.shape[1]
        return [
            [self.patched(f"blocks.{layer}.{kind}", (slice(None), position))
             for position in range(positions)]
            for layer in range(graph.n_layers)]

    def heads(self, kind: str) -> list[list[float]]:
        """`[layer, head]` (KV heads for k and v) of one of PER_HEAD, at all positions."""
        graph = self.experiment.graph
        count = graph.kv_receivers if kind in ("attn.hook_k", "attn.hook_v") else graph.n_heads
        return [
            [self.patched(f"blocks.{layer}.{kind}", (head,)) for head in range(count)]
            for layer in range(graph.n_layers)]

    @torch.no_grad()
    def paths(self) -> list[float]:
        """The metric with one edge's value taken from the source run, for every edge."""
        e = self.experiment
        embedding = e.corrupted_embedding if self.denoising else e.clean_embedding
        source = e.clean if self.denoising else e.corrupted
        present = e.graph.real()
        result = []
        for sender, receiver in e.graph.edges:
            present[receiver, sender] = False
            run = e.model.run(embedding, present, source)
            result.append(float(e.values(run.final).mean()))
            present[receiver, sender] = True
        return result
