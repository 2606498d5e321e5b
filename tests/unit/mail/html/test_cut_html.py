"""HTML that is cut, or so long that it has to be: what no reader sees is no word, and no picture crowds words out."""

import time

import pytest

from mail.html.text import MAX_HTML, read_html
from mail.inbound.parse import parse

PICTURE = f"data:image/png;base64,{'iVBORw0KGgo+/A' * 250_000}"


@pytest.mark.parametrize(
    "html",
    [
        "<p>It works.</p><style>p{color:red} .x{color:blue}",
        "<p>It works.</p><STYLE type='text/css'>p{color:red}",
        "<style>a{color:red}</style><p>It works.</p><style>b{color:red",
        "<p>It works.</p><script>alert(1)",
        "<p>It works.</p><style>p{color:red}</sty",
        "<p>It works.</p><a href='https://a.exam",
        "<div>" * 300 + "It works." + "<style>p{color:red}",
    ],
)
def test_what_ends_with_the_document_shows_no_more_than_in_a_browser(html: str) -> None:
    assert read_html(html).own == "It works."


@pytest.mark.parametrize("html", ["<style>p{color:red}", "<script>alert(1)", "<title>Untitled"])
def test_where_nothing_is_shown_there_is_no_text(html: str) -> None:
    assert read_html(html).own == ""


def test_a_style_sheet_that_is_never_closed_hides_all_the_same() -> None:
    assert read_html("<p>Hello.</p><p class=x>#close</p><style>.x{display:none}").own == "Hello."


@pytest.mark.parametrize(
    "html",
    [
        f'<p>Before it.</p><img src="{PICTURE}"><p>Behind it.</p>',
        f"<p>Before it.</p><img alt=x src='{PICTURE}' width=3><p>Behind it.</p>",
        f'<p style="background:url({PICTURE})">Before it.</p><p>Behind it.</p>',
        f'<p>Before it.</p><img src="{PICTURE}"><img src="{PICTURE}"><p>Behind it.</p>',
        f'<p>Before it.</p><img src="{PICTURE[:900_000]}"><p>{"A word. " * 10}</p><p>Behind it.</p>' + " " * MAX_HTML,
    ],
)
def test_words_behind_a_large_picture_in_the_html_itself_are_read(html: str) -> None:
    raw = f"From: ann@customer.example\nSubject: Screen\nMIME-Version: 1.0\nContent-Type: text/html\n\n{html}".encode()

    begin = time.monotonic()
    mail = parse(raw)

    assert mail.reply.startswith("Before it.")
    assert mail.reply.endswith("Behind it.")
    assert time.monotonic() - begin < 1.5
