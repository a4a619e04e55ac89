"""ACDC (Conmy et al. 2023), by brute force: the whole patched pass for every edge tested.

Receivers are visited from the output backwards: logits, then per layer the MLP, and the v, k and q
inputs, heads from the last to the first. A receiver's senders are tested from the latest; within a
layer the heads go from the last to the first (order `cli`) or from the first (order `library`).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from .experiment import Experiment
from .graph import Graph


@dataclass
class Decision:
    edge: tuple[int, int]
    before: float
    after: float
    removed: bool


def receiver_order(graph: Graph) -> list[int]:
    order = [graph.find(graph.n_layers, "logits")]
    for layer in reversed(range(graph.n_layers)):
        order.append(graph.find(layer, "m"))
        for kind in "vkq":
            count = graph.n_heads if kind == "q" else graph.kv_receivers
            order += [graph.find(layer, kind, index) for index in reversed(range(count))]
    return order


def sender_order(graph: Graph, receiver: int, order: str) -> list[int]:
    """The senders of a receiver in the order in which their edges are tested."""
    count = graph.receivers[receiver].senders
    result: list[int] = []
    for layer in reversed(range(graph.n_layers)):
        heads = [graph.sender_index[f"a{layer}.h{head}"] for head in range(graph.n_heads)]
        result.append(graph.sender_index[f"m{layer}"])
        result += heads if order == "library" else heads[::-1]
    return [sender for sender in result + [graph.sender_index["input"]] if sender < count]


def acdc(
    experiment: Experiment, threshold: float, order: str = "cli", absolute: bool = False,
    remove_redundant: bool = True,
) -> tuple[Tensor, list[Decision]]:
    """The edges kept, `[receiver, sender]`, and every decision in order."""
    graph = experiment.graph
    present = graph.real()
    current = experiment.loss_of(present)
    decisions = []
    for receiver in receiver_order(graph):
        nodes = graph.receivers[receiver].nodes
        if nodes and not any(present[:, graph.sender_index[node]].any() for node in nodes):
            present[receiver] = False  # nothing reads it
            continue
        for sender in sender_order(graph, receiver, order):
            present[receiver, sender] = False
            new = experiment.loss_of(present)
            effect = abs(new - current) if absolute else new - current
            removed = effect < threshold
            decisions.append(Decision((sender, receiver), current, new, removed))
            if removed:
                current = new
            else:
                present[receiver, sender] = True
        if remove_redundant:
            cut_redundant(graph, present)
    return present, decisions


def cut_redundant(graph: Graph, present: Tensor) -> None:
    """A node none of whose receivers keeps an input sends nothing on; to a fixed point."""
    feeding: dict[str, list[int]] = {}
    for index, receiver in enumerate(graph.receivers):
        for node in receiver.nodes:
            feeding.setdefault(node, []).append(index)
    changed = True
    while changed:
        changed = False
        for node, receivers in feeding.items():
            sender = graph.sender_index[node]
            if present[:, sender].any() and not present[receivers].any():
                present[:, sender] = False
                changed = True
