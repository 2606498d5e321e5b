"""Ids and the fingerprint of a mail, from any bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.inbound.parse import parse
from mail.mime.message_ids import id_hash, peek

RAW = (
    b"Received: from one\r\nMessage-ID: <1@x>\r\nDate: Mon, 02 Nov 2026 09:30:00 +0100\r\n"
    b"From: a@x\r\nSubject: Hi\r\n\r\nBody\r\n"
)
FIELDS = st.sampled_from(
    [b"Message-ID: <a@\x00b\xff> x", b"References: <a@b><\xff> c@d", b"In-Reply-To: a b", b"", b"\r"]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(st.one_of(FIELDS, st.binary(max_size=20))).map(b"\n".join)))
def test_any_bytes_have_ids_that_can_be_stored(raw: bytes) -> None:
    seen = peek(raw)

    ids = (seen.message_id or "", *seen.refers)

    assert len(seen.fingerprint) == 32
    assert not any(letter.isspace() or letter in "\0<>" for found in ids for letter in found)
    assert all(found.encode("utf-8") is not None for found in ids)


@pytest.mark.parametrize(
    "same",
    [
        RAW.replace(b"\r\n", b"\n"),
        RAW.replace(b"\r\n", b"\r"),
        RAW + b"\r\n\r\n",
        RAW.replace(b"from one", b"from another\r\nDelivered-To: b@x"),
        RAW.replace(b"02 Nov 2026 09", b"02 Nov 2026\r\n 09"),
    ],
)
def test_what_servers_rewrite_does_not_change_the_fingerprint(same: bytes) -> None:
    assert peek(same).fingerprint == peek(RAW).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        RAW.replace(b"<1@x>", b"<2@x>"),
        RAW.replace(b"09:30", b"09:31"),
        RAW.replace(b"From: a@x", b"From: b@x"),
        RAW.replace(b"Subject: Hi", b"Subject: Ho"),
        RAW.replace(b"Body", b"Bodies"),
        RAW.replace(b"From: a@x", b"From: a@x\r\nFrom: b@x"),
    ],
)
def test_another_mail_has_another_fingerprint(other: bytes) -> None:
    assert peek(other).fingerprint != peek(RAW).fingerprint


@pytest.mark.parametrize(
    ("field", "message_id"),
    [
        (b"Message-ID: <1@x>", "1@x"),
        (b"Message-ID: 1@x", "1@x"),
        (b"Message-ID: <[1234]@x>", "[1234]@x"),
        (b"Message-ID:\r\n <1\r\n @x>", "1@x"),
        (b"Message-ID: <>", None),
        (b"Message-ID: ", None),
        (b"Message-ID: <a\x00b@x>", "ab@x"),
        (b"message-id: <1@x> (by a program)", "1@x"),
        (b"Subject: none", None),
    ],
)
def test_a_message_id_is_read_without_its_brackets(field: bytes, message_id: str | None) -> None:
    assert peek(field + b"\r\n\r\nBody").message_id == message_id


def test_a_mail_refers_to_the_nearest_first() -> None:
    raw = b"References: <root@x> <mid@x> <parent@x>\nIn-Reply-To: Your mail of Monday <parent@x>\n\nBody"

    seen = peek(raw)

    assert seen.refers == ("parent@x", "mid@x", "root@x")


def test_of_a_long_chain_the_fifty_nearest_ids_are_kept() -> None:
    chain = b" ".join(b"<%d@x>" % number for number in range(500))

    seen = peek(b"References: " + chain + b"\n\nBody")

    assert seen.refers == tuple(f"{number}@x" for number in range(499, 449, -1))


def test_headers_beyond_64_kb_are_not_looked_at() -> None:
    raw = b"X-Long: " + b"a" * 65_536 + b"\nMessage-ID: <late@x>\n\nBody"

    seen = peek(raw)

    assert seen.message_id is None


def test_the_fingerprint_covers_the_whole_body() -> None:
    long = RAW + b"a" * 100_000

    assert peek(long + b"b").fingerprint != peek(long + b"c").fingerprint


def test_peek_and_parse_read_the_same_ids() -> None:
    raw = b"Message-ID: <1@x>\nReferences: <2@x> <3@x>\nIn-Reply-To: <4@x>\n\nBody"

    mail, seen = parse(raw), peek(raw)

    assert (mail.message_id, mail.refers) == (seen.message_id, seen.refers)


def test_the_hash_of_an_id_has_sixteen_bytes_and_tells_ids_apart() -> None:
    hashes = {id_hash(found) for found in ("a@x", "A@x", "a@y")}

    assert {len(found) for found in hashes} == {16}
    assert len(hashes) == 3
