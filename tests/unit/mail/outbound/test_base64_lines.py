"""A file of a mail stands there in the lines that MIME asks for, whatever its size."""

from base64 import encodebytes
from dataclasses import replace

import pytest

from mail.outbound.compose import File, compose
from tests.support.values.outgoing_mails import PLAIN


@pytest.mark.parametrize("size", [0, 1, 2, 56, 57, 58, 113, 114, 115, 10_000])
def test_base64_is_in_lines_of_76_characters(size: int) -> None:
    content = bytes(number % 251 for number in range(size))

    raw = compose(replace(PLAIN, files=(File("x.bin", content),)))

    inside = raw.split(b"base64\r\n\r\n")[1].partition(b"\r\n--=_mixed")[0]
    assert inside == encodebytes(content).replace(b"\n", b"\r\n")
