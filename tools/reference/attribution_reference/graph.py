"""Attribution graphs: nodes, direct effects, influence, pruning and scores."""

import numpy as np

from .model import Run, softmax


class Graph:
    """The attribution graph of a prompt, dense: rows are targets, columns sources.

    Order of nodes: selected features, errors (by layer, then position), tokens, logits.
    """

    def __init__(self, model, transcoders, ids, max_features=None, batch=64, update=4,
                 max_logits=10, logit_mass=0.95):
        self.model, self.transcoders, self.ids = model, transcoders, list(ids)
        run = self.run = Run(model, self.ids)
        T, L = len(ids), len(model.layers)
        self.z, self.a, reconstruction = [], [], [b * np.ones((T, 1)) for b in transcoders.b_dec]
        for i, layer in enumerate(model.layers):
            x = transcoders.reads(i, layer, run.mid[i])
            z = x @ transcoders.W_enc[i].T + transcoders.b_enc[i]
            a = transcoders.activate(i, z)
            z, a = z.copy(), a.copy()
            z[0] = a[0] = 0
            self.z.append(z)
            self.a.append(a)
            for n, out in enumerate(transcoders.outputs(i)):
                reconstruction[out] = reconstruction[out] + a @ transcoders.W_dec[i][:, n]
            reconstruction[i] = reconstruction[i] + transcoders.skip_out(i, x)
        module = transcoders.output_hook == "mlp.hook_out"
        truth = run.mlp_module if module else run.mlp_out
        self.errors = [t - r for t, r in zip(truth, reconstruction)]
        for e in self.errors:
            e[0] = 0
        self.module = module
        self.active = [
            (l, p, f) for l in range(L) for p in range(T) for f in np.flatnonzero(self.a[l][p])]
        probabilities = softmax(run.logits[-1])
        order = np.argsort(-probabilities, kind="stable")[:max_logits]
        count = int(np.searchsorted(np.cumsum(probabilities[order]), logit_mass)) + 1
        self.logit_tokens = order[: min(count, max_logits)]
        self.logit_probabilities = probabilities[self.logit_tokens]
        self.attribute(max_features, batch, update)

    def row(self, start, g):
        """Direct effects of all active features, errors and tokens on a target.

        `g` `[position, d]` is the gradient at the stream before the MLP of layer `start`; the final
        stream is before the MLP of layer L.
        """
        tc, run, L, T = self.transcoders, self.run, len(self.model.layers), len(self.ids)
        out = np.zeros((L, T, g.shape[1]))
        if start < L and not self.model.parallel:
            g = g + run.attention_back(start, g)
        for i in reversed(range(start)):
            layer = self.model.layers[i]
            o = g
            if self.module and layer.post2:
                o = layer.post2.back(g, layer.post2.inverse_scale(run.mlp_module[i]))
            out[i] = o
            before = g
            if tc.skip[i] is not None:
                g = g + tc.reads_back(layer, run.mid[i], o @ tc.skip[i])
            # Side by side, attention gets nothing of the skip connection's gradient.
            g = g + run.attention_back(i, before if self.model.parallel else g)
        features = [
            self.a[l][p, f] * sum(
                tc.W_dec[l][f, n] @ out[m][p] for n, m in enumerate(tc.outputs(l)) if m < start)
            for l, p, f in self.active]
        errors = [self.errors[l][p] @ out[l][p] for l in range(L) for p in range(T)]
        tokens = (self.model.embeddings(self.ids) * g).sum(-1)
        return np.concatenate([features, errors, tokens])

    def feature_row(self, index):
        l, p, f = self.active[index]
        g = np.zeros_like(self.run.final)
        layer = self.model.layers[l]
        v = np.zeros_like(g)
        v[p] = self.transcoders.W_enc[l][f]
        return self.row(l, self.transcoders.reads_back(layer, self.run.mid[l], v))

    def logit_row(self, token):
        model, v = self.model, np.zeros_like(self.run.final)
        v[-1] = model.W_U[token] - model.W_U.mean(0)
        return self.row(
            len(model.layers), model.ln_final.back(v, model.ln_final.inverse_scale(self.run.final)))

    def attribute(self, cap, batch, update):
        count, k = len(self.active), len(self.logit_tokens)
        rows = {("logit", t): self.logit_row(t) for t in self.logit_tokens}
        visited = []
        if cap is None or cap >= count:
            visited = list(range(count))
            rows |= {i: self.feature_row(i) for i in visited}
        while len(visited) < min(cap or count, count):
            weight = dict(zip([("logit", t) for t in self.logit_tokens], self.logit_probabilities))
            influence = np.zeros(count)
            # Rows lead to lower layers only: a sweep from the logits down meets each once.
            for target in [("logit", t) for t in self.logit_tokens] + sorted(visited, reverse=True):
                row = np.abs(rows[target])
                w = weight[target] if isinstance(target, tuple) else influence[target]
                influence += (row / max(row.sum(), 1e-8))[:count] * w
            rank = [i for i in np.argsort(-influence, kind="stable") if i not in set(visited)]
            for i in rank[: min(update * batch, cap - len(visited))]:
                rows[i] = self.feature_row(i)
                visited.append(i)
        self.selected = sorted(visited)
        rest = list(range(count, count + len(self.ids) * (len(self.model.layers) + 1)))
        columns = self.selected + rest
        N = len(columns) + k
        self.adjacency = np.zeros((N, N))
        for r, i in enumerate(self.selected):
            self.adjacency[r, : len(columns)] = rows[i][columns]
        for r, t in enumerate(self.logit_tokens):
            self.adjacency[N - k + r, : len(columns)] = rows[("logit", t)][columns]

    def names(self):
        T, L = len(self.ids), len(self.model.layers)
        return (
            [f"m{l}.f{f}@{p}" for l, p, f in (self.active[i] for i in self.selected)]
            + [f"m{l}.error@{p}" for l in range(L) for p in range(T)]
            + [f"input@{p}" for p in range(T)] + [f"logits.t{t}" for t in self.logit_tokens])


