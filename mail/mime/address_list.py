"""The value of an address header becomes its entries (RFC 5322, section 3.4), read in one pass that never fails."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_QUOTING = re.compile(r'\\(.)|"')
_PIECE = re.compile(r'\\.|[^"\\()<>,;:]+|.', re.DOTALL)

# Most headers hold one name, quoted or not, and one address in angle brackets.
_PLAIN = re.compile(r'\s*+(?:"([^"\\]*+)"|([^"\\()<>,;:@]*[^"\\()<>,;:@\s])?)\s*+<([^\s"\\()<>,;:]++)>\s*+')


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """One entry: the text outside brackets (quotes kept), the text inside each pair of angle brackets, and comments."""

    text: str
    routes: tuple[str, ...]
    comment: str

    @property
    def phrase(self) -> str:
        """The text without its quotes and the backslashes of quoted pairs."""
        return _QUOTING.sub(r"\1", self.text) if '"' in self.text or "\\" in self.text else self.text


@dataclass(slots=True)
class _Reader:
    """The state of the pass: the brackets that are open, and what the current entry holds so far."""

    last_semicolon: int
    text: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    routes: list[str] = field(default_factory=list)
    angle: list[str] | None = None
    quoted: bool = False
    depth: int = 0
    in_group: bool = False
    entry_start: int = 0

    def end_entry(self) -> AddressEntry | None:
        """Return the entry that ends here, and begin the next; None where it is empty or in a group."""
        if self.angle is not None:
            self.routes.append("".join(self.angle))
        entry = AddressEntry("".join(self.text).strip(), tuple(self.routes), "".join(self.comment).strip())
        self.text, self.comment, self.routes, self.angle = [], [], [], None
        return entry if (entry.text or entry.routes) and not self.in_group else None

    def feed(self, piece: str, at: int) -> bool:
        """Read one piece of the text; True where it ends the entry."""
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
            self.in_group = True
        elif piece in ",;":
            return True
        else:
            self.text.append(piece)
        return False


def read_entries(value: str) -> Iterator[AddressEntry]:
    """Yield each entry of an address header without those in groups; in time linear to the length of the value."""
    plain = _PLAIN.fullmatch(value)
    if plain:
        yield AddressEntry(plain[1] or plain[2] or "", (plain[3],), "")
        return
    reader = _Reader(value.rfind(";"))
    for match in _PIECE.finditer(value):
        if reader.feed(match[0], match.start()):
            entry = reader.end_entry()
            if entry:
                yield entry
            reader.in_group = reader.in_group and match[0] != ";"
            reader.entry_start = match.end()
    if reader.quoted or reader.depth:
        # After a quote or comment that is never closed, the entry is read again without its quotes and brackets.
        yield from read_entries(re.sub(r'["()\\]', " ", value[reader.entry_start :]))
        return
    entry = reader.end_entry()
    if entry:
        yield entry
