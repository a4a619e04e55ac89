"""What the same work costs in plain PyTorch, for tools/bench to compare with.

    python tools/reference/bench_torch.py --model FOLDER_OR_GGUF [--pairs FILE.jsonl]
        [--threads 2] [--repeats 3] [--measure forward ...] [-o FILE.json]

Each measurement runs in a process of its own, so that its peak memory is its own. Times are the
best of the repeats after one warm-up, in seconds; memory is in MB (10^6 bytes). Without --pairs:
16 pairs of 16 random tokens. --batch bounds the pairs that EAP and EAP-IG take at once, for a model of
which all pairs' activations don't fit into memory. Everything is float32, but for what ends in -bfloat16: there weights and
activations are bfloat16.

    trunk            `transformers`, without the unembedding
    forward          `transformers`, logits of all positions
    forward-last     `transformers`, logits of the last position only
    forward-backward `forward`, and the gradient of all weights
    split            a pass with one result per head and one q, k and v input per head, all kept:
                     what a library of hooks computes for each edge tested
    edge-patched     `split` with half of the edges cut: one edge test of naive ACDC
    eap              scores of all edges by EAP: a corrupted pass, a clean one and its gradient
    eap-ig           the same by EAP-IG (inputs) with 5 steps
    transformer-lens `split` by TransformerLens (before 4.0), where it is installed; on random
                     weights of the model's shape
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

MEASURES = [
    "trunk", "forward", "forward-last", "forward-backward", "split", "edge-patched", "eap",
    "eap-ig", "transformer-lens"]
NARROW = [name + "-bfloat16" for name in ("trunk", "forward", "eap", "eap-ig")]


def peak_memory() -> float:
    """The most memory this process has held, in MB, since `reset_peak`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("no VmHWM")


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown"


def scores(model, pairs, steps: int, batch: int | None = None):
    """All edges' mean scores by EAP (`steps` 0) or EAP-IG of inputs, as one matrix product of all
    pairs or of each batch of so many."""
    count = len(pairs.clean)
    if batch is None or batch >= count:
        return scores_at_once(model, pairs, steps)
    total = 0
    for first in range(0, count, batch):
        part = pairs.part(first, batch)
        total += scores_at_once(model, part, steps) * (len(part.clean) / count)
    return total


def scores_at_once(model, pairs, steps: int):
    import torch

    from circuit_reference import metrics

    clean, corrupted = model.embed(pairs.clean), model.embed(pairs.corrupted)
    with torch.no_grad():
        corrupted_outputs = model.run(corrupted).outputs

    def gradients(embedding):
        run = model.run(embedding, probe=True)
        logits = model.logits(pairs.at_last(run.final))
        loss = metrics.loss("logit-diff", pairs, logits, logits).mean()
        return run.outputs.detach(), torch.autograd.grad(loss, run.probes)

    def products(found, changes):
        return torch.cat([g.flatten(1) @ changes.flatten(1).T for g in found])

    if steps == 0:
        outputs, found = gradients(clean)
        return products(found, arriving(model, outputs, corrupted_outputs - outputs))
    with torch.no_grad():
        changes = corrupted_outputs - model.run(clean).outputs
    # The sum over steps is of products where a norm after attention makes something else of the
    # changes in each, and otherwise of the gradients.
    is_normalized = any(layer.post_norm1 is not None for layer in model.weights.layers)
    total = None
    for k in range(steps):
        outputs, found = gradients(corrupted + k / steps * (clean - corrupted))
        step = [products(found, arriving(model, outputs, changes))] if is_normalized else found
        total = step if total is None else [a.add_(b) for a, b in zip(total, step)]
    return (total[0] if is_normalized else products(total, changes)) / steps


def arriving(model, outputs, changes):
    """What arrives at receivers of small changes of the senders' outputs: those of heads go through the
    norm after their layer's attention, if there is one, which is linear in the limit."""
    if all(layer.post_norm1 is None for layer in model.weights.layers):
        return changes
    changes = changes.clone()
    for index, layer in enumerate(model.weights.layers):
        first = model.graph.sender_index[f"a{index}.h0"]
        heads = slice(first, first + model.graph.n_heads)
        norm, x = layer.post_norm1, outputs[heads].sum(0) + layer.b_o
        scale, change = norm.scale(x), changes[heads]
        along = scale**3 * (x * change).mean(-1, keepdim=True)
        changes[heads] = norm.gain * (scale * change - along * x)
    return changes


