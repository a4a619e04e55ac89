"""Trains fixtures/transcoders/demo: transcoders of the MLPs of fixtures/models/demo.

    python tools/reference/train_demo_transcoders.py [--steps N] [--out FOLDER] [--measure]

A transcoder of each layer, trained on the model's own corpus (demo_corpus.py) by BatchTopK (Bussmann
et al. 2024) with an auxiliary loss for features that don't fire (Gao et al. 2024). What is stored is
the JumpReLU transcoder that BatchTopK becomes: one threshold a layer, below which about `ACTIVE`
features a token are left. Writes, as circuit-tracer reads them, config.yaml and
layer_{0,1,2,3}.safetensors (float16), and training.json: what was measured on the stored weights
(--measure only does that again).
Seeded: the same versions of torch on the same processor give the same weights.
"""

import argparse
import json
import math
import re
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch.nn.functional import relu
from transformers import GPT2LMHeadModel

from train_demo_model import Rows

FEATURES = 512
ACTIVE = 16  # features a token
DEAD_AFTER = 50  # steps without firing
AUXILIARY = 64  # dead features that explain what is left over
CONFIG = """\
model_name: demo
model_kind: transcoder_set
feature_input_hook: mlp.hook_in
feature_output_hook: mlp.hook_out
"""


