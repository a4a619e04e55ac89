"""Pairs of clean and corrupted prompts as JSONL of token ids.

One object a line: `clean_ids`, `corrupted_ids`, `answer_ids`, `wrong_answer_ids`; the last two are
lists of answers, each a list of token ids, of which the metrics here read the first token.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor


@dataclass
class Pairs:
    clean: Tensor  # [pair, position], right-padded with 0
    corrupted: Tensor
    lengths: Tensor  # [pair]
    answers: list[list[int]]  # the first token of each answer of a pair
    wrong_answers: list[list[int]]

    def at_last(self, values: Tensor) -> Tensor:
        """`[pair, position, ...]` at each pair's last position."""
        return values[torch.arange(len(self.lengths)), self.lengths - 1]

    def part(self, first: int, count: int) -> "Pairs":
        """`count` of the pairs, or as many as there are, from the one at `first`."""
        end = first + count
        return Pairs(
            self.clean[first:end], self.corrupted[first:end], self.lengths[first:end],
            self.answers[first:end], self.wrong_answers[first:end])


def from_records(records: list[dict]) -> Pairs:
    def padded(key: str) -> Tensor:
        return torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(record[key]) for record in records], batch_first=True)

    def first_tokens(key: str) -> list[list[int]]:
        return [
            [answer[0] if isinstance(answer, list) else answer for answer in record[key]]
            for record in records]

    for record in records:
        assert len(record["clean_ids"]) == len(record["corrupted_ids"])
    return Pairs(
        padded("clean_ids"), padded("corrupted_ids"),
        torch.tensor([len(record["clean_ids"]) for record in records]),
        first_tokens("answer_ids"), first_tokens("wrong_answer_ids"))


def read(path: str | Path) -> Pairs:
    return from_records([json.loads(line) for line in Path(path).read_text().splitlines() if line])


def random_records(vocabulary: int, pairs: int, length: int, seed: int) -> list[dict]:
    """Pairs of random tokens: the corrupted prompt differs in some places before the last."""
    generator = torch.Generator().manual_seed(seed)

    def draw(count: int) -> list[int]:
        return torch.randint(1, vocabulary, (count,), generator=generator).tolist()

    records = []
    for _ in range(pairs):
        clean = draw(length)
        other = draw(length)
        change = (torch.rand(length, generator=generator) < 0.5).tolist()
        change[1], change[-1] = True, False
        corrupted = [o if c else a for a, o, c in zip(clean, other, change)]
        answer, wrong = torch.randperm(vocabulary - 1, generator=generator)[:2].add(1).tolist()
        records.append({
            "clean_ids": clean, "corrupted_ids": corrupted,
            "answer_ids": [[answer]], "wrong_answer_ids": [[wrong]]})
    return records
