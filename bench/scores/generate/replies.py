"""Answers to our own mails as programs write them, with the sender's words known exactly."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from bench.scores.generate.heads import Above, in_no_language
from bench.scores.generate.languages import Language, languages, some_quoted
from bench.scores.generate.letters import REPEATED, SIGNED, Letter, letters, shown_lines
from bench.scores.generate.program import BELOW, BETWEEN, INSIDE, TOP, Program
from bench.scores.generate.programs import PROGRAMS
from bench.scores.generate.quoting import (
    BLOCKQUOTE,
    Marks,
    answered_between,
    answered_inside,
    as_html,
    head_html,
    html_body,
    quote_text,
    through_gateway,
    wrap_own,
)
from bench.scores.generate.words import ODD, Words, some_pieces, some_words
from mail.outbound.catalogue import BASE_LANGUAGE

SEED = 20261102
COUNT = 5_000
OTHER_LETTERS = frozenset({"ru", "uk", "ja", "zh", "ko"})
PERSON = "maria@okafor-design.example"
DESK = "support@northwind.example"
BANNERS = (
    (
        "CAUTION: This email originated from outside of the organization. Do not click links or "
        "open attachments unless "
        "you recognize the sender and know the content is safe."
    ),
    "[EXTERNAL EMAIL] Do not click links or open attachments unless you know the sender.",
    (
        "ACHTUNG: Diese E-Mail kommt von außerhalb der Organisation. Öffnen Sie keine Links oder Anhänge, wenn Sie den "
        "Absender nicht kennen."
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its bytes, what the sender wrote, and the mail of ours that it answers.

    `pieces` are the sender's texts in order, several where they stand between quoted lines. `above` are the lines that
    the program wrote above the quote. `kind` names program, language, placement and form, `odds` what makes it hard.
    """

    name: str
    kind: tuple[str, str, str, str]
    odds: tuple[str, ...]
    raw: bytes
    pieces: tuple[str, ...]
    closing: str
    signature: str
    above: tuple[str, ...]
    letter: Letter


@dataclass(frozen=True, slots=True)
class Plan:
    """What an answer is made of, before it is written as text and HTML.

    `lines` are those of our mail as the program quotes them in plain text, `placed` the answers below some of them.
    """

    program: Program
    language: Language
    place: str
    form: str
    words: Words
    placed: Mapping[int, str]
    letter: Letter
    lines: tuple[str, ...]
    head: tuple[str, ...]
    footer: str
    banner: str
    odds: tuple[str, ...]


def answers(
    count: int = COUNT, seed: int = SEED, *, unknown: bool = False, ours: str = BASE_LANGUAGE
) -> Iterator[Answer]:
    """Yield answers; the same count and seed give the same ones.

    With `unknown`, what stands above the quote is in a language that there is not. `ours` is the language of the mails
    that are answered; where it is not English, people answer in it with programs in it, as far as they speak it.
    """
    for number in range(count):
        rng = random.Random(f"{seed}:{number}")  # noqa: S311  nothing secret is drawn
        plan = _plan(rng, PROGRAMS[number % len(PROGRAMS)], unknown=unknown, ours=ours)
        kind = (plan.program.name, plan.language.code, plan.place, plan.form)
        raw = _message(rng, plan, number)
        yield Answer(
            f"{number:04}", kind, plan.odds, raw, tuple(plan.placed.values()) or (plan.words.body,),
            plan.words.closing, plan.words.signature, plan.head, plan.letter,
        )  # fmt: skip


