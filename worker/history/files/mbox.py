"""Mails in an mbox file (RFC 4155; mboxo and mboxrd), found in pieces, so that no line or mail has to be in memory.

A mail begins at a line `From ADDRESS DATE` below which a header stands. Content-Length is not believed: programs that
change a mail leave it as it was.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from worker.history.files.place import MailPlace, NoMail, Report, shown, stamp_of

PIECE: Final = 1024 * 1024
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
# Longer than any line that begins a mail.
LINE_BYTES: Final = 1024
_MONTHS: Final = {name: at for at, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
# Ends as the C library's asctime writes a date; the zone, where there is one, stands before or behind the year.
_BEGINS: Final = re.compile(
    rb"From [^\n]{0,400}? ?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    rb"[ 0]?([0-9]{1,2}) ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))? (?:([+-][0-9]{4}|[A-Z]{1,5}) )?([0-9]{4})"
    rb"(?: ([+-][0-9]{4}|[A-Z]{1,5}))?(?: remote from [^\n]{1,200})?[ \t]*\r?\n"
)
_HEADER: Final = re.compile(rb"(?:>?From [^\n]|[!-9;-~]{1,100}[ \t]*:)")
_ABOVE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]{0,1000}")


def places_in_mbox(path: str, report: Report) -> Iterator[MailPlace]:
    """Each mail of an mbox, in its order; what is no mail is reported as a sentence.

    Raises OSError, and NoMail where the file is no mbox.
    """
    stamp = stamp_of(path)
    with Path(path).open("rb", buffering=0) as file:
        first = file.read(LINE_BYTES)
        _refuse_others(path, first)
        begin: tuple[int, int, float | None] | None = None
        for at, after, kept_at in _beginnings(file.fileno(), stamp[1]):
            if begin is None and at > _ABOVE.match(first).end():  # type: ignore[union-attr]  # it matches nothing, too
                report(f"{shown(path)}: the first {at} bytes are no mail and were left out.")
            if begin is not None:
                size = _end(file.fileno(), begin[1], at) - begin[1]
                yield MailPlace(path, begin[1], size, begin[2], stamp, quoted=True)
            begin = (at, after, kept_at)
        if begin is None:
            why = f"{shown(path)} holds no mail: an mbox has a line `From ADDRESS DATE` above each."
            raise NoMail(f"{why} {_hint(first)}")
        cut = _is_cut(file.fileno(), stamp[1])
        end = _end(file.fileno(), begin[1], stamp[1])
        yield MailPlace(path, begin[1], end - begin[1], begin[2], stamp, cut=cut, quoted=True)


def read_beginning(lines: bytes) -> tuple[int, float | None] | None:
    """Read the line that begins a mail: its length, and its date in seconds; None where the bytes begin no mail."""
    found = _BEGINS.match(lines)
    if found is None or not _HEADER.match(lines, found.end()):
        return None
    return found.end(), _seconds(found)


def has_several(path: str) -> bool:
    """Whether a file that begins with a mail of an mbox has a second one; raises OSError."""
    with Path(path).open("rb", buffering=0) as file:
        begun = _beginnings(file.fileno(), os.fstat(file.fileno()).st_size)
        return len(list(islice(begun, 2))) > 1


def _seconds(found: re.Match[bytes]) -> float | None:
    month, day, hour, minute, second, before, year, behind = found.groups()
    zone, ahead = before or behind or b"", 0
    if zone[:1] in (b"+", b"-"):
        ahead = int(zone[:1] + b"1") * (int(zone[1:3]) * 60 + int(zone[3:5])) * 60
    try:
        read = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
    except ValueError:
        return None
    return read.timestamp() - ahead


def _beginnings(file: int, size: int) -> Iterator[tuple[int, int, float | None]]:
    """Where each mail has its first line, where that ends, and its date."""
    at, kept = 0, b"\n"
    while at < size:
        piece = os.pread(file, min(PIECE, size - at), at)
        if not piece:
            return
        window, base = kept + piece, at - len(kept)
        hit = window.find(b"\nFrom ")
        while hit >= 0:
            start = base + hit + 1
            begun = read_beginning(os.pread(file, min(2 * LINE_BYTES, size - start), start))
            if begun:
                yield start, start + begun[0], begun[1]
            hit = window.find(b"\nFrom ", hit + 1)
        at += len(piece)
        kept = window[-5:]


def _end(file: int, start: int, next_mail: int) -> int:
    """The end of a mail, without the blank line that stands between two."""
    tail = os.pread(file, min(4, next_mail - start), max(next_mail - 4, start))
    for blank in (b"\r\n\r\n", b"\n\n"):
        if tail.endswith(blank):
            return next_mail - len(blank) // 2
    return next_mail


def _is_cut(file: int, size: int) -> bool:
    return os.pread(file, 1, size - 1) != b"\n"


def _refuse_others(path: str, first: bytes) -> None:
    if first.startswith((GZIP, ZIP)):
        kind, tool = ("gzip", "gunzip") if first.startswith(GZIP) else ("zip", "unzip")
        raise NoMail(f"{shown(path)} is packed with {kind}: unpack it first, with `{tool}`, and name what comes out.")
    if not first.strip():
        raise NoMail(f"{shown(path)} is empty: there is no mail in it.")


def _hint(first: bytes) -> str:
    single = _HEADER.match(first)
    return "It looks like a single mail: `supportdesk import eml` takes it." if single else "Name another file."
