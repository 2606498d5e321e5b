"""Two mails with one Message-ID: the same mail with other edges, or another."""

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from desk.trust.copies import EDGE_LINES, has_further_words, is_named, is_same_but_edges, topmost_received
from mail.inbound.parse import parse

SAME = "same words\n"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HEAD = "Message-ID: <1@x>\nDate: Mon, 02 Nov 2026 09:00:00 +0000\nFrom: mara@northlight.example\nSubject: Hi\n"


def is_same(one: str, two: str) -> bool:
    return is_same_but_edges(parse(f"{HEAD}\n{one}".encode()), parse(f"{HEAD}\n{two}".encode()))


def numbered(lines: int) -> str:
    return "\n".join(f"line {number}" for number in range(lines))


EDGES = [
    ("Words.", "Words.", True),
    ("Words.", "Top.\n\nWords.", True),
    ("Words.", "Words.\n\nBottom.", True),
    ("Words.", "Top.\nWords.\nBottom.", True),
    ("Words.", f"{numbered(EDGE_LINES)}\nWords.", True),
    ("Words.", f"{numbered(EDGE_LINES + 1)}\nWords.", False),
    ("Words.", "Words.\n" + "long " * 1000, False),
    ("Words.", "Other words.", False),
    ("One.\nTwo.", "One.\nBetween.\nTwo.", False),
    ("A long sentence stands here.\nHi.", "Hi.\nAnother long sentence stands here.", False),
    ("", "Words.", False),
    ("", "", False),
    ("a" * 1_000_001, "a" * 1_000_001, False),
]


@pytest.mark.parametrize(("one", "two", "same"), EDGES)
def test_texts_are_equal_up_to_lines_at_their_edges(one: str, two: str, same: bool) -> None:
    assert (is_same(one, two), is_same(two, one)) == (same, same)


FURTHER = [
    ("Words.", "Words.", False),
    ("Words.\nMore.", "Words.", True),
    ("Words.", "Words.\nMore.", False),
    ("First.\nWords.", "Words.", True),
    ("Words.\n\n_______________________________________________\ndesk mailing list", "Words.", False),
    ("Words.\n\n-- \nThis mail was scanned.", "Words.", False),
    ("CAUTION: This email came from outside. Do not click links.\n\nWords.", "Words.", False),
]


@pytest.mark.parametrize(("text", "before", "further"), FURTHER)
def test_words_of_the_sender_are_told_from_the_edges_that_programs_add(text: str, before: str, further: bool) -> None:
    mail, other = (parse(f"{HEAD}\n{one}".encode()) for one in (text, before))

    assert has_further_words(mail, other) == further


def test_a_file_that_only_one_has_makes_them_two() -> None:
    parts = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nWords.\n"
    file = "--b\nContent-Type: image/png; name=a.png\nContent-Disposition: attachment\n\npng\n"

    bare, filled = (parse(f"{HEAD}{parts}{more}--b--\n".encode()) for more in ("", file))

    assert (is_same_but_edges(bare, filled), is_same_but_edges(filled, filled)) == (False, True)


@pytest.mark.parametrize(
    ("message_id", "date", "named"),
    [
        ("1@x", None, True),
        (None, NOW, True),
        (None, NOW - timedelta(days=29), True),
        (None, NOW + timedelta(days=29), True),
        (None, NOW - timedelta(days=31), False),
        (None, NOW + timedelta(days=31), False),
        (None, datetime(1970, 1, 1, tzinfo=UTC), False),
        (None, None, False),
    ],
)
def test_a_message_id_or_a_date_near_the_arrival_is_a_name(
    message_id: str | None, date: datetime | None, named: bool
) -> None:
    assert is_named(message_id, date, NOW) is named


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"Received: a\r\n by b;\r\n\tMon\r\nReceived: c; d\r\n\r\nBody", b"Received: a\r\n by b;\r\n\tMon"),
        (b"X: y\nreceived: a; b\nFrom: c\n\nBody", b"received: a; b"),
        (b"Received: a\nFrom: c\n\nBody", b""),
        (b"From: c\n\nReceived: a; b", b""),
        (b"", b""),
    ],
)
def test_the_topmost_received_is_taken_as_it_stands(raw: bytes, field: bytes) -> None:
    assert topmost_received(raw) == field


def test_the_longest_texts_are_compared_in_a_moment() -> None:
    one, two = (parse(f"{HEAD}\n{SAME * 80_000}{end}".encode()) for end in ("one", "two"))
    before = process_time()

    same = is_same_but_edges(one, two)

    assert (same, process_time() - before < 5) == (False, True)