def _plan(rng: random.Random, program: Program, *, unknown: bool, ours: str) -> Plan:
    codes = program.languages or tuple(languages())
    if unknown:
        # Words of other alphabets cannot be changed letter by letter.
        codes = tuple(code for code in codes if code not in OTHER_LETTERS) or ("en",)
    if ours != BASE_LANGUAGE and ours in codes:
        codes = (ours,)
    language = languages()[rng.choice(codes)]
    place, form = _place_and_form(rng, program)
    letter = rng.choice(letters(ours))
    words, odds = _words(rng, language, letter, place)
    text = letter.text.rstrip("\n").split("\n")
    lines = tuple(text) if form == "plain" or place == BETWEEN else shown_lines(letter.html)
    placed: dict[int, str] = {}
    if place in {BETWEEN, INSIDE}:
        filled = [at for at, line in enumerate(lines) if line.strip()][2:-4]
        pieces = some_pieces(rng, language, min(rng.randint(1, 3), len(filled)))
        placed = dict(zip(sorted(rng.sample(filled, len(pieces))), pieces, strict=True))
    quoted = some_quoted(rng, "Northwind Support", rng.choice((DESK, DESK, SIGNED)))
    above = Above(language, quoted, PERSON, letter.subject)
    odds += tuple(name for name, share in ODDS.items() if rng.random() < share)
    return Plan(
        program, language, place, form, words, placed, letter, lines,
        tuple(in_no_language(program.head, above) if unknown else program.head(above)),
        language.patterns.get(program.footer, program.footer), rng.choice(BANNERS), odds,
    )  # fmt: skip


def _place_and_form(rng: random.Random, program: Program) -> tuple[str, str]:
    """Return a place and a form that the program has together."""
    place, form = rng.choice((TOP, *program.places)), rng.choice(program.forms)
    if form == "plain" and place == INSIDE:
        place = BETWEEN if BETWEEN in program.places else TOP
    if form != "plain" and place == BETWEEN and not BLOCKQUOTE.search(program.page):
        place = INSIDE if INSIDE in program.places else TOP
    return place, form


def _words(rng: random.Random, language: Language, letter: Letter, place: str) -> tuple[Words, tuple[str, ...]]:
    """Return the sender's text above or below the quote, and the name of the odd lines in it."""
    if place in {BETWEEN, INSIDE}:
        return Words("", "", ""), ()
    odd = rng.choice((*ODD, "trap")) if rng.random() < 0.35 else None
    words = some_words(rng, language, odd=odd)
    same = [line for line in REPEATED if line in letter.comment.split("\n")]
    if place == TOP and not odd and same and rng.random() < 0.3:
        return Words(rng.choice(same), words.closing, words.signature), ("a line of ours",)
    return words, (odd,) if odd else ()


# What happens to a mail on its way, and what people set, with its share.
ODDS: Mapping[str, float] = {
    "banner": 0.05,
    "banner inside": 0.04,
    "links of a gateway": 0.08,
    "other mark": 0.05,
    "no blank line": 0.06,
    "no-break spaces": 0.06,
    "entities": 0.06,
    "rewrapped": 0.06,
}


def _message(rng: random.Random, plan: Plan, number: int) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Maria Okafor <{PERSON}>"
    mail["To"] = f"Northwind Support <{SIGNED}>"
    mail["Subject"] = f"{rng.choice(('Re', 'RE', 'AW', 'SV', 'Antw'))}: {plan.letter.subject.removeprefix('Re: ')}"
    mail["Date"] = "Mon, 30 Nov 2026 10:15:00 +0100"
    mail["Message-ID"] = f"<answer-{number}@okafor-design.example>"
    mail["In-Reply-To"] = "<ours-1042@northwind.example>"
    mail["References"] = "<ours-1042@northwind.example>"
    text = _text(rng, plan)
    if plan.form == "html":
        mail.set_content(_html(plan), subtype="html", cte="quoted-printable")
        return mail.as_bytes()
    mail.set_content(text, cte="quoted-printable")
    if plan.program.style == "flowed":
        mail.set_param("format", "flowed")
    if plan.form == "both":
        mail.add_alternative(_html(plan), subtype="html", cte="quoted-printable")
        mail.set_boundary("=_answer")
    return mail.as_bytes()


