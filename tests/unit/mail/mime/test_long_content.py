"""Large files are decoded piece by piece, and give the same bytes as they would as a whole."""

import base64
import binascii
import random
import tracemalloc
from collections.abc import Callable
from hashlib import sha256

import pytest

from mail.inbound.parse import parse
from mail.mime.encodings import LongContent, decode_transfer, long_content
from mail.mime.message_ids import peek

MEGABYTE = 1024 * 1024
BOUNDS = "mail.mime.encodings.LONG", "mail.mime.encodings.PIECE"
# Above the mail itself: some pieces of a megabyte, and far from a copy of it.
MOST = 5 * MEGABYTE
HEAD = b"From: ann@customer.example\r\nSubject: Large\r\nMIME-Version: 1.0\r\n"
BYTES = random.Random(1).randbytes(7 * MEGABYTE)
BASE64 = base64.encodebytes(BYTES).replace(b"\n", b"\r\n")


def a_file(content: bytes, encoding: str = "base64", kind: str = "application/octet-stream") -> bytes:
    head = f"Content-Type: {kind}; name=a.bin\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return head.encode() + b"Content-Disposition: attachment\r\n\r\n" + content + b"\r\n"


def a_mail(*parts: bytes, boundary: bytes = b"outer") -> bytes:
    begin = HEAD + b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n"
    text = b"Content-Type: text/plain\r\n\r\nSee the file.\r\n"
    return begin + b"".join(b"--" + boundary + b"\r\n" + part for part in (text, *parts)) + b"--" + boundary + b"--\r\n"


def peak(work: Callable[[], object]) -> int:
    """The most bytes that Python's own objects took meanwhile."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


MAILS = {
    "one file": a_mail(a_file(BASE64)),
    "three files": a_mail(*[a_file(BASE64[: 78 * 40_000])] * 3),
    "a text file": a_mail(a_file(BASE64, kind="text/plain")),
    "spaces": a_mail(a_file(BASE64.replace(b"\r\n", b" \r\n"))),
    "binary": a_mail(a_file(BYTES, "binary")),
    "a mail within": a_mail(a_file(a_mail(a_file(BASE64), boundary=b"inner"), "7bit", "message/rfc822")),
}


@pytest.mark.parametrize("name", MAILS)
def test_a_large_mail_is_read_without_a_copy_of_it(name: str) -> None:
    raw = MAILS[name]

    assert peak(lambda: parse(raw)) < MOST
    assert peak(lambda: peek(raw)) < MOST


@pytest.mark.parametrize("width", [4, 6, 60, 76])
@pytest.mark.parametrize("size", range(100, 112))
def test_base64_in_pieces_is_what_it_is_as_a_whole(width: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in BOUNDS:
        monkeypatch.setattr(bound, 50)
    letters = base64.b64encode(BYTES[:size])
    lines = b"\r\n".join(letters[at : at + width] for at in range(0, len(letters), width))

    found = long_content(memoryview(lines), "base64", "image/png")

    assert found
    assert (bytes(found), len(found), found.sha256) == (BYTES[:size], size, sha256(BYTES[:size]).digest())


@pytest.mark.parametrize(
    "damaged",
    [
        BASE64[:200] + b"!" + BASE64[200:400],
        BASE64[:201],
        base64.b64encode(BYTES[:100]) + b"\r\n" + base64.b64encode(BYTES[:100]),
        # Here the padding is the last of a piece.
        base64.b64encode(BYTES[:34]) + b"\r\n" + base64.b64encode(BYTES[:99]),
        BASE64[:100] + b"====" + BASE64[100:200],
        BASE64[:199] + b"\0",
        b"- words -" * 20,
    ],
)
def test_what_has_to_be_repaired_is_decoded_as_a_whole(damaged: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    as_a_whole = decode_transfer(memoryview(damaged), "base64", "image/png")
    for bound in BOUNDS:
        monkeypatch.setattr(bound, 50)

    assert long_content(memoryview(damaged), "base64", "image/png") is None
    assert decode_transfer(memoryview(damaged), "base64", "image/png") == as_a_whole


def test_the_fingerprint_of_a_long_mail_is_that_of_its_copies() -> None:
    lines = HEAD + b"Date: Mon, 30 Nov 2026 07:00:00 +0000\r\n\r\n" + BASE64 + b" \r\n\t\r\n" * 200_000

    prints = {peek(copy).fingerprint for copy in (lines, lines.replace(b"\r\n", b"\n"), lines.rstrip())}

    assert len(prints) == 1
    assert prints != {peek(lines + b"one word more").fingerprint}


def test_a_mail_within_that_is_in_base64_without_saying_so_is_decoded() -> None:
    (file,) = parse(a_mail(a_file(BASE64, "7bit", "message/rfc822"))).attachments

    assert isinstance(file.content, LongContent)
    assert file.sha256 == sha256(BYTES).digest()


UU = b"".join(binascii.b2a_uu(bytes(range(at % 40, at % 40 + 45))) for at in range(60))
UUENCODED = {
    "a file": b"begin 644 a.bin\n" + UU + b"`\nend\n",
    "with a text before it": b"See below.\r\n\r\nbegin 644 a.bin\r\n" + UU.replace(b"\n", b"\r\n") + b"end\r\n",
    "old line ends": (b"begin 644 a.bin\n" + UU + b"end\n").replace(b"\n", b"\r"),
    "no begin": UU,
    "no end": b"begin 644 a.bin\n" + UU.rstrip(b"\n"),
    "none": b"begin 644 a.bin\n" + UU + b"\x7f\x7f\x7f no more of it\n",
    "empty": b"",
}


@pytest.mark.parametrize("name", UUENCODED)
@pytest.mark.parametrize("piece", [1, 61, 62, 63, 100, 1000])
def test_uuencode_is_decoded_in_pieces_as_it_would_be_as_a_whole(
    name: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = decode_transfer(memoryview(UUENCODED[name]), "x-uuencode", "text/plain")
    monkeypatch.setattr(BOUNDS[1], piece)

    assert decode_transfer(memoryview(UUENCODED[name]), "x-uuencode", "text/plain") == whole
    assert (whole[1] is not None) == (name == "none")


def test_a_uuencoded_file_takes_little_more_than_itself() -> None:
    body = memoryview(b"begin 644 a.bin\n" + UU * 2000 + b"end\n")

    assert peak(lambda: decode_transfer(body, "x-uuencode", "text/plain")) < 2 * len(body)
