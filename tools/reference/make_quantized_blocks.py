#!/usr/bin/env python3
"""Makes fixtures/gguf: random blocks of every number type, and what the gguf package makes of them.

Needs numpy, gguf and safetensors. `blocks.gguf` holds one tensor a type, named after it, of 3 rows
of 512 values; `blocks.safetensors` the same in float32.
"""

import pathlib

import gguf
import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType as Type
from safetensors.numpy import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "gguf"
TYPES = [Type.F32, Type.F16, Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0,
         Type.Q4_K, Type.Q6_K]
# Where a block keeps its half-precision scales.
SCALES = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0],
          Type.Q4_K: [0, 2], Type.Q6_K: [208]}
ROWS, COLUMNS = 3, 512


def main():
    random = np.random.default_rng(7)
    ROOT.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(ROOT / "blocks.gguf", "none")
    expected = {}
    for number_type in TYPES:
        values, size = GGML_QUANT_SIZES[number_type]
        blocks = COLUMNS // values
        if number_type in SCALES:
            data = random.integers(0, 256, (ROWS, blocks, size), dtype=np.uint8)
            for offset in SCALES[number_type]:
                scales = random.normal(0, 0.1, (ROWS, blocks)).astype(np.float16)
                # Subnormal, zero and greatest scales too.
                scales[0, 0], scales[1, 0], scales[2, 0] = 3e-7, 0, 60000
                data[:, :, offset:offset + 2] = scales.view(np.uint8).reshape(ROWS, blocks, 2)
            data = data.reshape(ROWS, -1)
        else:
            plain = random.normal(0, 1, (ROWS, COLUMNS)).astype(np.float32)
            plain[0, :4] = 0, -0.0, 3e-7, -60000
            data = gguf.quants.quantize(plain, number_type)
        expected[number_type.name] = gguf.quants.dequantize(data, number_type).astype(np.float32)
        writer.add_tensor(number_type.name, data, raw_dtype=number_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    assert all(np.isfinite(values).all() for values in expected.values())
    save_file(expected, ROOT / "blocks.safetensors")


if __name__ == "__main__":
    main()