def prepare(measure: str, arguments):
    """The work to be timed, as a function without arguments."""
    import torch

    from circuit_reference import pairs as pair_files, weights
    from circuit_reference.transformer import Transformer

    torch.set_num_threads(arguments.threads)
    measure, suffix, _ = measure.partition("-bfloat16")
    weight, twin = weights.load(
        arguments.model, torch.bfloat16 if suffix else torch.float32)
    if arguments.pairs:
        pairs = pair_files.read(arguments.pairs)
    else:
        pairs = pair_files.from_records(
            pair_files.random_records(len(weight.token_embedding), 16, 16, seed=0))
    shape = {
        "pairs": len(pairs.clean), "tokens": pairs.clean.shape[1], "layers": weight.n_layers,
        "heads": weight.n_heads, "d_model": weight.d_model, "family": weight.family}
    twin.set_attn_implementation("sdpa")
    model = Transformer(weight, ungrouped=True)

    def no_grad(function):
        def call():
            with torch.no_grad():
                return function()
        return call

    if measure == "trunk":
        return shape, no_grad(lambda: twin.base_model(pairs.clean, use_cache=False))
    if measure == "forward":
        return shape, no_grad(lambda: twin(pairs.clean, use_cache=False))
    if measure == "forward-last":
        return shape, no_grad(lambda: twin(pairs.clean, use_cache=False, logits_to_keep=1))
    if measure == "forward-backward":
        twin.requires_grad_(True)

        def backward():
            twin.zero_grad()
            twin(pairs.clean, labels=pairs.clean, use_cache=False).loss.backward()
        return shape, backward
    if measure == "split":
        return shape, no_grad(lambda: model.logits(model.run(model.embed(pairs.clean)).final))
    if measure == "edge-patched":
        with torch.no_grad():
            ablated = model.run(model.embed(pairs.corrupted)).outputs
        real = model.graph.real()
        present = real & (torch.rand(real.shape) < 0.5)
        return shape, no_grad(lambda: model.logits(pairs.at_last(
            model.run(model.embed(pairs.clean), present, ablated).final)))
    if measure in ("eap", "eap-ig"):
        steps = 5 if measure == "eap-ig" else 0
        return shape | {"edges": len(model.graph.edges)}, lambda: scores(
            model, pairs, steps, arguments.batch)
    return shape, transformer_lens(weight, pairs)


def transformer_lens(weight, pairs):
    """TransformerLens with every q, k and v input and every head's result apart, on a model of this
    shape; its weights are random, which costs the same."""
    import torch
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    layer = weight.layers[0]
    shape = dict(
        n_layers=weight.n_layers, d_model=weight.d_model, n_ctx=1024, n_heads=weight.n_heads,
        d_head=layer.w_q.shape[-1], d_mlp=layer.w_in.shape[-1], d_vocab=len(weight.token_embedding),
        device="cpu", use_attn_result=True, use_split_qkv_input=True)
    if weight.family == "gpt2":
        shape |= dict(act_fn="gelu_new", normalization_type="LN")
    elif weight.family in ("llama", "gemma3_text"):
        shape |= dict(
            act_fn="silu", normalization_type="RMS", final_rms=True, gated_mlp=True,
            positional_embedding_type="rotary", rotary_dim=layer.w_q.shape[-1],
            n_key_value_heads=layer.w_k.shape[0], ungroup_grouped_query_attention=True)
        if weight.family == "gemma3_text":
            # Prompts shorter than a window: local layers differ by the base of their rotation alone.
            shape |= dict(
                act_fn="gelu_pytorch_tanh", use_qk_norm=True, rotary_base=10_000,
                use_normalization_before_and_after=True)
    else:
        raise SystemExit(f"transformer-lens: no shape for the family {weight.family}")
    hooked = HookedTransformer(HookedTransformerConfig(**shape))

    def call():
        with torch.no_grad():
            return hooked(pairs.clean, prepend_bos=False)
    return call


def measure_here(measure: str, arguments) -> dict:
    shape, work = prepare(measure, arguments)
    reset_peak()
    loaded = peak_memory()
    clock = time.process_time if arguments.processor_time else time.perf_counter
    work()
    times = []
    for _ in range(arguments.repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return {
        "measure": measure, **shape, "seconds": min(times), "all_seconds": times,
        "loaded_mb": round(loaded), "peak_mb": round(peak_memory())}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, help="pairs at once in EAP and EAP-IG; all by default")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--measure", nargs="+", choices=MEASURES + NARROW, default=MEASURES[:-1])
    parser.add_argument(
        "--processor-time", action="store_true",
        help="of all threads, instead of the time that passes")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--here", action="store_true", help="one measurement, in this process")
    arguments = parser.parse_args()
    if arguments.here:
        print(json.dumps(measure_here(arguments.measure[0], arguments)))
        return
    import torch

    results = []
    report = {
        "torch": torch.__version__, "threads": arguments.threads, "processor": processor(),
        "model": arguments.model, "results": results}
    for measure in arguments.measure:
        command = [
            sys.executable, __file__, "--here", "--measure", measure, "--model", arguments.model,
            "--threads", str(arguments.threads), "--repeats", str(arguments.repeats)]
        command += ["--pairs", arguments.pairs] if arguments.pairs else []
        command += ["--processor-time"] if arguments.processor_time else []
        command += ["--batch", str(arguments.batch)] if arguments.batch else []
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"OMP_NUM_THREADS": str(arguments.threads)})
        if done.returncode:
            sys.exit(f"bench_torch: {measure} failed:\n{done.stderr[-2000:]}")
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{measure:17} {results[-1]['seconds']:8.3f} s {results[-1]['peak_mb']:6} MB",
              file=sys.stderr, flush=True)
        # What was measured by then is there if a later measurement fails.
        if arguments.output:
            arguments.output.write_text(json.dumps(report, indent=1) + "\n")
    if not arguments.output:
        print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
