"""The nasty strings that the tokenizer fixtures are made of."""

import random

ENGLISH = [
    "",
    " ",
    "a",
    "Hello, world!",
    "Hello,world !",
    "The quick brown fox jumps over the lazy dog.",
    "When Mary and John went to the store, John gave a drink to",
    "  leading and trailing  ",
    "a  b   c    d     e",
    "UPPER lower MiXeD cAsE",
    "snake_case camelCase kebab-case SCREAMING_CASE",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "...!!!???---___***",
    "(nested (parens [and {braces}]))",
    "\"quotes\" 'single' `back` «guillemets» “curly” ‘curly’ „low“",
    "e.g., i.e., etc. Mr. Mrs. Dr. U.S.A.",
    "http://example.com/path?query=1&other=%20#frag",
    "user.name+tag@example.co.uk",
    "C:\\Users\\name\\file.txt",
    "/usr/local/bin:/usr/bin",
]

CONTRACTIONS = [
    "I'm you're he's she'd we'll they've don't",
    "I'M YOU'RE HE'S SHE'D WE'LL THEY'VE DON'T",
    "I'm'm 's's 't 're've 'll'd",
    "'s", "'S", "'", "''", "'''s", " 's", "x's", "x'S",
    "'re", "'rE", "'Re", "'r", "'ve", "'vE", "'v", "'ll", "'lL", "'l", "'lx", "'d", "'dd", "'m", "'M",
    "it’s don’t I’m",
    "rock'n'roll o'clock y'all'd've",
    "'ſ long s contraction x'ſ 'ſt",
    "'K 'ﬅ 'ẞ",
    "1's 2'd 3'll",
    "\n's\t't 're",
]

DIGITS = [
    "0", "7", "10", "123", "1234", "12345", "1234567890",
    " 1", "  1", "   12", "\t1", "\n1", "1 ", "1  ", "1\n", "a1", "1a", "a1b2c3", "a 1 b 22 c 333",
    "3.14159", "1,000,000", "-42", "+7", "1e-10", "0x1F", "1_000",
    "The war lasted from the year 1732 to the year 17",
    "2024-11-21T07:46:34Z", "12:30:45", "99% 50‰",
    "²³¹ ½ ¾ ⅓ Ⅷ ⅷ ① ㊿ 一二三 〇",
    "٠١٢٣٤٥٦٧٨٩ ०१२३ ۱۲۳ ๑๒๓ 𝟘𝟙𝟚 𝟏𝟐 １２３",
    "x²+y³=z⁴ H₂O CO₂",
    "1²3", "1½2", "²", " ²", "a²b",
]

WHITESPACE = [
    "  ", "   ", "    ", "\t", "\t\t", "\n", "\n\n", "\n\n\n", "\r", "\r\n", "\r\n\r\n", "\n\r", "\x0b", "\x0c",
    " \n", "\n ", " \n ", "  \n  ", "\n  \n", "\t\n", "\n\t", " \t \n \r ",
    "a\nb", "a\n\nb", "a \n b", "a\r\nb", "a\r\n\r\nb", "a\tb", "a\t\tb", "a \t b", "a\n ", "a \n", "a\n\n  b", "a  \n\n\nb",
    "a.\n\nb", "a!\r\n\r\nb", "?\n", " ?\n\n ", "...\n...\n", "a,\n  b",
    "a\u00a0b", "\u00a0", " \u00a0", "\u00a0 ", "\u00a0\u00a0a", "a\u2003b\u2009c\u200ad", "\u3000全角\u3000", "\u2028line\u2029para",
    "\u1680ogham\u1680", "\u205fmath\u202fnarrow", "\u0085next\u0085\u0085line", "a\u200bb\u200cc\u200dd\ufeffe", "\ufeffBOM", "\u180emvs",
    " " * 10, " " * 31, " " * 100, "\n" * 20, "\t" * 33, "\r\n" * 9, " \n" * 12, "a" + " " * 64 + "b", "a" + "\n" * 40 + "b",
    " " * 7 + "x" + " " * 8 + "y", "x" + "\t" * 5 + " y",
]

