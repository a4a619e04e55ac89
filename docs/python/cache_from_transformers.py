"""Activations of a Llama-like model from transformers, for circuit-convert.

    python cache_from_transformers.py pairs.h5 MODEL_FOLDER cache.safetensors
"""
import sys

import h5py
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

pairs, folder, out = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
kept, arrays = {}, {}
model.model.embed_tokens.register_forward_hook(
    lambda _, args, output: kept.update({"blocks.0.hook_resid_pre": output.clone()}))
for n, layer in enumerate(model.model.layers):
    layer.self_attn.o_proj.register_forward_pre_hook(lambda _, args, n=n: kept.update(
        {f"blocks.{n}.attn.hook_z": args[0].unflatten(-1, (model.config.num_attention_heads, -1)).clone()}))
    layer.mlp.register_forward_hook(
        lambda _, args, output, n=n: kept.update({f"blocks.{n}.hook_mlp_out": output.clone()}))
with h5py.File(pairs) as file, torch.no_grad():
    for run in ["clean", "corrupted"]:
        model(torch.tensor(file[f"{run}/ids"][:]).clamp(min=0).long())
        arrays |= {f"{run}/{name}": value.contiguous() for name, value in kept.items()}
save_file(arrays, out)
