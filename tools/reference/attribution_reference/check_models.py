"""Compares this package's forward passes with transformers': python -m attribution_reference.check_models

Of each tiny model that it reads, in float64, on a prompt longer than any window. Run it in
tools/reference; needs torch and transformers.
"""

import pathlib

import numpy as np
import torch
import transformers

from .model import Model, Run

MODELS = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "models"
NAMES = ("gpt2", "llama", "qwen2", "qwen3", "gpt-neox", "gemma2", "gemma3", "olmo2")
PROMPT = [2, 17, 33, 45, 9, 17, 51, 3, 28]


def main():
    for name in NAMES:
        folder = MODELS / f"tiny-{name}"
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder, attn_implementation="eager", dtype=torch.float64).eval()
        with torch.no_grad():
            expected = model(torch.tensor([PROMPT])).logits[0].numpy()
        gap = np.abs(Run(Model(folder), PROMPT).logits - expected).max()
        print(f"tiny-{name} {gap:.1e}")
        # transformers computes norms and rotations in float32 whatever the type.
        assert gap < 2e-5 * np.abs(expected).max(), name


if __name__ == "__main__":
    main()
