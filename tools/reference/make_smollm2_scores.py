"""Writes fixtures/reference/smollm2/: edge scores of SmolLM2 on 16 IOI pairs.

    python tools/reference/make_smollm2_scores.py SmolLM2-135M-Instruct.Q4_1.gguf

A few minutes and 5 GB of memory. The pairs are one template with a third name as the corruption,
14 tokens each; fixtures/reference/README.md says what the files hold.
"""

import json
import random
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer

import demo_corpus as corpus
from circuit_reference import attribution, metrics, pairs as pair_files, weights
from circuit_reference.experiment import Experiment
from circuit_reference.transformer import Transformer

FOLDER = Path(__file__).resolve().parents[2] / "fixtures/reference/smollm2"


def ioi_records(tokenizer, count: int = 16, tokens: int = 14, seed: int = 7) -> list[dict]:
    def ids(text: str) -> list[int]:
        return tokenizer(text, add_special_tokens=False).input_ids

    draw = random.Random(seed)
    names = [name for name in corpus.NAMES if len(ids(" " + name)) == 1]
    records = []
    while len(records) < count:
        io, subject, other = draw.sample(names, 3)
        a, b = (io, subject) if draw.random() < 0.5 else (subject, io)
        place, thing = draw.choice(corpus.PLACES), draw.choice(corpus.OBJECTS)
        clean, corrupted = (
            ids(f"When {a} and {b} went to the {place}, {name} gave a {thing} to")
            for name in (subject, other))
        if len(clean) == len(corrupted) == tokens:
            records.append({
                "clean_ids": clean, "corrupted_ids": corrupted, "answer_ids": [ids(" " + io)],
                "wrong_answer_ids": [ids(" " + subject)]})
    return records


def main() -> None:
    path = Path(sys.argv[1])
    FOLDER.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    records = ioi_records(tokenizer)
    (FOLDER / "pairs.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))

    weight, twin = weights.load(str(path), torch.float32)
    model = Transformer(weight)
    pairs = pair_files.from_records(records)
    experiment = Experiment(model, pairs, "logit-diff")
    with torch.no_grad():
        theirs = pairs.at_last(twin(pairs.clean).logits)
    difference = float((experiment.clean_logits - theirs).abs().max())
    print("logits within", difference, "of transformers")
    assert difference < 2e-3
    values = {
        name: metrics.metric("logit-diff", pairs, logits, experiment.clean_logits).tolist()
        for name, logits in (
            ("clean", experiment.clean_logits), ("corrupted", experiment.corrupted_logits))}
    (FOLDER / "logit-differences.json").write_text(json.dumps(values) + "\n")
    for method in ("eap", "eap-ig-inputs", "clean-corrupted"):
        found = attribution.METHODS[method](experiment, 5).mean(0)
        scores = torch.stack([found[receiver, sender] for sender, receiver in model.graph.edges])
        save_file({method: scores.float()}, FOLDER / f"{method}.safetensors")


if __name__ == "__main__":
    main()
