"""The headers of a message or a part: bytes come in; fields, their texts, decoded words and dates go out."""

import quopri
import re
from collections.abc import Iterable, KeysView
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from mail.mime.charset import clean, codec_of, decode, decode_undeclared
from mail.mime.damage import GOES_ON, MOST_PLACES, TRUSTED, after_damage
from mail.mime.encodings import unbase64

# Far more than servers accept as headers of one mail.
HEAD_BYTES = 65_536
SAME = 1_000
VALUE_BYTES = 8_192
ADDRESSES_BYTES = 262_144
IDS_BYTES = 65_536

# A field is a name, a colon and a value, which continues in lines that begin with white space (RFC 5322, 2.2).
# A line that begins with two dashes is the boundary of a part whose blank line is missing.
_FIELD = re.compile(rb"(?!--)([!-9;-~]*+):([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?")
_FIELDS = re.compile(rb"(?:(?!--)[!-9;-~]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?)++")
# White space before the colon is obsolete syntax (RFC 5322, 4.5.8); without a field below, the line may be text.
# Those that trust is read from are fields in any place, as for servers that take forged ones off.
_OLD_FIELD = re.compile(
    rb"(?!--)([!-9;-~]++)[ \t]++:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n(?=[!-9;-~]++[ \t]*+:)"
    rb"|((?i:from|sender|received|authentication-results|arc-[a-z-]++))[ \t]++:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?"
)
# What may stand above the first field: blank lines, a byte order mark, the `From ` line of an mbox file.
_ABOVE = re.compile(rb"[\s\xef\xbb\xbf]{0,2000}+(?:>?From [^\n]*+\n(?:[ \t][^\n]*+\n)*+)?(?=[A-Za-z][!-9;-~]*+:)")
_END = re.compile(rb"\r?\n")

# Raw letters within an encoded word, where only ASCII may stand (RFC 2047, section 5).
_RAW_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([qQ])\?((?:[^?\n]|\?(?!=)){1,300})\?=")
# A date as nearly all programs write it, which is read in a quarter of the time.
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_DATE = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, )?([0-9]{{1,2}}) ({'|'.join(_MONTHS)}) ([12][0-9]{{3}})"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([01][0-9]|2[0-3])([0-5][0-9])(?: \([A-Z]{1,5}\))?"
)
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?]|\?(?!=)){0,2000})\?=")


