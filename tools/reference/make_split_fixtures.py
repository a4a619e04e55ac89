#!/usr/bin/env python3
"""Makes fixtures/tokenizer/splits.json and settings.json: rarer settings of a tokenizer.json.

    tools/reference/make_split_fixtures.py

splits.json: where `tokenizers` cuts text by expressions whose meaning differs between engines.
settings.json: ids of whole tokenizers, each with its files, by `transformers`.
"""

import json
import pathlib
import random
import tempfile

import tokenizers
import transformers
from tokenizers import Regex, normalizers, pre_tokenizers

from tokenizer_strings import all_strings

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "tokenizer"

EXPRESSIONS = [
    r"\w+|[^\w\s]+", r"\d+", r"\b", r"\h+", r".", r".+$", r"^", r"$", r"\R", r"\X", r"[[:alnum:]]+", r"[[:punct:]]+", r"[^[:punct:]a]+|\p{PosixPunct}", r"\p{Han}+", r"a*",
    r"x*|\b", r"(?=b)|a", r"\s+(?!\S)|\s+", r"(?<=\d)(?=\d)", r"(?i)'s|'T|ß", r"\p{Lu}\p{M}*", r"[^\r\n\p{L}\p{N}]?\p{L}+", r"(?>\p{N}{1,3})(?!\p{N})",
    r"\S+\s*", r"\n+|(?<!\n)\r", r"(\w)\1+", r"\p{Alphabetic}+", r"\p{^L}+", r"[\w&&[^a-z]]+", r"\G\w", r"\A\s*\w+|\W+\z",
]
BEHAVIORS = ["isolated", "removed", "merged_with_previous", "merged_with_next", "contiguous"]


def splits() -> list[dict]:
    draw = random.Random(3)
    texts = [text for text in all_strings() if 0 < len(text) <= 60]
    rows = []
    for number, expression in enumerate(EXPRESSIONS):
        for step, text in enumerate(draw.sample(texts, 24)):
            behavior = BEHAVIORS[step % 5]
            inverted = step % 7 == 6
            split = pre_tokenizers.Split(Regex(expression), behavior, invert=inverted)
            pieces = [piece for piece, _ in split.pre_tokenize_str(text)]
            rows.append({"expression": expression, "behavior": behavior.title().replace("_", ""), "inverted": inverted, "text": text, "pieces": pieces})
    return rows


def settings() -> list[dict]:
    base = json.loads((FOLDER / "tiny-gpt2" / "tokenizer.json").read_text())
    end = "<|endoftext|>"
    made = []

    def record(name: str, config: dict, texts: list[str], **changes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "tokenizer.json").write_text(json.dumps(base | changes))
            (path / "tokenizer_config.json").write_text(json.dumps(config))
            (path / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
            made.append({"name": name, "changes": changes, "config": config, "strings": [{"text": text, "ids": tokenizer.encode(text)} for text in texts]})

    def byte_level(prefix: bool) -> dict:
        return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": True}

    texts = ["Mary and John", " Mary", "x", "", f"a{end}b", "\nMary"]
    for name in ["GPT2Tokenizer", "GPTNeoXTokenizerFast", "Qwen2Tokenizer", "PreTrainedTokenizerFast"]:
        for given in [True, False, None]:
            config = {"tokenizer_class": name, "bos_token": end, "eos_token": end} | ({} if given is None else {"add_prefix_space": given})
            # Qwen 2's class brings its expression, which treats line breaks in its own way.
            texts = [text for text in texts if name != "Qwen2Tokenizer" or "\n" not in text]
            record(f"{name}, add_prefix_space {given}", config, texts, pre_tokenizer=byte_level(given is None))

    def added(id: int, content: str, **flags) -> dict:
        return {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False} | flags

    size = len(base["model"]["vocab"])
    plain = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": end, "eos_token": end}
    record(
        "added tokens are normalised as texts are", plain,
        ["caf\u00e9 cre\u0301me", "plain", "the abcd and abc", "xxabcd", "MARY mary Mary", "q\u0323\u0307 q\u0307\u0323"],
        normalizer={"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]},
        added_tokens=base["added_tokens"] + [
            added(size, "e\u0301", normalized=True), added(size + 1, "abcd", normalized=True), added(size + 2, "bc"), added(size + 3, "Mary", normalized=True),
            added(size + 4, "q\u0307\u0323", normalized=True)])
    record(
        "tokens before normalised ones, whichever is longer", plain, ["xabcdx", "abc", "bcd abcd", "ab"],
        added_tokens=base["added_tokens"] + [added(size, "abcd", normalized=True), added(size + 1, "bc"), added(size + 2, "a", normalized=True), added(size + 3, "cdx", normalized=True)])
    record(
        "tokens that only the configuration has",
        plain | {"added_tokens_decoder": {str(size): {"content": "<tool>", "lstrip": False, "rstrip": True, "normalized": False, "single_word": False, "special": True}}},
        ["a <tool> b", "<tool>"])
    return made


def main() -> None:
    made_by = f"tools/reference/make_split_fixtures.py: transformers {transformers.__version__}, tokenizers {tokenizers.__version__}"
    for name, rows in [("splits", splits()), ("settings", settings())]:
        lines = ",\n".join(json.dumps(row) for row in rows)
        (FOLDER / f"{name}.json").write_text(f'{{"made_by": {json.dumps(made_by)}, "{name}": [\n{lines}\n]}}\n')
        print(f"{name}: {len(rows)}")


if __name__ == "__main__":
    main()
