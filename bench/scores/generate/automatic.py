"""Automatic answers to a mail of ours, with the headers that each program sets and no others."""

import random
import tomllib
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from bench.scores.generate.languages import languages

FILE = Path(__file__).with_name("automatic.toml")
SEED = 20261130
ID = "ours-1042@northwind.example"
SUBJECT = "[SD-1042] We have your message"


def program_names() -> tuple[str, ...]:
    """Return the names of the programs."""
    return tuple(tomllib.loads(FILE.read_text(encoding="utf-8")))


def automatic_answers(seed: int = SEED) -> Iterator[tuple[str, bytes]]:
    """Yield program and language, and the bytes of the answer: each program in each language that it writes."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    for program, said in table.items():
        for code in ("en",) if said.get("english") else tuple(languages()):
            rng = random.Random(f"{seed}:{program}:{code}")  # noqa: S311  nothing secret is drawn
            yield f"{program}/{code}", _answer(rng, said, code)


def _answer(rng: random.Random, said: dict[str, str], code: str) -> bytes:
    language = languages()[code]
    values = {
        **{name: language.patterns[name] for name in ("automatic", "absence")},
        "subject": SUBJECT,
        "id": ID,
        "person": "Maria Okafor",
        "address": "maria@okafor-design.example",
    }
    mail = EmailMessage(policy=SMTP)
    for row in said["head"].strip("\n").split("\n"):
        name, _, value = row.partition(":")
        mail[name] = value.strip().format(**values)
    mail["From"] = f"Maria Okafor <{values['address']}>"
    mail["To"] = "Northwind Support <support@northwind.example>"
    mail["Subject"] = said["subject"].format(**values)
    mail["Date"] = "Mon, 30 Nov 2026 10:15:00 +0100"
    mail["Message-ID"] = f"<{rng.getrandbits(64):x}@okafor-design.example>"
    text = said.get("text", "{greeting}\n\n{away}.\n").format(
        **values, greeting=language.pick(rng, "greeting"), away=language.patterns["away"]
    )
    mail.set_content(text, cte="quoted-printable")
    return mail.as_bytes()
