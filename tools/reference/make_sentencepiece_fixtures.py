#!/usr/bin/env python3
"""Makes the SentencePiece part of fixtures/tokenizer: small models, and what other software makes of
nasty strings with them.

    tools/reference/make_sentencepiece_fixtures.py [FOLDER WITH gemma-3-270m-q4_k_m.gguf]

Needs sentencepiece, tokenizers, transformers and gguf. For each model NAME it writes NAME.json as
make_tokenizer_fixtures.py does, and the model's own file in NAME/.
"""

import json
import pathlib
import sys
import tempfile

import gguf
import sentencepiece
import transformers

from make_tokenizer_fixtures import FOLDER, write
from sentencepiece.sentencepiece_model_pb2 import ModelProto
from tokenizer_corpus import corpus
from tokenizer_strings import all_strings, unseen_strings

# Spaces, line breaks and a tag that no merge may touch, as Gemma has them.
USER_DEFINED = ["<table>", "\n", "\n\n", "\n\n\n", "\u2581\u2581", "\u2581\u2581\u2581", "\t\t"]
CONTROL = ["<mask>", "<|endoftext|>"]


def train(name: str, **settings) -> bytes:
    """A SentencePiece model, as its protobuf."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        lines = [line for text in corpus() for line in text.split("\n") if line]
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_prefix=f"{temporary}/m", minloglevel=2,
            num_threads=1, hard_vocab_limit=False, **settings)
        return pathlib.Path(temporary, "m.model").read_bytes()


def write_gguf(path: pathlib.Path, model: bytes, architecture: str, spaces: bool | None) -> None:
    """The vocabulary of `model` as llama.cpp's convert_hf_to_gguf.py writes it, and no tensors."""
    proto = ModelProto.FromString(model)
    kind = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    # User-defined spaces are written as spaces.
    writer.add_token_list([p.piece.replace("\u2581", " ") if p.type == 4 else p.piece for p in proto.pieces])
    writer.add_token_scores([p.score for p in proto.pieces])
    writer.add_token_types([kind[p.type] for p in proto.pieces])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    if spaces is not None:
        writer.add_add_space_prefix(spaces)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def make_gguf(model: bytes) -> None:
    for architecture, spaces in [("llama", None), ("gemma3", False), ("phi3", True)]:
        name = f"gguf-{architecture}"
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        write_gguf(folder / "vocabulary.gguf", model, architecture, spaces)
        tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder, gguf_file="vocabulary.gguf")
        write(name, tokenizer, f"{name}/vocabulary.gguf")


def write_sentencepiece(name: str, model: bytes) -> None:
    """What sentencepiece itself makes of the strings."""
    (FOLDER / name / "tokenizer.model").write_bytes(model)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)

    class Adapter:
        def encode(self, text):
            return processor.encode(text)

        def decode(self, ids, **_):
            return processor.decode(ids)

    write(name, Adapter(), f"sentencepiece {sentencepiece.__version__}")


def main() -> None:
    llama = train("sp-bpe", model_type="bpe", vocab_size=800, byte_fallback=True, normalization_rule_name="identity",
                  remove_extra_whitespaces=False, user_defined_symbols=USER_DEFINED, control_symbols=CONTROL,
                  character_coverage=0.9999)
    write_sentencepiece("sp-bpe", llama)
    make_gguf(llama)
    if len(sys.argv) > 1:
        tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1], gguf_file="gemma-3-270m-q4_k_m.gguf")
        write("gemma3", tokenizer, "gemma-3-270m-q4_k_m.gguf", unseen_strings())


if __name__ == "__main__":
    main()
