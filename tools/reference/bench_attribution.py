#!/usr/bin/env python3
"""Rows of attribution graphs a second, and memory, beside circuit-tracer's.

    tools/bench --attribution [--compare]        16 tokens, 512 features; with circuit-tracer on the same
    tools/bench --attribution --tokens 256 --batch-size 16 --compare
    tools/bench --attribution --growth           how time and memory grow with tokens, features, layers
    tools/bench --attribution --shape gemma-2-2b --layers 3 --tokens 512 --cap 512

Makes a random Llama-shaped model (12 layers, d_model 512, 8 heads, MLP 2048) with ReLU transcoders of
4096 features a layer in a scratch folder, and traces a random prompt with .build/release/circuit-trace:
once with --cap features as nodes and once with one, so that the difference is what rows take. Times are
processor seconds, user and system, so that a busy machine matters little. Rows are features and logits.
Memory is the largest resident size of the whole process, and how much of it isn't the weights: of ours
what isn't pages of mapped files, of theirs what attribute() adds to what was there before it.

--compare runs circuit-tracer's attribute() on the same in a process of its own with as many threads, by
the Python that --python names. It needs `pip install circuit-tracer==0.5.0 "transformer-lens<3"
"pyarrow<21"` (a fork on PyPI that gives the same bits as the official code, which is on GitHub only).
Of its time only attribute() counts, not reading the model; of ours the whole process.
"""

import argparse
import json
import math
import pathlib
import resource
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve()
VOCABULARY = 1000
# Layers, d_model, heads, d_head, MLP, features a layer, and the encoders' bias: some 76 features of a
# layer are active at a position.
SHAPES = {
    "small": dict(layers=12, width=512, heads=8, head=64, mlp=2048, features=4096, bias=-2.08),
    "gemma-2-2b": dict(
        layers=26, width=2304, heads=8, head=256, mlp=9216, features=16384, bias=-2.60),
}
# Runs a command, and writes processor seconds, peak memory and the peak of memory that isn't mapped
# files to a file. A process of its own: what this one holds before it starts another counts for that.
MEASURE = """
import json, re, resource, subprocess, sys, time
process, own = subprocess.Popen(sys.argv[2:]), 0
while process.poll() is None:
    try:
        status = open(f"/proc/{process.pid}/status").read()
        own = max([own] + [int(size) for size in re.findall(r"RssAnon:\\s*(\\d+)", status)])
    except OSError:
        pass
    time.sleep(0.01)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, own / 1024], open(sys.argv[1], "w"))
sys.exit(process.returncode)
"""


def make(folder, shape):
    """The model and its transcoders."""
    random = np.random.default_rng(0)
    draw = lambda *sizes: random.standard_normal(sizes, np.float32) * np.float32(sizes[-1] ** -0.5)
    width, inner, mlp = shape["width"], shape["heads"] * shape["head"], shape["mlp"]
    ones = np.ones(width, np.float32)
    tensors = {
        "model.embed_tokens.weight": draw(VOCABULARY, width) * 20, "model.norm.weight": ones,
        "lm_head.weight": draw(VOCABULARY, width) * 3}
    for i in range(shape["layers"]):
        p = f"model.layers.{i}."
        tensors |= {f"{p}self_attn.{name}_proj.weight": draw(inner, width) for name in "qkv"}
        tensors |= {
            p + "self_attn.o_proj.weight": draw(width, inner),
            p + "mlp.gate_proj.weight": draw(mlp, width), p + "mlp.up_proj.weight": draw(mlp, width),
            p + "mlp.down_proj.weight": draw(width, mlp), p + "input_layernorm.weight": ones,
            p + "post_attention_layernorm.weight": ones}
    (folder / "model").mkdir(parents=True)
    save_file(tensors, folder / "model" / "model.safetensors")
    (folder / "model" / "config.json").write_text(json.dumps(dict(
        model_type="llama", architectures=["LlamaForCausalLM"], hidden_size=width,
        intermediate_size=mlp, num_hidden_layers=shape["layers"], num_attention_heads=shape["heads"],
        num_key_value_heads=shape["heads"], head_dim=shape["head"], vocab_size=VOCABULARY,
        max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=10000.0, hidden_act="silu",
        tie_word_embeddings=False, bos_token_id=2, torch_dtype="float32")))
    (folder / "set").mkdir()
    for i in range(shape["layers"]):
        features = shape["features"]
        save_file(
            {"W_enc": draw(features, width), "W_dec": draw(features, width) * np.float32(0.3),
             "b_enc": np.full(features, shape["bias"], np.float32),
             "b_dec": np.zeros(width, np.float32)},
            folder / "set" / f"layer_{i}.safetensors")
    (folder / "set" / "config.yaml").write_text(
        "model_kind: transcoder_set\nfeature_input_hook: mlp.hook_in\n"
        "feature_output_hook: mlp.hook_out\nactivation: relu\n")


