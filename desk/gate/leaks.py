"""What a mail of ours must not contain: signatures given to somebody else, and lines of internal notes."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import islice
from urllib.parse import unquote

from desk.ticket import Person
from desk.tokens import DIGITS, MOST_ID, Claim, Grant, Keys, Purpose, proves
from desk.trust.threads import effective_role

# Every form in which we sign holds an id, a dot and these, whatever stands around them. The dot is looked for first:
# there are few in a text, and many places where an id could begin.
MAC = re.compile(r"\.([a-z2-7]{20})(?![0-9a-z])", re.IGNORECASE | re.ASCII)
ID = re.compile(r"(?<![0-9a-z])[0-9a-z]{1,13}$", re.IGNORECASE | re.ASCII)
ID_LENGTH = 14
ESCAPED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
# Gateways put a link into a link of theirs, which encodes it once more.
MOST_ENCODINGS = 4
MOST_SIGNED = 1000
# Shorter lines, such as a greeting, stand in anybody's text.
SHORTEST_LINE = 20
# One of so many characters is nobody's formula, whatever stands behind it.
LONG_LINE = 40
_MARKS = " \t>|-*\u2022\u00b7"

_BREAKS = re.compile(r"</?(?:br|hr|p|div|td|th|tr|li|ul|ol|blockquote|pre|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
# An entity of another sign than those that no signature of ours can hold or stand beside.
_ENTITY = re.compile("&(?!(?:amp|lt|gt|nbsp|quot);)")
_ALT = re.compile(r'\salt="([^"]*)"')
# Stands where a line ends while other line ends are taken for blanks; what it is in a mail shows nothing either.
_LINE = "\ue0a4"
# What shows nothing between letters: joiners, fillers, soft hyphens, marks of direction, choices of a letter's form.
_UNSEEN = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class TicketText:
    """A text of a ticket, and when it was written."""

    text: str
    at: datetime


def find_signatures(text: str) -> frozenset[tuple[int, str]]:
    """What looks like a signature of ours in addresses, Message-IDs, references and links, as (outbox id, MAC)."""
    dotted = [*_scan_signatures(text)]
    for _ in range(MOST_ENCODINGS):
        if not ESCAPED.search(text):
            break
        text = unquote(text)
        dotted += _scan_signatures(text)
    numbered = ((int(digits, len(DIGITS)), mac.lower()) for digits, mac in dotted)
    return frozenset((number, mac) for number, mac in numbered if number <= MOST_ID)


def _scan_signatures(text: str) -> Iterator[tuple[str, str]]:
    for mac in islice(MAC.finditer(text), MOST_SIGNED):
        number = ID.search(text[max(0, mac.start() - ID_LENGTH) : mac.start()])
        if number:
            yield number[0], mac[1]


def is_signed(keys: Keys, mac: str, grant: Grant) -> bool:
    """True where `mac` is our signature for this grant, for any purpose."""
    return any(proves(keys, Claim(purpose, grant.id, mac), grant) for purpose in Purpose)


def is_alive(grant: Grant, owner: Person | None, now: datetime) -> bool:
    """True where its owner, and so anybody who sees it, could still use the grant."""
    if owner is None or grant.spent or grant.expires_at <= now.timestamp():
        return False
    return (grant.address, grant.role) == (owner.email, effective_role(owner))


def long_lines(text: str) -> frozenset[str]:
    """The lines of SHORTEST_LINE characters or more, in lower case, without quote marks and repeated spaces.

    What a plain form puts in place of HTML does not count, the marks of lists and of bold words, nor what nobody sees.
    """
    return frozenset(line for line in map(_bare, _seen(text).splitlines()) if len(line) >= SHORTEST_LINE)


def lines_of_note(text: str) -> frozenset[str]:
    """The long lines of a note, as others may begin with them; one that must stand alone ends with a line feed.

    That is a short line at the end of its paragraph, such as “Thank you for your message.”: no program broke it, and an
    answer may well begin so.
    """
    lines = [_bare(line) for line in _seen(text).splitlines()]
    pairs = zip(lines, [*lines[1:], ""], strict=True) if lines else ()
    return frozenset(
        line if below or len(line) >= LONG_LINE else f"{line}\n" for line, below in pairs if len(line) >= SHORTEST_LINE
    )


def _seen(text: str) -> str:
    return text if text.isascii() else _UNSEEN.sub("", text)


def _bare(line: str) -> str:
    return " ".join(line.lstrip(_MARKS).replace("*", "").split()).lower()


def text_of_html(html: str) -> str:
    """The text of HTML that our own templates made, a line for each block."""
    return unescape(_TAGS.sub("", _BREAKS.sub("\n", html)))


def find_signatures_in_html(html: str) -> frozenset[tuple[int, str]]:
    """The signatures in HTML of ours, in every form of it that `all_forms_of` gives.

    No signature holds white space, so one text of it shows as many as two; and where no other entities stand in it than
    the common ones, it shows the same without them.
    """
    found = find_signatures(html) | find_signatures(_seen(unescape(_one_text(html).replace(_LINE, "\n"))))
    return found | find_signatures(unescape(html)) if _ENTITY.search(html) else found


def all_forms_of(html: str) -> str:
    """HTML of ours in every form in which it may show or hold words of others, one below the other.

    As it is written and without entities, for an address may stand in a link; as text, with the line ends of what a
    person's program wrote, and with a line for each block, as a reader sees it. The words of each picture are a line.
    """
    # Nothing but a tag may make a line here.
    marked = _one_text(html)
    texts = (unescape(one.replace(_LINE, "\n")) for one in (marked, " ".join(marked.split())))
    pictures = unescape("\n".join(_ALT.findall(html)))
    return "\n".join((html, unescape(html), pictures, *map(_seen, texts)))


def _one_text(html: str) -> str:
    """HTML without its tags, with _LINE in place of those that end a line."""
    return _TAGS.sub("", _BREAKS.sub(_LINE, html.replace(_LINE, "")))


def begun_by(lines: Iterable[str], written: Iterable[str]) -> frozenset[str]:
    """Those of `lines` with which a written line begins: a plain form breaks its lines, and HTML does not.

    One that ends with a line feed must be the whole of a written line.
    """
    ordered = sorted(f"{line}\n" for line in written)
    places = ((line, bisect_left(ordered, line)) for line in lines)
    return frozenset(line for line, at in places if at < len(ordered) and ordered[at].startswith(line))


def secret_lines(notes: Iterable[TicketText], public: Iterable[TicketText]) -> frozenset[str]:
    """The lines of notes that no public text had before: a note may quote what everybody could read already.

    In the form of `lines_of_note`.
    """
    readable = [(text.at, long_lines(text.text)) for text in public]
    secret = (
        lines.difference(*(begun_by(lines, known) for at, known in readable if at <= note.at))
        for note in notes
        if (lines := lines_of_note(note.text))
    )
    return frozenset().union(*secret)