def normalize(A):
    A = np.abs(A)
    return A / np.maximum(A.sum(1, keepdims=True), 1e-10)


def influence(N, w):
    total, term = np.zeros(len(w)), w @ N
    while term.any():
        total += term
        term = term @ N
    return total


def cut(scores, threshold):
    s = np.sort(scores.ravel())[::-1]
    s = s[s > 0]
    if not len(s):
        return np.inf
    c = np.cumsum(s) / s.sum()
    return s[min(np.searchsorted(c, threshold), len(s) - 1)]


def prune(A, n_features, n_tokens, probabilities, node_threshold=0.8, edge_threshold=0.98):
    """Returns node mask, edge mask, influence and cumulative scores."""
    k, N = len(probabilities), len(A)
    w = np.zeros(N)
    w[-k:] = probabilities
    I = influence(normalize(A), w)
    nodes = I >= cut(I, node_threshold)
    nodes[N - k - n_tokens :] = True
    P = A * nodes * nodes[:, None]
    P = normalize(P)
    edge_scores = P * (influence(P, w) + w)[:, None]
    edges = edge_scores >= cut(edge_scores, edge_threshold)
    inner = N - k - n_tokens
    before = nodes.copy()

    def sweep():
        nodes[:inner] &= edges[:, :inner].any(0)
        nodes[:n_features] &= edges[:n_features].any(1)

    sweep()
    while (nodes != before).any():
        before[:] = nodes
        edges &= nodes & nodes[:, None]
        sweep()
    order = np.argsort(-I, kind="stable")
    cumulative = np.zeros(N)
    cumulative[order] = np.cumsum(I[order]) / I.sum()
    return nodes, edges, I, cumulative


def scores(A, n_features, n_tokens, probabilities):
    k, N = len(probabilities), len(A)
    w = np.zeros(N)
    w[-k:] = probabilities
    H = normalize(A)
    I = influence(H, w)
    errors, tokens = slice(n_features, N - k - n_tokens), slice(N - k - n_tokens, N - k)
    replacement = I[tokens].sum() / (I[tokens].sum() + I[errors].sum())
    completeness = ((1 - H[:, errors].sum(1)) * (I + w)).sum() / (I + w).sum()
    return replacement, completeness


def subgraph_scores(A, features, n_layers, n_tokens, probabilities, chosen, nodes=None, edges=None):
    """The scores with features that aren't chosen added to the error of their layer and position, as
    circuit-tracer's compute_subgraph_scores does; `nodes`, `edges` are what pruning keeps, if it is done.

    `features` are (layer, position, index); `chosen` says of each whether it is in the subgraph.
    """
    A, n = A.copy(), len(features)
    nodes = np.ones(len(A), bool) if nodes is None else nodes
    edges = np.ones(A.shape, bool) if edges is None else edges
    for i, (layer, position, _) in enumerate(features):
        if nodes[i] and not chosen[i]:
            A[:, n + layer * n_tokens + position] += A[:, i]
            A[i] = 0
            A[:, i] = 0
    A[~nodes] = 0
    A[:, ~nodes] = 0
    return scores(A * edges, n, n_tokens, probabilities)
