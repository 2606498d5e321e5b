"""Where mails lie in mbox files, maildirs and files of their own, whatever else is there."""

import gzip
import os
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.history.files.eml import places_in_eml
from worker.history.files.maildir import places_in_maildir
from worker.history.files.mbox import PIECE, places_in_mbox
from worker.history.files.place import FileChanged, MailPlace, NoMail, outline_of, read_head, read_mail

FROM = b"From ann@x.example Mon Mar  4 08:30:00 2019\n"
ONE, TWO = b"Subject: one\n\nFirst.\n", b"Subject: two\n\nSecond.\n"
AT = datetime(2019, 3, 4, 8, 30, tzinfo=UTC).timestamp()


def with_crlf(raw: bytes) -> bytes:
    return raw.replace(b"\n", b"\r\n")


def found(content: bytes, folder: Path) -> tuple[list[bytes], list[str]]:
    file, told = folder / "mbox", list[str]()
    file.write_bytes(content)
    return [read_mail(place) for place in places_in_mbox(str(file), told.append)], told


@pytest.mark.parametrize(
    ("content", "mails"),
    [
        (FROM + ONE + b"\n" + FROM + TWO + b"\n", [ONE, TWO]),
        (FROM + ONE + b"\n" + FROM + TWO, [ONE, TWO]),
        (with_crlf(FROM + ONE + b"\n" + FROM + TWO + b"\n"), [with_crlf(ONE), with_crlf(TWO)]),
        # A blank line is missing between two, or there are several.
        (FROM + ONE + FROM + TWO, [ONE, TWO]),
        (FROM + ONE + b"\n\n\n" + FROM + TWO, [ONE + b"\n\n", TWO]),
        (b"\xef\xbb\xbf\n" + FROM + ONE, [ONE]),
        # Lines of a text that only look like it: without a date, and with a date and no header below.
        (FROM + ONE + b"\nFrom here on\nNote: none\n\n" + FROM + TWO, [ONE + b"\nFrom here on\nNote: none\n", TWO]),
        (FROM + ONE + b"\n" + FROM + b"\nno header\n", [ONE + b"\n" + FROM + b"\nno header\n"]),
        # Quoted once, and more than once (mboxrd).
        (FROM + ONE + b">From him\n>>From her\n> From them\n", [ONE + b"From him\n>From her\n> From them\n"]),
        # Content-Length lies.
        (FROM + b"Content-Length: 9999\n" + ONE + b"\n" + FROM + TWO, [b"Content-Length: 9999\n" + ONE, TWO]),
        (FROM + b"Content-Length: 1\n" + ONE, [b"Content-Length: 1\n" + ONE]),
        # The beginnings that programs write.
        (b"From - Mon Mar 04 08:30:00 2019\n" + ONE, [ONE]),
        (b"From 1627@xxx Mon Mar 04 08:30:00 +0000 2019\n" + ONE, [ONE]),
        (b"From ann Mon Mar  4 08:30 UTC 2019 remote from host\n" + ONE, [ONE]),
        (b'From "a b"@x.example Mon Mar  4 08:30:00 2019 +0100\n' + ONE, [ONE]),
        # Ends in the middle of a line.
        (FROM + ONE + b"\n" + FROM + b"Subject: tw", [ONE, b"Subject: tw"]),
    ],
)  # fmt: skip
def test_each_mail_of_an_mbox_is_found(content: bytes, mails: list[bytes], tmp_path: Path) -> None:
    assert found(content, tmp_path)[0] == mails


def test_a_mail_at_the_edge_of_a_piece_is_found(tmp_path: Path) -> None:
    for shift in range(-3, len(FROM)):
        filled = ONE + b"x" * (PIECE - len(FROM) - len(ONE) - 1 - shift) + b"\n"
        assert found(FROM + filled + FROM + TWO, tmp_path)[0] == [filled, TWO]


def test_what_stands_above_the_first_mail_is_said(tmp_path: Path) -> None:
    mails, told = found(b"some words\n\n" + FROM + ONE, tmp_path)

    assert mails == [ONE]
    assert told == [f"{tmp_path / 'mbox'}: the first 12 bytes are no mail and were left out."]


def test_the_date_of_the_line_and_a_cut_are_seen(tmp_path: Path) -> None:
    (tmp_path / "mbox").write_bytes(FROM + ONE + b"\n" + FROM.replace(b" 2019", b" +0100 2019") + b"Subject: tw")

    first, last = places_in_mbox(str(tmp_path / "mbox"), print)

    assert (first.kept_at, last.kept_at) == (AT, AT - 3600)
    assert (first.cut, last.cut) == (False, True)
    assert last.name == f"{tmp_path / 'mbox'} at byte {last.start}"


def test_a_line_without_an_end_takes_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "mbox"
    with file.open("wb") as out:
        out.write(FROM + ONE + b"\n" + FROM + b"Subject: long\n\n")
        out.truncate(256 * 1024 * 1024)
    tracemalloc.start()

    places = list(places_in_mbox(str(file), print))
    heads = [outline_of(read_head(place)) for place in places]

    assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    tracemalloc.stop()
    assert (len(heads), places[1].cut) == (2, True)


