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
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from make_tokenizer_fixtures import FOLDER, write
from sentencepiece.sentencepiece_model_pb2 import ModelProto
from tokenizer_corpus import corpus
from tokenizer_strings import unseen_strings
from transformers.tokenization_utils_base import generate_merges

# Spaces, line breaks and a tag that no merge may touch, as Gemma has them.
USER_DEFINED = ["<table>", "\n", "\n\n", "\n\n\n", "\u2581\u2581", "\u2581\u2581\u2581", "\t\t"]


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


def unused(model: bytes) -> bytes:
    """`model` with every fifth of its longer pieces unused: merged through, and cut again."""
    proto = ModelProto.FromString(model)
    for index, piece in enumerate(proto.pieces):
        if piece.type == 1 and len(piece.piece) > 2 and index % 5 == 0:
            piece.type = 5
    return proto.SerializeToString()


def write_gguf(path: pathlib.Path, model: bytes, architecture: str, spaces: bool | None) -> None:
    """The vocabulary of `model` as llama.cpp's convert_hf_to_gguf.py writes it, and no tensors."""
    proto = ModelProto.FromString(model)
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    # User-defined spaces are written as spaces.
    writer.add_token_list([p.piece.replace("\u2581", " ") if p.type == 4 else p.piece for p in proto.pieces] + ["<mask>"])
    writer.add_token_scores([p.score for p in proto.pieces] + [-1000.0])
    writer.add_token_types([p.type for p in proto.pieces] + [3])
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


def write_tokenizer(name: str, tokenizer: Tokenizer) -> None:
    """A tokenizer.json, and what tokenizers makes of the strings."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)

    class Adapter:
        def encode(self, text):
            return tokenizer.encode(text).ids

        def decode(self, ids, **_):
            return tokenizer.decode(ids, skip_special_tokens=False)

    write(name, Adapter(), f"{name}/tokenizer.json")


def make_tokenizers(bpe: bytes, unigram: bytes, unigram_bytes: bytes) -> None:
    """tokenizer.json of the same vocabularies, with the parts that such files have on the hub."""
    proto = ModelProto.FromString(bpe)
    vocabulary = {p.piece: id for id, p in enumerate(proto.pieces)}
    merges = generate_merges(vocabulary, {p.piece: p.score for p in proto.pieces})
    spaces = [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]

    # Llama 2's: a space before every text by a normalizer, bytes for what has no token.
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([*spaces, decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.add_tokens([AddedToken("<table>", normalized=True)])
    write_tokenizer("json-llama", tokenizer)

    # A Metaspace that cuts words, no bytes, words that are tokens whatever the merges say.
    for scheme in ["first", "never"]:
        pieces = {token: id for token, id in vocabulary.items() if not token.startswith("<0x")}
        pieces = {token: id for id, token in enumerate(pieces)}
        kept = [(left, right) for left, right in merges if left in pieces and right in pieces and left + right in pieces]
        tokenizer = Tokenizer(models.BPE(pieces, kept, unk_token="<unk>", fuse_unk=scheme == "first", ignore_merges=True))
        tokenizer.normalizer = normalizers.Sequence([normalizers.Strip(left=False, right=True), normalizers.NFKC()])
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=True)
        tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
        tokenizer.add_special_tokens(["<unk>", AddedToken("<mask>", lstrip=True)])
        write_tokenizer(f"json-metaspace-{scheme}", tokenizer)

    # T5's: unigram, with the map of characters that SentencePiece compiled.
    proto = ModelProto.FromString(unigram)
    tokenizer = Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "\u2581")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    write_tokenizer("json-unigram", tokenizer)

    # ALBERT's normalizers, unigram with bytes, words cut at white space first.
    proto = ModelProto.FromString(unigram_bytes)
    tokenizer = Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], unk_id=0, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Sequence([*spaces, decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    write_tokenizer("json-unigram-bytes", tokenizer)


def main() -> None:
    bpe = train("sp-bpe", model_type="bpe", vocab_size=800, byte_fallback=True, normalization_rule_name="identity",
                remove_extra_whitespaces=False, user_defined_symbols=USER_DEFINED, character_coverage=0.9999)
    write_sentencepiece("sp-bpe", bpe)
    make_gguf(bpe)
    # No bytes: characters without a token are unknown, and joined.
    write_sentencepiece("sp-bpe-unknown", unused(train(
        "sp-bpe-unknown", model_type="bpe", vocab_size=500, normalization_rule_name="nmt_nfkc_cf", character_coverage=0.98,
        treat_whitespace_as_suffix=True)))
    unigram = train("sp-unigram", model_type="unigram", vocab_size=500, normalization_rule_name="nmt_nfkc",
                    user_defined_symbols=["<table>", "Mary"], character_coverage=0.999)
    write_sentencepiece("sp-unigram", unigram)
    unigram_bytes = train("sp-unigram-bytes", model_type="unigram", vocab_size=700, byte_fallback=True,
                          normalization_rule_name="nfkc", add_dummy_prefix=False, remove_extra_whitespaces=False)
    write_sentencepiece("sp-unigram-bytes", unigram_bytes)
    make_tokenizers(bpe, unigram, unigram_bytes)
    if len(sys.argv) > 1:
        tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1], gguf_file="gemma-3-270m-q4_k_m.gguf")
        write("gemma3", tokenizer, "gemma-3-270m-q4_k_m.gguf", unseen_strings())


if __name__ == "__main__":
    main()
