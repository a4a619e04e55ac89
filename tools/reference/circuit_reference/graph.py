"""The computational graph: who writes to the residual stream, who reads from it.

Senders in order of computation: `input`, then per layer its heads `a0.h0`, .. and its MLP `m0`.
Receivers: per layer the q, k and v inputs of its heads and the MLP's input, then `logits`. With
grouped-query attention k and v exist once per KV head (`a0.kv0<k>`), or, ungrouped, once per head
(`a0.h0<k>`). An edge joins every sender to every receiver computed after it.
"""

from dataclasses import dataclass, field

import torch


@dataclass
class Receiver:
    name: str
    layer: int  # n_layers for logits
    kind: str  # "q", "k", "v", "m" or "logits"
    index: int  # head or KV head
    senders: int  # the first `senders` senders come before it
    nodes: list[str] = field(default_factory=list)  # the senders it feeds into


@dataclass
class Graph:
    n_layers: int
    n_heads: int
    n_kv_heads: int
    parallel: bool = False
    ungrouped: bool = False

    def __post_init__(self):
        heads = self.n_heads
        grouped = self.n_kv_heads != heads and not self.ungrouped
        self.kv_receivers = self.n_kv_heads if grouped else heads
        share = heads // self.kv_receivers
        self.senders, self.receivers = ["input"], []
        for layer in range(self.n_layers):
            before = len(self.senders)
            for kind in "qkv":
                single = kind == "q" or not grouped
                for index in range(heads if single else self.kv_receivers):
                    name = f"a{layer}.{'h' if single else 'kv'}{index}<{kind}>"
                    group = range(index, index + 1) if single else range(
                        index * share, (index + 1) * share)
                    self.receivers.append(Receiver(
                        name, layer, kind, index, before, [f"a{layer}.h{h}" for h in group]))
            self.senders += [f"a{layer}.h{head}" for head in range(heads)]
            self.receivers.append(Receiver(
                f"m{layer}", layer, "m", 0, before if self.parallel else len(self.senders),
                [f"m{layer}"]))
            self.senders.append(f"m{layer}")
        self.receivers.append(Receiver(
            "logits", self.n_layers, "logits", 0, len(self.senders)))
        self.sender_index = {name: i for i, name in enumerate(self.senders)}
        self.receiver_index = {r.name: i for i, r in enumerate(self.receivers)}

    @property
    def edges(self) -> list[tuple[int, int]]:
        """(sender, receiver) of every edge: receivers in order of computation, then senders."""
        return [(s, r) for r, to in enumerate(self.receivers) for s in range(to.senders)]

    def name(self, edge: tuple[int, int]) -> str:
        return f"{self.senders[edge[0]]}->{self.receivers[edge[1]].name}"

    def real(self) -> torch.Tensor:
        """`[receiver, sender]`: whether such an edge exists."""
        counts = torch.tensor([to.senders for to in self.receivers])
        return torch.arange(len(self.senders))[None, :] < counts[:, None]

    def find(self, layer: int, kind: str, index: int = 0) -> int:
        """The index of a receiver."""
        return next(
            i for i, r in enumerate(self.receivers)
            if (r.layer, r.kind, r.index) == (layer, kind, index))
