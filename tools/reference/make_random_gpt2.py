"""Saves a GPT-2 of random weights (by default of GPT-2 small's shape) and random pairs for it.

    python tools/reference/make_random_gpt2.py FOLDER [--layers 12] [--width 768] [--pairs 16] ...

Writes FOLDER/config.json, FOLDER/model.safetensors (float32, 500 MB at GPT-2 small's shape) and
FOLDER/pairs.jsonl (token ids). For timing, where only the shape counts.
"""

import argparse
import json
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from circuit_reference.pairs import random_records


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for name, default in dict(
            layers=12, heads=12, width=768, vocabulary=50257, pairs=16, tokens=16, seed=0).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument(
        "--scale", type=float, default=0.02, help="standard deviation of the weights")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    model = GPT2LMHeadModel(GPT2Config(
        vocab_size=arguments.vocabulary, n_embd=arguments.width, n_layer=arguments.layers,
        n_head=arguments.heads, initializer_range=arguments.scale))
    model.save_pretrained(arguments.folder)
    (arguments.folder / "generation_config.json").unlink(missing_ok=True)
    records = random_records(
        arguments.vocabulary, arguments.pairs, arguments.tokens, arguments.seed)
    (arguments.folder / "pairs.jsonl").write_text(
        "".join(json.dumps(record) + "\n" for record in records))


if __name__ == "__main__":
    main()
