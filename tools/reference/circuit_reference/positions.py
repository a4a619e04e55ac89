"""A metric of terms that are read at positions of their own, in one pass over whole prompts.

A term is `{"weight", "of", "tokens", "at"}` as in docs/metrics.md: the mean, the sum or the log-sum-exp
of the logits of some tokens (or of all, `"all"`), at a named position, a number, or the `end`. The
toolkit takes one prompt for each position instead, which is the same where attention is causal.
"""

import torch
from torch import Tensor

from . import pairs as pair_files
from .experiment import Experiment
from .transformer import Transformer


class PositionExperiment(Experiment):
    def __init__(
        self, model: Transformer, records: list[dict], terms: list[dict],
        ablation: str = "resample"):
        self.records, self.terms = records, terms
        super().__init__(model, pair_files.from_records(records), ablation=ablation)

    def position(self, term: dict, record: dict) -> int:
        at, length = term.get("at", "end"), len(record["clean_ids"])
        if at == "end":
            return length - 1
        return record["positions"][at] if isinstance(at, str) else at % length

    def value(self, term: dict, record: dict, logits: Tensor) -> Tensor:
        tokens = term["tokens"]
        if tokens == "answers":
            tokens = [answer[0] for answer in record["answer_ids"]]
        row = logits[self.position(term, record)]
        read = row if tokens == "all" else row[tokens]
        reduce = {"mean": Tensor.mean, "sum": Tensor.sum,
                  "log-sum-exp": lambda x: x.logsumexp(0)}[term.get("of", "mean")]
        return term.get("weight", 1) * reduce(read)

    def values(self, final: Tensor) -> Tensor:
        """The metric of each pair, which is better if it is high."""
        logits = self.model.logits(final)
        return torch.stack([
            sum(self.value(term, record, logits[pair]) for term in self.terms)
            for pair, record in enumerate(self.records)])

    def losses(self, final: Tensor) -> Tensor:
        return -self.values(final)
