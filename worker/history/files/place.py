"""Where one mail lies in files, and what its first lines say: read without the rest of the mail."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from mail.mime.headers import HEAD_BYTES, read_date, read_headers
from mail.mime.message_ids import id_hash, in_reply_to, message_id, references

# So many of the mails that a mail refers to are looked for, the nearest first.
MOST_PARENTS = 8
_QUOTED = re.compile(rb">+From ")


class FileChanged(Exception):
    """A file is not as it was when it was looked through; the message is a sentence."""


class NoMail(Exception):
    """What was named holds no mails of its kind; the message is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class MailPlace:
    """A mail in a file: its name for people, its first byte and its size; `kept_at` is when it came there, in seconds.

    `kept_at` is what the file says besides the mail, None where that is nothing. `cut` says that the file ended in the
    middle of a line of it. `quoted` says that lines which begin with `From ` have a sign before them (mboxrd). `stamp`
    is what the file was like.
    """

    path: str
    start: int
    size: int
    kept_at: float | None
    stamp: tuple[int, int, int]
    cut: bool = False
    quoted: bool = False

    @property
    def name(self) -> str:
        """The name of the file and, in a file of many mails, the byte at which it begins."""
        return f"{shown(self.path)} at byte {self.start}" if self.quoted else shown(self.path)


@dataclass(frozen=True, slots=True)
class Outline:
    """What the headers of a mail say: its date, and the hashes of its own Message-ID and of those that it refers to."""

    date: datetime | None
    own: bytes | None
    parents: tuple[bytes, ...]


def stamp_of(path: str) -> tuple[int, int, int]:
    """What changes when a file is written to: its number, its size in bytes, its time; raises OSError.

    Raises NoMail for a pipe, a socket or a device: to open one may wait for ever, and it has no size.
    """
    found = Path(path).stat()
    if not S_ISREG(found.st_mode):
        raise NoMail(f"{shown(path)} is no file: copy what comes out of it into one, and name that.")
    return found.st_ino, found.st_size, found.st_mtime_ns


def shown(path: str) -> str:
    """The name of a file for people; a byte that is no letter in UTF-8 is a question mark."""
    return path.encode("utf-8", "replace").decode()


def read_head(place: MailPlace) -> bytes:
    """The first bytes of a mail, at most as many as headers may have; raises OSError and FileChanged."""
    return _unquoted(place, _read(place, min(place.size, HEAD_BYTES)))


def read_mail(place: MailPlace) -> bytes:
    """All bytes of a mail; raises OSError, and FileChanged where the file is another one by now."""
    return _unquoted(place, _read(place, place.size))


def outline_of(head: bytes) -> Outline:
    """What the headers at the top of these bytes say; never raises."""
    lines = head.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    headers, _ = read_headers(lines, 0, min(len(lines), HEAD_BYTES))
    own = message_id(headers)
    refers = dict.fromkeys((*in_reply_to(headers), *reversed(references(headers))))
    parents = tuple(id_hash(one) for one in refers if one != own)[:MOST_PARENTS]
    return Outline(read_date(headers.text("date")), id_hash(own) if own else None, parents)


def moment(seconds: float) -> datetime | None:
    """Seconds since 1970 as a time in UTC; None where no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _read(place: MailPlace, size: int) -> bytes:
    with Path(place.path).open("rb") as file:
        found = os.fstat(file.fileno())
        if (found.st_ino, found.st_size, found.st_mtime_ns) != place.stamp:
            raise FileChanged(f"{place.name} changed while it was read.")
        file.seek(place.start)
        raw = file.read(size)
    if len(raw) < size:
        raise FileChanged(f"{place.name} became shorter while it was read.")
    return raw


def _unquoted(place: MailPlace, raw: bytes) -> bytes:
    return unquoted(raw) if place.quoted else raw


def unquoted(raw: bytes) -> bytes:
    """The lines of a mail of an mbox without the sign that keeps them from looking like the next mail (mboxrd)."""
    if b">From " not in raw:
        return raw
    lines = raw.split(b"\n")
    return b"\n".join(line[1:] if _QUOTED.match(line) else line for line in lines)


Report = Callable[[str], None]