@dataclass(frozen=True, slots=True)
class Headers:
    """All header fields in their order: names in lower case, values as the bytes that arrived.

    `spaced` are the places of those with white space before their colon (RFC 5322, 4.5.8), which no server writes.
    `damaged` is the number of places where lines among them were no fields; below the first, those that trust is read
    from are left out.
    """

    fields: tuple[tuple[str, bytes], ...]
    spaced: frozenset[int] = frozenset()
    damaged: int = 0
    _by_name: dict[str, list[bytes]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _texts: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _words: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the values by name, as dozens of names are looked up in each mail."""
        known = self._by_name
        for name, value in self.fields:
            if name in known:
                known[name].append(value)
            else:
                known[name] = [value]

    @property
    def names(self) -> KeysView[str]:
        """The name of each field, once and in their order."""
        return self._by_name.keys()

    def raw(self, name: str) -> tuple[bytes, ...]:
        """Every value of a field, at most 1,000, topmost first."""
        return tuple(self._by_name.get(name, ())[:SAME])

    def texts(self, name: str, limit: int = VALUE_BYTES) -> tuple[str, ...]:
        """Every value of a field as unfolded text of at most `limit` bytes; encoded words stay encoded."""
        return tuple(unfold(decode_undeclared(_without_raw(value[:limit]))) for value in self.raw(name))

    def text(self, name: str) -> str:
        """Return the topmost value of a field as unfolded text; empty where the field is missing."""
        values = self._by_name.get(name)
        if values is None:
            return ""
        if name not in self._texts:
            self._texts[name] = unfold(decode_undeclared(_without_raw(values[0][:VALUE_BYTES])))
        return self._texts[name]

    def words(self, name: str) -> str:
        """Return the topmost value of a field with its encoded words decoded (RFC 2047)."""
        if name not in self._words:
            self._words[name] = decode_words(self.text(name))
        return self._words[name]


def read_headers(raw: bytes, start: int = 0, end: int | None = None) -> tuple[Headers, int]:
    """Return the headers that begin at `start`, and the offset where the body begins; never raises.

    Lines end with LF, so that a bare CR within a field begins no other field. A line that is no field ends the
    headers, and the body begins with it, unless fields follow before the first blank line.
    """
    end = len(raw) if end is None else end
    # A part that begins with a blank line has no headers.
    above = _ABOVE.match(raw, 0, end) if start == 0 else None
    at = above.end() if above else start
    fields: list[tuple[str, bytes]] = []
    spaced: set[int] = set()
    damaged = 0
    while True:
        at = _read_fields(raw, at, end, fields, spaced, damaged)
        goes_on = _after_damage(raw, at, end, fields, is_root=start == 0) if damaged < MOST_PLACES else None
        if goes_on is None:
            break
        at, damaged = goes_on, damaged + 1
    divider = _END.match(raw, at, end)
    return Headers(tuple(fields), frozenset(spaced), damaged), divider.end() if divider else at


def _read_fields(raw: bytes, at: int, end: int, fields: list[tuple[str, bytes]], spaced: set[int], damaged: int) -> int:
    """Add the fields from `at` on, and return the offset of the line that is none."""
    # No field begins with a line break, so that the blank line below the headers needs no expression.
    while at < end and raw[at] not in b"\r\n":
        if match := _FIELDS.match(raw, at, end):
            found = _FIELD.findall(raw, at, match.end())
        elif match := _OLD_FIELD.match(raw, at, end):
            found = [(match[1] or match[3], match[2] or match[4] or b"")]
            spaced.add(len(fields))
        else:
            break
        named = [(name.lower().decode("ascii"), value.strip()) for name, value in found if name]
        fields += [one for one in named if not TRUSTED.fullmatch(one[0])] if damaged else named
        at = match.end()
    return at


def _after_damage(raw: bytes, at: int, end: int, fields: list[tuple[str, bytes]], *, is_root: bool) -> int | None:
    """Return where fields go on below damaged lines; these are joined to a field whose value goes on in them."""
    if at >= end or raw[at] in b"\r\n":
        return None
    goes_on = after_damage(raw, at, end, frozenset(name for name, _ in fields), is_root=is_root)
    if goes_on is not None and fields and fields[-1][0] in GOES_ON and not raw.startswith((b"From ", b">"), at):
        fields[-1] = (fields[-1][0], fields[-1][1] + b"\n " + raw[at:goes_on].strip())
    return goes_on


def _without_raw(value: bytes) -> bytes:
    """Return the value with raw letters of encoded words as `=XX`, so that they are read by the charset of the word."""
    return value if value.isascii() or b"=?" not in value else _RAW_WORD.sub(_escaped, value)


def _escaped(word: re.Match[bytes]) -> bytes:
    charset, encoding, text = word.groups()
    if text.isascii():
        return word[0]
    try:
        # A program that leaves letters raw writes them in its own charset, whatever it names.
        text.decode("utf-8")
        charset = b"utf-8"
    except UnicodeDecodeError:
        pass
    escaped = b"".join(b"=%02X" % letter if letter > 127 else bytes((letter,)) for letter in text)
    return b"=?%s?%s?%s?=" % (charset, encoding, escaped)


def unfold(value: str) -> str:
    """Return a folded header value as one line (RFC 5322, 2.2.3), without white space at its ends."""
    return (_FOLD.sub(" ", value) if "\n" in value or "\r" in value else value).strip()


def decode_words(value: str) -> str:
    """Return the text with its encoded words decoded (RFC 2047); neighbours of one charset are joined before decoding.

    Some senders divide the bytes of one letter between two words, so they must not be decoded one by one.
    """
    if "=?" not in value:
        return clean(value)
    pieces: list[str] = []
    run: list[tuple[str, bytes]] = []
    end = 0
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        if between.strip() or not run:
            pieces += [_decode_run(run), between]
            run = []
        data = match[3].encode("utf-8", "surrogateescape")
        data = quopri.decodestring(data, header=True) if match[2] in "qQ" else unbase64(data)
        run.append((match[1].partition("*")[0].lower(), data))
        end = match.end()
    pieces += [_decode_run(run), value[end:]]
    return clean(unfold("".join(pieces)))


def _decode_run(run: Iterable[tuple[str, bytes]]) -> str:
    pieces: list[tuple[str, bytes]] = []
    for charset, data in run:
        if pieces and pieces[-1][0] == charset:
            pieces[-1] = (charset, pieces[-1][1] + data)
        else:
            pieces.append((charset, data))
    return "".join(decode(data, charset if codec_of(charset) else None).text for charset, data in pieces)


def _usual_date(date: re.Match[str]) -> datetime:
    hour, minute, second, sign = int(date[4]), int(date[5]), int(date[6]), date[7]
    ahead = timedelta(hours=int(sign + date[8]), minutes=int(sign + date[9]))
    return datetime(int(date[3]), _MONTHS[date[2]], int(date[1]), hour, minute, second, tzinfo=UTC) - ahead


def read_date(value: str) -> datetime | None:
    """Return the date of a header (RFC 5322, 3.3) in UTC, which a date without zone counts as; None for other text."""
    try:
        if (usual := _DATE.fullmatch(value)) is not None:
            return _usual_date(usual)
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
