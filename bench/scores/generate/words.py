"""What the sender of a generated answer writes: sentences of a language, and lines that look like something else."""

import random
from dataclasses import dataclass

from bench.scores.generate.languages import Language

NAME = "Maria Okafor"
CARD = f"-- \n{NAME}\nOkafor Design\n+44 20 7946 0018"


@dataclass(frozen=True, slots=True)
class Words:
    """The sender's own text, the closing below it, and the signature that the program adds; both may be empty."""

    body: str
    closing: str
    signature: str


# Lines that people write and that look like headers, logs, attributions or signatures.
ODD = {
    "labels": "From: warehouse 3\nTo: office 12, second floor\nDate: 2 November 2026, 10:15",
    "mail labels": "From: peter@ledger-partners.example\nTo: anna@okafor-design.example\nDate: 2 Nov 2026 10:15\n"
    "Subject: Numbers of October",
    "log": "2026-11-02 09:14:07 ERROR export: row 10000: timeout\n2026-11-02 09:14:08 INFO export: retry 1 of 3\n"
    "Nov  2 09:14:09 host postfix/smtp[811]: to=<anna@okafor-design.example>, status=sent",
    "address and date": "On Monday, 2 November 2026 at 09:15 I wrote to office@okafor-design.example, and nobody "
    "answered until 17:40.",
    "dashed list": "-- the first row is missing\n-- the second row is there twice\n-- the total is wrong",
    "dashes": "- Export\n- Import\n- Print",
    "link": "https://okafor-design.example/files/2026/11/invoice.pdf?download=1",
    "numbers": "Order 2026-1187: 3 x 12.50 = 37.50\nOrder 2026-1190: 2 x 8.00 = 16.00",
    "version": "App: 4.2.1\nSystem: Windows 11\nTime: 09:12",
}


def some_words(rng: random.Random, language: Language, *, odd: str | None = None) -> Words:
    """Return a text of one to four paragraphs, with the odd lines of that name, and perhaps closing and signature."""
    if rng.random() < 0.2 and odd is None:
        body = language.pick(rng, "short")
    else:
        parts = [rng.choice(language.lists["says"]) for _ in range(rng.randint(1, 3))]
        parts = list(dict.fromkeys(parts))
        if odd is not None:
            parts.insert(rng.randint(0, len(parts)), language.patterns["trap"] if odd == "trap" else ODD[odd])
            # A line that announces stands above something, and an odd one is not left alone.
            parts += [rng.choice([one for one in language.lists["says"] if one not in parts])]
        greeting = [language.pick(rng, "greeting")] if rng.random() < 0.5 else []
        body = "\n\n".join([*greeting, *parts])
    closing = f"{language.pick(rng, 'closing')}\n{NAME}" if rng.random() < 0.4 else ""
    return Words(body, closing, CARD if rng.random() < 0.2 else "")


def some_pieces(rng: random.Random, language: Language, count: int) -> list[str]:
    """Return answers of one line each, all different."""
    every = [*language.lists["says"], *language.lists["short"]]
    return rng.sample(every, min(count, len(every)))
