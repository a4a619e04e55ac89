"""Which attention heads carry an edge, by brute force: heads' values and outputs are set to zero."""

import contextlib

import numpy as np


@contextlib.contextmanager
def without_heads(model, heads):
    """Zeroes the part of W_O that reads the given (layer, head)."""
    before = {l: model.layers[l].Wo.copy() for l, _ in heads}
    for l, h in heads:
        model.layers[l].Wo[:, h * model.width : (h + 1) * model.width] = 0
    yield
    for l, weight in before.items():
        model.layers[l].Wo = weight


def rows(graph, targets):
    """The rows of the adjacency matrix of these nodes, computed anew."""
    n = len(graph.selected)
    first_logit = len(graph.adjacency) - len(graph.logit_tokens)
    computed = [
        graph.feature_row(graph.selected[t]) if t < n
        else graph.logit_row(graph.logit_tokens[t - first_logit]) for t in targets]
    return np.array(computed)


def loadings(graph, edges):
    """For edges (target, source): all paths through each head, those on which it is the last, and those
    through no head: `[edge, layer, head]` twice and `[edge]`.

    Without some heads a row is what the rest carries, everything else held constant as it was.
    """
    model = graph.model
    L, H = len(model.layers), model.heads
    targets = sorted({t for t, _ in edges})
    place = {t: i for i, t in enumerate(targets)}

    def carried(missing):
        with without_heads(model, missing):
            values = rows(graph, targets)
        return np.array([values[place[t], s] for t, s in edges])

    whole = carried([])
    through, last = np.zeros((2, len(edges), L, H))
    for l in range(L):
        above = [(m, h) for m in range(l + 1, L) for h in range(H)]
        rest = carried(above)
        for h in range(H):
            through[:, l, h] = whole - carried([(l, h)])
            last[:, l, h] = rest - carried(above + [(l, h)])
    return through, last, carried([(l, h) for l in range(L) for h in range(H)])
