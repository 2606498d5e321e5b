"""The bytes of a mail become a tree of MIME parts, which are offsets into those bytes (RFC 2046, section 5.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mail.mime.headers import Headers, read_headers
from mail.mime.parts import Part

MAX_DEPTH = 100
MAX_PARTS = 1_000
# At most so many lines that begin like a boundary are looked at, and so many bytes searched: 16 for each byte of the
# mail, as each level is searched again, but no fewer than the least.
MAX_CANDIDATES = 100_000
SEARCHED = 16
LEAST_SEARCHED = 200_000_000

MANY = "the mail has too many parts; the rest was left out"
DEEP = "the parts are nested too deep; the body is shown as it stands"
MENDED = "the boundary of the parts was mended"
DOUBLE = "a part has two Content-Types; the second is that of the text at its beginning"
DAMAGED = "a line among the headers is none of them; those below it were read"
CARRIAGE = "a header holds a bare CR; it is read as a space"

_REST_OF_LINE = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
_FOLDED = re.compile(rb'\bboundary[ \t]*=[ \t]*"[^"\r\n]{0,200}+\r?\n', re.IGNORECASE)
_LOOSE = re.compile(rb"\bboundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_PHRASE = re.compile(rb"\s*+(?:this is a )?multi-?part message in mime format\.?\s*+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tree:
    """The root part of a mail, and sentences that say what had to be repaired to find the parts."""

    root: Part
    repairs: tuple[str, ...]


def read_tree(raw: bytes) -> Tree:
    """Return the parts of any bytes; never raises, at most 1,000 parts and 100 levels, in bounded time."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    cutter = _Cutter(raw, SEARCHED * len(raw) + LEAST_SEARCHED)
    headers, body = read_headers(raw)
    returns = raw.count(b"\r", 0, body)
    if returns and returns != raw.count(b"\r\n", 0, body):
        cutter.note(CARRIAGE)
    if headers.damaged:
        cutter.note(DAMAGED)
    return Tree(cutter.cut(Part(raw, headers, body, len(raw)), 0), tuple(cutter.repairs))


@dataclass(slots=True)
class _Cutter:
    """One walk over a mail, with the bytes, parts and lines that it may still look at."""

    raw: bytes
    bytes_left: int
    parts_left: int = MAX_PARTS - 1
    candidates_left: int = MAX_CANDIDATES
    repairs: dict[str, None] = field(default_factory=dict)

    def note(self, repair: str) -> None:
        self.repairs[repair] = None

    def cut(self, part: Part, depth: int) -> Part:
        """Return the part with its children, if it has any."""
        boundary = self.boundary(part) if part.content_type.startswith("multipart/") else b""
        self.bytes_left -= part.end - part.start
        if not boundary:
            return self.childless(part)
        if depth >= MAX_DEPTH or self.bytes_left < 0:
            self.note(DEEP)
            return part
        stretches = list(self.stretches(part, b"\n--" + boundary))
        if len(stretches) < 3:
            return self.childless(part)
        first, *inner, last = stretches
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        children = [self.cut(self.child(start, end, default), depth + 1) for start, end in inner]
        around = tuple(_without_phrase(self.raw[slice(*stretch)]) for stretch in (first, last))
        return self.with_second_type(replace(part, children=tuple(children), preamble_epilogue=around), first)

    def childless(self, part: Part) -> Part:
        """Return a part without children; for a multipart this is noted as a repair."""
        if part.content_type.startswith("multipart/"):
            self.note(f"{part.content_type[:60]} without parts; read as plain text")
        return part

    def boundary(self, part: Part) -> bytes:
        """Return the boundary, also if it is folded or no semicolon stands before it; empty where there is none."""
        value = next(iter(part.headers.raw("content-type")), b"")
        named = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        loose = None if named else _LOOSE.search(value)
        if loose or (b"\n" in value and _FOLDED.search(value)):
            self.note(MENDED)
        return (loose[1] or loose[2]).rstrip() if loose else named

    def stretches(self, part: Part, needle: bytes) -> Iterator[tuple[int, int]]:
        """Yield the stretches (start, end) before, between and after the boundaries; nothing without a boundary."""
        start, is_closed = part.start, False
        for at, after, is_last in self.boundaries(part, needle):
            yield start, _without_cr(self.raw, start, at)
            start, is_closed = after, is_last
            if self.parts_left <= 0 and not is_last:
                self.note(MANY)
                start, is_closed = part.end, True
                break
            self.parts_left -= 1
        if start == part.start:
            return
        if not is_closed:
            yield start, part.end
            start = part.end
        yield start, part.end

    def boundaries(self, part: Part, needle: bytes) -> Iterator[tuple[int, int, bool]]:
        """Yield for each boundary its offset, the offset of the next line, and whether it is the closing one."""
        # The line break above the body belongs to the first boundary.
        at = self.raw.find(needle, max(part.start - 1, 0), part.end)
        while at >= 0 and self.candidates_left:
            self.candidates_left -= 1
            line = _REST_OF_LINE.match(self.raw, at + len(needle), part.end)
            if line:
                yield at, line.end(), line[1] is not None
                if line[1] is not None:
                    return
            at = self.raw.find(needle, line.end() - 1 if line else at + 1, part.end)

    def child(self, start: int, end: int, default: str) -> Part:
        headers, body = read_headers(self.raw, start, end)
        if headers.damaged:
            self.note(DAMAGED)
        return Part(self.raw, headers, body, end, default)

    def with_second_type(self, part: Part, first: tuple[int, int]) -> Part:
        """Return a multipart with its first child, where that lost its boundary and its type joined the headers.

        The text above the first boundary is then that child and no preamble.
        """
        types = part.headers.raw("content-type")
        if len(types) < 2 or types[1][:10].lower() == b"multipart/" or not part.preamble_epilogue[0].strip():
            return part
        self.note(DOUBLE)
        fields = tuple(header for header in part.headers.fields if header[0] == "content-transfer-encoding")
        child = Part(self.raw, Headers((("content-type", types[1]), *fields)), *first)
        return replace(part, children=(child, *part.children), preamble_epilogue=part.preamble_epilogue[1:])


def _without_phrase(text: bytes) -> bytes:
    """Return a preamble or epilogue; empty where it only says that this is a multipart message."""
    return b"" if _PHRASE.fullmatch(text[:200]) else text


def _without_cr(raw: bytes, start: int, end: int) -> int:
    """Return the end without a CR before it: the line break belongs to the boundary below (RFC 2046, 5.1.1)."""
    end = max(start, end)
    return end - 1 if end > start and raw[end - 1] == 0x0D else end
