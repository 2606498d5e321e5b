"""A file of a mail stands there in the lines that MIME asks for, whatever its size."""

from base64 import encodebytes
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mail.compose import File, Outgoing, compose

MAIL = Outgoing(
    sender_name="Northwind Support",
    sender="support@northwind.example",
    recipient_name="",
    recipient="maria@okafor.example",
    reply_to=None,
    subject="The invoice",
    text="It is done.\n",
    html="",
    message_id="n7.abcdefgh@northwind.example",
    date=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    in_reply_to=None,
    references=(),
    auto_submitted=None,
    inline=(),
    files=(),
    boundary_seed="outbox 7",
)


@pytest.mark.parametrize("size", [0, 1, 2, 56, 57, 58, 113, 114, 115, 10_000])
def test_base64_is_in_lines_of_76_characters(size: int) -> None:
    content = bytes(number % 251 for number in range(size))

    raw = compose(replace(MAIL, files=(File("x.bin", content),)))

    inside = raw.split(b"base64\r\n\r\n")[1].partition(b"\r\n--=_mixed")[0]
    assert inside == encodebytes(content).replace(b"\n", b"\r\n")
