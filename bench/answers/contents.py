"""What the agents write: a seeded table of sixty answers."""

# Letters of many alphabets are meant.
# ruff: noqa: RUF001

import random
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.answers.blocks import Block, Heading, Item, Lines, Listing, Paragraph, Picture, Run, Style, Table

COUNT = 60
SEED = 20261130
# What each answer is made of: the names of MAKERS, in this order.
RECIPES = (
    "words",
    "words link",
    "words bullets",
    "words numbers link",
    "nested words",
    "words table words",
    "styles words",
    "words picture words",
    "words picture words picture words",
    "alphabets words",
    "long words long",
    "heading words bullets",
    "heading table link",
    "words words styles words words",
    "bullets picture numbers",
    "table picture words",
    "mailto styles",
    "steps link words",
    "code words http",
    "heading alphabets bullets picture table link nested styles",
)
SENTENCES = (
    "The export stops because the third column of the sheet has two names.",
    "We have moved your account to the new server this morning.",
    "Nothing that you stored was lost, and no setting has changed.",
    "It took longer than we said on Friday, and we are sorry for that.",
    "You can go on with your work while it runs, about ten minutes.",
    "The invoice of October is corrected: 37.50 instead of 75.00.",
    "Nach dem Neustart sollte die Größe der Datei wieder stimmen.",
    "If it says 4.2.1 at the bottom left, then all is as it should be.",
)
THINGS = (
    "the old cable", "two spare keys", "a copy of the contract", "Größe und Gewicht", "the serial number",
    "a photo of the label", "port 8443 (not 443)", "user name & password", "日本語の説明書", "the blue one",
)  # fmt: skip
ALPHABETS = (
    "Schöne Grüße aus Köln: Straße, Übergröße, naïve café.",
    "ご連絡ありがとうございます。確認しました。",
    "Это работает снова 👍🏽 и быстрее 🎉.",
    "已经修好了，请再试一次。",
)


class Form(StrEnum):
    """The forms in which a program sends an answer."""

    BOTH = "both"
    HTML = "HTML alone"
    SPLIT = "alternative(text, mixed(HTML, picture, HTML))"


@dataclass(frozen=True, slots=True)
class Content:
    """One answer: the blocks above the sign-off, the sign-off, and the commands at the top and at the end.

    The program speaks the `language`, adds the signature, and shows the `logo` below it.
    """

    number: int
    blocks: tuple[Block, ...]
    sign_off: tuple[str, ...]
    at_top: tuple[str, ...]
    at_end: tuple[str, ...]
    signature: tuple[str, ...]
    language: str = "en"
    form: Form = Form.BOTH
    logo: Picture | None = None


def content(number: int, agent: str, customer: str) -> Content:
    """Return the answer of that number, as this agent writes it to this customer; both are full names."""
    rng = random.Random(f"{SEED}:{number}")  # noqa: S311  nothing secret is drawn
    first = agent.partition(" ")[0]
    sign_off = SIGN_OFFS[number % len(SIGN_OFFS)]
    filled = tuple(line.format(first=first, initial=first[0], agent=agent) for line in sign_off)
    greeting = rng.choice(GREETINGS).format(first=customer.partition(" ")[0], name=customer)
    names = RECIPES[number % len(RECIPES)].split()
    blocks = tuple(MAKERS[name](rng) for name in names)
    return Content(
        number,
        (Paragraph((Run(greeting),)), *blocks),
        filled,
        ("#resolve",) if number % 10 == 3 else ("#priority high",) if number % 12 == 4 else (),
        ("#resolve",) if number % 6 == 0 else ("#priority high",) if number % 12 == 7 else (),
        (agent, "Acme Help", "+44 20 7946 0018") if number % 5 == 2 else (),
        "de" if number % 4 == 1 else "en",
    )


GREETINGS = ("Hello {first},", "Hi {first},", "Dear {name},", "Guten Tag {name},")
SIGN_OFFS = (
    ("Kind regards,", "{first}"),
    ("Best, {initial}.",),
    ("Viele Grüße", "{agent}", "Acme Help"),
    ("Thanks", "{first}"),
    ("Best wishes,", "{agent}", "Support team", "Acme Help"),
    ("{first}",),
    ("Mit freundlichen Grüßen", "{agent}"),
)


