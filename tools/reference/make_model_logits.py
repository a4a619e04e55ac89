#!/usr/bin/env python3
"""Makes fixtures/smollm2 or fixtures/gemma3: next-token logits of the model for 12 prompts.

    python tools/reference/make_model_logits.py smollm2|gemma3

Needs torch, transformers, gguf and safetensors, and the model (tools/fetch-model). transformers
dequantises the GGUF file to float32, as we do.
"""

import json
import os
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
MODELS = pathlib.Path(
    os.environ.get("CIRCUITTOOLS_MODELS", pathlib.Path.home() / ".cache/circuittools/models"))
FILES = {
    "smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf", "gemma3": "gemma-3-270m-q4_k_m.gguf"}
PROMPTS = [
    "When Mary and John went to the store, John gave a drink to",
    "Then, Sarah and Daniel had a long argument. Afterwards Daniel said to",
    "The capital of France is",
    "The war lasted from the year 1732 to the year 17",
    "def fibonacci(n):\n    if n < 2:\n        return n\n    return fib",
    "Once",
    "So Emily is a really great friend, isn't",
    "1 2 3 4 5 6 7 8 9",
    "<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n",
    "Water boils at 100 degrees Celsius, and it freezes at",
    "naïve café 東京 🙂 —",
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the "
    "age of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the",
]
# Prompts whose last row is stored whole, and every how many logits the others are sampled.
FULL = {"smollm2": (0, 8), "gemma3": ()}
STEP = {"smollm2": 64, "gemma3": 256}


def main(name):
    folder, file, step = ROOT / name, FILES[name], STEP[name]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(MODELS, gguf_file=file)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        MODELS, gguf_file=file, dtype=torch.float32, attn_implementation="eager").eval()
    entries, rows = [], {}
    for index, text in enumerate(PROMPTS):
        ids = tokenizer(text)["input_ids"]
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].float()
        last = logits[-1]
        top = last.topk(20)
        entries.append(dict(
            text=text, ids=ids,
            top=[dict(id=int(i), logit=float(v)) for v, i in zip(top.values, top.indices)],
            logsumexp=float(last.logsumexp(0)),
            # Of every position: the most likely next token and the normaliser.
            argmax=logits.argmax(-1).tolist(), logsumexps=logits.logsumexp(-1).tolist(),
            # Every so many logits of the last position.
            sample=[round(float(v), 5) for v in last[::step]]))
        if index in FULL[name]:
            rows[str(index)] = last.contiguous()
        print(repr(text[:40]), len(ids), repr(tokenizer.decode(top.indices[0])))
    (folder / "logits.json").write_text(json.dumps(dict(
        made_by="tools/reference/make_model_logits.py", file=file,
        transformers=transformers.__version__, torch=torch.__version__.split("+")[0],
        sample_step=step, prompts=entries), ensure_ascii=False) + "\n")
    if rows:
        save_file(rows, folder / "rows.safetensors")


if __name__ == "__main__":
    main(sys.argv[1])