def _text(rng: random.Random, plan: Plan) -> str:
    program, odds = plan.program, plan.odds
    quote = _quote(rng, plan)
    width = REWRAPPED if "rewrapped" in odds else program.width
    own = "\n\n".join(filter(None, (wrap_own(plan.words.body, width), plan.words.closing, plan.words.signature)))
    if plan.place == BELOW:
        return f"{quote}\n\n{own}\n"
    footer = f"{plan.footer}\n" if plan.footer else ""
    banner = f"{plan.banner}\n\n" if "banner" in odds else ""
    # A blank line may be missing above an attribution, but not above one that a signature would run into.
    gap = "\n" if "no blank line" in odds and not plan.words.signature else "\n\n"
    above = f"{own}\n\n{footer}".rstrip("\n") if own or footer else ""
    return f"{banner}{above}{gap}{quote}\n" if above else f"{banner}{quote}\n"


def _quote(rng: random.Random, plan: Plan) -> str:
    """Return the quoted mail as plain text, with what the program writes above it."""
    program, odds = plan.program, plan.odds
    lines = list(plan.lines)
    if "banner inside" in odds:
        lines = [plan.banner, "", *lines]
    mark = rng.choice(("| ", "    ", ">", "")) if "other mark" in odds and plan.place == TOP else program.mark
    width = REWRAPPED if "rewrapped" in odds else program.width
    inner = program.mark if plan.place == INSIDE else ""
    shift = len(lines) - len(plan.lines)
    placed = {at + shift: piece for at, piece in plan.placed.items()}
    old = quote_text(lines, placed, Marks(mark, width, program.style, inner))
    if "links of a gateway" in odds:
        old = through_gateway(old)
    if "no-break spaces" in odds:
        old = old.replace("  ", " \u00a0")
    head = "\n".join(plan.head)
    return f"{head}{old.replace(chr(10), ' ')}" if program.glued else f"{head}\n{old}"


def _html(plan: Plan) -> str:
    program, odds = plan.program, plan.odds
    body = _old_html(plan)
    if "banner inside" in odds:
        body = BANNER_HTML.format(escape(plan.banner, quote=False)) + body
    if "links of a gateway" in odds:
        body = through_gateway(body)
    element = '<p class="MsoNormal">{}<o:p></o:p></p>' if program.keep == "office" else "<div>{}</div>"
    own = as_html("\n\n".join(filter(None, (plan.words.body, plan.words.closing, plan.words.signature))), element)
    head = head_html(plan.head, bold=program.keep in {"office", "renamed"})
    footer = f"<div>{escape(plan.footer)}</div>" if plan.footer else ""
    above, below = (own, "") if plan.place != BELOW else ("", f"<div>{own}</div>")
    page = program.page.format(own=above, head=head, old=body, footer=footer if above else "") + below
    banner = BANNER_HTML.format(escape(plan.banner, quote=False)) if "banner" in odds and above else ""
    return f"<html><head>{META}</head><body>{banner}{page}</body></html>"


def _old_html(plan: Plan) -> str:
    """Return the HTML of the mail that is answered, as the program keeps it, with the answers in it."""
    keep = next((value for name, value in KEPT.items() if name in plan.odds), plan.program.keep)
    body = html_body(plan.letter.html, keep)
    quote = BLOCKQUOTE.search(plan.program.page)
    if plan.place == BETWEEN and quote:
        return answered_between(plan.lines, plan.placed, quote[1])
    return answered_inside(body, list(plan.placed.values()), plan.program.answer) if plan.placed else body


KEPT = {"no-break spaces": "spaced", "entities": "entities"}
META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
BANNER_HTML = (
    '<table border="0" cellspacing="0" cellpadding="0" width="100%"><tr><td style="background:#FFEB9C;padding:5pt">{}'
    "</td></tr></table><br>"
)
REWRAPPED = 72
