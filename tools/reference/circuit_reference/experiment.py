"""A model on pairs: the clean and corrupted runs that every method starts from."""

import torch
from torch import Tensor

from . import metrics
from .pairs import Pairs
from .transformer import Transformer

ABLATIONS = ("resample", "zero", "mean", "mean-positional")


class Experiment:
    """`ablation` says what flows along a cut edge: the corrupted run's output of the sender, zero,
    or that output's mean over pairs and positions (or over pairs, position by position).
    """

    def __init__(
        self, model: Transformer, pairs: Pairs, metric: str = "kl", ablation: str = "resample"):
        self.model, self.graph, self.pairs, self.metric = model, model.graph, pairs, metric
        self.clean_embedding = model.embed(pairs.clean)
        self.corrupted_embedding = model.embed(pairs.corrupted)
        with torch.no_grad():
            clean = model.run(self.clean_embedding)
            corrupted = model.run(self.corrupted_embedding)
        self.clean, self.corrupted = clean.outputs, corrupted.outputs
        self.clean_logits, self.corrupted_logits = (
            model.logits(pairs.at_last(run.final)) for run in (clean, corrupted))
        self.ablated = self.ablate(ablation)

    def ablate(self, ablation: str) -> Tensor:
        """`[sender, pair, position, d_model]` of what a cut edge carries."""
        unmasked = (torch.arange(self.pairs.clean.shape[1]) < self.pairs.lengths[:, None])
        weight = unmasked.to(self.corrupted.dtype)[None, :, :, None]
        if ablation == "resample":
            return self.corrupted
        if ablation == "zero":
            return torch.zeros_like(self.corrupted)
        over = (1, 2) if ablation == "mean" else (1,)
        mean = (self.corrupted * weight).sum(over, True) / weight.sum(over, True)
        return mean.expand_as(self.corrupted)

    def last_logits(self, final: Tensor) -> Tensor:
        """`[pair, d_vocab]` at the last position, from the input of `logits`."""
        return self.model.logits(self.pairs.at_last(final))

    def values(self, final: Tensor) -> Tensor:
        """The metric of each pair."""
        return metrics.metric(self.metric, self.pairs, self.last_logits(final), self.clean_logits)

    def losses(self, final: Tensor) -> Tensor:
        """What is minimised, of each pair."""
        return metrics.loss(self.metric, self.pairs, self.last_logits(final), self.clean_logits)

    @torch.no_grad()
    def patched(self, present: Tensor) -> Tensor:
        """The input of `logits` when only the `present` edges carry the clean run."""
        return self.model.run(self.clean_embedding, present, self.ablated).final

    def loss_of(self, present: Tensor) -> float:
        """The mean loss over pairs of the circuit of the `present` edges."""
        return float(self.losses(self.patched(present)).mean())