SCRIPTS = [
    "àéîõü ÀÉÎÕÜ ß ẞ æ œ ø å ç ñ",
    "e\u0301 a\u0300 n\u0303 o\u0308 A\u030a", "é vs e\u0301", "e\u0301e\u0301e\u0301", "\u0301", " \u0301", "a\u0301\u0302\u0303\u0304",
    "q\u0323\u0307 q\u0307\u0323", "\u1e9b\u0323", "\u212b \u2126 \u212a", "\u0344 \u0958 \u2adc", "ﬁ ﬂ ﬃ ﬆ",
    "Z̴͎̈a̷͓̐l̶̰̄g̸̱̉o̶̩͒ text",
    "Привет, мир! Как дела?", "Ελληνικά ΑΒΓ αβγ ς σ", "Українська Ґґ Її Єє",
    "你好，世界！", "中文没有空格的句子需要分词。", "日本語のテキスト、カタカナとひらがな。", "한국어 텍스트입니다.", "한글 \u1112\u1161\u11ab",
    "简体字 繁體字 㐀㐁 𠀀𠀁 \U00031350",
    "שלום עולם", "مرحبا بالعالم", "العربية ١٢٣ English מעורב", "\u202bRTL\u202c \u200fmark\u200e", "نَصٌّ مُشَكَّل",
    "नमस्ते दुनिया क्षत्रिय", "বাংলা தமிழ் తెలుగు ಕನ್ನಡ മലയാളം", "ภาษาไทยไม่มีช่องว่าง", "မြန်မာ ខ្មែរ ລາວ བོད་ཡིག",
    "ქართული Հայերեն አማርኛ", "ᏣᎳᎩ ᐃᓄᒃᑎᑐᑦ ᚠᚢᚦ", "𐌰𐌱𐌲 𒀀𒀁 𓀀𓀁 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒜𝒷𝒸",
    "İstanbul ıİiI ǅ ǆ Ǆ", "ﷺ ﷽ ﻻ", "ʰʱʲ ʻokina ˈstress", "ªº µ ℝ ℵ",
]

EMOJI = [
    "😀", "😀😃😄", "a😀b", " 😀", "👍🏽 👍🏿", "👨‍👩‍👧‍👦", "🏳️‍🌈 🏴‍☠️", "🇩🇪🇫🇷🇯🇵", "❤️ ❤ ☺︎ ☺️", "1️⃣ 2️⃣ #️⃣", "🤷🏻‍♀️ shrug",
    "🧑‍💻 codes 🦀🐍", "™ © ® ℠", "→ ← ⇒ ∀x∈ℝ: x²≥0 ∑∏∫√∞", "♠♣♥♦ ★☆ ✓✗", "█▓▒░ ┌─┐│└┘", "‽ … – — ―", "€£¥₿ ¢ ₹",
    "\U0001fae8\U0001fadf new emoji", "\U000e0041\U000e007f tags",
]

CONTROL = [
    "\x00", "\x01\x02\x03", "a\x00b", "\x07bell", "\x1b[31mred\x1b[0m", "\x1c\x1d\x1e\x1f", "\x7f", "\x80\x81\x9f", "\xad soft\xadhyphen",
    "\ufffd", "\ufffd\ufffd replacement", "\uffff\ufffe", "\U0010ffff", "\ue000 private \U000f0000", "\ufff9anno\ufffatation\ufffb",
    "Ã© mojibake â€™", "Ġ Ċ ĉ č ł ŀ", "ĠHello Ġworld", "\u0143\u0144", "\xff\xfe", "ÿþ", "â\x80\x99",
]

CODE = [
    "def f(x):\n    return x**2 + 1\n",
    "for (int i = 0; i < n; ++i) {\n\tsum += a[i];\n}",
    "#include <stdio.h>\nint main(void) { return 0; }",
    "let x: Vec<u8> = vec![0; 16]; // comment",
    "SELECT * FROM t WHERE a >= 10 AND b != 'x';",
    "<div class=\"a b\">text</div><!-- c -->",
    "{\"key\": [1, 2.5, null, true], \"nested\": {\"a\": \"b\\n\"}}",
    "$HOME/.config && echo \"$1\" | sed 's/a/b/g' > /dev/null 2>&1",
    "\\frac{a}{b} \\sum_{i=1}^{n} x_i^2",
    "a->b.c::d[e](f, &g, *h) ? !i : ~j",
    "if x == y:\n\n\n        pass\n\n",
    "```python\nprint('hi')\n```",
    "        deeply\n            indented\n                code",
    "/* block\n * comment\n */",
    "\t\tmov\teax, 0xFF ; hex",
    "@decorator\nclass A(B, metaclass=C): ...",
    "x = y  # two spaces", "a=b;c=d;;e", "!=<=>===!==>>><<<", "%d %s %5.2f %%",
]

