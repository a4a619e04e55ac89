#!/usr/bin/env python3
"""Prints how far the activations that circuit-cache writes are from TransformerLens'.

    python tools/reference/check_hooks.py [BUILD]     # where the executables are, .build/release

Compares all hooks of every tiny model, and of the same weights in GGUF, with fixtures/hooks. Needs
numpy, h5py and safetensors. A difference is |a - b| / max(1, |b|). Says the largest of each model
and of each hook, and ends with status 1 if a hook is missing, has another shape, or is off by more
than 5e-5.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if sys.argv[1:] else ROOT / ".build" / "release").resolve()
PROMPT = [3, 17, 5, 42, 8, 8, 31]


def run(tool, *arguments):
    subprocess.run([BUILD / tool, "--quiet", *arguments], check=True, cwd=ROOT)


def activations(model, folder):
    """What circuit-cache writes of all hooks: name to [position, ...] of the prompt."""
    pairs, dataset, cache = (folder / name for name in ("pairs.jsonl", "pairs.h5", "cache.h5"))
    pairs.write_text(json.dumps({"clean_ids": PROMPT, "corrupted_ids": PROMPT[::-1]}) + "\n")
    run("circuit-pairs", "--from", pairs, "--model", model, "-o", dataset)
    run("circuit-cache", "--force", "--names", "*", dataset, "--model", model, "-o", cache)
    with h5py.File(cache) as file:
        return {name: values[0] for name, values in file["clean"].items()}


def difference(found, expected):
    if found.shape != expected.shape:
        sys.exit(f"shape {found.shape}, TransformerLens has {expected.shape}")
    expected = numpy.where(expected == numpy.finfo(numpy.float32).min, -numpy.inf, expected)
    # Both -infinity: no difference.
    gap = numpy.where(found == expected, 0, numpy.abs(found - expected, where=found != expected,
                                                       out=numpy.zeros_like(found)))
    return float((gap / numpy.maximum(1, numpy.abs(expected))).max())


def main():
    of_hooks = {}
    for reference in sorted((ROOT / "fixtures" / "hooks").glob("*.safetensors")):
        expected = load_file(reference)
        for model in (reference.stem, f"{reference.stem}.gguf"):
            path = ROOT / "fixtures" / "models" / model
            if not path.exists():
                continue
            with tempfile.TemporaryDirectory() as folder:
                found = activations(path, pathlib.Path(folder))
            if found.keys() != expected.keys():
                sys.exit(f"{model}: other hooks: {sorted(found.keys() ^ expected.keys())}")
            gaps = {name: difference(found[name], expected[name]) for name in found}
            print(f"{model}: {len(gaps)} activations, at most {max(gaps.values()):.0e}")
            for name, gap in gaps.items():
                parts = name.split(".")
                hook = ".".join(["blocks", "L", *parts[2:]] if parts[0] == "blocks" else parts)
                of_hooks[hook] = max(gap, of_hooks.get(hook, 0))
    for hook, gap in of_hooks.items():
        print(f"{hook}: {gap:.0e}")
    sys.exit(max(of_hooks.values()) > 5e-5)


if __name__ == "__main__":
    main()
