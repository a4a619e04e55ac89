"""Metrics at the last position: one value per pair, from the logits there.

`logit-diff`, `prob-diff`, `accuracy` are what a circuit gains: their loss is their negative. The
others are what it loses. With several answers the logit difference takes the mean over each set,
probabilities the sum, `accuracy` and `rank` the likeliest.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from .pairs import Pairs

LOWER_IS_BETTER = {
    "kl": True, "js": True, "logit-diff": False, "prob-diff": False, "nll": True,
    "match-nll": True, "accuracy": False, "rank": True, "l2": True}
DIFFERENTIABLE = [name for name in LOWER_IS_BETTER if name not in ("accuracy", "rank")]


def kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p || q) of log-probabilities."""
    return functional.kl_div(q, p, log_target=True, reduction="none").sum(-1)


def metric(name: str, pairs: Pairs, logits: Tensor, clean_logits: Tensor) -> Tensor:
    """The metric of each pair; `logits` and `clean_logits` are `[pair, d_vocab]`."""
    log_p, log_q = clean_logits.log_softmax(-1), logits.log_softmax(-1)
    if name == "kl":  # KL(clean full model || this)
        return kl(log_p, log_q)
    if name == "js":
        mean = torch.logaddexp(log_p, log_q) - math.log(2)
        return (kl(log_p, mean) + kl(log_q, mean)) / 2
    if name == "l2":
        return (logits - clean_logits).square().sum(-1)
    if name == "match-nll":
        return -log_q.gather(-1, clean_logits.argmax(-1, keepdim=True)).squeeze(-1)

    def of_pair(x: Tensor, log_q: Tensor, right: list[int], wrong: list[int]) -> Tensor:
        if name == "logit-diff":
            return x[right].mean() - x[wrong].mean()
        if name == "prob-diff":
            return log_q.exp()[right].sum() - log_q.exp()[wrong].sum()
        if name == "nll":
            return -log_q[right].logsumexp(0)
        others = [token for token in range(len(x)) if token not in right]
        if name == "rank":
            return 1 + (x[others] > x[right].max()).sum().to(x.dtype)
        if name == "accuracy":
            return (x[right].max() > x[wrong or others].max()).to(x.dtype)
        raise ValueError(name)

    return torch.stack([
        of_pair(*row) for row in zip(logits, log_q, pairs.answers, pairs.wrong_answers)])


def loss(name: str, pairs: Pairs, logits: Tensor, clean_logits: Tensor) -> Tensor:
    """The metric of each pair with the sign that is minimised."""
    value = metric(name, pairs, logits, clean_logits)
    return value if LOWER_IS_BETTER[name] else -value
