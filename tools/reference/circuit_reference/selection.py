"""Circuits from the scores of edges, by brute force: no heap, no sharing of work.

Scores and circuits are lists over `graph.edges`. Of equal scores the earlier edge comes first.
"""

from .graph import Graph


def strength(scores: list[float], absolute: bool) -> list[float]:
    return [abs(score) for score in scores] if absolute else scores


def top_n(graph: Graph, scores: list[float], count: int, absolute: bool) -> list[bool]:
    """The `count` best edges of the whole graph."""
    by = strength(scores, absolute)
    best = sorted(range(len(by)), key=lambda edge: (-by[edge], edge))[:count]
    return [edge in set(best) for edge in range(len(by))]


def greedy(graph: Graph, scores: list[float], count: int, absolute: bool) -> list[bool]:
    """From `logits`: again and again the best edge into a node that was reached."""
    by = strength(scores, absolute)
    taken = [False] * len(by)
    reached = {"logits"}
    for _ in range(count):
        open_edges = [
            edge for edge, (_, receiver) in enumerate(graph.edges)
            if not taken[edge] and reached & set(graph.receivers[receiver].nodes or ["logits"])]
        if not open_edges:
            break
        edge = min(open_edges, key=lambda edge: (-by[edge], edge))
        taken[edge] = True
        reached.add(graph.senders[graph.edges[edge][0]])
    return taken


def prune(graph: Graph, taken: list[bool]) -> list[bool]:
    """Without nodes that lack an incoming or an outgoing edge, and without edges that lack an end."""
    kept = list(taken)
    while True:
        present = [graph.edges[edge] for edge, keep in enumerate(kept) if keep]
        leaving = {graph.senders[sender] for sender, _ in present} | {"logits"}
        entered = {
            node for _, receiver in present for node in graph.receivers[receiver].nodes or ["logits"]
        } | {"input"}
        alive = leaving & entered
        after = [
            keep and graph.senders[sender] in alive
            and bool(alive & set(graph.receivers[receiver].nodes or ["logits"]))
            for keep, (sender, receiver) in zip(kept, graph.edges)]
        if after == kept:
            return kept
        kept = after
