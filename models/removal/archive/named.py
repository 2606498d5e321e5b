"""The addresses that stand in a text, whatever stands around them."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

# The most characters of a local part and of a domain (RFC 5321, section 4.5.3.1).
LOCAL, DOMAIN = 64, 255
_BEFORE = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]*\Z")
_AFTER = re.compile(r"[\w.-]*")
# Whatever else stands before an address is no part of it where somebody is forgotten (models.removal.privacy.mask).
_BREAKS: Final = re.compile(r"[^\w.+-]")


def addresses_in(packed: str) -> set[str]:
    """All that may be an address in the texts of a row, given as JSON, in lower case.

    What stands before an @ counts as a whole, and from each sign on that may as well not belong to it.
    """
    if "@" not in packed:
        return set()
    return {address for text in _texts(json.loads(packed)) for address in _addresses(text.lower())}


def _texts(row: dict[str, Any]) -> Iterator[str]:
    return (value for value in row.values() if value and "@" in value)


def _addresses(text: str) -> Iterator[str]:
    place = text.find("@")
    while place >= 0:
        before = _BEFORE.search(text[max(0, place - LOCAL) : place])
        after = _AFTER.match(text, place + 1, place + 1 + DOMAIN)
        local, domain = before[0] if before else "", (after[0] if after else "").rstrip(".-")
        if local and domain:
            starts = (0, *(sign.end() for sign in _BREAKS.finditer(local)))
            yield from (f"{local[start:]}@{domain}" for start in starts if start < len(local))
        place = text.find("@", place + 1)
