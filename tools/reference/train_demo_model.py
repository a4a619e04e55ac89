"""Trains fixtures/models/demo: a small GPT-2 that does IOI, induction, greater-than and pronouns.

    python tools/reference/train_demo_model.py [--steps N] [--out FOLDER]

Writes config.json, model.safetensors (float16), tokenizer.json, tokenizer_config.json and
training.json (what was measured on the stored weights, and the time taken). Seeded: the same
versions of torch and tokenizers on the same processor give the same weights.
"""

import argparse
import json
import math
import random
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel

import demo_corpus as corpus

END_OF_TEXT = "<|endoftext|>"
CONTEXT = 64
BATCH = 64


def make_tokenizer() -> Tokenizer:
    """Byte-level BPE, digits one by one (as SmolLM2), that knows every word of the corpus whole."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=20_000, min_frequency=1, show_progress=False, special_tokens=[END_OF_TEXT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(corpus.words(), trainer)
    for name in corpus.NAMES:
        assert len(tokenizer.encode(" " + name).ids) == 1, name
    return tokenizer


class Rows:
    """Training rows `[BATCH, CONTEXT]` of token ids, with the weight of each token's loss."""

    def __init__(self, tokenizer: Tokenizer, seed: int):
        self.tokenizer = tokenizer
        self.random = random.Random(seed)
        self.cache: dict[str, list[int]] = {}

    def encode(self, document) -> tuple[list[int], list[float]]:
        ids, weights = [], []
        for piece, weight in document:
            if piece not in self.cache:
                self.cache[piece] = self.tokenizer.encode(piece).ids
            ids += self.cache[piece]
            weights += [weight] * len(self.cache[piece])
        return ids, weights

    def induction(self, length: int) -> tuple[list[int], list[float]]:
        """Random tokens, then the same again; what can't be known has no loss."""
        draw = [self.random.randrange(1, self.tokenizer.get_vocab_size()) for _ in range(length)]
        return draw + draw, [0.0] * (length + 1) + [1.0] * (length - 1)

    def document(self):
        kind = self.random.random()
        if kind < 0.55:
            return self.encode(corpus.ioi(
                self.random, held=False, three_names=self.random.random() < 0.15)[0])
        return self.encode(
            corpus.greater_than(self.random) if kind < 0.8 else corpus.pronoun(self.random))

    def row(self) -> tuple[list[int], list[float]]:
        ids, weights = ([0], [0.0]) if self.random.random() < 0.4 else ([], [])
        if self.random.random() < 0.4:
            more = self.induction(self.random.randint(4, CONTEXT // 2))
            ids, weights = ids + more[0], weights + more[1]
        while len(ids) < CONTEXT:
            more = self.document()
            ids, weights = ids + more[0] + [0], weights + more[1] + [1.0]
        return ids[:CONTEXT], weights[:CONTEXT]

    def batch(self):
        ids, weights = zip(*(self.row() for _ in range(BATCH)))
        return torch.tensor(ids), torch.tensor(weights)


@torch.no_grad()
def measure(model, tokenizer, pairs: int = 1000, seed: int = 99) -> dict[str, float]:
    """How well the model does its tasks, on IOI pairs of names never seen together."""
    rows = Rows(tokenizer, seed)
    result = {}
    right = difference = corrupted_difference = 0.0
    for _ in range(pairs):
        template = rows.random.choice(corpus.IOI_TEMPLATES)
        document, words = corpus.ioi(rows.random, held=True, template=template)
        prompt = rows.encode(document[:-2])[0]  # without the answer and the full stop
        corrupted = [rows.encode([(piece, 1)])[0] for piece, _ in document[:-2]]
        last = max(i for i, (piece, _) in enumerate(document[:-2]) if piece == " " + words["S"])
        corrupted[last] = tokenizer.encode(" " + words["other"]).ids
        io, subject = (tokenizer.encode(" " + words[key]).ids[0] for key in ("IO", "S"))
        logits = model(torch.tensor([prompt, sum(corrupted, [])])).logits[:, -1]
        right += float(logits[0].argmax() == io)
        difference += float(logits[0, io] - logits[0, subject])
        corrupted_difference += float(logits[1, io] - logits[1, subject])
    result["ioi_accuracy_held_out_names"] = right / pairs
    result["ioi_logit_difference"] = difference / pairs
    result["ioi_logit_difference_corrupted"] = corrupted_difference / pairs

    sequences = torch.tensor([rows.induction(20)[0] for _ in range(200)])
    predictions = model(sequences).logits[:, 20:-1].argmax(-1)
    result["induction_accuracy"] = float((predictions == sequences[:, 21:]).float().mean())

    digits = [tokenizer.encode(str(d)).ids[0] for d in range(10)]
    right = difference = 0.0
    for _ in range(pairs):
        century, start = rows.random.randint(11, 17), rows.random.randint(20, 79)
        text = f"The {rows.random.choice(corpus.NOUNS)} lasted from the year {century}{start}" \
            f" to the year {century}"
        chance = model(torch.tensor([tokenizer.encode(text).ids])).logits[0, -1].softmax(-1)[digits]
        above, below = float(chance[start // 10 + 1:].sum()), float(chance[:start // 10].sum())
        right += above > below
        difference += above - below
    result["greater_than_accuracy"] = right / pairs
    result["greater_than_probability_difference"] = difference / pairs

    he, she = (tokenizer.encode(word).ids[0] for word in (" he", " she"))
    right = 0.0
    for name in corpus.NAMES:
        text = f"So {name} is a really great friend, isn't"
        logits = model(torch.tensor([tokenizer.encode(text).ids])).logits[0, -1]
        right += float((logits[she] > logits[he]) == (name in corpus.FEMALE))
    result["pronoun_accuracy"] = right / len(corpus.NAMES)
    return result


def train(model, rows: Rows, steps: int) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=0, betas=(0.9, 0.98), weight_decay=0.01)
    start = time.time()
    for step in range(steps):
        rate = 3e-3 * min(1, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in optimizer.param_groups:
            group["lr"] = rate
        ids, weights = rows.batch()
        logits = model(ids).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        loss = (loss * weights[:, 1:].flatten()).sum() / weights[:, 1:].sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step} loss {loss.item():.4f} {time.time() - start:.0f} s", flush=True)


def main() -> None:
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--out", type=Path, default=root / "fixtures/models/demo")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    start = time.time()
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    tokenizer = make_tokenizer()
    vocabulary = tokenizer.get_vocab_size()
    model = GPT2LMHeadModel(GPT2Config(
        vocab_size=vocabulary, n_positions=CONTEXT, n_embd=96, n_layer=4, n_head=6,
        resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, bos_token_id=0, eos_token_id=0))
    print("vocabulary", vocabulary, "parameters", model.num_parameters(), flush=True)
    train(model, Rows(tokenizer, seed=1), arguments.steps)

    model.eval().half().save_pretrained(arguments.out)
    tokenizer.save(str(arguments.out / "tokenizer.json"))
    (arguments.out / "generation_config.json").unlink(missing_ok=True)
    (arguments.out / "tokenizer_config.json").write_text(json.dumps({
        "add_prefix_space": False, "bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT,
        "unk_token": END_OF_TEXT, "model_max_length": CONTEXT, "tokenizer_class": "GPT2Tokenizer",
    }, indent=2) + "\n")
    measured = measure(model.float(), tokenizer) | {
        "steps": arguments.steps, "seconds": round(time.time() - start),
        "torch": torch.__version__,
    }
    (arguments.out / "training.json").write_text(json.dumps(measured, indent=2) + "\n")
    print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
