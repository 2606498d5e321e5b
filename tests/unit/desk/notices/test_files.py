"""Which files are sent on, and which are only named."""

import pytest

from desk.limits import USUAL
from desk.notices.files import choose_files, may_be_sent
from desk.ticket import TicketFile
from tests.support.values.words import ENGLISH

MOST_BYTES = USUAL.attached_megabytes * 1024**2

SENT = ["log.txt", "invoice.pdf", "photo.JPG", "table.csv", "notes", "2026.11.02 report.docx", "html", "data.json", ""]
NAMED = [
    "page.html",
    "PAGE.HTM",
    "drawing.svg",
    "meeting.ics",
    "run.js",
    "run.vbs",
    "setup.exe",
    "invoice.pdf.exe",
    "page.html.txt",
    "page.html.",
    "page.html ",
    "page. html",
    "macro.docm",
    "link.lnk",
    "disk.iso",
    "page.mhtml",
    "page.xht",
    "script.ps1",
    "phone.apk",
    ".html",
]


@pytest.mark.parametrize("filename", SENT)
def test_a_plain_file_may_be_sent(filename: str) -> None:
    may = may_be_sent(filename)

    assert may


@pytest.mark.parametrize("filename", NAMED)
def test_what_might_run_or_show_as_a_page_is_only_named(filename: str) -> None:
    may = may_be_sent(filename)

    assert not may


def a_file(filename: str, size: int) -> TicketFile:
    return TicketFile(filename, "text/plain", size, filename.encode())


PACKS: list[tuple[list[tuple[str, int]], list[bool]]] = [
    ([], []),
    ([("a.txt", 1)], [True]),
    ([("a.txt", MOST_BYTES)], [True]),
    ([("a.txt", MOST_BYTES + 1)], [False]),
    ([("a.txt", MOST_BYTES), ("b.txt", 1), ("c.txt", 0)], [True, False, True]),
    ([("a.exe", MOST_BYTES), ("b.txt", MOST_BYTES)], [False, True]),
    ([("a.txt", MOST_BYTES + 1), ("b.txt", MOST_BYTES)], [False, True]),
]


@pytest.mark.parametrize(("files", "sent"), PACKS)
def test_files_go_along_in_order_up_to_ten_megabytes(files: list[tuple[str, int]], sent: list[bool]) -> None:
    packed = choose_files([a_file(filename, size) for filename, size in files], USUAL.attached_megabytes)

    assert [(one.file.filename, one.sent) for one in packed] == list(
        zip([name for name, _ in files], sent, strict=True)
    )


SIZES = [
    (0, "0 bytes"),
    (1023, "1,023 bytes"),
    (1024, "1 KB"),
    (84 * 1024, "84 KB"),
    (1024 * 1024, "1.0 MB"),
    (MOST_BYTES, "10.0 MB"),
]


@pytest.mark.parametrize(("size", "text"), SIZES)
def test_a_size_is_told_as_people_read_it(size: int, text: str) -> None:
    told = ENGLISH.size(size)

    assert told == text


LOCKED = [
    (b"PK\x03\x04\x14\x00\x01\x00\x08\x00", True),
    (b"PK\x03\x04\x14\x00\x09\x00\x63\x00", True),
    (b"PK\x03\x04\x14\x00\x00\x08\x08\x00", False),
    (b"PK\x03\x04", False),
    (b"Rar!\x1a\x07\x01\x00\xaa\xbb\xcc\xdd\x21\x04\x00", True),
    (b"Rar!\x1a\x07\x01\x00\xaa\xbb\xcc\xdd\x0c\x01\x05", False),
    (b"Rar!\x1a\x07\x00\xce\x99\x73\x80\x00\x0d\x00", True),
    (b"Rar!\x1a\x07\x00\xcf\x90\x73\x00\x00\x0d\x00", False),
    (b"%PDF-1.7", False),
    (b"", False),
]


@pytest.mark.parametrize(("head", "locked"), LOCKED)
def test_an_encrypted_archive_is_named_and_not_sent_on(head: bytes, locked: bool) -> None:
    file = TicketFile("files.zip", "application/zip", 1000, b"x", head)

    (packed,) = choose_files([file], USUAL.attached_megabytes)

    assert packed.sent is not locked
