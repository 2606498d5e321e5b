"""winmail.dat is opened: what Outlook packs into it comes out as files and text."""

import struct

import pytest

from mail.inbound.parse import parse
from mail.inbound.tnef import read_tnef


def attribute(name: int, data: bytes, level: int = 2) -> bytes:
    return struct.pack("<BHHI", level, name, 6, len(data)) + data + struct.pack("<H", sum(data) % 65_536)


def properties(*found: tuple[int, int, bytes]) -> bytes:
    """Properties of a type, a number and bytes, one value each."""
    written = b""
    for kind, number, value in found:
        size = struct.pack("<II", 1, len(value)) if kind in {0x1E, 0x1F, 0x102, 0x0D} else b""
        written += struct.pack("<HH", kind, number) + size + value + b"\0" * (-len(value) % 4)
    return struct.pack("<I", len(found)) + written


def packed(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


FILE = (
    attribute(0x9002, b"\x01\x00" + b"\0" * 12)
    + attribute(0x8010, b"REPORT~1.PDF\0")
    + attribute(0x800F, b"%PDF-1.7")
    + attribute(
        0x9005, properties((0x3, 0x0E20, b"\x08\0\0\0"), (0x1F, 0x3707, "Bericht für März.pdf\0".encode("utf-16-le")))
    )
)


def mail(data: bytes, text: bytes = b"see the file") -> bytes:
    head = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n" + text
    return head + b"\n--x\nContent-Type: application/ms-tnef; name=winmail.dat\n\n" + data + b"\n--x--\n"


def test_a_packed_file_comes_out_with_its_long_name() -> None:
    found = parse(mail(packed(FILE)))

    assert [(file.filename, file.content) for file in found.attachments] == [("Bericht für März.pdf", b"%PDF-1.7")]
    assert found.repairs == ("winmail.dat was unpacked",)


def test_the_short_name_stands_where_there_is_no_long_one() -> None:
    short = attribute(0x9002, b"\0" * 14) + attribute(0x8010, b"A.TXT\0") + attribute(0x800F, b"words")

    found = parse(mail(packed(short)))

    assert [file.filename for file in found.attachments] == ["A.TXT"]


def test_a_path_in_a_packed_name_is_left_out() -> None:
    sly = attribute(0x9002, b"\0" * 14) + attribute(0x8010, b"..\\..\\evil.exe\0") + attribute(0x800F, b"x")

    found = parse(mail(packed(sly)))

    assert [file.filename for file in found.attachments] == ["evil.exe"]


@pytest.mark.parametrize(
    "body",
    [
        attribute(0x800C, b"packed words\0", level=1),
        attribute(0x9003, properties((0x1F, 0x1000, "packed words\0".encode("utf-16-le"))), level=1),
        attribute(0x9003, properties((0x102, 0x1013, b"<p>packed words</p>")), level=1),
    ],
)
def test_a_packed_text_is_read_where_the_mail_has_no_other(body: bytes) -> None:
    found = parse(mail(packed(body), text=b""))

    assert found.text == "packed words"


def test_a_packed_text_does_not_repeat_the_text_of_the_mail() -> None:
    found = parse(mail(packed(attribute(0x800C, b"see the file\0", level=1), FILE)))

    assert found.text == "see the file"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not packed at all",
        packed(),
        packed(FILE)[:-20],
        packed(FILE)[:68],
        packed(attribute(0x9005, b"\xff" * 40)),
        packed(b"\x01"),
    ],
)
def test_what_cannot_be_opened_stays_a_file(data: bytes) -> None:
    found = parse(mail(data))

    assert [(file.filename, file.content) for file in found.attachments] == [("winmail.dat", data)]


def test_a_count_beyond_all_reason_ends_at_once() -> None:
    huge = struct.pack("<I", 0xFFFFFFFF) + struct.pack("<HHI", 0x1003, 0x3707, 0xFFFFFFFF) + b"\0" * 64

    assert read_tnef(packed(attribute(0x9005, huge))) is None
