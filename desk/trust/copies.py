"""Whether two received mails are copies of one, delivered twice: what names a mail, its arrival, and its edges."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from mail.inbound.message import InboundMail
from mail.mime.headers import HEAD_BYTES
from mail.mime.subject import ANSWER, MOST_TAGS, without_tags
from mail.quoting.comparison import without_banner

# A Date further from the mail's arrival tells nothing: devices without a clock write the same one each time.
LONGEST_DELAY = timedelta(days=30)
# What lists and gateways put above and below a text is not longer, in lines and in characters at each edge.
EDGE_LINES = 25
EDGE_CHARACTERS = 2_500
# Of longer texts the end may have been cut off.
LONGEST = 1_000_000


def is_named(message_id: str | None, date: datetime | None, arrived_at: datetime) -> bool:
    """True where a Message-ID or a Date near its arrival tells a mail from another with the same words."""
    return message_id is not None or (date is not None and abs(arrived_at - date) <= LONGEST_DELAY)


def topmost_received(raw: bytes) -> bytes:
    """Return the first Received field as it stands (RFC 5321, 4.4), folds included; empty where none gives a date."""
    field: list[bytes] = []
    for line in raw[:HEAD_BYTES].split(b"\n"):
        if (field and not line.startswith((b" ", b"\t"))) or not line.rstrip(b"\r"):
            break
        if field or line[:9].lower() == b"received:":
            field.append(line)
    found = b"\n".join(field).rstrip()
    return found if b";" in found else b""


def is_same_but_edges(mail: InboundMail, other: InboundMail) -> bool:
    """True for one mail of which a list or gateway changed the subject's tag, or added lines above or below the text.

    Message-ID, Date, From and files are equal. A Message-ID that was used again, with another Date or text, is none.
    """
    if mail.message_id is None or mail.date is None or (mail.message_id, mail.date) != (other.message_id, other.date):
        return False
    if _authors(mail) != _authors(other) or _bare(mail.subject) != _bare(other.subject):
        return False
    if max(len(mail.text), len(other.text)) > LONGEST:
        return False
    if sorted(file.sha256 for file in mail.attachments) != sorted(file.sha256 for file in other.attachments):
        return False
    one, two = _lines(mail.text), _lines(other.text)
    return any(_have_core(one, at, two, 0) or _have_core(one, 0, two, at) for at in range(EDGE_LINES + 1))


def has_further_words(mail: InboundMail, other: InboundMail) -> bool:
    """True where the sender's own words, below a gateway's banner, hold a line that `other` lacks."""
    return not set(_lines(other.text)).issuperset(_lines(without_banner(mail.reply)))


def _have_core(one: Sequence[str], first: int, two: Sequence[str], second: int) -> bool:
    """Return whether two texts are equal from these lines on, until one of them ends, and what is left is an edge."""
    pairs = zip(islice(one, first, None), islice(two, second, None), strict=False)
    core = next((at for at, (left, right) in enumerate(pairs) if left != right), None)
    core = min(len(one) - first, len(two) - second) if core is None else core
    edges = (one[:first], two[:second], one[first + core :], two[second + core :]) if core > 0 else ()
    if not edges or (edges[2] and edges[3]):
        return False
    # Below so little in common, texts may differ in what matters.
    shorter = min(_characters(one), _characters(two))
    is_most = 2 * _characters(one[first : first + core]) >= shorter
    return is_most and all(len(edge) <= EDGE_LINES and _characters(edge) <= EDGE_CHARACTERS for edge in edges)


def _characters(lines: Sequence[str]) -> int:
    return sum(map(len, lines))


def _authors(mail: InboundMail) -> set[str]:
    return {address.email for address in mail.senders}


def _bare(subject: str) -> str:
    """Return a subject without the tags and marks of an answer in front of it."""
    bare = " ".join(subject.lower().split())
    for _ in range(MOST_TAGS):
        bare = without_tags(bare)
        mark = ANSWER.match(bare)
        bare = bare[mark.end() :].lstrip() if mark else bare
    return bare


def _lines(text: str) -> list[str]:
    """Return the lines that hold anything, with their white space made equal."""
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]
