"""Base64: what holds nothing else is decoded without a repair, and anything else as it can be read."""

from base64 import encodebytes

import pytest

from mail.mime.encodings import decode_transfer

DATA = bytes(range(256)) * 3
TAKEN_AS_IT_STANDS = "what is declared as base64 is none; taken as it stands"


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 56, 57, 58, 767])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r", b" \r\n", b""])
def test_whole_base64_is_decoded_without_a_repair(size: int, line_end: bytes) -> None:
    encoded = encodebytes(DATA[:size]).replace(b"\n", line_end)
    assert decode_transfer(memoryview(encoded), "base64", "image/png") == (DATA[:size], None)


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        # Padding ends it, unless base64 follows.
        (b"QUJD=REVG", b"ABCDEF"),
        (b"QUJDRA==QUJD", b"ABCDABC"),
        (b"QUI=\r\nQUI=", b"ABAB"),
        # Padding that is missing, too much, or where none belongs.
        *((b"QUJD=", b"ABC"), (b"QUJD====", b"ABC"), (b"=QUJD", b"ABC"), (b"QU=JD", b"A")),
        *((b"QUJDRA=", b"ABCD"), (b"QUJDRA", b"ABCD"), (b"QUJDR", b"ABC"), (b"Q", b""), (b"==", b"")),
        # The letters of addresses on the web.
        (b"QUJD-_", b"ABC\xfb"),
    ],
)
def test_broken_base64_is_read_as_far_as_it_goes(encoded: bytes, decoded: bytes) -> None:
    assert decode_transfer(memoryview(encoded), "base64", "image/png") == (decoded, None)


@pytest.mark.parametrize("encoded", [b"QUJD*REVG", b"QUJD\0", b"QUJDRA=*="])
def test_what_is_no_base64_is_taken_as_it_stands(encoded: bytes) -> None:
    assert decode_transfer(memoryview(encoded), "base64", "image/png") == (encoded, TAKEN_AS_IT_STANDS)
