"""Of a text that is longer than what is read, the beginning is decoded, and gives what the whole would give."""

import base64
import binascii
import tracemalloc

import pytest

from mail.inbound.parse import parse

MEGABYTE = 1024 * 1024
# Patched, so that texts of some kilobytes are long.
MAX_TEXT = 2000
BOUNDS = {"body.MAX_TEXT": MAX_TEXT, "text_part.MAX_TEXT": MAX_TEXT}
STEPS = "mail.inbound.text_part.ENCODED_BYTES"

WORDS = {
    "ascii": ("us-ascii", "The printer in room five is broken again.\r\n"),
    "umlauts": ("utf-8", "Der Drücker im Büro fünf ist schon wieder kaputt.\r\n"),
    "latin": ("iso-8859-1", "Der Drücker im Büro fünf ist schon wieder kaputt.\r\n"),
    "no charset": ("", "Der Drücker im Büro fünf ist schon wieder kaputt.\r\n"),
    "cyrillic": ("koi8-r", "Принтер опять не работает, помогите.\r\n"),
    "cyrillic, two bytes": ("utf-8", "Принтер опять не работает, помогите.\r\n"),
    "japanese": ("utf-8", "プリンターがまた壊れました。助けてください。\r\n"),
    "japanese with states": ("iso-2022-jp", "プリンターがまた壊れました。助けてください。\r\n"),
    "chinese": ("gb18030", "打印机又坏了\r\n请帮忙。\r\n"),
    "emoji": ("utf-8", "🖨🔥 again!\r\n"),
    "sixteen bits": ("utf-16", "The printer is broken.\r\n"),
    "one line": ("utf-8", "Büro über "),
    "blank lines": ("utf-8", "\r\n"),
    "another charset than it says": ("utf-8", "latin"),
    "a byte that is none": ("utf-8", "broken"),
}


def encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(content)
    if encoding == "damaged base64":
        return b"!!" + base64.encodebytes(content)
    return binascii.b2a_qp(content) if encoding == "quoted-printable" else content


def a_mail(kind: str, encoding: str, length: int) -> bytes:
    charset, words = WORDS[kind]
    line = {"latin": "Büro fünf\r\n".encode("latin1"), "broken": "Büro \xff\r\n".encode() + b"\xfe\r\n"}.get(words)
    line = line or words.encode(charset or "utf-8")
    declared = f"; charset={charset}" if charset else ""
    head = f"From: ann@customer.example\r\nContent-Type: text/plain{declared}\r\n"
    head += f"Content-Transfer-Encoding: {encoding.removeprefix('damaged ')}\r\n\r\n"
    return head.encode() + encoded(line * (length // len(line)), encoding)


@pytest.mark.parametrize("encoding", ["8bit", "base64", "damaged base64", "quoted-printable", "unheard-of"])
@pytest.mark.parametrize("kind", WORDS)
def test_the_beginning_of_a_long_text_gives_what_the_whole_gives(
    kind: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in BOUNDS.items():
        monkeypatch.setattr(f"mail.inbound.{name}", value)
    monkeypatch.setattr("mail.mime.parts.LONG", 1000)
    mails = [a_mail(kind, encoding, length) for length in (1500, 2000, 2100, 2600, 5000, 9000, 40_000)]
    monkeypatch.setattr(STEPS, ())
    whole = [parse(raw) for raw in mails]

    monkeypatch.setattr(STEPS, (2500, 5000, 10_000))
    begun = [parse(raw) for raw in mails]

    assert begun == whole
    assert "longer than" in str(whole[-1].repairs)


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_a_long_text_takes_little_above_its_mail(encoding: str) -> None:
    raw = a_mail("ascii", encoding, 12 * MEGABYTE)
    tracemalloc.start()
    try:
        parse(raw)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 20 * MEGABYTE
