"""Lines of JSON, one object each, written as they come: long bytes go into their line piece by piece."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

# Told now and then: the kind of the lines, how many of them are written, and about how many there are.
Told = Callable[[str, int, int], None]


class Lines:
    """Writes objects, and counts them by their `kind`."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.counts: dict[str, int] = {}

    def write(self, value: Mapping[str, Any]) -> None:
        """Write one object as a line."""
        self._out.write(_encoded(value) + b"\n")
        self._count(value)

    def write_with_bytes(self, value: Mapping[str, Any], key: str, pieces: Iterable[bytes]) -> None:
        """Write one object whose last key holds bytes as Base64; `null` where there are none."""
        self._out.write(_encoded(value)[:-1] + b", " + _encoded(key) + b": ")
        rest, begun = b"", False
        for piece in pieces:
            self._out.write(b"" if begun else b'"')
            begun = True
            whole = rest + piece
            # Only whole groups of three bytes, so that the pieces are one Base64 text in the end.
            end = len(whole) - len(whole) % 3
            self._out.write(base64.b64encode(whole[:end]))
            rest = whole[end:]
        self._out.write(base64.b64encode(rest) + b'"' if begun else b"null")
        self._out.write(b"}\n")
        self._count(value)

    def write_with_rows(self, value: Mapping[str, Any], key: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write one object whose last key holds a list, of which one row at a time is in memory."""
        self._out.write(_encoded(value)[:-1] + b", " + _encoded(key) + b": [")
        for place, row in enumerate(rows):
            self._out.write((b", " if place else b"") + _encoded(row))
        self._out.write(b"]}\n")
        self._count(value)

    def _count(self, value: Mapping[str, Any]) -> None:
        self.counts[value["kind"]] = self.counts.get(value["kind"], 0) + 1


def _encoded(value: Any) -> bytes:
    # As PostgreSQL holds no lone surrogate in a text, all of it can be encoded.
    return json.dumps(value, ensure_ascii=False).encode()
