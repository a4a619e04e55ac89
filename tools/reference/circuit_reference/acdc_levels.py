"""ACDC on graphs of layers or heads, and by position, by brute force like `acdc`.

The graph that is searched is made from the names of the model's own: a *unit* is a receiver of the
searched graph, the model's receivers that it stands for and, by position, where it reads. An edge
leads from the senders that are one node of the level to a unit. What reads a unit follows from the
model: at its own position whatever its queries or its MLP feed into, and from there on what its keys
and values do.
"""

from dataclasses import dataclass

import torch

from .experiment import Experiment

LEVELS = ("layer", "head", "edge")


@dataclass(frozen=True)
class Unit:
    name: str
    members: tuple[int, ...]  # receivers of the model's graph
    position: int | None


@dataclass(frozen=True)
class Edge:
    node: str
    senders: tuple[int, ...]  # senders of the model's graph
    unit: Unit

    @property
    def name(self) -> str:
        at = "" if self.unit.position is None else f"@{self.unit.position}"
        return f"{self.node}{at}->{self.unit.name}{at}"


@dataclass
class LevelDecision:
    edge: str
    before: float
    after: float
    removed: bool


def node_of(sender: str, level: str) -> str:
    return sender.split(".")[0] if level == "layer" else sender


def unit_of(receiver, level: str) -> str:
    name = receiver.name if level == "edge" else receiver.name.split("<")[0]
    return name.split(".")[0] if level == "layer" else name


class LevelSearch:
    """A search of the model's graph at a level; `positions` is None where edges are of all at once."""

    def __init__(self, experiment: Experiment, level: str, by_position: bool):
        self.experiment, self.graph, self.level = experiment, experiment.graph, level
        ends = {int(length) - 1 for length in experiment.pairs.lengths}
        self.positions = list(range(max(ends) + 1)) if by_position else None
        self.nodes: dict[str, list[int]] = {}
        for index, sender in enumerate(self.graph.senders):
            self.nodes.setdefault(node_of(sender, level), []).append(index)
        members: dict[str, list[int]] = {}
        for index, receiver in enumerate(self.graph.receivers):
            members.setdefault(unit_of(receiver, level), []).append(index)
        self.units = [
            Unit(name, tuple(of), position) for name, of in members.items()
            for position in self.positions or [None]
            if name != "logits" or position is None or position in ends]
        self.kept: set[Edge] = set()
        self.present = torch.zeros(
            1, len(self.positions or [0]), *self.graph.real().shape, dtype=bool)
        for unit in self.units:
            for edge in self.edges_into(unit):
                self.keep(edge)

    def edges_into(self, unit: Unit) -> list[Edge]:
        count = self.graph.receivers[unit.members[0]].senders
        return [
            Edge(node, tuple(senders), unit) for node, senders in self.nodes.items()
            if senders[0] < count]

    def keep(self, edge: Edge, is_kept: bool = True) -> None:
        (self.kept.add if is_kept else self.kept.discard)(edge)
        for receiver in edge.unit.members:
            self.present[0, edge.unit.position or 0, receiver, list(edge.senders)] = is_kept

    def loss(self) -> float:
        return self.experiment.loss_of(
            self.present[0, 0] if self.positions is None else self.present)

    def reads(self, node: str, position: int | None, unit: Unit) -> bool:
        """Whether a node, at a position, computes with what a unit receives."""
        receivers = [self.graph.receivers[index] for index in unit.members]
        feeds = {node_of(name, self.level) for receiver in receivers for name in receiver.nodes}
        if node not in feeds:
            return False
        if position is None or position == unit.position:
            return True
        return position > unit.position and any(receiver.kind in "kv" for receiver in receivers)

    def places(self) -> list[tuple[str, int | None]]:
        return [(node, position) for node in self.nodes for position in self.positions or [None]]

    def is_sent(self, node: str, position: int | None) -> bool:
        return any(edge.node == node and edge.unit.position == position for edge in self.kept)

    def order(self, unit: Unit) -> tuple:
        """Logits first, then from the last layer down MLP, values, keys, queries (heads whole come
        with their queries), each from the last head and the last position."""
        first = self.graph.receivers[unit.members[0]]
        kind = ["logits", "m", "v", "k", "q"].index(
            "v" if unit.name.split(".")[-1].startswith("kv") and "<" not in unit.name else first.kind)
        return -first.layer, kind, -first.index, -(unit.position or 0)

    def sender_order(self, edge: Edge) -> tuple:
        name = edge.node
        if name == "input":
            return (1, 0, 0)
        layer, _, head = name[1:].partition(".h")
        return -int(layer), int(name[0] != "m"), -int(head or 0)

    def run(self, threshold: float, remove_redundant: bool = True) -> list[LevelDecision]:
        decisions = []
        current = self.loss()
        for unit in sorted(self.units, key=self.order):
            edges = [edge for edge in self.edges_into(unit) if edge in self.kept]
            is_read = unit.name == "logits" or any(
                self.is_sent(node, position) for node, position in self.places()
                if self.reads(node, position, unit))
            if not is_read:
                for edge in edges:
                    self.keep(edge, False)
                continue
            for edge in sorted(edges, key=self.sender_order):
                self.keep(edge, False)
                new = self.loss()
                removed = new - current < threshold
                decisions.append(LevelDecision(edge.name, current, new, removed))
                if removed:
                    current = new
                else:
                    self.keep(edge)
            if remove_redundant:
                self.cut_redundant()
        return decisions

    def cut_redundant(self) -> None:
        """A node none of whose receivers keeps an input sends nothing on; to a fixed point."""
        changed = True
        while changed:
            changed = False
            receiving = {edge.unit for edge in self.kept}
            for node, position in self.places():
                if node == "input" or not self.is_sent(node, position):
                    continue
                if not any(self.reads(node, position, unit) for unit in receiving):
                    for edge in [*self.kept]:
                        if (edge.node, edge.unit.position) == (node, position):
                            self.keep(edge, False)
                    changed = True