class Activations:
    """What the MLPs of a model read and write on rows of the corpus."""

    def __init__(self, model: GPT2LMHeadModel):
        self.model = model
        self.reads, self.writes = {}, {}
        for number, block in enumerate(model.transformer.h):
            block.mlp.register_forward_hook(self.hook(number))

    def hook(self, number: int):
        def keep(module, inputs, output):
            self.reads[number], self.writes[number] = inputs[0], output
        return keep

    @torch.no_grad()
    def of(self, ids: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """`[token, d_model]` of each layer; first positions are left out, as in attribution graphs."""
        self.model.transformer(ids)
        return [(self.reads[n][:, 1:].flatten(0, 1), self.writes[n][:, 1:].flatten(0, 1))
                for n in sorted(self.reads)]


class Transcoder(torch.nn.Module):
    """A transcoder in training; `scale` is what its outputs are divided by."""

    def __init__(self, reads: torch.Tensor, writes: torch.Tensor):
        super().__init__()
        width = reads.shape[1]
        mean = writes.mean(0)
        self.scale = float((writes - mean).square().sum(1).mean().sqrt())
        # Pre-activations of about 0.1: what unit rows read, over the length of what they read.
        encoder = torch.nn.functional.normalize(torch.randn(FEATURES, width), dim=1)
        self.W_enc = torch.nn.Parameter(encoder / reads.square().sum(1).mean().sqrt())
        self.b_enc = torch.nn.Parameter(torch.zeros(FEATURES))
        self.W_dec = torch.nn.Parameter(torch.randn(FEATURES, width))
        self.b_dec = torch.nn.Parameter(mean / self.scale)
        self.normalize()
        self.threshold = 0.0  # running mean of the least activation that BatchTopK keeps
        self.idle = torch.zeros(FEATURES)  # steps since a feature fired

    @torch.no_grad()
    def normalize(self) -> None:
        self.W_dec.div_(self.W_dec.norm(dim=1, keepdim=True))

    def loss(self, reads: torch.Tensor, writes: torch.Tensor) -> torch.Tensor:
        positive = relu(reads @ self.W_enc.T + self.b_enc)
        least = positive.detach().flatten().topk(ACTIVE * len(reads)).values[-1]
        activations = positive * (positive >= least)
        self.threshold += 0.05 * (float(least) - self.threshold)
        self.idle = torch.where((activations > 0).any(0), 0, self.idle + 1)
        rest = writes / self.scale - (activations @ self.W_dec + self.b_dec)
        loss = rest.square().sum(1).mean()
        dead = (self.idle >= DEAD_AFTER).nonzero().flatten()
        if len(dead):
            values, chosen = positive[:, dead].topk(min(AUXILIARY, len(dead)))
            revived = torch.zeros(len(reads), len(dead)).scatter(1, chosen, values)
            left = rest.detach() - revived @ self.W_dec[dead]
            loss = loss + left.square().sum(1).mean() / 32
        return loss

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are stored: decoder and its bias in the model's units."""
        return {
            "W_enc": self.W_enc, "b_enc": self.b_enc, "W_dec": self.W_dec * self.scale,
            "b_dec": self.b_dec * self.scale,
            "activation_function.threshold": torch.full((FEATURES,), self.threshold),
        }


@torch.no_grad()
def measure(tensors: dict[str, torch.Tensor], batches) -> dict[str, float]:
    """How well stored weights explain what an MLP writes, and with how many features."""
    t = {name: tensor.float() for name, tensor in tensors.items()}
    reads, writes = (torch.cat(part) for part in zip(*batches))
    values = reads @ t["W_enc"].T + t["b_enc"]
    values = values * (values > t["activation_function.threshold"])
    rest = writes - (values @ t["W_dec"] + t["b_dec"])
    variance = (writes - writes.mean(0)).square().sum()
    return {
        "explained_variance": round(1 - float(rest.square().sum() / variance), 4),
        "features_a_token": round(float((values != 0).sum() / len(values)), 2),
        "features_that_never_fire": int((~(values != 0).any(0)).sum()),
    }


@torch.no_grad()
def replaced_loss(model, rows: Rows, layers: list[dict[str, torch.Tensor]]) -> dict[str, float]:
    """The model's loss on its corpus: as it is, its MLPs replaced, and its MLPs replaced by their mean."""
    def loss(replace) -> float:
        hooks = [block.mlp.register_forward_hook(replace(number))
                 for number, block in enumerate(model.transformer.h)] if replace else []
        total = count = 0.0
        for ids, weights in batches:
            logits = model(ids).logits[:, :-1].flatten(0, 1)
            losses = torch.nn.functional.cross_entropy(
                logits, ids[:, 1:].flatten(), reduction="none")
            weights = weights[:, 1:].flatten()
            total, count = total + float((losses * weights).sum()), count + float(weights.sum())
        for hook in hooks:
            hook.remove()
        return round(total / count, 4)

    def transcoder(number: int):
        t = {name: tensor.float() for name, tensor in layers[number].items()}
        def replace(module, inputs, output):
            values = inputs[0] @ t["W_enc"].T + t["b_enc"]
            values = values * (values > t["activation_function.threshold"])
            return torch.cat([output[:, :1], (values @ t["W_dec"] + t["b_dec"])[:, 1:]], 1)
        return replace

    def mean(number: int):
        return lambda module, inputs, output: torch.cat(
            [output[:, :1], output[:, 1:].mean((0, 1)).expand_as(output[:, 1:])], 1)

    batches = [rows.batch() for _ in range(4)]
    return {"loss": loss(None), "loss_with_transcoders": loss(transcoder),
            "loss_with_mean_outputs": loss(mean)}


def on_prompts(activations: Activations, rows: Rows, layers) -> dict:
    """The explained variance on a few prompts, which a test of ours computes again."""
    prompts = [tokens[:24] for tokens in rows.batch()[0][:6].tolist()]
    parts = activations.of(torch.tensor(prompts))
    return {"ids": prompts,
            "explained_variance": [measure(tensors, [part])["explained_variance"]
                                   for tensors, part in zip(layers, parts)]}


def train(activations: Activations, rows: Rows, steps: int) -> list[Transcoder]:
    start = time.time()
    first = activations.of(rows.batch()[0])
    transcoders = [Transcoder(reads, writes) for reads, writes in first]
    optimizer = torch.optim.Adam(
        [parameter for each in transcoders for parameter in each.parameters()], lr=0)
    for step in range(steps):
        rate = 1e-3 * min(1, (step + 1) / 50) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in optimizer.param_groups:
            group["lr"] = rate
        parts = activations.of(rows.batch()[0])
        losses = [each.loss(*part) for each, part in zip(transcoders, parts)]
        optimizer.zero_grad()
        sum(losses).backward()
        optimizer.step()
        for each in transcoders:
            each.normalize()
        if step % 100 == 0:
            print(f"step {step} left over", *(f"{loss.item():.4f}" for loss in losses),
                  "dead", *(int((each.idle >= DEAD_AFTER).sum()) for each in transcoders),
                  f"{time.time() - start:.0f} s", flush=True)
    return transcoders


def main() -> None:
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--out", type=Path, default=root / "fixtures/transcoders/demo")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    start = time.time()
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    folder = root / "fixtures/models/demo"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
    model.requires_grad_(False)
    activations = Activations(model)
    training = arguments.out / "training.json"
    if arguments.measure:
        told = json.loads(training.read_text())
    else:
        transcoders = train(activations, Rows(tokenizer, seed=2), arguments.steps)
        arguments.out.mkdir(parents=True, exist_ok=True)
        for number, each in enumerate(transcoders):
            save_file({name: tensor.detach().half().contiguous()
                       for name, tensor in each.tensors().items()},
                      arguments.out / f"layer_{number}.safetensors")
        (arguments.out / "config.yaml").write_text(CONFIG)
        told = {"steps": arguments.steps, "seconds": round(time.time() - start),
                "torch": torch.__version__}

    held_out = Rows(tokenizer, seed=99)  # rows that training hasn't seen
    batches = [activations.of(held_out.batch()[0]) for _ in range(16)]
    stored = [load_file(arguments.out / f"layer_{n}.safetensors") for n in range(len(batches[0]))]
    measured = {
        "layers": [measure(tensors, [batch[number] for batch in batches])
                   for number, tensors in enumerate(stored)],
    } | replaced_loss(model, held_out, stored) | {
        key: told[key] for key in ("steps", "seconds", "torch")
    } | {"prompts": on_prompts(activations, held_out, stored)}
    text = json.dumps(measured, indent=2)
    # Lists of token ids in a line each.
    text = re.sub(r"\[[\d,\s]+\]", lambda list: " ".join(list[0].split()), text)
    training.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
