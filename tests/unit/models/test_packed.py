"""Rows that are packed come back as they were, in whatever pieces, and any damage is seen."""

import json
from collections import Counter
from random import Random

import pytest

from models.db.packed import PART, Damaged, Packer, check, unpack

ROWS = [
    ("Ticket", {"id": "c1", "title": 'A "quoted" title\nin two lines\r\u2028 and \u0085', "closedAt": None}),
    ("Comment", {"id": "c2", "content": 'Grüße aus 東京 🙂 \\x00 ["Ticket"]'}),
    ("Comment", {"id": "c3", "content": ""}),
    ("raw_chunk", {"ledger_id": "7", "content": "\\x" + Random(7).randbytes(2 * PART).hex()}),
    ("blob", {"content": "\\x" + "00" * PART}),
]


def packed() -> tuple[list[bytes], Packer]:
    packer = Packer()
    parts = [part for table, row in ROWS for part in packer.add(table, json.dumps(row))]
    return [*parts, *packer.end()], packer


@pytest.fixture(scope="module")
def whole() -> tuple[list[bytes], Packer]:
    return packed()


def test_rows_come_back_as_they_were(whole: tuple[list[bytes], Packer]) -> None:
    parts, packer = whole

    assert list(unpack(parts)) == ROWS
    assert check(parts, packer.digest) == packer.rows == Counter(table for table, _ in ROWS)
    assert [len(part) for part in parts[:-1]] == [PART] * (len(parts) - 1)
    assert packer.size == sum(map(len, parts))


def test_parts_may_be_cut_anywhere(whole: tuple[list[bytes], Packer]) -> None:
    stream = b"".join(whole[0])
    pieces = [stream[start : start + 65_537] for start in range(0, len(stream), 65_537)]

    assert list(unpack([b"", *pieces, b""])) == ROWS


def flipped(parts: list[bytes], place: int) -> list[bytes]:
    first = bytearray(parts[0])
    first[place] ^= 1
    return [bytes(first), *parts[1:]]


@pytest.mark.parametrize(
    "damage",
    [
        lambda parts: [],
        lambda parts: [b""],
        lambda parts: parts[:-1],
        lambda parts: parts[1:],
        lambda parts: [*parts, b"\0"],
        lambda parts: [*parts, *parts],
        lambda parts: [*parts[:-1], parts[-1][:-1]],
        lambda parts: [parts[1], parts[0], *parts[2:]],
        lambda parts: [b"content"],
        *(lambda parts, place=place: flipped(parts, place) for place in (0, 1, 2, 40, 5000, PART - 1)),
    ],
)  # fmt: skip
def test_damage_is_seen(whole: tuple[list[bytes], Packer], damage: object) -> None:
    parts, packer = whole

    with pytest.raises(Damaged):
        check(damage(parts), packer.digest)  # type: ignore[operator]


def test_another_digest_is_damage(whole: tuple[list[bytes], Packer]) -> None:
    with pytest.raises(Damaged):
        check(whole[0], b"x" * 32)
