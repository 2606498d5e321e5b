"""Pictures of a mail stand among its words in the mails that tell of it, and are listed as files only where not."""

from collections.abc import Mapping
from typing import Any

import pytest

from desk.limits import USUAL
from desk.notices.context import context
from desk.notices.events import Event, EventKind, Letter, Remark
from desk.notices.files import ChosenFile, choose_files, show_inline
from desk.notices.recipients import notices
from desk.notices.values.template_values import CommentView, DeskView
from desk.ticket import TicketFile
from tests.support.values.builders import ANN, a_change_set
from tests.support.values.words import READER

MOST_BYTES = USUAL.attached_megabytes * 1024**2

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\r"
DESK = DeskView("The desk", "support@desk.example")
HTML = '<p>Look: <img src="cid:one@acme"></p><p>And <img src="cid:two@acme" alt="two"></p>'


def a_file(filename: str, content_id: str | None, head: bytes = PNG, size: int = 1000) -> TicketFile:
    return TicketFile(filename, "image/png", size, filename.encode(), head, content_id)


def shown(*files: TicketFile, html: str = HTML) -> tuple[ChosenFile, ...]:
    return show_inline(choose_files(files, USUAL.attached_megabytes), html, "image-7-{}@desk.example".format)


def given(*files: TicketFile, letter: Letter | None) -> Mapping[str, Any]:
    remark = Remark(ANN, "Ann", "Look:\n\nAnd", letter=letter)
    change_set = a_change_set(Event(1, EventKind.COMMENT_ADDED, remark=remark))
    return context(notices(change_set)[0], change_set, DESK, shown(*files, html=letter.html if letter else ""), READER)


def test_a_picture_that_the_words_show_goes_along_among_them() -> None:
    files = shown(a_file("one.png", "One@acme"), a_file("log.txt", None), a_file("two.gif", "two@acme", b"GIF89a"))

    assert [one.cid for one in files] == ["image-7-0@desk.example", "", "image-7-2@desk.example"]


@pytest.mark.parametrize(
    "file",
    [
        a_file("one.png", None),
        a_file("one.png", "three@acme"),
        a_file("one.png", "one@acme", b"<svg xmlns="),
        a_file("one.png", "one@acme", b"%PDF-1.7"),
        a_file("one.png", "one@acme", b""),
        a_file("one.svg", "one@acme"),
        a_file("one.png", "one@acme", size=MOST_BYTES + 1),
    ],
)
def test_what_no_reader_may_be_shown_stays_a_file(file: TicketFile) -> None:
    assert [one.cid for one in shown(file)] == [""]


def test_of_two_pictures_under_one_id_the_second_is_a_file() -> None:
    files = shown(a_file("one.png", "one@acme"), a_file("again.png", "one@acme"))

    assert [bool(one.cid) for one in files] == [True, False]


def test_pictures_and_files_share_one_budget() -> None:
    files = shown(a_file("big.bin", None, size=MOST_BYTES - 500), a_file("one.png", "one@acme"))

    assert [(one.sent, one.cid) for one in files] == [(True, ""), (False, "")]


def test_a_comment_has_its_pictures_where_they_stood_and_lists_the_others() -> None:
    files = (a_file("one.png", "one@acme"), a_file("two.png", "two@acme", b"<svg"), a_file("log.txt", None))

    values = given(*files, letter=Letter("Look:\n\nAnd\n\nAnn", HTML))

    comment = values["comment"]
    assert isinstance(comment, CommentView)
    assert comment.html == ('<p>Look: <img src="cid:image-7-0@desk.example" alt="one.png"></p><p>And [image: two]</p>')
    assert comment.letter_text == "Look:\n[image: one.png]\n\nAnd\n\nAnn"
    assert [file.filename for file in values["files"]] == ["two.png", "log.txt"]


def test_without_html_all_pictures_are_files() -> None:
    values = given(a_file("one.png", "one@acme"), letter=Letter("Look:", ""))

    assert [file.filename for file in values["files"]] == ["one.png"]
    assert values["comment"].html == ""
