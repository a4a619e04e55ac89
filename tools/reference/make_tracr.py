"""Compiles RASP programs with tracr and exports them with their true circuit.

    pip install tracr-pypi==1.0.0 safetensors     # brings jax and dm-haiku; an environment of its own
    python tools/reference/make_tracr.py

Writes fixtures/tracr/<program>/; fixtures/tracr/README.md documents the files and how the truth
is read off the compiled weights.
"""

import itertools
import json
import random
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tracr.compiler import compiling, lib
from tracr.rasp import rasp

ROOT = Path(__file__).resolve().parents[2]
LENGTH = 5
BOS = compiling.COMPILER_BOS
PROGRAMS = {
    "reverse": (lambda: lib.make_reverse(rasp.tokens), "abc"),
    "xproportion": (
        lambda: lib.make_frac_prevs(rasp.numerical(rasp.tokens == "x")), "wxyz"),
}


class Program:
    """A compiled program's weights under the exported names, float32."""

    def __init__(self, name: str):
        program, self.vocabulary = PROGRAMS[name]
        self.name = name
        self.model = compiling.compile_rasp_to_model(
            program(), vocab=set(self.vocabulary), max_seq_len=LENGTH)
        self.config = self.model.model_config
        self.labels = self.model.residual_labels
        self.token_ids = self.model.input_encoder.encoding_map
        self.output_labels = self.find_output_labels()
        self.tensors = self.find_tensors()

    def find_output_labels(self) -> list[str]:
        """The residual directions that are read out, in the order of the output vocabulary."""
        stem = {"reverse": "reverse", "xproportion": "frac_prevs"}[self.name]
        labels = [label for label in self.labels if label.rsplit("_", 1)[0] == stem]
        if len(labels) > 1:
            order = self.model.output_encoder.encoding_map
            labels.sort(key=lambda label: order[label.split(":")[1]])
        return labels

    def find_tensors(self) -> dict[str, np.ndarray]:
        params = self.model.params
        unembedding = np.zeros((len(self.output_labels), len(self.labels)))
        for row, label in enumerate(self.output_labels):
            unembedding[row, self.labels.index(label)] = 1
        tensors = {
            "token_embedding.weight": params["token_embed"]["embeddings"],
            "position_embedding.weight": params["pos_embed"]["embeddings"],
            "unembedding.weight": unembedding,
        }
        parts = {
            "attention.query": "attn/query", "attention.key": "attn/key",
            "attention.value": "attn/value", "attention.output": "attn/linear",
            "mlp.input": "mlp/linear_1", "mlp.output": "mlp/linear_2",
        }
        for layer in range(self.config.num_layers):
            for ours, theirs in parts.items():
                linear = params[f"transformer/layer_{layer}/{theirs}"]
                tensors[f"layers.{layer}.{ours}.weight"] = np.asarray(linear["w"]).T
                tensors[f"layers.{layer}.{ours}.bias"] = linear["b"]
        return {
            key: np.ascontiguousarray(value, dtype=np.float32) for key, value in tensors.items()}

    def configuration(self) -> dict:
        return {
            "model_type": "tracr", "program": self.name,
            "num_hidden_layers": self.config.num_layers,
            "num_attention_heads": self.config.num_heads,
            "hidden_size": len(self.labels), "head_dim": self.config.key_size,
            "intermediate_size": self.config.mlp_hidden_size,
            "vocab_size": len(self.token_ids), "output_size": len(self.output_labels),
            "max_position_embeddings": LENGTH + 1, "hidden_act": "relu", "is_causal": False,
            "bos_token_id": self.token_ids[BOS],
            "vocabulary": sorted(self.token_ids, key=self.token_ids.get),
            "output_labels": self.output_labels, "residual_labels": self.labels,
        }

    def inputs(self) -> list[list[str]]:
        """Every input of the full length, the compiler's BOS in front."""
        return [[BOS, *tokens] for tokens in itertools.product(self.vocabulary, repeat=LENGTH)]

    def forward(self, tokens: list[list[str]]) -> dict[str, np.ndarray]:
        """Every sender's output, `[input, position, d_model]`, and `logits`, in numpy."""
        t = {key: value.astype(np.float64) for key, value in self.tensors.items()}
        ids = np.array([[self.token_ids[token] for token in row] for row in tokens])
        outputs = {
            "embed": t["token_embedding.weight"][ids],
            "positions": np.broadcast_to(
                t["position_embedding.weight"][: ids.shape[1]], (*ids.shape, len(self.labels)))}
        x = sum(outputs.values())
        for layer in range(self.config.num_layers):
            def linear(name: str, x: np.ndarray) -> np.ndarray:
                prefix = f"layers.{layer}.{name}"
                return x @ t[prefix + ".weight"].T + t[prefix + ".bias"]

            def split(x: np.ndarray) -> np.ndarray:
                return x.reshape(*x.shape[:-1], self.config.num_heads, -1)

            q, k, v = (split(linear(f"attention.{n}", x)) for n in ("query", "key", "value"))
            scores = np.einsum("bqhe,bkhe->bhqk", q, k) / np.sqrt(self.config.key_size)
            pattern = np.exp(scores - scores.max(-1, keepdims=True))
            pattern /= pattern.sum(-1, keepdims=True)
            z = np.einsum("bhqk,bkhe->bqhe", pattern, v)
            w_o = split(t[f"layers.{layer}.attention.output.weight"])  # [d_model, head, d_head]
            for head in range(self.config.num_heads):
                outputs[f"a{layer}.h{head}"] = z[:, :, head] @ w_o[:, head].T
                x = x + outputs[f"a{layer}.h{head}"]
            outputs[f"m{layer}"] = linear("mlp.output", np.maximum(linear("mlp.input", x), 0))
            x = x + outputs[f"m{layer}"]
        return outputs | {"logits": x @ t["unembedding.weight"].T}

    def reads_and_writes(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Which residual directions each receiver's weights read and each sender's can write."""
        t, heads, size = self.tensors, self.config.num_heads, self.config.key_size
        writes = {
            "embed": np.any(t["token_embedding.weight"] != 0, 0),
            "positions": np.any(t["position_embedding.weight"] != 0, 0)}
        reads = {}
        for layer in range(self.config.num_layers):
            q, k, v, o = (
                t[f"layers.{layer}.attention.{name}.weight"]
                for name in ("query", "key", "value", "output"))
            assert not any(
                t[f"layers.{layer}.attention.{name}.bias"].any()
                for name in ("query", "key", "value", "output"))
            for head in range(heads):
                rows = slice(head * size, (head + 1) * size)
                qk, ov = q[rows].T @ k[rows], v[rows].T @ o[:, rows].T
                reads[f"a{layer}.h{head}<q>"] = np.any(qk != 0, 1)
                reads[f"a{layer}.h{head}<k>"] = np.any(qk != 0, 0)
                reads[f"a{layer}.h{head}<v>"] = np.any(ov != 0, 1)
                writes[f"a{layer}.h{head}"] = np.any(ov != 0, 0)
            w_in, w_out = (t[f"layers.{layer}.mlp.{name}.weight"] for name in ("input", "output"))
            used = np.any(w_out != 0, 0)
            reads[f"m{layer}"] = np.any(w_in[used] != 0, 0)
            writes[f"m{layer}"] = np.any(w_out != 0, 1) | (t[f"layers.{layer}.mlp.output.bias"] != 0)
        reads["logits"] = np.any(t["unembedding.weight"] != 0, 0)
        return reads, writes

    def truth(self) -> dict:
        reads, writes = self.reads_and_writes()
        outputs = self.forward(self.inputs())
        order = list(writes)
        edges = []
        for receiver, read in reads.items():
            for sender in order[: self.senders_before(receiver)]:
                through = np.flatnonzero(read & writes[sender])
                if len(through):
                    carried = outputs[sender][:, :, through]
                    edges.append({
                        "edge": f"{sender}->{receiver}",
                        "through": [self.labels[i] for i in through],
                        "varies": bool(np.ptp(carried, axis=0).max() > 1e-9)})
        edges = keep_on_paths(edges)
        return {
            "split_input_edges": edges,
            "edges": merge_input(edges),
            "reads": self.named(reads), "writes": self.named(writes)}

    def senders_before(self, receiver: str) -> int:
        """How many senders, `embed` and `positions` among them, come before a receiver."""
        if receiver == "logits":
            layer, inside = self.config.num_layers, 0
        else:
            layer = int(receiver[1:].split(".")[0])
            inside = self.config.num_heads if receiver[0] == "m" else 0
        return 2 + layer * (self.config.num_heads + 1) + inside

    def named(self, directions: dict[str, np.ndarray]) -> dict[str, list[str]]:
        return {
            node: [self.labels[i] for i in np.flatnonzero(mask)]
            for node, mask in directions.items()}


def keep_on_paths(edges: list[dict]) -> list[dict]:
    """The edges that lie on a path from an input to `logits`."""
    def ends(edge: dict) -> tuple[str, str]:
        sender, receiver = edge["edge"].split("->")
        return sender, receiver.split("<")[0]

    while True:
        written = {ends(edge)[1] for edge in edges} | {"embed", "positions"}
        read = {ends(edge)[0] for edge in edges} | {"logits"}
        kept = [edge for edge in edges if ends(edge)[0] in written and ends(edge)[1] in read]
        if len(kept) == len(edges):
            return edges
        edges = kept


def merge_input(edges: list[dict]) -> list[dict]:
    """The same with the two embeddings as one sender, `input`."""
    merged: dict[str, dict] = {}
    for edge in edges:
        sender, receiver = edge["edge"].split("->")
        name = f"{'input' if sender in ('embed', 'positions') else sender}->{receiver}"
        entry = merged.setdefault(name, {"edge": name, "through": [], "varies": False})
        entry["through"] += edge["through"]
        entry["varies"] |= edge["varies"]
    return list(merged.values())


def write_pairs(program: Program, folder: Path, count: int = 30, seed: int = 4) -> None:
    """Random inputs paired with others of the same length; answers are output ids at the end."""
    draw = random.Random(seed)
    rows = program.inputs()
    lines = []
    while len(lines) < count:
        clean, corrupted = draw.sample(rows, 2)
        answers, wrong = [], []
        if program.name == "reverse":  # at the last position stands the first token
            if clean[1] == corrupted[1]:
                continue
            outputs = program.model.output_encoder.encoding_map
            answers, wrong = [[outputs[clean[1]]]], [[outputs[corrupted[1]]]]
        lines.append(json.dumps({
            "clean_ids": [program.token_ids[token] for token in clean],
            "corrupted_ids": [program.token_ids[token] for token in corrupted],
            "answer_ids": answers, "wrong_answer_ids": wrong}))
    (folder / "pairs.jsonl").write_text("\n".join(lines) + "\n")


def main() -> None:
    for name in PROGRAMS:
        program = Program(name)
        folder = ROOT / "fixtures/tracr" / name
        folder.mkdir(parents=True, exist_ok=True)
        save_file(program.tensors, folder / "model.safetensors", {"format": "np"})
        (folder / "config.json").write_text(json.dumps(program.configuration(), indent=1) + "\n")
        truth = program.truth()
        (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
        write_pairs(program, folder)

        chosen = random.Random(3).sample(program.inputs(), 12)
        reference = []
        for tokens in chosen:
            result = program.model.apply(tokens)
            output = np.asarray(result.transformer_output)[0].astype(np.float64)
            logits = output @ program.tensors["unembedding.weight"].T
            assert np.abs(program.forward([tokens])["logits"][0] - logits).max() < 1e-5
            reference.append({
                "tokens": tokens, "ids": [program.token_ids[token] for token in tokens],
                "decoded": result.decoded, "logits": np.round(logits, 6).tolist()})
        (folder / "reference.json").write_text(json.dumps(reference, indent=None) + "\n")
        print(name, len(truth["edges"]), "edges,", len(truth["split_input_edges"]),
              "with the input split,", sum(e["varies"] for e in truth["edges"]), "vary")


if __name__ == "__main__":
    main()
