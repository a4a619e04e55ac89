#!/usr/bin/env python3
"""Makes fixtures/interchange/circuit-tracer.pt: a graph as circuit-tracer itself saves it, and
circuit-tracer.safetensors: what its own functions say of that graph; and the same graph as earlier versions
saved it: circuit-tracer-0.1.pt (`logit_tokens`, no `vocab_size`, TransformerLens's own configuration),
circuit-tracer-0.3.pt (`logit_targets` as a tensor).

Needs `pip install circuit-tracer==0.5.0 "transformer-lens<3" "pyarrow<21"` in an environment of its own.
The graph is of fixtures/models/tiny-qwen2 with fixtures/attribution/sets/qwen2-relu, of 20 features.
"""

import json
import pathlib
import tempfile

import torch
import transformers
from circuit_tracer.attribution.attribute import attribute
from circuit_tracer.graph import compute_graph_scores, prune_graph
from circuit_tracer.replacement_model.replacement_model_transformerlens import (
    TransformerLensReplacementModel)
from circuit_tracer.transcoder.single_layer_transcoder import load_transcoder_set
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models
from transformer_lens import HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_qwen2_weights

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
PROMPT = [2, 17, 33, 45, 9, 17]


def write_earlier(graph, config, target):
    """The graph with the keys of earlier versions of `Graph.to_pt`, read from their source."""
    tokens = torch.tensor([t.vocab_idx for t in graph.logit_targets])
    shared = {
        "input_string": graph.input_string, "adjacency_matrix": graph.adjacency_matrix,
        "active_features": graph.active_features, "logit_probabilities": graph.logit_probabilities,
        "input_tokens": graph.input_tokens, "selected_features": graph.selected_features,
        "activation_values": graph.activation_values, "scan": graph.scan}
    torch.save(
        shared | {"cfg": config, "logit_tokens": tokens}, target.with_name("circuit-tracer-0.1.pt"))
    torch.save(
        shared | {"cfg": graph.cfg, "logit_targets": tokens, "vocab_size": graph.vocab_size},
        target.with_name("circuit-tracer-0.3.pt"))


def main():
    folder = FIXTURES / "models" / "tiny-qwen2"
    shape = json.loads((folder / "config.json").read_text())
    hf = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**{
        key: shape[key] for key in (
            "hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers",
            "num_key_value_heads", "rms_norm_eps", "tie_word_embeddings", "vocab_size",
            "max_position_embeddings")}))
    missing = hf.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    assert set(missing.missing_keys) <= {"lm_head.weight"} and not missing.unexpected_keys
    heads = shape["num_attention_heads"]
    config = HookedTransformerConfig(
        n_layers=shape["num_hidden_layers"], n_ctx=32, d_vocab=shape["vocab_size"],
        d_model=shape["hidden_size"], d_head=shape["hidden_size"] // heads, n_heads=heads,
        n_key_value_heads=shape["num_key_value_heads"], d_mlp=shape["intermediate_size"],
        act_fn="silu", normalization_type="RMS", eps=shape["rms_norm_eps"],
        positional_embedding_type="rotary", rotary_adjacent_pairs=False,
        rotary_dim=shape["hidden_size"] // heads, rotary_base=10000, gated_mlp=True, final_rms=True,
        original_architecture="Qwen2ForCausalLM", dtype=torch.float32, device="cpu",
        default_prepend_bos=False, model_name="tiny-qwen2")
    words = Tokenizer(models.WordLevel(
        {f"w{i}": i for i in range(shape["vocab_size"])}, unk_token="w0"))
    with tempfile.TemporaryDirectory() as scratch:
        transformers.PreTrainedTokenizerFast(
            tokenizer_object=words, bos_token="w2").save_pretrained(scratch)
        model = TransformerLensReplacementModel(
            config, tokenizer=transformers.AutoTokenizer.from_pretrained(scratch))
    model.load_and_process_state_dict(
        convert_qwen2_weights(hf, config), fold_ln=False, center_writing_weights=False,
        center_unembed=False, fold_value_biases=False)
    weights = FIXTURES / "attribution" / "sets" / "qwen2-relu"
    model._configure_replacement_model(load_transcoder_set(
        {i: str(weights / f"layer_{i}.safetensors") for i in range(shape["num_hidden_layers"])},
        "qwen2-relu", "mlp.hook_in", "mlp.hook_out", device=torch.device("cpu"),
        dtype=torch.float32))
    graph = attribute(
        torch.tensor(PROMPT), model, max_feature_nodes=20, batch_size=3, update_interval=2,
        verbose=False)
    graph.cfg.tokenizer_name = "tiny"  # the folder's, which is gone
    target = FIXTURES / "interchange" / "circuit-tracer.pt"
    graph.to_pt(str(target))
    write_earlier(graph, config, target)
    pruned = prune_graph(graph, 0.8, 0.98)
    # At the edges of nothing a pair of nodes counts as kept, too, where the cut is 0.
    save_file({
        "adjacency": graph.adjacency_matrix.float().contiguous(),
        "node_kept": pruned.node_mask.float(),
        "edge_kept": (pruned.edge_mask & (graph.adjacency_matrix != 0)).float(),
        "cumulative": pruned.cumulative_scores.float(),
        "features": graph.active_features[graph.selected_features].float(),
        "activations": graph.activation_values[graph.selected_features].float(),
        "logit_tokens": torch.tensor([float(t.vocab_idx) for t in graph.logit_targets]),
        "probabilities": graph.logit_probabilities.float(),
        "active_features": torch.tensor([float(len(graph.active_features))]),
        "scores": torch.tensor(compute_graph_scores(graph), dtype=torch.float32),
    }, target.with_suffix(".safetensors"))


if __name__ == "__main__":
    main()
