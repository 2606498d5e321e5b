"""Rows of tables as lines of JSON, compressed piece by piece, with the SHA-256 by which damage is seen."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

# So many compressed bytes are kept in one row, and so many unpacked ones are in memory at once.
PART: Final = 1024 * 1024
Line = tuple[str, dict[str, Any]]


class Damaged(Exception):
    """What is stored is not what was packed."""


class Packer:
    """Packs rows, of which it keeps only what does not yet fill a part.

    `rows` counts them by table; `size` is the sum of the packed bytes, `digest` is of the bytes before packing.
    """

    def __init__(self) -> None:
        self.rows = Counter[str]()
        self.size = 0
        self._digest, self._packing, self._ready = sha256(), zlib.compressobj(), bytearray()

    @property
    def digest(self) -> bytes:
        """The SHA-256 of all lines so far."""
        return self._digest.digest()

    def add(self, table: str, row: str) -> Iterator[bytes]:
        """Pack one row, given as a JSON object on one line; gives each part that is full by it."""
        line = f"[{json.dumps(table)},{row}]\n".encode()
        self.rows[table] += 1
        self._digest.update(line)
        yield from self._filled(self._packing.compress(line), PART)

    def end(self) -> Iterator[bytes]:
        """Give what is left, as the last part."""
        yield from self._filled(self._packing.flush(), 1)

    def _filled(self, more: bytes, least: int) -> Iterator[bytes]:
        self._ready += more
        while len(self._ready) >= least:
            part = bytes(self._ready[:PART])
            del self._ready[:PART]
            self.size += len(part)
            yield part


def check(parts: Iterable[bytes], digest: bytes) -> Counter[str]:
    """How many rows of each table are packed in these parts; raises Damaged where they are not what was packed."""
    seen, rows = sha256(), Counter[str]()
    for line in _lines(parts):
        seen.update(line)
        rows[_table(line)] += 1
    if seen.digest() != digest:
        raise Damaged
    return rows


def unpack(parts: Iterable[bytes]) -> Iterator[Line]:
    """Each row with the name of its table, in the order in which they were packed; raises Damaged."""
    for line in _lines(parts):
        try:
            table, row = json.loads(line)
        except ValueError as error:
            raise Damaged from error
        yield table, row


def _table(line: bytes) -> str:
    """The table of a line, without reading the row behind it."""
    return line[2 : line.find(b'"', 2)].decode(errors="replace")


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    unpacking, rest = zlib.decompressobj(), bytearray()
    try:
        for part in parts:
            left = part
            while left:
                start = len(rest)
                rest += unpacking.decompress(left, PART)
                left = unpacking.unconsumed_tail
                # What was searched before is not searched again: a long line comes in many pieces.
                if (end := rest.rfind(b"\n", start)) >= 0:
                    yield from bytes(rest[: end + 1]).splitlines(keepends=True)
                    del rest[: end + 1]
        rest += unpacking.flush()
    except zlib.error as error:
        raise Damaged from error
    if not unpacking.eof or unpacking.unused_data:
        raise Damaged
    yield from bytes(rest).splitlines(keepends=True)
