"""Activations of a model from TransformerLens, for circuit-convert.

    python cache_from_transformer_lens.py pairs.h5 gpt2 cache.npz
"""
import sys

import h5py
import numpy
import torch
from transformer_lens import HookedTransformer

pairs, name, out = sys.argv[1:]
model = HookedTransformer.from_pretrained_no_processing(name)
wanted = ("blocks.0.hook_resid_pre", "hook_z", "hook_mlp_out")
arrays = {}
with h5py.File(pairs) as file, torch.no_grad():
    for run in ["clean", "corrupted"]:
        ids = torch.tensor(file[f"{run}/ids"][:]).clamp(min=0).long()
        _, cache = model.run_with_cache(ids, prepend_bos=False, names_filter=lambda n: n.endswith(wanted))
        arrays |= {f"{run}/{name}": value.float().cpu().numpy() for name, value in cache.items()}
numpy.savez(out, **arrays)