NO_MBOX = {
    "nothing": (b"", "is empty"),
    "blank lines": (b" \n\n", "is empty"),
    "gzip": (gzip.compress(FROM + ONE), "is packed with gzip: unpack it first, with `gunzip`"),
    "zip": (b"PK\x03\x04....", "is packed with zip"),
    "a text": (
        b"hello\nworld\n",
        "holds no mail: an mbox has a line `From ADDRESS DATE` above each. Name another file.",
    ),
    "one mail": (ONE, "It looks like a single mail: `supportdesk import eml` takes it."),
    "noise": (os.urandom(5000), "holds no mail"),
}


@pytest.mark.parametrize(("content", "words"), NO_MBOX.values(), ids=NO_MBOX)
def test_what_is_no_mbox_says_so(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(NoMail, match=r"\A[^\n]+\Z") as caught:
        found(content, tmp_path)

    assert words in str(caught.value)


def test_a_file_that_changes_is_not_read_on(tmp_path: Path) -> None:
    file = tmp_path / "mbox"
    file.write_bytes(FROM + ONE)
    (place,) = places_in_mbox(str(file), print)
    file.write_bytes(FROM + ONE + b"more")

    with pytest.raises(FileChanged, match="changed while it was read"):
        read_mail(place)


def test_a_maildir_has_what_came_and_was_kept(tmp_path: Path) -> None:
    told = list[str]()
    for folder in ("cur", "new", "tmp", "cur/below"):
        (tmp_path / folder).mkdir()
    names = [b"new/1551688200.1.host", b"cur/1551688200.2.host:2,RS", b"cur/\xff\xfe strange", b"cur/.hidden"]
    names += [b"cur/3.host:2,DS", b"cur/4.host:2,ST", b"tmp/5.host"]
    for name in names:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:  # noqa: PTH118, PTH123
            file.write(ONE)

    places = list(places_in_maildir(str(tmp_path), told.append))

    assert [os.fsencode(place.path).rpartition(b"/")[2] for place in places] == [
        b"1551688200.2.host:2,RS", b"\xff\xfe strange", b"1551688200.1.host",
    ]  # fmt: skip
    assert [place.kept_at for place in (places[0], places[2])] == [AT, AT]
    assert "?? strange" in places[1].name
    assert [words.rpartition("is ")[2] for words in told] == [
        "a draft and was left out.", "in the trash and was left out.",
    ]  # fmt: skip
    assert read_mail(places[1]) == ONE


@pytest.mark.parametrize(
    ("below", "words"),
    [("Sent/cur", "/Sent is one: name that."), ("letters", "`supportdesk import eml` takes them.")],
)
def test_a_folder_that_is_no_maildir_says_so(below: str, words: str, tmp_path: Path) -> None:
    (tmp_path / below).mkdir(parents=True)

    with pytest.raises(NoMail) as caught:
        list(places_in_maildir(str(tmp_path), print))

    assert words in str(caught.value)


def test_files_of_their_own_are_found_below_a_folder(tmp_path: Path) -> None:
    told = list[str]()
    (tmp_path / "b").mkdir()
    for name, content in {"b/2.EML": FROM + ONE, "a.eml": TWO, "c.eml": b"", "note.txt": ONE}.items():
        (tmp_path / name).write_bytes(content)

    places = list(places_in_eml(str(tmp_path), told.append))

    assert [read_mail(place) for place in places] == [TWO, ONE]
    assert places[1].kept_at == AT
    assert told == [f"{tmp_path / 'c.eml'} is empty: there is no mail in it."]
    assert [read_mail(place) for place in places_in_eml(str(tmp_path / "note.txt"), print)] == [ONE]


def test_a_folder_without_such_files_says_so(tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()

    with pytest.raises(NoMail, match="`supportdesk import maildir` takes it"):
        list(places_in_eml(str(tmp_path), print))


def a_pipe(folder: Path) -> Path:
    pipe = folder / "pipe.eml"
    os.mkfifo(pipe)
    return pipe


# Nobody writes into it, so whoever opens it to read waits for ever.
@pytest.mark.timeout(5)
@pytest.mark.parametrize("places", [places_in_mbox, places_in_eml])
def test_a_pipe_is_not_waited_for(places: Callable[..., Iterator[MailPlace]], tmp_path: Path) -> None:
    pipe = a_pipe(tmp_path)

    with pytest.raises(NoMail, match=r"pipe\.eml is no file: copy what comes out of it into one"):
        list(places(str(pipe), print))


@pytest.mark.timeout(5)
@pytest.mark.parametrize("places", [places_in_maildir, places_in_eml])
def test_a_pipe_between_mails_is_named_and_left_out(places: Callable[..., Iterator[MailPlace]], tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()
    (tmp_path / "cur" / "one.eml").write_bytes(ONE)
    pipe, told = a_pipe(tmp_path / "cur"), list[str]()

    assert [read_mail(place) for place in places(str(tmp_path), told.append)] == [ONE]
    assert told == [f"{pipe} is no file: copy what comes out of it into one, and name that."]
