"""The text that the small tokenizers of fixtures/tokenizer are trained on."""

import random

NAMES = (
    "Aaron Adam Alan Alex Alice Amy Anderson Andre Andrew Andy Anna Anthony Arthur Austin Blake Brandon Brian Carter "
    "Charles Charlie Christian Christopher Clark Cole Collins Connor Crew Crystal Daniel David Dean Edward Elizabeth "
    "Emily Eric Eva Ford Frank George Georgia Graham Grant Henry Ian Jack Jacob Jake James Jamie Jane Jason Jay Jennifer "
    "Jeremy Jessica John Jonathan Jordan Joseph Joshua Justin Kate Kelly Kevin Kyle Laura Leon Lewis Lisa Louis Luke Madison "
    "Marco Marcus Maria Mark Martin Mary Matthew Max Michael Michelle Morgan Patrick Paul Peter Prince Rachel Richard River "
    "Robert Roman Rose Ruby Russell Ryan Sarah Scott Sean Simon Stephen Steven Sullivan Taylor Thomas Tyler Victoria Warren "
    "William Linda Susan Karen Nancy Helen Sandra Donna Carol Ruth Sharon").split()
PLACES = "store garden restaurant school hospital office house station park market library museum".split()
OBJECTS = "ring kiss bone basketball computer necklace drink snack book ball letter flower".split()
EVENTS = "war marriage study trial contract campaign conflict voyage project siege reign strike".split()

PROSE = """
A transformer computes the next word from all the words before it. Each layer reads from the residual stream and writes
back to it: heads move information between positions, and the layers between them work on each position alone. What one
head writes another may read, so that a behaviour of the whole is a path, or several, through the graph of its parts.
To find the parts that matter we run the model twice, on a clean prompt and on a corrupted one, and exchange what a part
computes. If the answer changes, the part was needed; if it doesn't, the part can go. It's simple, but there's a catch:
parts that do the same work hide one another, and they'll seem useless one by one. The year is 1987, or 2024, or 17 more.
"""


def corpus() -> list[str]:
    draw = random.Random(0)
    lines = [PROSE] * 20
    for _ in range(3000):
        first, second = draw.sample(NAMES, 2)
        place, thing, event = draw.choice(PLACES), draw.choice(OBJECTS), draw.choice(EVENTS)
        lines += [
            f"When {first} and {second} went to the {place}, {second} gave a {thing} to {first}",
            f"Then, {first} and {second} had a lot of fun at the {place}. {first} gave a {thing} to {second}",
            f"The {event} lasted from the year {draw.randrange(1100, 2000)} to the year {draw.randrange(1100, 2000)}",
            f"So {first} is such a good friend, isn't {draw.choice(['he', 'she'])}",
        ]
    return lines
