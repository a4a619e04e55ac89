"""Metrics at the last position: one value per pair, from the logits there.

`kl` is what a circuit loses, to be minimised. `logit-diff` and `prob-diff` are what it gains:
their loss is their negative. With several answers the logit difference takes the mean over each
set, and the probability difference the sum.
"""

import torch
from torch import Tensor
from torch.nn import functional

from .pairs import Pairs

LOWER_IS_BETTER = {"kl": True, "logit-diff": False, "prob-diff": False}


def metric(name: str, pairs: Pairs, logits: Tensor, clean_logits: Tensor) -> Tensor:
    """The metric of each pair; `logits` and `clean_logits` are `[pair, d_vocab]`."""
    if name == "kl":  # KL(clean full model || this)
        return functional.kl_div(
            logits.log_softmax(-1), clean_logits.log_softmax(-1), log_target=True,
            reduction="none").sum(-1)
    if name == "logit-diff":
        values, combine = logits, torch.mean
    else:
        values, combine = logits.softmax(-1), torch.sum
    return torch.stack([
        combine(row[right]) - combine(row[wrong])
        for row, right, wrong in zip(values, pairs.answers, pairs.wrong_answers)])


def loss(name: str, pairs: Pairs, logits: Tensor, clean_logits: Tensor) -> Tensor:
    """The metric of each pair with the sign that is minimised."""
    value = metric(name, pairs, logits, clean_logits)
    return value if LOWER_IS_BETTER[name] else -value
