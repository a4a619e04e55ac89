"""Transcoders in circuit-tracer's layouts, read whole, in float64."""

import pathlib

import numpy as np
import yaml
from safetensors.numpy import load_file


class Transcoders:
    """`W_enc[l]` `[feature, d]`, `W_dec[l]` `[feature, output layer - l, d]`, one output in a PLT."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        config = yaml.safe_load((folder / "config.yaml").read_text())
        self.input_hook, self.output_hook = config["feature_input_hook"], config["feature_output_hook"]
        self.cross_layer = config["model_kind"] == "cross_layer_transcoder"
        self.k = config.get("k")
        self.W_enc, self.b_enc, self.W_dec, self.b_dec, thresholds, self.skip = [], [], [], [], [], []
        pattern = "W_enc_*.safetensors" if self.cross_layer else "layer_*.safetensors"
        for i in range(len(list(folder.glob(pattern)))):
            if self.cross_layer:
                t = load_file(folder / f"W_enc_{i}.safetensors")
                t |= load_file(folder / f"W_dec_{i}.safetensors")
                t = {k.removesuffix(f"_{i}"): v for k, v in t.items()}
            else:
                t = load_file(folder / f"layer_{i}.safetensors")
            t = {k: v.astype(np.float64) for k, v in t.items()}
            self.W_enc.append(t["W_enc"])
            self.b_enc.append(t["b_enc"])
            self.W_dec.append(t["W_dec"] if self.cross_layer else t["W_dec"][:, None])
            self.b_dec.append(t["b_dec"])
            thresholds.append(t.get("threshold", t.get("activation_function.threshold")))
            self.skip.append(None if self.cross_layer else t.get("W_skip"))
        self.thresholds = thresholds
        given = config.get("activation")
        self.activation = given or ("relu" if thresholds[0] is None else "jumprelu")

    def reads(self, i, layer, mid):
        """What layer i's encoder reads, from the stream before the MLP."""
        if self.input_hook == "hook_resid_mid":
            return mid
        if self.input_hook == "ln2.hook_normalized":
            return layer.ln2.normalized(mid)
        assert self.input_hook == "mlp.hook_in"
        return layer.ln2(mid)

    def reads_back(self, layer, mid, v):
        """A gradient at the encoder's input `[..., d]` as one of the stream, the scale constant."""
        if self.input_hook == "hook_resid_mid":
            return v
        scale = layer.ln2.inverse_scale(mid)
        if self.input_hook == "ln2.hook_normalized":
            return layer.ln2.centre(v * scale)
        return layer.ln2.back(v, scale)

    def activate(self, i, z):
        if self.activation == "relu":
            return np.maximum(z, 0)
        if self.activation == "jumprelu":
            return z * (z > self.thresholds[i])
        kept = np.zeros_like(z)
        top = np.argsort(-z, axis=-1, kind="stable")[..., : self.k]
        np.put_along_axis(kept, top, np.take_along_axis(z, top, -1), -1)
        return kept

    def outputs(self, i):
        """The layers that features of layer i write to."""
        return range(i, i + self.W_dec[i].shape[1])

    def skip_out(self, i, x):
        return 0.0 if self.skip[i] is None else x @ self.skip[i].T