def prompt(tokens):
    return [2] + [int(i) for i in np.random.default_rng(1).integers(3, VOCABULARY, tokens - 1)]


def circuit_tracer(folder, shape, ids, cap, batch, threads):
    """Runs circuit-tracer in this process: prints the rows and processor seconds of a graph of one
    feature, of one of `cap`, and peak memory."""
    import torch
    import transformers
    from circuit_tracer.attribution.attribute import attribute
    from circuit_tracer.replacement_model.replacement_model_transformerlens import (
        TransformerLensReplacementModel)
    from circuit_tracer.transcoder.single_layer_transcoder import load_transcoder_set
    from tokenizers import Tokenizer, models
    from transformer_lens import HookedTransformerConfig
    from transformer_lens.pretrained.weight_conversions import convert_llama_weights

    torch.set_num_threads(threads)
    hf = transformers.AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
    config = HookedTransformerConfig(
        n_layers=shape["layers"], n_ctx=2048, d_vocab=VOCABULARY, d_model=shape["width"],
        d_head=shape["head"], n_heads=shape["heads"], d_mlp=shape["mlp"], act_fn="silu",
        normalization_type="RMS", eps=1e-5, positional_embedding_type="rotary",
        rotary_adjacent_pairs=False, rotary_dim=shape["head"], rotary_base=10000, gated_mlp=True,
        final_rms=True, original_architecture="LlamaForCausalLM", dtype=torch.float32, device="cpu",
        default_prepend_bos=False)
    tokens = Tokenizer(models.WordLevel({f"w{i}": i for i in range(VOCABULARY)}, unk_token="w0"))
    # TransformerLens loads the tokenizer again, from where it was read.
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokens, bos_token="w2").save_pretrained(
        folder / "tokenizer")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "tokenizer")
    model = TransformerLensReplacementModel(config, tokenizer=tokenizer)
    model.load_and_process_state_dict(
        convert_llama_weights(hf, config), fold_ln=False, center_writing_weights=False,
        center_unembed=False, fold_value_biases=False)
    del hf
    model._configure_replacement_model(load_transcoder_set(
        {i: str(folder / "set" / f"layer_{i}.safetensors") for i in range(shape["layers"])}, "set",
        "mlp.hook_in", "mlp.hook_out", device=torch.device("cpu"), dtype=torch.float32))
    used = lambda: resource.getrusage(resource.RUSAGE_SELF)
    seconds = lambda: used().ru_utime + used().ru_stime
    runs = []
    weights = int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    for most in (1, cap):
        before = seconds()
        graph = attribute(
            torch.tensor(ids), model, max_feature_nodes=most, batch_size=batch, verbose=False)
        runs.append([
            len(graph.selected_features) + len(graph.logit_targets), seconds() - before])
    peak = used().ru_maxrss / 1024
    (folder / "theirs.json").write_text(json.dumps([runs, peak, peak - weights / 2**20]))


