#!/usr/bin/env python3
"""Makes fixtures/smollm2: next-token logits of SmolLM2 for 12 prompts, computed by transformers.

Needs torch, transformers, gguf and safetensors, and the model (tools/fetch-model smollm2).
transformers dequantises the GGUF file to float32, as we do.
"""

import json
import os
import pathlib

import torch
import transformers
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "smollm2"
MODELS = pathlib.Path(
    os.environ.get("CIRCUITTOOLS_MODELS", pathlib.Path.home() / ".cache/circuittools/models"))
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
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
FULL = (0, 8)
STEP = 64


def main():
    ROOT.mkdir(parents=True, exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(MODELS, gguf_file=FILE)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        MODELS, gguf_file=FILE, dtype=torch.float32, attn_implementation="eager").eval()
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
            # Every 64th logit of the last position.
            sample=[round(float(v), 5) for v in last[::STEP]]))
        if index in FULL:
            rows[str(index)] = last.contiguous()
        print(repr(text[:40]), len(ids), repr(tokenizer.decode(top.indices[0])))
    (ROOT / "logits.json").write_text(json.dumps(dict(
        made_by="tools/reference/make_smollm2_logits.py", file=FILE,
        transformers=transformers.__version__, torch=torch.__version__.split("+")[0],
        sample_step=STEP, prompts=entries), ensure_ascii=False) + "\n")
    save_file(rows, ROOT / "rows.safetensors")


if __name__ == "__main__":
    main()
