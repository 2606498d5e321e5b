"""What a wording is recognised by stays when its case, its spaces, a letter of a name or the name itself change."""

import random
import re
from collections.abc import Callable, Iterator

import pytest

from bench.scores.generate.automatic import automatic_answers
from bench.scores.generate.heads import Above, block
from bench.scores.generate.languages import Quoted, languages
from mail.inbound.message import MailKind
from mail.inbound.parse import parse
from mail.quoting.reply import visible_reply
from tests.support.values.hostile_bytes import MORE

OWN = "It works."
OLD = "What you wrote to us.\nA second line."
# Names and addresses as people and desks have them; none of them may matter.
NAMES = (
    "Ann",
    "Zoë O'Neill-Smith",
    "Support Team (Level 2)",
    "ACME 24",
    "Dr. Max Muster",
    "李雷",
    "Ольга Петрова",
    "N. N.",
)
ADDRESSES = ("desk@desk.example", "d.esk+tq.e4k7@mail.desk.example", "4711@x.example", "on-wrote@from.example")
SPACES = ("  ", "\u00a0", "\u202f", " \u200e")
MUTATIONS = max(6, MORE // 100)


def one_letter_changed(rng: random.Random, name: str) -> str:
    """The name with one of its letters replaced."""
    at = rng.choice([at for at, letter in enumerate(name) if letter.isalpha()])
    return name[:at] + rng.choice("bkxéж") + name[at + 1 :]


def mutated(rng: random.Random, fill: Callable[[Quoted], str]) -> str:
    """A line with another name, a letter of it changed, another address, date and time, and another space."""
    quoted = Quoted(
        one_letter_changed(rng, rng.choice(NAMES)),
        rng.choice(ADDRESSES),
        rng.randint(1, 28),
        rng.randint(7, 11),
        rng.randint(10, 59),
    )
    line = fill(quoted)
    place = rng.choice([at for at, letter in enumerate(line) if letter == " "] or [0])
    return line[:place] + rng.choice(SPACES) + line[place + 1 :] if line[place] == " " else line


def attributions() -> Iterator[tuple[str, str]]:
    """Each line above a quote, by language and family of programs."""
    for code, language in languages().items():
        for family in ("gmail", "apple", "ios", "thunderbird", "yahoo", "k9"):
            yield f"{code}-{family}", language.patterns[family]


ATTRIBUTIONS = list(attributions())


@pytest.mark.parametrize(("name", "pattern"), ATTRIBUTIONS, ids=[name for name, _ in ATTRIBUTIONS])
def test_an_attribution_goes_whoever_is_quoted_and_whatever_spaces_stand_in_it(name: str, pattern: str) -> None:
    rng = random.Random(name)
    lines = [mutated(rng, lambda quoted: quoted.fill(pattern)) for _ in range(MUTATIONS)]
    quote = "\n".join(f"> {line}" for line in OLD.split("\n"))

    replies = {line: visible_reply(f"{OWN}\n\n{line}\n{quote}\n").reply for line in lines}

    assert {line: reply for line, reply in replies.items() if reply != OWN} == {}


@pytest.mark.parametrize("write", [str, str.upper, str.lower, str.title], ids=["as is", "upper", "lower", "title"])
@pytest.mark.parametrize("code", languages())
def test_a_block_of_labels_goes_in_any_case_and_with_any_name(code: str, write: Callable[[str], str]) -> None:
    rng = random.Random(f"{code}{write}")
    language = languages()[code]
    blocks = []
    for _ in range(MUTATIONS):
        quoted = Quoted(one_letter_changed(rng, rng.choice(NAMES)), rng.choice(ADDRESSES), rng.randint(1, 28), 9, 12)
        rows = block()(Above(language, quoted, rng.choice(ADDRESSES), "[SD-1] It burns"))
        blocks.append("\n".join(re.sub(r"^[^:\uff1a]+", lambda label: write(label[0]), row) for row in rows))

    replies = {rows: visible_reply(f"{OWN}\n\n{rows}\n\n{OLD}\n").reply for rows in blocks}

    assert {rows: reply for rows, reply in replies.items() if reply != OWN} == {}


@pytest.mark.parametrize("dashes", ["-----{}-----", "----- {} -----", "-------- {} --------"])
@pytest.mark.parametrize("code", languages())
def test_a_divider_goes_in_any_case(code: str, dashes: str) -> None:
    original = languages()[code].patterns["original"]
    dividers = [dashes.format(write(original)) for write in (str, str.upper, str.lower, str.title)]

    known = {line: visible_reply(f"{OWN}\n\n{line}\n\n{OLD}\n").reply == OWN for line in dividers}

    assert set(known.values()) == {known[dividers[0]]}, known


@pytest.mark.parametrize("program", ["iphone", "outlook", "galaxy"])
@pytest.mark.parametrize("code", languages())
def test_a_footer_is_known_or_not_in_any_spacing_and_behind_any_words(code: str, program: str) -> None:
    footer = languages()[code].patterns[program]
    lines = [footer, f"{footer} ", f" {footer}", f"{footer}\u00a0", f"\u200e{footer}"]

    texts = [
        *((OWN, line) for line in lines),
        *((own, footer) for own in ("Ja, bitte.", "はい。", "1 + 1", "a@x.example")),
    ]
    known = {(own, line): visible_reply(f"{own}\n\n{line}\n").reply == own for own, line in texts}

    assert set(known.values()) == {known[OWN, footer]}, known


def with_other_headers(rng: random.Random, raw: bytes) -> bytes:
    """The mail with names of fields in another case, values behind other spaces, and another person."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?=\S)", head)
    rng.shuffle(fields)
    lines = []
    for field in fields:
        name, _, value = field.partition(b":")
        write = rng.choice((bytes.upper, bytes.lower, bytes.title))
        lines.append(write(name) + b":" + rng.choice((b"", b"\t", b"  ")) + value)
    return b"\r\n".join(lines).replace(b"Maria Okafor", b"Ann Other") + b"\r\n\r\n" + body


def with_other_case(raw: bytes) -> bytes:
    """The mail with the keywords of its automatic headers in another case (RFC 3834, section 5)."""
    keyword = re.compile(rb"(?im)^(Auto-Submitted|Precedence|X-Auto-Response-Suppress): *(.*?)\r$")
    return keyword.sub(lambda found: found[1] + b": " + found[2].upper() + b"\r", raw)


FOUND = [(name, raw) for name, raw in automatic_answers() if name.endswith(("/en", "/ja")) and parse(raw).automatic]


@pytest.mark.parametrize(("name", "raw"), FOUND, ids=[name for name, _ in FOUND])
def test_an_automatic_answer_stays_one_with_its_headers_in_another_order_and_case(name: str, raw: bytes) -> None:
    rng = random.Random(name)
    before = parse(raw).kind

    kinds = {parse(with_other_headers(rng, raw)).kind for _ in range(MUTATIONS)} | {parse(with_other_case(raw)).kind}

    assert kinds == {before}
    assert before is MailKind.AUTOMATIC
