"""Interventions on features: circuit-tracer's feature_intervention."""

import numpy as np

from .model import Run


def intervene(graph, changes, mode="direct", layers=None, added=None):
    """Returns logits `[position, token]` after setting features: `changes` is (layer, position, feature,
    value). Modes: direct (all layers constrained), layers (those of `layers`), frozen-attention, open.
    `added` are vectors, as for `Run`."""
    model, tc, clean = graph.model, graph.transcoders, graph.run
    L = len(model.layers)
    if mode == "direct":
        return direct(graph, changes, added or {})
    constrained = layers if mode == "layers" else None
    pending = [np.zeros_like(clean.final) for _ in range(L)]

    def hook(i, mid, out):
        layer = model.layers[i]
        x = tc.reads(i, layer, mid)
        current = graph.a[i] if constrained is not None else tc.activate(
            i, x @ tc.W_enc[i].T + tc.b_enc[i]).copy()
        current = current.copy()
        current[0] = 0
        for l, p, f, value in changes:
            if l == i:
                for n, m in enumerate(tc.outputs(l)):
                    pending[m][p] += (value - current[p, f]) * tc.W_dec[l][f, n]
        if constrained is None:
            return out + pending[i]
        if i not in constrained:
            return out
        base = clean.mlp_module[i] if graph.module else clean.mlp_out[i]
        if tc.skip[i] is not None:
            base = base + tc.skip_out(i, x) - tc.skip_out(i, tc.reads(i, layer, clean.mid[i]))
        return base + pending[i]

    frozen = None if mode == "open" else clean.patterns
    hooks = dict(mlp_hook=hook) if graph.module else dict(out_hook=hook)
    return Run(model, graph.ids, patterns=frozen, added=added, **hooks).logits


def direct(graph, changes, added):
    """All norms, patterns and MLPs constant: a change goes through the linearised model."""
    model, tc, clean = graph.model, graph.transcoders, graph.run
    L = len(model.layers)
    out = [np.zeros_like(clean.final) for _ in range(L)]
    for l, p, f, value in changes:
        for n, m in enumerate(tc.outputs(l)):
            out[m][p] += (value - graph.a[l][p, f]) * tc.W_dec[l][f, n]

    def slope(norm, dx, x):
        return norm.centre(dx) * norm.inverse_scale(x) * norm.gain

    dx = np.zeros_like(clean.final)
    for i, layer in enumerate(model.layers):
        extra = lambda site: added.get((i, site), 0.0)
        dx = dx + extra("hook_resid_pre")
        n = slope(layer.ln1, dx, clean.pre[i])
        v = (n @ layer.Wv.T).reshape(len(n), model.kv, model.width)
        z = np.einsum("hqk,khw->qhw", clean.patterns[i], v.repeat(model.heads // model.kv, 1))
        a = z.reshape(len(n), -1) @ layer.Wo.T
        attended = slope(layer.post1, a, clean.attention_module[i]) if layer.post1 else a
        attended = attended + extra("hook_attn_out")
        mid = dx if model.parallel else dx + attended + extra("hook_resid_mid")
        m = out[i]
        if tc.skip[i] is not None:
            read = mid
            if tc.input_hook != "hook_resid_mid":
                read = layer.ln2.centre(mid) * layer.ln2.inverse_scale(clean.mid[i])
                if tc.input_hook == "mlp.hook_in":
                    read = read * layer.ln2.gain
            m = m + read @ tc.skip[i].T
        if graph.module and layer.post2:
            m = slope(layer.post2, m, clean.mlp_module[i])
        dx = dx + attended if model.parallel else mid
        dx = dx + m + extra("hook_mlp_out") + extra("hook_resid_post")
    change = slope(model.ln_final, dx, clean.final) @ model.W_U.T
    return model.cap(clean.raw_logits + change)
