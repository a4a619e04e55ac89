"""Saves a Llama of random weights in the shape of a published one, and random pairs for it.

    python tools/reference/make_random_llama.py FOLDER [--shape llama-3.2-1b] [--pairs 16] ...

Writes FOLDER/config.json, FOLDER/model.safetensors (bfloat16: 2.5 GB for llama-3.2-1b, 6.4 GB for
llama-3.2-3b) and FOLDER/pairs.jsonl (token ids). For timing, where only the shape counts: the weights
are drawn from 2^24 normal numbers, each piece of 2^20 from another place among them.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np

from circuit_reference.pairs import random_records

# Of the published config.json files: layers, width, heads, key and value heads, width of the MLP.
SHAPES = {
    "llama-3.2-1b": (16, 2048, 32, 8, 8192),
    "llama-3.2-3b": (28, 3072, 24, 8, 8192),
}
PIECE = 1 << 20


def configuration(shape: str, vocabulary: int) -> dict:
    layers, width, heads, shared, mlp = SHAPES[shape]
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "dtype": "bfloat16",
        "num_hidden_layers": layers, "hidden_size": width, "num_attention_heads": heads,
        "num_key_value_heads": shared, "head_dim": 128 if width == 3072 else width // heads,
        "intermediate_size": mlp, "vocab_size": vocabulary, "hidden_act": "silu",
        "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "tie_word_embeddings": True,
        "attention_bias": False, "mlp_bias": False, "bos_token_id": 128000,
        "eos_token_id": 128001, "rope_theta": 500000.0,
        "rope_scaling": {
            "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 8192},
    }


def tensors(config: dict) -> list[tuple[str, list[int]]]:
    """Name and shape of every tensor; those of one axis are gains."""
    width, mlp = config["hidden_size"], config["intermediate_size"]
    queries = config["num_attention_heads"] * config["head_dim"]
    keys = config["num_key_value_heads"] * config["head_dim"]
    found = [("model.embed_tokens.weight", [config["vocab_size"], width])]
    for layer in range(config["num_hidden_layers"]):
        for name, shape in {
                "input_layernorm": [width], "self_attn.q_proj": [queries, width],
                "self_attn.k_proj": [keys, width], "self_attn.v_proj": [keys, width],
                "self_attn.o_proj": [width, queries], "post_attention_layernorm": [width],
                "mlp.gate_proj": [mlp, width], "mlp.up_proj": [mlp, width],
                "mlp.down_proj": [width, mlp]}.items():
            found.append((f"model.layers.{layer}.{name}.weight", shape))
    return found + [("model.norm.weight", [width])]


def write(path: Path, names: list[tuple[str, list[int]]], scale: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    normal = random.standard_normal(1 << 24, dtype=np.float32) * np.float32(scale)
    # The upper half of a float32 is a bfloat16.
    pool = (normal.view(np.uint32) >> 16).astype("<u2")
    one = np.full(1, 0x3F80, "<u2")
    header, end = {}, 0
    for name, shape in names:
        start, end = end, end + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape in names:
            count = int(np.prod(shape))
            if len(shape) == 1:
                file.write(one.repeat(count))
                continue
            for done in range(0, count, PIECE):
                piece = min(PIECE, count - done)
                place = int(random.integers(len(pool) - piece + 1))
                file.write(pool[place:place + piece])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shape", choices=SHAPES, default="llama-3.2-1b")
    for name, default in dict(vocabulary=128256, pairs=16, tokens=16, seed=0).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument(
        "--scale", type=float, default=0.02, help="standard deviation of the weights")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    config = configuration(arguments.shape, arguments.vocabulary)
    (arguments.folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    write(
        arguments.folder / "model.safetensors", tensors(config), arguments.scale, arguments.seed)
    records = random_records(
        arguments.vocabulary, arguments.pairs, arguments.tokens, arguments.seed)
    (arguments.folder / "pairs.jsonl").write_text(
        "".join(json.dumps(record) + "\n" for record in records))


if __name__ == "__main__":
    main()
