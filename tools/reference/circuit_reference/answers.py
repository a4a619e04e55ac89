"""Teacher-forced log-probability of answers in several tokens.

An answer's tokens but the last follow the clean and the corrupted prompt alike, and every token's
log-probability is read where it is predicted, in one pass. Written for whole sequences; the toolkit
takes one prompt for each token instead, which is the same where attention is causal.
"""

import torch
from torch import Tensor

from . import pairs as pair_files
from .experiment import Experiment
from .transformer import Transformer


class AnswerExperiment(Experiment):
    """`records` have one answer each, of any number of tokens."""

    def __init__(self, model: Transformer, records: list[dict]):
        self.spelled = [record["answer_ids"][0] for record in records]
        self.prompt_lengths = [len(record["clean_ids"]) for record in records]
        extended = [
            record | {
                key: record[key] + answer[:-1] for key in ("clean_ids", "corrupted_ids")}
            for record, answer in zip(records, self.spelled)]
        super().__init__(model, pair_files.from_records(extended))

    def values(self, final: Tensor) -> Tensor:
        """The sum of the log-probabilities of the answer's tokens, of each pair."""
        log_q = self.model.logits(final).log_softmax(-1)
        return torch.stack([
            sum(log_q[pair, length - 1 + index, token] for index, token in enumerate(answer))
            for pair, (answer, length) in enumerate(zip(self.spelled, self.prompt_lengths))])

    def losses(self, final: Tensor) -> Tensor:
        return -self.values(final)
