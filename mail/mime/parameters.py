"""Parameters of Content-Type and Content-Disposition, with RFC 2231 and what senders make of it."""

import re
from urllib.parse import unquote_to_bytes

from mail.mime.charset import decode
from mail.mime.headers import decode_words

SECTIONS = 1_000

_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?")


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
        # Windows paths come unescaped, so only quotes and backslashes count as escaped.
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    return text.strip('"')


def _join_sections(sections: dict[int, tuple[bool, str]]) -> str:
    """Continued sections as one text; the first extended one names the charset (RFC 2231, 4.1)."""
    charset: str | None = None
    data = b""
    for number in sorted(sections):
        extended, text = sections[number]
        if extended and charset is None and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if extended else text.encode("utf-8", "surrogateescape")
    return decode_words(decode(data, charset or None).text)
