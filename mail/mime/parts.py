"""One part of a MIME tree with its type, names and decoded bytes, and the parameters of its headers (RFC 2231)."""

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_to_bytes

from mail.mime.charset import decode
from mail.mime.encodings import LONG, UUENCODE, LongContent, decode_transfer, long_content
from mail.mime.headers import Headers, decode_words

SECTIONS = 1_000

_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+)(?=[\s;,]|\Z)")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")


@dataclass(frozen=True)
class Part:
    """One node of the tree: its headers, its body as `raw[start:end]`, and the children of a multipart.

    `preamble_epilogue` is the text before the first child and after the last (RFC 2046, section 5.1.1).
    """

    raw: bytes
    headers: Headers
    start: int
    end: int
    default_type: str = "text/plain"
    children: tuple["Part", ...] = ()
    preamble_epilogue: tuple[bytes, ...] = ()

    @cached_property
    def content_type(self) -> str:
        """The declared type in lower case; `default_type` where it is missing or broken (RFC 2045, section 5.2)."""
        text = self.headers.text("content-type").lower()
        found = _TYPE.match(text)
        if found:
            return found[1]
        text = text.partition(";")[0].strip()
        return "text/html" if text == "html" else "text/plain" if text else self.default_type

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of Content-Type."""
        return parameters(self.headers.text("content-type"))

    @property
    def disposition(self) -> str:
        """The type of Content-Disposition in lower case, such as `attachment` (RFC 2183); empty where it is missing."""
        return self.headers.text("content-disposition").partition(";")[0].strip().lower()

    @cached_property
    def given_name(self) -> str:
        """The file name of Content-Disposition, else the name of Content-Type, not made safe; empty without either."""
        named = parameters(self.headers.text("content-disposition"))
        return named.get("filename") or self.parameters.get("name") or ""

    @property
    def content_id(self) -> str | None:
        """Content-ID without its brackets, or None."""
        return self.headers.text("content-id").strip("<> ") or None

    def content(self) -> tuple[bytes, str | None]:
        """Return the bytes, decoded unless there are children, and a sentence where they had to be repaired."""
        return self._decoded

    def beginning(self, length: int) -> tuple[bytes, str | None]:
        """As `content`, of so many of its first encoded bytes at most where the part is long and has lines."""
        data = self._data
        if self.children or len(data) <= max(LONG, length) or self._encoding in UUENCODE:
            return self.content()
        end = bytes(data[length // 2 : length]).rfind(b"\n")
        if end < 0:
            return self.content()
        return decode_transfer(data[: length // 2 + end + 1], self._encoding, self.content_type)

    def long_content(self) -> LongContent | None:
        """Return the content where it is that of a large file that needs no repair; it is not decoded as a whole."""
        return None if self.children else long_content(self._data, self._encoding, self.content_type)

    @cached_property
    def _decoded(self) -> tuple[bytes, str | None]:
        # A multipart may have no encoding (RFC 2045, section 6.4), yet some programs declare one.
        return decode_transfer(self._data, "" if self.children else self._encoding, self.content_type)

    @property
    def _data(self) -> memoryview:
        return memoryview(self.raw)[self.start : self.end]

    @property
    def _encoding(self) -> str:
        return self.headers.text("content-transfer-encoding").partition(";")[0].strip().lower()


def parameters(value: str) -> dict[str, str]:
    """Return each parameter of a header value by its lower-case name, decoded (RFC 2231, RFC 2047)."""
    if "=" not in value:
        return {}
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bool, str]]] = {}
    for name, text in _PARAMETER.findall(value)[:SECTIONS]:
        match = _SECTION.fullmatch(name.lower())
        if match is None or not (match[2] or match[3]):
            plain.setdefault(name.lower(), decode_words(_unquote(text)))
        else:
            sections.setdefault(match[1], {})[int(match[2] or 0)] = (bool(match[3]), _unquote(text))
    return plain | {name: _join_sections(found) for name, found in sections.items()}


def _unquote(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        # Windows paths are written without escapes, so a backslash escapes only a quote or a backslash.
        return _ESCAPED.sub(r"\1", text[1:-1]) if "\\" in text else text[1:-1]
    return text.strip('"')


def _join_sections(sections: dict[int, tuple[bool, str]]) -> str:
    """Return the sections of one parameter as one text; the first extended one names the charset (RFC 2231, 4.1)."""
    charset: str | None = None
    data = b""
    for number in sorted(sections):
        extended, text = sections[number]
        if extended and charset is None and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if extended else text.encode("utf-8", "surrogateescape")
    return decode_words(decode(data, charset or None).text)
