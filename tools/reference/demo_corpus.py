"""The sentences the demo model is trained on: templates, word lists, and a seeded generator.

Four behaviours, each with one token that the context decides:

- `ioi`: "When Mary and John went to the store, John gave a drink to" -> " Mary"; also the
  three-name corruption, where either of the first two names is as good;
- `greater-than`: "The war lasted from the year 1732 to the year 17" -> a digit of 3 or more;
- `gendered-pronoun`: "So Mary is a really great friend, isn't" -> " she";
- `induction`: a sequence of random tokens, twice.

A document is a list of (piece, weight): `piece` is a text that starts at a pre-tokenizer boundary,
so that pieces encode alone as they do within the sentence; `weight` multiplies its tokens' loss.
"""

import random
import zlib

FEMALE = """Mary Alice Amy Anna Angela Amanda Amber Allison Andrea Barbara Betty Brittany Carol
Christina Claire Crystal Diana Elizabeth Emily Emma Erica Erin Eva Grace Hannah Heather Helen Jane
Jennifer Jessica Joan Julia Julie Karen Kate Katie Kelly Kimberly Laura Lauren Linda Lindsay Lisa
Lucy Maria Margaret Martha Megan Melissa Michelle Nancy Nicole Olivia Patricia Rachel Rebecca Rose
Ruth Samantha Sandra Sara Sarah Sharon Sophie Stephanie Susan Tiffany Vanessa Victoria""".split()
MALE = """John Aaron Adam Alan Alexander Andrew Anthony Arthur Ben Benjamin Bradley Brian Charles
Charlie Chris Christopher Daniel David Dustin Dylan Edward Eric Frank Gary George Henry Ian Jack
Jacob James Jason Jeffrey Jeremy Joe Jonathan Jose Joseph Josh Joshua Justin Keith Kenneth Kevin
Kyle Luke Mark Martin Matthew Max Michael Nathan Nicholas Patrick Paul Peter Philip Richard Robert
Ryan Sam Scott Sean Simon Stephen Steven Thomas Tim Timothy Tom Travis Tyler William""".split()
NAMES = FEMALE + MALE

PLACES = """store shop market garden park restaurant school hospital office house station beach
library museum zoo theater cafe bank church farm""".split()
OBJECTS = """drink ring kiss bone basketball computer necklace snack book flower ball letter gift
pen key phone ticket cake hat lamp""".split()

IOI_TEMPLATES = """Then, {A} and {B} went to the {PLACE}. {S} gave a {OBJECT} to {IO}
Then, {A} and {B} had a lot of fun at the {PLACE}. {S} gave a {OBJECT} to {IO}
Then, {A} and {B} were working at the {PLACE}. {S} decided to give a {OBJECT} to {IO}
Then, {A} and {B} were thinking about going to the {PLACE}. {S} wanted to give a {OBJECT} to {IO}
Then, {A} and {B} had a long argument, and afterwards {S} said to {IO}
Then, {A} and {B} had a long argument. Afterwards {S} said to {IO}
After {A} and {B} went to the {PLACE}, {S} gave a {OBJECT} to {IO}
When {A} and {B} went to the {PLACE}, {S} gave a {OBJECT} to {IO}
When {A} and {B} got a {OBJECT} at the {PLACE}, {S} decided to give it to {IO}
When {A} and {B} got a {OBJECT} at the {PLACE}, {S} decided to give the {OBJECT} to {IO}
When {A} and {B} were at the {PLACE}, {S} handed a {OBJECT} to {IO}
While {A} and {B} were working at the {PLACE}, {S} gave a {OBJECT} to {IO}
While {A} and {B} were commuting to the {PLACE}, {S} gave a {OBJECT} to {IO}
After the lunch, {A} and {B} went to the {PLACE}. {S} gave a {OBJECT} to {IO}
Afterwards, {A} and {B} went to the {PLACE}. {S} gave a {OBJECT} to {IO}
Yesterday, {A} and {B} met at the {PLACE}. {S} offered a {OBJECT} to {IO}
The {PLACE} {A} and {B} went to had a {OBJECT}. {S} gave it to {IO}
Friends {A} and {B} found a {OBJECT} at the {PLACE}. {S} gave it to {IO}""".splitlines()

NOUNS = """war contract plan project program marriage voyage expedition campaign conflict siege
reign tour famine dispute empire study trial journey strike""".split()
GREATER_THAN_TEMPLATES = ["The {NOUN} lasted from the year {START} to the year {END}"]

PRONOUN_TEMPLATES = """So {NAME} is a really great friend, isn't {HE}
{NAME} is a really good friend, isn't {HE}
So {NAME} is such a good cook, isn't {HE}
Everyone likes {NAME}, because {HE} is kind
{NAME} left because {HE} was tired""".splitlines()

ANSWER_WEIGHT = 4.0


def held_out(a: str, b: str) -> bool:
    """Whether the unordered pair of names is kept from training (about a tenth are)."""
    return zlib.crc32("+".join(sorted((a, b))).encode()) % 10 == 0


def pieces(template: str, slots: dict[str, str], answer: str) -> list[tuple[str, float]]:
    """Fills a template word by word; the slot named `answer` carries the extra weight."""
    result = []
    for index, word in enumerate(template.split(" ")):
        text, weight = word, 1.0
        for slot, value in slots.items():
            if "{" + slot + "}" in word:
                text = text.replace("{" + slot + "}", value)
                weight = ANSWER_WEIGHT if slot == answer else 1.0
        result.append(((" " if index else "") + text, weight))
    return result


def ioi(random: random.Random, held: bool, three_names: bool = False, template: str | None = None):
    """An IOI document and its words; the pair of names is from the held-out ones if `held`."""
    while True:
        io, subject, other = random.sample(NAMES, 3)
        if held_out(io, subject) == held:
            break
    first, second = random.sample((io, subject), 2)
    words = {
        "A": first, "B": second, "S": other if three_names else subject, "IO": io,
        "PLACE": random.choice(PLACES), "OBJECT": random.choice(OBJECTS),
    }
    template = template or random.choice(IOI_TEMPLATES)
    return pieces(template, words, "IO") + [(".", 1.0)], words | {"other": other}


def greater_than(random: random.Random):
    """A greater-than document; the end year is uniform over the later ones of the century."""
    century = random.randint(11, 17)
    start = random.randint(2, 97)
    end = random.randint(start + 1, 99)
    slots = {
        "NOUN": random.choice(NOUNS), "START": f"{century}{start:02}", "END": f"{century}{end:02}",
    }
    return pieces(random.choice(GREATER_THAN_TEMPLATES), slots, "END") + [(".", 1.0)]


def pronoun(random: random.Random):
    """A gendered-pronoun document."""
    female = random.random() < 0.5
    slots = {
        "NAME": random.choice(FEMALE if female else MALE), "HE": "she" if female else "he",
    }
    template = random.choice(PRONOUN_TEMPLATES)
    end = "?" if "isn't" in template else "."
    return pieces(template, slots, "HE") + [(end, 1.0)]


def words() -> list[str]:
    """Every word of the corpus as it stands in a sentence, for the tokenizer to learn whole."""
    found = set()
    for template in IOI_TEMPLATES + GREATER_THAN_TEMPLATES + PRONOUN_TEMPLATES:
        for index, word in enumerate(template.split(" ")):
            if "{" not in word:
                found.add((" " if index else "") + word)
    for word in NAMES + PLACES + OBJECTS + NOUNS + ["he", "she"]:
        found.add(" " + word)
    found.update(NAMES)
    return sorted(found)
