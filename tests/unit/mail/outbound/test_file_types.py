"""Files leave under their own type where name and bytes agree on a harmless kind."""

import io
import zipfile
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from mail.outbound.compose import File, compose
from mail.outbound.file_types import ODF, OOXML, UNKNOWN, media_type, picture_type
from tests.support.values.outgoing_mails import PLAIN

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 "
PAGE = b"<html><body onload=alert(1)>"


def a_zip(*names: str, first: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, f"<x>{name}</x>" * 20, compress_type=zipfile.ZIP_DEFLATED)
    return packed.getvalue()


WORD = a_zip("[Content_Types].xml", "_rels/.rels", "word/document.xml")
# Some programs write the list of the types last.
WORD_LAST = a_zip("word/document.xml", "word/media/image1.png", "[Content_Types].xml")
SHEET = a_zip("[Content_Types].xml", "xl/workbook.xml")
SLIDES = a_zip("[Content_Types].xml", "ppt/presentation.xml")


@pytest.mark.parametrize(
    ("filename", "content", "expected"),
    [
        ("a.png", PNG, "image/png"),
        ("A.PNG", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.gif", b"GIF89a\1\0", "image/gif"),
        ("a.webp", WEBP, "image/webp"),
        ("invoice.2026.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("log.txt", "Grüße\r\n".encode(), "text/plain"),
        ("app.log", b"a < b && c > d\n", "text/plain"),
        ("empty.txt", b"", "text/plain"),
        ("rows.csv", "größe;1\n".encode(), "text/csv"),
        ("letter.docx", WORD, f"{OOXML}wordprocessingml.document"),
        ("letter.docx", WORD_LAST, f"{OOXML}wordprocessingml.document"),
        ("rows.xlsx", SHEET, f"{OOXML}spreadsheetml.sheet"),
        ("talk.pptx", SLIDES, f"{OOXML}presentationml.presentation"),
        ("letter.odt", a_zip("content.xml", first=f"{ODF}text"), f"{ODF}text"),
        ("rows.ods", a_zip("content.xml", first=f"{ODF}spreadsheet"), f"{ODF}spreadsheet"),
    ],
)
def test_a_file_leaves_under_its_own_type(filename: str, content: bytes, expected: str) -> None:
    message = message_from_bytes(compose(replace(PLAIN, files=(File(filename, content),))), policy=policy.default)
    (part,) = message.iter_attachments()

    assert (part.get_content_type(), part.get_payload(decode=True)) == (expected, content)
    assert (part.get_filename(), part.get_content_disposition()) == (filename, "attachment")


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a.png", PAGE),
        ("a.png", JPEG),
        ("a.jpg", PNG),
        ("a.png", b" " + PNG),
        ("a", PNG),
        ("png", PNG),
        ("a.svg", PNG),
        ("a.bmp", b"BM1234"),
        ("a.pdf", PAGE + b"%PDF-1.7"),
        ("a.webp", b"RIFF\x24\0\0\0WAVEfmt "),
        ("a.txt", b"a\0b"),
        ("a.txt", "Grüße".encode("latin-1")),
        ("a.txt", "hello".encode("utf-16")),
        ("a.txt", b"\xef\xbb\xbf  <HTML>"),
        ("a.txt", b"hello " * 5000 + b"<ScRiPt>alert(1)</script>"),
        ("a.csv", b"a;<svg onload=x>\n"),
        ("a.html", b"hello"),
        ("a.ics", b"hello"),
        ("letter.docx", SHEET),
        ("letter.docx", a_zip("a.txt", "word/x.xml")),
        ("letter.docx", a_zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("rows.xlsx", a_zip("[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml")),
        ("letter.docx", b"PK\x03\x04\x14\0\1\0" + WORD[8:]),
        ("letter.docm", WORD),
        ("letter.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9),
        ("letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9),
        ("letter.zip", WORD),
        ("letter.odt", a_zip("content.xml", first=f"{ODF}spreadsheet")),
        ("letter.odt", a_zip("content.xml", first=f"{ODF}text-template")),
        ("letter.odt", a_zip("content.xml", "Basic/Standard/a.xml", first=f"{ODF}text")),
    ],
)
def test_what_is_not_what_it_says_stays_without_a_type(filename: str, content: bytes) -> None:
    assert media_type(filename, content) == UNKNOWN


@pytest.mark.parametrize(
    ("head", "expected"),
    [(PNG[:12], "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp"), (b"GIF87a", "image/gif")],
)
def test_a_picture_is_known_by_its_first_bytes(head: bytes, expected: str) -> None:
    assert picture_type(head) == expected


@pytest.mark.parametrize("head", [b"", b"<svg xmlns=", b"%PDF-1.7", b"hello", b"BM", b"\0\0\1\0"])
def test_anything_else_is_no_picture(head: bytes) -> None:
    assert picture_type(head) == ""
