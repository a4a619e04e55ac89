"""Makes fixtures/attribution/sets/{saelens-skip,saelens-jumprelu,sparsify}: a folder for each layer, as
SAELens and sparsify save transcoders, with the weights of other sets there.

    python tools/reference/make_layer_folder_fixtures.py

Written by the libraries themselves (sae-lens 6.54, eai-sparsify 1.3), which also compute
expected/layer-folders.safetensors: features and reconstruction of random inputs, to hold ours against.
What these packages import but don't need to save a transcoder may be missing.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from unittest.mock import MagicMock

import torch
from safetensors.torch import load_file, save_file

OPTIONAL = {"datasets", "wandb", "plotly", "babe", "nltk", "matplotlib", "pandas", "tqdm", "schedulefree",
            "bitsandbytes", "natsort"}
ROOT = Path(__file__).resolve().parents[2] / "fixtures/attribution"
LAYERS = 3


class Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for optional packages that aren't installed."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in OPTIONAL:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__ = [], spec
        return module

    def exec_module(self, module):
        pass


def saelens(name: str, source: str, kind, config, hooks: tuple[str, str], expected: dict) -> None:
    for layer in range(LAYERS):
        weights = load_file(ROOT / f"sets/{source}/layer_{layer}.safetensors")
        width = weights["b_dec"].shape[0]
        transcoder = kind(config(
            d_in=width, d_sae=weights["b_enc"].shape[0], d_out=width, dtype="float32", device="cpu",
            apply_b_dec_to_input=False, normalize_activations="none"))
        transcoder.cfg.metadata.model_name = "tiny-" + source.split("-")[0]
        transcoder.cfg.metadata.hook_name = f"blocks.{layer}.{hooks[0]}"
        transcoder.cfg.metadata.hook_name_out = f"blocks.{layer}.{hooks[1]}"
        state = {"W_enc": weights["W_enc"].T, "b_enc": weights["b_enc"], "W_dec": weights["W_dec"],
                 "b_dec": weights["b_dec"]}
        if "W_skip" in weights:
            state["W_skip"] = weights["W_skip"]
        if "activation_function.threshold" in weights:
            state["threshold"] = weights["activation_function.threshold"]
        transcoder.load_state_dict({key: value.float() for key, value in state.items()})
        folder = ROOT / f"sets/{name}/layer_{layer}"
        folder.mkdir(parents=True, exist_ok=True)
        transcoder.save_model(folder)
        keep(expected, f"{name}.{layer}", transcoder.encode, transcoder, width)


@torch.no_grad()
def keep(expected: dict, name: str, encode, forward, width: int) -> None:
    x = torch.randn(4, width, generator=torch.Generator().manual_seed(len(expected)))
    expected[name + ".x"] = x
    expected[name + ".features"] = encode(x)
    expected[name + ".output"] = forward(x)


def main() -> None:
    sys.meta_path.append(Missing())
    from sae_lens.saes.transcoder import (
        JumpReLUTranscoder, JumpReLUTranscoderConfig, SkipTranscoder, SkipTranscoderConfig)
    from sparsify import SparseCoder, SparseCoderConfig

    expected: dict[str, torch.Tensor] = {}
    saelens("saelens-skip", "llama-skip", SkipTranscoder, SkipTranscoderConfig,
            ("hook_mlp_in", "mlp.hook_out"), expected)
    saelens("saelens-jumprelu", "gemma2-jumprelu", JumpReLUTranscoder, JumpReLUTranscoderConfig,
            ("ln2.hook_normalized", "hook_mlp_out"), expected)
    for layer in range(LAYERS):
        weights = load_file(ROOT / f"sets/llama-skip/layer_{layer}.safetensors")
        width = weights["b_dec"].shape[0]
        coder = SparseCoder(width, SparseCoderConfig(
            num_latents=weights["b_enc"].shape[0], k=5, transcode=True, skip_connection=True))
        coder.load_state_dict({
            "encoder.weight": weights["W_enc"], "encoder.bias": weights["b_enc"] - 0.5,
            "W_dec": weights["W_dec"], "b_dec": weights["b_dec"], "W_skip": weights["W_skip"]})
        coder.save_to_disk(ROOT / f"sets/sparsify/layers.{layer}.mlp")

        def encode(x, coder=coder):
            found = coder.encode(x)
            return torch.zeros(len(x), coder.num_latents).scatter(
                1, found.top_indices, found.top_acts)

        keep(expected, f"sparsify.{layer}", encode,
             lambda x, coder=coder: coder.decode(coder.encode(x).top_acts, coder.encode(x).top_indices)
             + x @ coder.W_skip.mT, width)
    save_file({key: value.detach().contiguous() for key, value in expected.items()},
              ROOT / "expected/layer-folders.safetensors")


if __name__ == "__main__":
    main()