SPECIAL = [
    "<|endoftext|>", "a<|endoftext|>b", " <|endoftext|> ", "<|endoftext|><|endoftext|>", "<|endoftext|", "<|endoftext |>", "<<|endoftext|>>",
    "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", "<|IM_START|>", "<|im_start|><|im_end|>", "<repo_name>x<file_sep>y",
    "<reponame> <filename>", "<empty_output>", "<jupyter_code>1+1<jupyter_output>2", "<|im_start", "|im_end|>", "<s>", "</s>", "<unk>", "[INST] [/INST]",
    "<|begin_of_text|>", "<mask>", "a <mask> b", "a<mask>b", "x <mask>\n\ny", "<word>", "a<word>", "a <word> b", "<word>b", "é<word>", "_<word>", "1<word>", "-<word>-",
    "<wide>", "a  <wide>  b", "a\n<wide>\tb", "<wide><wide>", "café<wide>", "cafe\u0301 e\u0301<wide>", "NORM\u01f5", "NORMg\u0301", "xNORMg\u0301y",
]

LONG = [
    "a" * 50, "a" * 1000, "ab" * 300, "aA" * 40, "the" * 60, "1" * 64, "12" * 50, "é" * 70, "e\u0301" * 50, "中" * 90, "😀" * 40, "-" * 80, "=" * 79,
    "ha" * 25 + "!" * 10, "." * 120, "_" * 33, "\u0301" * 20, "<" * 20 + "|" * 20, "'" * 15, "'s" * 15,
    "word " * 60, "Word" * 30, "x\n" * 30, "α" * 30 + "β" * 30,
]


def generated(count: int = 120) -> list[str]:
    """Strings of characters drawn at random from everything above and from all of Unicode."""
    draw = random.Random(20241121)
    pool = sorted(set("".join(sum(fixed_groups(), []))))
    strings = []
    for _ in range(count):
        parts = []
        for _ in range(draw.randrange(1, 24)):
            kind = draw.randrange(6)
            if kind == 0:
                parts.append(draw.choice(" \n\t\r '"))
            elif kind == 1:
                parts.append(draw.choice(["the", " of", " year", "ing", " 19", "'ll", "  ", " \n", "<|endoftext|>"]))
            elif kind == 5:
                scalar = draw.randrange(0x110000 if draw.random() < 0.3 else 0x3000)
                # No surrogates; and none of the letters new in Unicode 17, not yet known everywhere.
                surrogate, recent = 0xD800 <= scalar < 0xE000, 0x323B0 <= scalar < 0x33480
                parts.append("" if surrogate or recent else chr(scalar))
            else:
                parts.append(draw.choice(pool))
        strings.append("".join(parts))
    return strings


def fixed_groups() -> list[list[str]]:
    return [ENGLISH, CONTRACTIONS, DIGITS, WHITESPACE, SCRIPTS, EMOJI, CONTROL, CODE, SPECIAL, LONG]


def all_strings() -> list[str]:
    return list(dict.fromkeys(sum(fixed_groups(), []) + generated()))


def unseen_strings() -> list[str]:
    """Forty strings that are in no other fixture."""
    return [
        "Mary gave John a drink, then Sandra gave Daniel the milk.", "The war lasted from the year 1743 to the year 17",
        "The nurse said that she", "The doctor ran because he", "Sarah's sister-in-law didn't come; nobody knew why.",
        "The capital of France is Paris; that of Japan is", "17 + 25 =", "Q: 3 x 4? A) 7 B) 12 C) 34", "def add(a, b):\n    return a + b\n",
        "class A:\n\tdef __init__(self):\n\t\tself.x = [1, 2]\n", "\n\nFirst line\n\n\n\nSecond line\n", "   three before, two after  ",
        "tabs\there\t\tand\t\t\tthere", "<start_of_turn>user\nHello!<end_of_turn>\n<start_of_turn>model\n", "<bos>twice<eos>", "<h1>Title</h1><p>x &lt; y</p>",
        "Grüße aus München, schöne Straße!", "L'été dernier, nous étions à l'île d'Oléron.", "¿Dónde está la biblioteca? ¡Aquí!", "Zażółć gęślą jaźń",
        "Съешь ещё этих мягких французских булок", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία", "床前明月光，疑是地上霜。", "吾輩は猫である。名前はまだ無い。",
        "나랏말싸미 듕귁에 달아", "हिन्दी में एक वाक्य।", "كان يا ما كان في قديم الزمان", "היֹה הָיָה פַּעַם", "สวัสดีชาวโลก", "🙂🙃 👩🏽‍🚀🧑‍🤝‍🧑 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "\u2581\u2581already\u2581escaped", "a\u00a0b\u202fc\u3000d", "x\u0000y\u0001z", "e\u0301\u0323 vs \u1eb9\u0301", "1 000 000,50 €; $1,234.56; 50%; ½",
        "https://www.example.org/a_b-c?d=%7Ee&f=1#g", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\t\n \t\n \n\t", "𒀭𒂗𒆤 ꙮ ⟨ψ|φ⟩", "thequickbrownfoxjumpsoverthelazydogANDBACKAGAIN",
    ]
