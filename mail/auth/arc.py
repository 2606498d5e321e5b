"""The authenticated received chain (RFC 8617): what a forwarder recorded about a mail before it passed it on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mail.mime.charset import decode
from mail.mime.headers import Headers, unfold

# RFC 8617, 4.2.1: a chain has at most fifty links.
MOST_LINKS = 50
MAX_BYTES = 4_096

_RESULTS = re.compile(r"\s*i\s*=\s*(\d{1,2})\s*;(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The newest link of a chain: the domain that sealed it, and the results that it recorded, id first."""

    domain: str
    results: str


def newest_link(headers: Headers) -> Sealed | None:
    """Return the newest link of the chain; None where it has none, or has not all parts of each link exactly once.

    No signature is checked here: only a server that says `arc=pass` of this mail makes the link worth anything.
    """
    seals = [_tags(value) for value in _values(headers, "arc-seal")]
    signatures = [_tags(value) for value in _values(headers, "arc-message-signature")]
    found = [_RESULTS.fullmatch(value) for value in _values(headers, "arc-authentication-results")]
    results = [(match[1], match[2]) if match else ("", "") for match in found]
    numbers = ([tags.get("i", "") for tags in one] for one in (seals, signatures))
    if not all(_is_whole(one) for one in (*numbers, [number for number, _ in results])):
        return None
    newest = str(len(seals))
    domain = next(tags.get("d", "") for tags in seals if tags["i"] == newest)
    return Sealed(domain.lower().rstrip("."), dict(results)[newest])


def _values(headers: Headers, name: str) -> list[str]:
    """Return the values of a field; one that is cut off counts as one that cannot be read."""
    raw = headers.raw(name)[: MOST_LINKS + 1]
    return [unfold(decode(value).text) if len(value) <= MAX_BYTES else "" for value in raw]


def _is_whole(numbers: Sequence[str]) -> bool:
    return 0 < len(numbers) <= MOST_LINKS and {*numbers} == {str(number) for number in range(1, len(numbers) + 1)}


def _tags(value: str) -> dict[str, str]:
    """Return the tags of a list by name (RFC 6376, 3.2); none where one is there twice."""
    pairs = [piece.partition("=") for piece in value.split(";") if piece.strip()]
    tags = {name.strip().lower(): "".join(text.split()) for name, _, text in pairs}
    return tags if len(tags) == len(pairs) else {}
