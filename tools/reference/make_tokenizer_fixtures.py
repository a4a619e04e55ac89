#!/usr/bin/env python3
"""Makes fixtures/tokenizer: small tokenizers, and what `transformers` makes of nasty strings.

    tools/reference/make_tokenizer_fixtures.py [PATH OF SmolLM2-135M-Instruct.Q4_1.gguf]

Needs transformers, tokenizers and, for SmolLM2's part, gguf. For each tokenizer NAME it writes
NAME.json: {"made_by", "strings": [{"text", "ids", "decoded"}]}, and, for those trained here,
NAME/tokenizer.json with its tokenizer_config.json.
"""

import json
import pathlib
import sys

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

from tokenizer_corpus import corpus
from tokenizer_strings import all_strings

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "tokenizer"

CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
OTHERS = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + OTHERS
QWEN2 = CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + OTHERS
# GPT-4o's expression: one that has no scanner of its own.
GPT4O = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTION + "?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTION + "?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])


def byte_level(pattern: str | None = None, prefix: bool = False):
    """A byte-level pre-tokenizer with GPT-2's rules, or with those of `pattern`."""
    if pattern is None:
        return pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=False),
    ])


def train(pre_tokenizer, size: int, special: list[str], alphabet=None, unknown=None, nfc=False) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token=unknown, fuse_unk=unknown is not None))
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if alphabet is None else alphabet))
    return tokenizer


def tiny_tokenizers() -> dict[str, tuple[Tokenizer, dict]]:
    """Each tokenizer with its tokenizer_config.json."""
    made = {}
    end = "<|endoftext|>"

    # GPT-2's rules; large enough that the names and nouns of the tasks are single tokens.
    made["tiny-gpt2"] = (train(byte_level(), 1400, [end]), {"bos_token": end, "eos_token": end})

    # Llama 3's: a word that is a token stays one, BOS comes from the template.
    begin = "<|begin_of_text|>"
    tokenizer = train(byte_level(LLAMA3), 500, [begin, end])
    settings = json.loads(tokenizer.to_str())
    settings["model"]["ignore_merges"] = True
    # A token that no merges make: only ignore_merges finds it.
    settings["model"]["vocab"]["Ġxyzzy"] = len(settings["model"]["vocab"])
    tokenizer = Tokenizer.from_str(json.dumps(settings))
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing(single=f"{begin} $A", pair=f"{begin} $A {begin} $B", special_tokens=[(begin, 0)]),
    ])
    made["tiny-llama3"] = (tokenizer, {"bos_token": begin, "eos_token": end})

    # Qwen 2's: normal form C, one digit at a time, and added tokens found before and after it.
    tokenizer = train(byte_level(QWEN2), 500, [end, "<|im_start|>", "<|im_end|>"], nfc=True)
    tokenizer.add_tokens([AddedToken("NORMǵ", normalized=True)])
    made["tiny-qwen2"] = (tokenizer, {"bos_token": None, "eos_token": "<|im_end|>", "add_bos_token": False})

    # SmolLM's: every digit a word. `transformers` 5 ignores add_bos_token beside a tokenizer.json.
    digits = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level()])
    made["tiny-smollm"] = (train(digits, 450, [end, "<|im_start|>"]),
                           {"bos_token": "<|im_start|>", "eos_token": end, "add_bos_token": True})

    # An expression without a scanner, and most of what is rare: runs of digits, a space put in
    # front, bytes without a token, added tokens that take white space or stand alone.
    odd = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.Split("\n", "merged_with_previous"),
        byte_level(GPT4O, prefix=True),
    ])
    alphabet = [c for c in pre_tokenizers.ByteLevel.alphabet() if c.isascii() or c == "Ġ"]
    tokenizer = train(odd, 420, ["<unk>"], alphabet=sorted(alphabet), unknown="<unk>")
    tokenizer.add_special_tokens([
        AddedToken("<mask>", lstrip=True), AddedToken("<word>", single_word=True), AddedToken("<wide>", lstrip=True, rstrip=True)])
    made["tiny-odd"] = (tokenizer, {"unk_token": "<unk>"})
    return made


def smollm2(path: str):
    """SmolLM2's tokenizer: the vocabulary of the GGUF with the rules of the model's tokenizer.json.

    `transformers` can read a GGUF by itself, but takes GPT-2's rules then: it leaves out the
    splitting of digits, which GGUF records as the name `smollm` only, so that "  1" comes out
    differently from the model's own tokenizer.
    """
    import gguf

    fields = gguf.GGUFReader(path).fields
    tokens, merges, types = (fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "merges", "token_type"))
    tokenizer = Tokenizer(models.BPE({token: id for id, token in enumerate(tokens)}, [tuple(merge.split(" ")) for merge in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([token for token, kind in zip(tokens, types) if kind == 3])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<|im_end|>")


def write(name: str, tokenizer, source: str, texts: list[str] | None = None) -> None:
    strings = []
    for text in texts or all_strings():
        ids = tokenizer.encode(text)
        decoded = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
        strings.append({"text": text, "ids": ids} | ({} if decoded == text else {"decoded": decoded}))
    made_by = f"tools/reference/make_tokenizer_fixtures.py: transformers {transformers.__version__}, tokenizers {tokenizers.__version__}, {source}"
    lines = ",\n".join(json.dumps(string) for string in strings)
    (FOLDER / f"{name}.json").write_text(f'{{"made_by": {json.dumps(made_by)}, "strings": [\n{lines}\n]}}\n')
    print(f"{name}: {len(strings)} strings, {sum(len(string['ids']) for string in strings)} ids")


def main() -> None:
    for name, (tokenizer, settings) in tiny_tokenizers().items():
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        settings = {"tokenizer_class": "PreTrainedTokenizerFast"} | settings
        (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
        loaded = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
        write(name, loaded, f"{name}/tokenizer.json")
    if len(sys.argv) > 1:
        write("smollm2", smollm2(sys.argv[1]), "SmolLM2-135M-Instruct.Q4_1.gguf")


if __name__ == "__main__":
    main()