def circuit_trace(tool, folder, ids, cap, options):
    """The same of circuit-trace, the whole process."""
    runs = []
    for most in (1, cap):
        subprocess.run(
            [sys.executable, "-S", "-c", MEASURE, folder / "usage.json", tool, "--model",
             folder / "model", "--transcoders", folder / "set", "--ids", ",".join(map(str, ids)),
             "--max-features", str(most), "--batch-size", str(options.batch_size), "--threads",
             str(options.threads), "-o", folder / "graph.h5"],
            check=True, stderr=subprocess.DEVNULL)
        seconds, memory, own = json.loads((folder / "usage.json").read_text())
        shown = json.loads(subprocess.run(
            [tool.parent / "circuit-show", "--json", folder / "graph.h5"], check=True,
            stdout=subprocess.PIPE).stdout)
        rows = sum(
            node["node"].startswith("logits.") or ".f" in node["node"] for node in shown["nodes"])
        runs.append([rows, seconds])
    return runs, memory, own


def report(name, runs, memory, own):
    """A line of the table: rows, processor seconds in all and a row, peak memory."""
    (few, base), (rows, seconds) = runs
    each = (seconds - base) / max(1, rows - few)
    print(f"{name:15} {rows:6} rows {seconds:9.2f} s, {rows / seconds:8.1f} rows/s; rows alone "
          f"{1 / each if each > 0 else math.inf:8.1f} rows/s; peak {memory:6.0f} MiB, {own:6.0f} "
          "without weights", flush=True)
    return rows / seconds, 1 / each if each > 0 else math.inf, memory, own


def measure(folder, shape, options, tokens, cap):
    """Both tools' figures on a new model in a folder."""
    make(folder, shape)
    ids = prompt(tokens)
    tool = HERE.parents[2] / ".build" / options.build / "circuit-trace"
    ours = report("circuit-trace", *circuit_trace(tool, folder, ids, cap, options))
    if not options.compare:
        return ours
    subprocess.run(
        [options.python, HERE, "--inside", folder, "--tokens", str(tokens), "--cap", str(cap),
         "--threads", str(options.threads), "--batch-size", str(options.batch_size), "--shape",
         options.shape, "--layers", str(shape["layers"])], check=True)
    theirs = report("circuit-tracer", *json.loads((folder / "theirs.json").read_text()))
    print(f"{'ratio':15} {ours[0] / theirs[0]:.1f} times the rows a second, of rows alone "
          f"{ours[1] / theirs[1]:.1f}; memory {ours[2] / theirs[2]:.3f} of theirs, "
              f"without weights {ours[3] / theirs[3]:.3f}")
    return ours


def measure_growth(options):
    """One size at a time is varied, and the exponents of the power laws that fit best."""
    series = {"tokens": [32, 64, 128, 256], "layers": [6, 12, 24], "features": [2048, 4096, 8192]}
    for name, sizes in series.items():
        points = []
        for size in sizes:
            shape, tokens = dict(SHAPES["small"]), 64
            if name == "tokens":
                tokens = size
            else:
                shape[name] = size
            print(f"{size} {name}: ", end="", flush=True)
            with tempfile.TemporaryDirectory() as scratch:
                _, rate, memory, own = measure(
                    pathlib.Path(scratch), shape, options, tokens, options.cap)
            points.append((size, 1 / rate, own))
        for index, what in ((1, "a row's time"), (2, "memory without weights")):
            x = [math.log(point[0]) for point in points]
            y = [math.log(point[index]) for point in points]
            print(f"    {what} grows as {name} to the {np.polyfit(x, y, 1)[0]:.2f}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--cap", type=int, default=512, help="how many features become nodes")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shape", choices=SHAPES, default="small")
    parser.add_argument("--layers", type=int, help="another number of layers than the shape's")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--compare", action="store_true", help="measure circuit-tracer, too")
    parser.add_argument("--python", default=sys.executable, help="that has circuit-tracer")
    parser.add_argument("--build", default="release")
    parser.add_argument("--inside", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    shape = dict(SHAPES[options.shape])
    shape["layers"] = options.layers or shape["layers"]
    if options.inside:
        circuit_tracer(
            options.inside, shape, prompt(options.tokens), options.cap, options.batch_size,
            options.threads)
    elif options.growth:
        options.compare = False
        measure_growth(options)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            measure(pathlib.Path(scratch), shape, options, options.tokens, options.cap)


if __name__ == "__main__":
    main()