def _words(rng: random.Random) -> Block:
    return Paragraph(tuple(Run(f"{one} ") for one in rng.sample(SENTENCES, 2)))


def _long(rng: random.Random) -> Block:
    return Paragraph(tuple(Run(f"{one} ") for one in rng.sample(SENTENCES, 7)))


def _link(rng: random.Random) -> Block:
    path = f"help/export-{rng.randint(10, 99)}?id={rng.randint(1000, 9999)}&step=2#start"
    return _between("Please open", Run("the guide to the export", Style.LINK, f"https://acme.example/{path}"))


def _http(rng: random.Random) -> Block:
    target = f"http://status.acme.example/{rng.randint(100, 999)}/a_b-(c)"
    return _between("What runs at the moment stands at", Run(target, Style.LINK, target))


def _mailto(rng: random.Random) -> Block:
    target = f"mailto:billing{rng.randint(10, 99)}@acme.example"
    return _between("Or write to", Run("our colleagues of the accounts", Style.LINK, target))


def _code(rng: random.Random) -> Block:
    return _between("Please say", Run(f"export --from {rng.randint(2, 9)} --dry-run", Style.CODE))


def _styles(rng: random.Random) -> Block:
    amount = f"{rng.randint(10, 99)}.50 EUR"
    return Paragraph((
        Run("It costs "), Run(amount, Style.BOLD), Run(" and is "), Run("not yet", Style.ITALIC),
        Run(" paid, says "), Run("acct list", Style.CODE), Run(" today."),
    ))  # fmt: skip


def _between(before: str, run: Run) -> Block:
    return Paragraph((Run(f"{before} "), run, Run(" and tell us what you see there.")))


def _alphabets(rng: random.Random) -> Block:
    return Paragraph(tuple(Run(f"{one} ") for one in rng.sample(ALPHABETS, 3)))


def _bullets(rng: random.Random) -> Block:
    return Listing(tuple(Item(one) for one in rng.sample(THINGS, 3)))


def _numbers(rng: random.Random) -> Block:
    return Listing(tuple(Item(f"Press {one}") for one in rng.sample(THINGS, 3)), numbered=True)


def _nested(rng: random.Random) -> Block:
    some = rng.sample(THINGS, 5)
    return Listing((Item(some[0], (some[1], some[2])), Item(some[3]), Item(some[4])))


def _steps(rng: random.Random) -> Block:
    some = rng.sample(THINGS, 5)
    return Listing((Item(f"Take {some[0]}"), Item(f"Look at {some[1]}", (some[2], some[3])), Item("Done")), True)


def _table(rng: random.Random) -> Block:
    rows = [(f"Part {letter}", f"{rng.randint(2, 9)} pieces", f"{rng.randint(10, 99)}.00") for letter in "AB"]
    return Table((("Name", "Quantity", "Price €"), *rows))


def _heading(rng: random.Random) -> Block:
    return Heading(rng.choice(("What we changed today", "How it goes on", "Übersicht der Änderungen")))


def _picture(rng: random.Random) -> Block:
    width, height = rng.randint(40, 90), rng.randint(20, 50)
    colour = bytes(rng.randrange(256) for _ in range(3))
    return Picture(f"picture-{rng.randint(100, 999)}.png", png(width, height, colour), width, height)


def png(width: int, height: int, colour: bytes) -> bytes:
    """Return a picture of one colour (red, green and blue in a byte each)."""
    rows = (b"\x00" + colour * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    made = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks)  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


MAKERS: Mapping[str, Callable[[random.Random], Block]] = {
    "words": _words,
    "long": _long,
    "link": _link,
    "http": _http,
    "mailto": _mailto,
    "code": _code,
    "styles": _styles,
    "alphabets": _alphabets,
    "bullets": _bullets,
    "numbers": _numbers,
    "nested": _nested,
    "steps": _steps,
    "table": _table,
    "heading": _heading,
    "picture": _picture,
}


def all_blocks(one: Content) -> tuple[Block, ...]:
    """Return the blocks of an answer with its sign-off, without its commands."""
    return (*one.blocks, Lines(one.sign_off))
