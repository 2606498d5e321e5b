"""Plain text becomes HTML whose links are the URLs that it shows, and nothing else."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mail.outbound.letter import with_bars
from mail.outbound.links import LONGEST, escaped, escaped_lines, lines_with_links, with_links
from mail.outbound.render import linked, quoted_linked

UNHURRIED = settings(deadline=None)


def links(text: str) -> list[str]:
    found = LexborHTMLParser(with_links(text)).css("a")
    assert all(link.attributes == {"href": link.text()} for link in found)
    return [str(link.attributes["href"]) for link in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://a.example/x?y=1&z=2#t for it", ["https://a.example/x?y=1&z=2#t"]),
        ("http://a.example", ["http://a.example"]),
        ("HTTPS://A.example/X", ["HTTPS://A.example/X"]),
        ("write to mailto:ann@a.example.", ["mailto:ann@a.example"]),
        ("(see https://a.example/wiki/X_(y)).", ["https://a.example/wiki/X_(y)"]),
        ("<https://a.example/x>", ["https://a.example/x"]),
        ("[https://a.example/x]", ["https://a.example/x"]),
        ("“https://a.example/x”", ["https://a.example/x"]),
        ("*https://a.example/x*, https://b.example/?!", ["https://a.example/x", "https://b.example/"]),
        ("https://a.example/a,https://b.example", ["https://a.example/a,https://b.example"]),
        ("https://bücher.example/größe", ["https://bücher.example/größe"]),
        ("https://[2001:db8::1]/x", ["https://[2001:db8::1]/x"]),
        ("https://a.example/日本。", ["https://a.example/日本"]),
        # A sign that is not seen, or turns others around, ends it.
        ("https://a.example/\u202egpj.exe", ["https://a.example/"]),
        ("https://a.example/a\u200bb", ["https://a.example/a"]),
        ('https://a.example/"onclick=alert(1)', ["https://a.example/"]),
        ("https://a.example/'onclick=alert(1)", ["https://a.example/'onclick=alert(1)"]),
        ("https://a.example/<script>", ["https://a.example/"]),
    ],
)
def test_a_url_is_a_link_to_what_it_shows(text: str, expected: list[str]) -> None:
    assert links(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "ftp://a.example",
        "www.a.example",
        "ann@a.example",
        "xhttps://a.example",
        "https://",
        "https:// a.example",
        "https://...",
        "mailto:",
        "java\tscript:https",
        "https://a.example/" + "x" * LONGEST,
    ],
)
def test_nothing_else_is_a_link(text: str) -> None:
    assert links(text) == []


@UNHURRIED
@given(st.text(alphabet=st.sampled_from(list("https://mailto:.(<>\"'&x \u202e#)]"))))
def test_no_text_becomes_markup_and_none_is_lost(text: str) -> None:
    page = LexborHTMLParser(f"<p>{with_links(text)}</p>")
    shown = page.css_first("p")

    assert {node.tag for node in page.css("p *")} <= {"a"}
    assert shown is not None and shown.text().replace("\xa0", " ") == text  # noqa: PT018


@pytest.mark.parametrize("text", ["https://" * 40_000, "https://a)" * 40_000, "http://a.b " * 20_000, ")" * 200_000])
def test_a_long_line_takes_linear_time(text: str) -> None:
    began = time.perf_counter()
    with_links(text)

    assert time.perf_counter() - began < 2


def test_paragraphs_and_bars_have_links() -> None:
    text = "See https://a.example/x\n\n  now"

    assert linked(text) == '<p>See <a href="https://a.example/x">https://a.example/x</a></p>\n<p>&nbsp; now</p>'
    assert quoted_linked(f"{text}\n #go") == f'{str(linked(text))[:-4]}<br>\n<span class="bar">|</span>  #go</p>'


PIECES = st.sampled_from(
    "a, ,  ,\n,\r\n,\x0b,\x1c,\x85,\u2028,://,:,<b>,&,\",',\xa0,#a,\uff03a,/,\\,https://x.example,HTTPS://y.example,"
    "mailto:a@b.example,MAILTO:a@b.example,ma\u0131lto:a@b.example,ma\u0130lto:a@b.example,http\u017f://z.example".split(
        ","
    )
)


@given(st.lists(PIECES, max_size=12).map("".join))
@UNHURRIED
def test_a_whole_text_is_as_its_lines_one_by_one(text: str) -> None:
    assert lines_with_links(text) == [with_links(line) for line in text.splitlines()]
    assert escaped_lines(text) == [escaped(line) for line in text.splitlines()]
    assert quoted_linked(text) == with_bars(linked(text))
