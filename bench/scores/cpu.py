"""What reading costs: CPU beside that of the standard library on the same mails, in one run."""

import time
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from html_to_markdown import ConversionOptions, convert

from bench.scores.figures import Figure
from mail.inbound.parse import parse

# One mail of four is read, three times each way; the fastest time counts.
STEP = 4
TIMES = 3
LARGEST = 1_000_000
AT_MOST = 150
GROUP = "CPU"
OPTIONS = ConversionOptions(extract_metadata=False, skip_images=True)


def score_speed(corpus: Path) -> Iterator[Figure]:
    """Yield our CPU per mail in percent of the standard library's, for plain mail and for mail with HTML.

    Ours holds the whole of parsing, with the visible reply; the other parses and decodes with compat32, and of mail
    with HTML converts that with html-to-markdown. Here less is better.
    """
    listed = corpus / "robust.txt"
    if not listed.is_file():
        return
    names = listed.read_text(encoding="utf-8").split()[::STEP]
    mails = [raw for raw in ((corpus / name).read_bytes() for name in names) if len(raw) < LARGEST]
    plain = [raw for raw in mails if _can_be_read(raw) and not _has_html(message_from_bytes(raw))]
    html = [raw for raw in mails if _can_be_read(raw) and _has_html(message_from_bytes(raw))]
    yield _figure("plain mail", plain, _decode)
    yield _figure("mail with HTML", html, _convert)


def _figure(part: str, mails: Sequence[bytes], other: Callable[[bytes], object]) -> Figure:
    ours, theirs = _least_microseconds(mails, (parse, other))
    return Figure(GROUP, f"{part}, µs a mail beside the standard library", ours, theirs, AT_MOST)


def _least_microseconds(mails: Sequence[bytes], ways: Sequence[Callable[[bytes], object]]) -> list[int]:
    """Return the least CPU per mail of each way; they take turns, so that a busy machine slows all of them."""
    least = [float("inf")] * len(ways)
    for _ in range(TIMES):
        for number, read in enumerate(ways):
            began = time.process_time()
            for raw in mails:
                read(raw)
            least[number] = min(least[number], time.process_time() - began)
    return [round(1_000_000 * seconds / max(1, len(mails))) for seconds in least]


def _can_be_read(raw: bytes) -> bool:
    """Whether the standard library reads the mail without an error."""
    try:
        _decode(raw)
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError):
        return False
    return True


def _decode(raw: bytes) -> list[tuple[str, str]]:
    """Return type and text of each text part, as the standard library gives them; files are decoded, too."""
    texts = []
    for part in message_from_bytes(raw).walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(content, bytes):
            charset = part.get_content_charset() or "utf-8"
            texts.append((part.get_content_type(), content.decode(charset, "replace")))
    return texts


def _convert(raw: bytes) -> list[str]:
    return [
        convert(text.replace("\0", ""), OPTIONS).content or "" for kind, text in _decode(raw) if kind == "text/html"
    ]


def _has_html(message: Message) -> bool:
    return any(part.get_content_type() == "text/html" for part in message.walk())
