"""The newest set of ARC headers (RFC 8617): what a forwarder recorded about a mail before it passed it on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mail.mime.charset import decode
from mail.mime.headers import Headers, unfold

# A chain has at most fifty sets (RFC 8617, section 4.2.1).
MOST_LINKS = 50
MAX_BYTES = 65_536

_RESULTS = re.compile(r"\s*i\s*=\s*(\d{1,2})\s*;(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The newest set of a chain: the domain that sealed it, and its Authentication-Results, which begin with the id."""

    domain: str
    results: str


def newest_link(headers: Headers) -> Sealed | None:
    """Return the newest set of the chain; None where there is none, or a set lacks a header or has one twice.

    No signature is checked here: the set may be believed only if our own server says `arc=pass` of the mail.
    """
    seals = [_tags(value) for value in _values(headers, "arc-seal")]
    signatures = [_tags(value) for value in _values(headers, "arc-message-signature")]
    matches = [_RESULTS.fullmatch(value) for value in _values(headers, "arc-authentication-results")]
    results = [(match[1], match[2]) if match else ("", "") for match in matches]
    instances = [[tags.get("i", "") for tags in tag_lists] for tag_lists in (seals, signatures)]
    instances.append([instance for instance, _ in results])
    if not all(map(_are_consecutive, instances)):
        return None
    newest = str(len(seals))
    domain = next(tags.get("d", "") for tags in seals if tags["i"] == newest)
    return Sealed(domain.lower().rstrip("."), dict(results)[newest])


def _values(headers: Headers, name: str) -> list[str]:
    """Return the unfolded values of a field; empty for one of more than 64 KB, which then counts as unreadable."""
    raw = headers.raw(name)[: MOST_LINKS + 1]
    return [unfold(decode(value).text) if len(value) <= MAX_BYTES else "" for value in raw]


def _are_consecutive(instances: Sequence[str]) -> bool:
    """Whether the instance numbers (`i=`) are 1 to n, at most 50, each once (RFC 8617, section 4.2.1)."""
    expected = {str(number) for number in range(1, len(instances) + 1)}
    return 0 < len(instances) <= MOST_LINKS and {*instances} == expected


def _tags(value: str) -> dict[str, str]:
    """Return the values of a tag list by tag name (RFC 6376, section 3.2); empty where a tag is there twice."""
    pairs = [piece.partition("=") for piece in value.split(";") if piece.strip()]
    tags = {name.strip().lower(): "".join(text.split()) for name, _, text in pairs}
    return tags if len(tags) == len(pairs) else {}
