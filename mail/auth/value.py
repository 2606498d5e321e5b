"""The grammar of an Authentication-Results value (RFC 8601, section 2.2), with the repairs that real servers need."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Results of these methods decide, by these properties; whatever else a server writes may be in any form.
DECISIVE = frozenset({"arc", "dkim", "dmarc", "spf"})
TELLING = frozenset({"header.from", "header.d", "header.i", "smtp.mailfrom", "d"})

_OUTSIDE = re.compile(r'(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<space>\s+)|(?P<mark>[;(])|(?P<word>[^\s;()"]+)')
_INSIDE = re.compile(r"[^()\\]+|\\.|[()]")
_METHOD = re.compile(r"([a-z0-9-]{1,40})(?:/\d{1,3})?")
_OTHER_METHOD = re.compile(r"[a-z0-9._-]{1,80}")
# A version, or a property without a method, as Yahoo writes it beside its name.
_BESIDE_ID = re.compile(r"\d+|(?:header\.)?from=[^\s=\"]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,9}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One result of a header: the method, its result, and its properties; all but the property values in lower case."""

    method: str
    result: str
    properties: dict[str, str]


def read_id(value: str) -> str | None:
    """Return the authserv-id in lower case; empty where there is none, None where the beginning is broken."""
    pieces = _pieces(value, first=True)
    words = pieces[0] if pieces else []
    if not words:
        return None
    return "" if "=" in words[0] else words[0].lower()


def read_statements(value: str) -> list[MethodResult] | None:
    """Return the results of a header value, without its id; None where any of it that may decide is broken."""
    pieces = _pieces(value)
    if pieces is None:
        return None
    if pieces and pieces[0] and "=" not in pieces[0][0]:
        if not all(map(_BESIDE_ID.fullmatch, pieces[0][1:])):
            return None
        pieces = pieces[1:]
    statements = []
    for words in pieces:
        # Microsoft has written the name of the recipient's domain between two results.
        if words and words != ["none"] and not (len(words) == 1 and _HOST.fullmatch(words[0])):
            statement = _statement(words)
            if statement is None:
                return None
            statements.append(statement)
    return statements


def _pieces(value: str, *, first: bool = False) -> list[list[str]] | None:
    """Return the words between the semicolons, without comments; quoted strings keep their quotes.

    None where a comment or a quoted string has no end; with `first`, what stands before the first semicolon.
    """
    pieces: list[list[str]] = [[]]
    at, glued = 0, False
    while at < len(value) and not (first and len(pieces[0]) > 1):
        match = _OUTSIDE.match(value, at)
        if match is None:
            return None
        at, kind = match.end(), match.lastgroup
        if match[0] == "(":
            at = _after_comment(value, at)
        if at < 0:
            return None
        if match[0] == ";" and kind == "mark":
            if first:
                break
            pieces.append([])
        elif kind in {"word", "quoted"}:
            _add(pieces[-1], match[0], glued=glued)
        glued = kind in {"word", "quoted"}
    return pieces


def _after_comment(value: str, at: int) -> int:
    """Return the end of the comment whose bracket stands before `at`; -1 where it has none (RFC 5322, 3.2.2)."""
    depth = 1
    while depth:
        match = _INSIDE.match(value, at)
        if match is None:
            return -1
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        at = match.end()
    return at


def _add(words: list[str], text: str, *, glued: bool) -> None:
    """Add a word, or join it to the last one where no space or an equals sign stands between them."""
    binds = bool(words) and (glued or text.startswith("=") or words[-1].find("=") == len(words[-1]) - 1 >= 0)
    if binds:
        words[-1] += text
    else:
        words.append(text)


def _statement(words: Sequence[str]) -> MethodResult | None:
    """Return `method=result` and its properties; None where it is broken, or a property has two values that tell.

    A property that is there twice with one value, or that decides nothing, changes nothing: real servers write these.
    """
    name, equals, result = words[0].lower().partition("=")
    if not equals:
        return None
    method = _METHOD.fullmatch(name)
    if method is None or method[1] not in DECISIVE:
        return MethodResult(name, result, {}) if _OTHER_METHOD.fullmatch(name) or method else None
    properties: dict[str, str] = {}
    for word in words[1:]:
        key, equals, text = word.partition("=")
        if not equals:
            continue
        key, value = key.lower(), _unquoted(text)
        if key in TELLING and properties.get(key, value).lower() != value.lower():
            return None
        properties.setdefault(key, value)
    return MethodResult(method[1], result, properties)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
