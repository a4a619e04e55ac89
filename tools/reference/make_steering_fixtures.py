"""Makes fixtures/steering: steering vectors and what they do, computed with transformers and numpy.

    python tools/reference/make_steering_fixtures.py

Writes for tiny models of three families `expected-MODEL.safetensors` (float64 values rounded to
float32) and `pairs-MODEL.jsonl`, the pairs that the vectors are made of, and control.gguf, a control
vector as repeng's export_gguf writes it (gguf package), with its values in control.safetensors.

- mean: clean minus corrupted output of every layer at the last position, the mean over pairs (CAA)
- component: their first principal component by repeng's rules (pca_diff): centred, of length 1, and
  towards the clean prompts of most pairs
- front: clean minus corrupted input of layer 1 at positions 0, 1, 2, the mean over pairs (ActAdd)
- logits and tokens after PROMPT with the vectors added: repeng's (component of all layers but 0, all
  positions), CAA's (mean of layer 1, from the last position on), ActAdd's (front). Tokens are generated
  without a cache: the likeliest each time, by a whole forward pass.
"""

import json
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import AutoModelForCausalLM

ROOT = Path(__file__).resolve().parents[2] / "fixtures"
MODELS = ["tiny-gpt2", "tiny-gemma3", "tiny-qwen3"]
PROMPT = [2, 17, 33, 45, 9, 17]
PAIRS, GENERATED = 7, 6
SCALES = {"repeng": 0.75, "caa": -1.5, "actadd": 2.0}


def layers_of(model):
    return model.transformer.h if hasattr(model, "transformer") else model.model.layers


def first(output):
    return output[0] if isinstance(output, tuple) else output


@torch.no_grad()
def activations(model, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and outputs of all layers, `[layer, position, d_model]`."""
    reads, writes = [], []

    def keep(module, inputs, output):
        reads.append(inputs[0][0])
        writes.append(first(output)[0])

    hooks = [layer.register_forward_hook(keep) for layer in layers_of(model)]
    model(torch.tensor([ids]))
    for hook in hooks:
        hook.remove()
    return torch.stack(reads).numpy(), torch.stack(writes).numpy()


def component(differences: np.ndarray) -> np.ndarray:
    direction = np.linalg.svd(differences - differences.mean(0))[2][0]
    signs = np.sign(differences @ direction)
    return -direction if (signs < 0).sum() > (signs > 0).sum() else direction


@torch.no_grad()
def steered(model, before: dict[int, object], after: dict[int, object]):
    """Logits after the prompt and tokens generated; `add(position) -> vector or None` of layers' inputs
    and outputs."""
    def add(x, vector_at):
        x = x.clone()
        for position in range(x.shape[1]):
            vector = vector_at(position)
            if vector is not None:
                x[0, position] += torch.tensor(vector)
        return x

    hooks = [layers_of(model)[layer].register_forward_pre_hook(
        lambda module, inputs, v=vector_at: (add(inputs[0], v), *inputs[1:]))
        for layer, vector_at in before.items()]
    hooks += [layers_of(model)[layer].register_forward_hook(
        lambda module, inputs, output, v=vector_at:
        (add(output[0], v), *output[1:]) if isinstance(output, tuple) else add(output, v))
        for layer, vector_at in after.items()]
    ids, logits = list(PROMPT), []
    for _ in range(GENERATED):
        logits.append(model(torch.tensor([ids]), use_cache=False).logits[0, -1].numpy())
        ids.append(int(logits[-1].argmax()))
    for hook in hooks:
        hook.remove()
    return np.stack(logits), np.array(ids[len(PROMPT):])


def main() -> None:
    folder = ROOT / "steering"
    folder.mkdir(exist_ok=True)
    for name in MODELS:
        model = AutoModelForCausalLM.from_pretrained(
            ROOT / "models" / name, dtype=torch.float64, attn_implementation="eager").eval()
        random = np.random.default_rng(5)
        vocabulary = model.config.get_text_config().vocab_size
        pairs = []
        for index in range(PAIRS):
            length = 4 + index % 3
            clean = random.integers(1, vocabulary, length)
            corrupted = clean.copy()
            corrupted[1:3] = random.integers(1, vocabulary, 2)
            pairs.append((clean.tolist(), corrupted.tolist()))
        with open(folder / f"pairs-{name}.jsonl", "w") as file:
            for clean, corrupted in pairs:
                file.write(json.dumps({"clean_ids": clean, "corrupted_ids": corrupted,
                                       "answer_ids": [clean[1]],
                                       "wrong_answer_ids": [corrupted[1]]}) + "\n")
        runs = [(activations(model, clean), activations(model, corrupted))
                for clean, corrupted in pairs]
        ends = np.stack([one[1][:, -1] - other[1][:, -1] for one, other in runs], 1)
        mean = ends.mean(1)
        components = np.stack([component(rows) for rows in ends])
        front = np.stack([one[0][1, :3] - other[0][1, :3] for one, other in runs]).mean(0)
        last = len(PROMPT) - 1
        values = {"mean": mean, "component": components, "front": front}
        ways = {
            "repeng": ({}, {layer: lambda p, l=layer: SCALES["repeng"] * components[l]
                            for layer in range(1, len(components))}),
            "caa": ({}, {1: lambda p: SCALES["caa"] * mean[1] if p >= last else None}),
            "actadd": ({1: lambda p: SCALES["actadd"] * front[p] if p < 3 else None}, {}),
        }
        for way, (before, after) in ways.items():
            values[f"{way}_logits"], values[f"{way}_tokens"] = steered(model, before, after)
        save_file({key: value.astype(np.float32) for key, value in values.items()},
                  folder / f"expected-{name}.safetensors")

    directions = {layer: np.random.default_rng(layer).standard_normal(16).astype(np.float32)
                  for layer in (1, 2, 11)}
    writer = gguf.GGUFWriter(folder / "control.gguf", "controlvector")
    writer.add_string("controlvector.model_hint", "llama")
    writer.add_uint32("controlvector.layer_count", len(directions))
    for layer, direction in directions.items():
        writer.add_tensor(f"direction.{layer}", direction)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file({f"direction.{layer}": direction for layer, direction in directions.items()},
              folder / "control.safetensors")


if __name__ == "__main__":
    main()
