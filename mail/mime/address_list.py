"""The tolerant grammar of address lists: one pass over the text, whatever is left open."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_QUOTING = re.compile(r'\\(.)|"')
_PIECE = re.compile(r'\\.|[^"\\()<>,;:]+|.', re.DOTALL)

# What most headers hold: one name, quoted or not, and one address.
_PLAIN = re.compile(r'\s*+(?:"([^"\\]*+)"|([^"\\()<>,;:@]*[^"\\()<>,;:@\s])?)\s*+<([^\s"\\()<>,;:]++)>\s*+')


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """One entry of an address list: what stands outside brackets (quotes kept), inside them, and in comments."""

    text: str
    routes: tuple[str, ...]
    comment: str

    @property
    def phrase(self) -> str:
        """The text without its quotes and the backslashes that they need."""
        return _QUOTING.sub(r"\1", self.text) if '"' in self.text or "\\" in self.text else self.text


@dataclass(slots=True)
class _Reader:
    """The state of the pass: what is open, and what the current entry holds so far."""

    last_semicolon: int
    text: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    routes: list[str] = field(default_factory=list)
    angle: list[str] | None = None
    quoted: bool = False
    depth: int = 0
    grouped: bool = False
    begun_at: int = 0

    def take(self) -> AddressEntry | None:
        """Return the entry that ends here, or None where it is empty or a group's."""
        if self.angle is not None:
            self.routes.append("".join(self.angle))
        entry = AddressEntry("".join(self.text).strip(), tuple(self.routes), "".join(self.comment).strip())
        self.text, self.comment, self.routes, self.angle = [], [], [], None
        return entry if (entry.text or entry.routes) and not self.grouped else None

    def feed(self, piece: str, at: int) -> bool:
        """Take one piece in; True where an entry ends with it."""
        if self.quoted:
            self.quoted = piece != '"'
            self._keep(piece)
        elif self.depth:
            self.depth += (piece == "(") - (piece == ")")
            if self.depth:
                self.comment.append(piece)
        elif self.angle is not None:
            self._feed_angle(piece)
        else:
            return self._feed_outside(piece, at)
        return False

    def _keep(self, piece: str) -> None:
        if self.angle is not None:
            self.angle.append(piece)
        else:
            self.text.append(piece)

    def _feed_angle(self, piece: str) -> None:
        if piece == ">" and self.angle is not None:
            self.routes.append("".join(self.angle))
            self.angle = None
        elif piece == "<":
            self.angle = []
        else:
            self.quoted = piece == '"'
            self._keep(piece)

    def _feed_outside(self, piece: str, at: int) -> bool:
        if piece == '"':
            self.quoted = True
            self._keep(piece)
        elif piece == "(":
            self.depth = 1
        elif piece == "<":
            self.angle = []
        elif piece == ":" and at < self.last_semicolon:
            self.grouped = True
        elif piece in ",;":
            return True
        else:
            self.text.append(piece)
        return False


def mailboxes(value: str) -> Iterator[AddressEntry]:
    """Yield each entry of an address header, members of groups left out; linear in the length of the value."""
    plain = _PLAIN.fullmatch(value)
    if plain:
        yield AddressEntry(plain[1] or plain[2] or "", (plain[3],), "")
        return
    reader = _Reader(value.rfind(";"))
    for match in _PIECE.finditer(value):
        if reader.feed(match[0], match.start()):
            entry = reader.take()
            if entry:
                yield entry
            reader.grouped = reader.grouped and match[0] != ";"
            reader.begun_at = match.end()
    if reader.quoted or reader.depth:
        # A quote or bracket that nobody closed is read once more as if it were not there.
        yield from mailboxes(re.sub(r'["()\\]', " ", value[reader.begun_at :]))
        return
    entry = reader.take()
    if entry:
        yield entry
