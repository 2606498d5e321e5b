"""HTML nested deeper than parsers bear: its words are read, and those that it hides are not."""

from time import process_time

import pytest

from mail.html.flatten import flatten, is_deep
from mail.html.text import read_html
from mail.inbound.parse import parse

DEEP, DEEPER = "<div>" * 300, "<div class=x>" * 1000
SHEET = "<style>.y{display:none}</style>"


@pytest.mark.parametrize(
    "html",
    [
        f'{DEEP}a<span style="display:none">#resolve</span>b',
        f"{DEEP}a<div hidden>#resolve<div>#resolve</div></div>b",
        f'{DEEP}a<p style="visibility:hidden">#resolve</p>b',
        f"{SHEET}{DEEP}a<span class=y>#resolve</span>b",
        f"{DEEPER}a<span style='font-size:0'>#resolve</span>b",
        f"{DEEPER}a<p style=display:none>#resolve</p>b",
        f"{DEEP}a<!-- #resolve -->b",
        f"{DEEP}a<STYLE>#resolve</Style>b",
        f"{DEEP}a<script>#resolve</script >b",
        f"{DEEP}ab<!-- #resolve",
    ],
)
def test_words_that_nobody_sees_are_left_out_at_any_depth(html: str) -> None:
    found = read_html(html)

    assert "".join(found.own.split()) == "ab"


def test_what_is_deep_keeps_its_words_and_its_lines() -> None:
    found = read_html(
        f"{DEEP}one &amp; two<div>three</div><a href='https://x.example/'>four</a>" + "</div>" * 300 + "<p>five"
    )

    assert found.own.split("\n") == ["one & two", "three", "[four](https://x.example/)", "", "five"]


@pytest.mark.parametrize(
    ("html", "hid"),
    [
        ("<p>shown", False),
        ('<p>shown<div style="display:none">words</div>', True),
        ('<p>shown<div style="display:none"><img src=x></div>', False),
        ('<p>shown<span style="font-size:0">words</span>', True),
        (f"{DEEPER}shown<div hidden>words</div>", True),
        (f"{DEEPER}shown<div hidden> </div>", False),
    ],
)
def test_a_mail_that_hides_words_says_so(html: str, hid: bool) -> None:
    mail = parse(f"From: a@b.example\nContent-Type: text/html\n\n{html}".encode())

    assert (mail.text, "words that the mail hides were left out" in mail.repairs) == ("shown", hid)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000,
        "</div>" * 150_000,
        ("<div>" * 201 + "</div>" * 201) * 400,
        "<div class=x>" * 76_000,
        DEEP + "<p hidden>x" * 90_000,
        DEEP + "<!--" * 200_000,
        DEEP + "<style>" * 100_000,
        DEEP + "<b '" * 200_000,
        DEEP + '<b "' * 200_000,
        DEEP + '<b style="' * 90_000,
        DEEP + "<span style='display:none'>" * 30_000,
    ],
    ids=lambda html: html[-12:],
)
def test_deep_html_is_flat_in_bounded_time(html: str) -> None:
    began = process_time()

    flat, _ = flatten(html)

    assert process_time() - began < 6
    assert not is_deep(flat.replace("class=x", "")) or flat.count("<div") <= 400


@pytest.mark.parametrize(
    ("html", "deep"),
    [
        ("<b>" * 200, False),
        ("<b>" * 201, True),
        ("</b>" * 300 + "<B>" * 200, False),
        ("</b>" * 300 + "<B>" * 201, True),
        ("<b>" * 201 + "</b>" * 201, True),
        ("<b>x</b>" * 10_000, False),
        (("<i>" * 100 + "</i>" * 150) * 50 + "<i>" * 200, False),
        (("<i>" * 150 + "</i>" * 100) * 3, True),
        ("<p><br><LI><td><img>" * 1_000, False),
        ("<pre><o:p>" * 101, True),
        ("< b>1 <2 <<" * 1_000, False),
    ],
    ids=range(11),
)
def test_html_is_deep_where_more_than_two_hundred_elements_are_open(html: str, deep: bool) -> None:
    assert is_deep(html) is deep
