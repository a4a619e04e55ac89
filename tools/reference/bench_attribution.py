#!/usr/bin/env python3
"""Rows of attribution graphs a second, and memory, beside circuit-tracer's.

    python tools/reference/bench_attribution.py [--tokens 16] [--cap 512] [--threads 1] [--compare]

Makes a random Llama-shaped model (12 layers, d_model 512, 8 heads, MLP 2048) with ReLU transcoders of
4096 features a layer in a scratch folder, and traces a random prompt with .build/release/circuit-trace.
With --compare it runs circuit-tracer on the same, in a process of its own with as many threads; that
needs `pip install circuit-tracer==0.5.0 "transformer-lens<3"` (a fork on PyPI that gives the same bits
as the official code, which is on GitHub only). Times are CPU seconds of the whole process, so that a
busy machine matters little; rows are features and logits.
"""

import argparse
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import save_file

LAYERS, WIDTH, HEADS, MLP, FEATURES, VOCABULARY = 12, 512, 8, 2048, 4096, 1000
HERE = pathlib.Path(__file__).resolve()


def make(folder):
    random = np.random.default_rng(0)
    draw = lambda *shape: (random.standard_normal(shape) / shape[-1] ** 0.5).astype(np.float32)
    ones = np.ones(WIDTH, np.float32)
    tensors = {
        "model.embed_tokens.weight": draw(VOCABULARY, WIDTH) * 20, "model.norm.weight": ones,
        "lm_head.weight": draw(VOCABULARY, WIDTH) * 3}
    for i in range(LAYERS):
        p = f"model.layers.{i}."
        for name in ("q", "k", "v", "o"):
            tensors[f"{p}self_attn.{name}_proj.weight"] = draw(WIDTH, WIDTH)
        tensors |= {
            p + "mlp.gate_proj.weight": draw(MLP, WIDTH), p + "mlp.up_proj.weight": draw(MLP, WIDTH),
            p + "mlp.down_proj.weight": draw(WIDTH, MLP), p + "input_layernorm.weight": ones,
            p + "post_attention_layernorm.weight": ones}
    (folder / "model").mkdir()
    save_file(tensors, folder / "model" / "model.safetensors")
    (folder / "model" / "config.json").write_text(json.dumps(dict(
        model_type="llama", architectures=["LlamaForCausalLM"], hidden_size=WIDTH,
        intermediate_size=MLP, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        num_key_value_heads=HEADS, head_dim=WIDTH // HEADS, vocab_size=VOCABULARY,
        max_position_embeddings=2048, rms_norm_eps=1e-5, rope_theta=10000.0, hidden_act="silu",
        tie_word_embeddings=False, bos_token_id=2, torch_dtype="float32")))
    (folder / "set").mkdir()
    for i in range(LAYERS):
        save_file(
            {"W_enc": draw(FEATURES, WIDTH), "W_dec": draw(FEATURES, WIDTH) * 0.3,
             "b_enc": np.full(FEATURES, -2.08, np.float32), "b_dec": np.zeros(WIDTH, np.float32)},
            folder / "set" / f"layer_{i}.safetensors")
    (folder / "set" / "config.yaml").write_text(
        "model_kind: transcoder_set\nfeature_input_hook: mlp.hook_in\n"
        "feature_output_hook: mlp.hook_out\nactivation: relu\n")


def circuit_tracer(folder, ids, cap, threads):
    """Runs circuit-tracer in this process, and prints rows."""
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
    hf = transformers.AutoModelForCausalLM.from_pretrained(folder / "model", torch_dtype=torch.float32)
    config = HookedTransformerConfig(
        n_layers=LAYERS, n_ctx=2048, d_vocab=VOCABULARY, d_model=WIDTH, d_head=WIDTH // HEADS,
        n_heads=HEADS, d_mlp=MLP, act_fn="silu", normalization_type="RMS", eps=1e-5,
        positional_embedding_type="rotary", rotary_adjacent_pairs=False, rotary_dim=WIDTH // HEADS,
        rotary_base=10000, gated_mlp=True, final_rms=True, original_architecture="LlamaForCausalLM",
        dtype=torch.float32, device="cpu", default_prepend_bos=False)
    tokens = Tokenizer(models.WordLevel({f"w{i}": i for i in range(VOCABULARY)}, unk_token="w0"))
    # TransformerLens loads the tokenizer again, from where it was read.
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokens, bos_token="w2").save_pretrained(
        folder / "tokenizer")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "tokenizer")
    model = TransformerLensReplacementModel(config, tokenizer=tokenizer)
    model.load_and_process_state_dict(
        convert_llama_weights(hf, config), fold_ln=False, center_writing_weights=False,
        center_unembed=False, fold_value_biases=False)
    model._configure_replacement_model(load_transcoder_set(
        {i: str(folder / "set" / f"layer_{i}.safetensors") for i in range(LAYERS)}, "set",
        "mlp.hook_in", "mlp.hook_out", device=torch.device("cpu"), dtype=torch.float32))
    before = resource.getrusage(resource.RUSAGE_SELF)
    graph = attribute(
        torch.tensor(ids), model, max_feature_nodes=cap, batch_size=64, verbose=False)
    after = resource.getrusage(resource.RUSAGE_SELF)
    rows = len(graph.selected_features) + len(graph.logit_targets)
    report("circuit-tracer", rows, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
           after.ru_maxrss, "its attribute() alone")


def report(name, rows, seconds, kilobytes, note):
    print(f"{name:15} {rows:7} rows  {seconds:8.2f} CPU s  {rows / seconds:9.1f} rows/s  "
          f"{kilobytes / 1024:8.0f} MiB   ({note})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--cap", type=int, default=512)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--build", default="release")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    ids = [2] + [int(i) for i in np.random.default_rng(1).integers(3, VOCABULARY, options.tokens - 1)]
    if options.inside:
        return circuit_tracer(pathlib.Path(options.inside), ids, options.cap, options.threads)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        make(folder)
        tool = HERE.parents[2] / ".build" / options.build / "circuit-trace"
        for cap in (options.cap, 1):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                [tool, "-v", "--model", folder / "model", "--transcoders", folder / "set",
                 "--ids", ",".join(map(str, ids)), "--max-features", str(cap), "--batch-size", "64",
                 "--threads", str(options.threads), "-o", folder / "graph.h5"], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            report("circuit-trace", cap + 10, seconds, after.ru_maxrss,
                   "whole process: reading, digests and writing, too")
        if options.compare:
            subprocess.run(
                [sys.executable, HERE, "--inside", str(folder), "--tokens", str(options.tokens),
                 "--cap", str(options.cap), "--threads", str(options.threads)], check=True)


if __name__ == "__main__":
    main()
