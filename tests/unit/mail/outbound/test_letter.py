"""People's HTML in our mails: what gets out, where its pictures stand, and what marks it in mails to staff."""

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from mail.outbound.letter import MOST_HTML, Picture, cleaned, name_pictures, quoted_html, shown_pictures, with_pictures

OURS = Picture("Shot@acme", "image-7-0@desk.example", "shot.png")
IMAGE = '<img src="cid:image-7-0@desk.example" alt="shot.png">'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<p>One <b>two</b> <em>three</em> <a href='https://a.example/?a=1&amp;b=2'>four</a></p>",
            '<p>One <b>two</b> <em>three</em> <a href="https://a.example/?a=1&amp;b=2">four</a></p>',
        ),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<table><tr><td colspan=2>a</table>", '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>'),
        ("<ol start=3><li>a</ol>", '<ol start="3"><li>a</li></ol>'),
        ("<p style='display:none' class=x id=y onclick=z>a</p>", "<p>a</p>"),
        ("<font size=7>a</font><marquee>b</marquee>", "ab"),
        ("<script>x</script><style>y</style><title>z</title>a", "a"),
        ("<a href='javascript:x'>a</a><a href=' JavaScript:x'>b</a>", "<a>a</a><a>b</a>"),
        ("<a href='/x'>a</a><a href='//b.example'>b</a><a href='cid:x'>c</a>", "<a>a</a><a>b</a><a>c</a>"),
        ("<a href='data:text/html,x'>a</a><a href='mailto:a@b.example'>b</a>",
         '<a>a</a><a href="mailto:a@b.example">b</a>'),
        ("<p>a</p><img src='https://t.example/x.png'><img src=//t.example/x>", "<p>a</p>"),
        ("a<svg><a xlink:href='javascript:x'>b</a></svg><math><mtext>c</mtext></math>", "a"),
        ("a<!-- b --><form><input value=c><button>d</button></form>", "ad"),
        ("<td>a</td></p></div></body>b", "a<p></p>b"),
        ("<iframe src='https://t.example'></iframe><object data=x></object>a", "a"),
    ],
)  # fmt: skip
def test_only_what_is_allowed_gets_out(html: str, expected: str) -> None:
    assert cleaned(html) == expected
    assert cleaned(expected) == expected


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p> &nbsp;<br></p>",
        "<p>-- </p>",
        "<script>alert(1)</script>",
        "<div>" * 500 + "a",
        "<p>a</p>" * (MOST_HTML // 8 + 1),
        "<b>" * 100_000 + "a",
        "x" * 5_000_000,
        "<table><tr><td>" * 300 + "a",
    ],
)
def test_what_says_nothing_or_cannot_be_cleaned_is_empty(html: str) -> None:
    began = time.perf_counter()

    assert cleaned(html) == quoted_html(html) == with_pictures(html, [OURS], {}) == ""
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<img src='cid:shot@ACME' onerror=x>b</p>", f"<p>a{IMAGE}b</p>"),
        ("<p>a<img src='cid:shot%40acme'>b</p>", f"<p>a{IMAGE}b</p>"),
        ("a<img src='cid:shot@acme' width=300 height=20% alt='A &quot;b&quot; <i>'>",
         'a<img src="cid:image-7-0@desk.example" alt="A &#34;b&#34; &lt;i&gt;" width="300">'),
        ("<img src='cid:shot@acme' width=1200 height=500>", IMAGE.replace(">", ' width="600">')),
        # What does not go along, or is no picture, is named.
        ("<p>a<img src='cid:other@acme'>b</p>", "<p>a[image: plan.svg]b</p>"),
        ("<p>a<img src='cid:other@acme' alt='<b>A plan'>b</p>", "<p>a[image: &lt;b&gt;A plan]b</p>"),
        ("<p>a<img src='cid:nothing@acme' alt='Logo'>b</p>", "<p>ab</p>"),
        ("<p>a<img src='https://t.example/x.png' alt='a pixel'>b</p>", "<p>a[image: a pixel]b</p>"),
        # An attribute that looks like a picture is none.
        ("<a href='https://a.example/<img src=x>'>a</a>", '<a href="https://a.example/&lt;img src=x&gt;">a</a>'),
    ],
)  # fmt: skip
def test_a_picture_stands_where_it_stood_or_its_name_does(html: str, expected: str) -> None:
    assert with_pictures(html, [OURS], {"other@acme": "plan.svg"}) == expected


def test_the_pictures_that_a_letter_shows_are_known_by_their_ids() -> None:
    html = (
        "<img src='cid:B@x'><a href='cid:no@x'>a</a><img src='cid:%3Ca@x%3E'><img src='cid:b@x'><img src='https://c'>"
    )

    assert shown_pictures(html) == ("b@x", "a@x")
    assert shown_pictures("<p>cid:a@x</p>") == ()


@pytest.mark.parametrize(
    ("text", "html", "expected"),
    [
        ("Look:\n\nSee?", "<p>Look:</p><p><img src=cid:shot@acme></p><p>See?</p>", "Look:\n[image: shot.png]\n\nSee?"),
        ("Look:\nSee?", "Look:<br><img src=cid:shot@acme><br>See?", "Look:\n[image: shot.png]\nSee?"),
        ("See?", "<img src=cid:shot@acme><p>See?</p>", "[image: shot.png]\nSee?"),
        ("one\ntwo\none\nend", "one<br>two<br>one <img src=cid:shot@acme><br>end",
         "one\ntwo\none\n[image: shot.png]\nend"),
        ("- a\n- b", "<ul><li>a <img src=cid:shot@acme></li><li>b</li></ul>", "- a\n[image: shot.png]\n- b"),
        ("other words", "<p>Look:</p><img src=cid:shot@acme>", "other words\n[image: shot.png]"),
        ("Look: [image: shot.png]\nSee?", "Look:<img src=cid:shot@acme><br>See?", "Look: [image: shot.png]\nSee?"),
        ("Look", "<p>Look</p><img src=cid:else@acme>", "Look"),
    ],
)  # fmt: skip
def test_the_text_names_a_picture_where_it_stands(text: str, html: str, expected: str) -> None:
    assert name_pictures(text, html, [OURS]) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<p>#resolve</p>",
        "<p>a</p><ul><li>#resolve</li></ul>",
        "<table><tr><td>a</td><td> #resolve</td></tr></table>",
        "<h2>#resolve</h2>",
        "<pre>a\n#resolve</pre>",
        "a<br>#resolve",
        "a<br><b><i>#</i>resolve</b>",
        "a\n  #resolve",
        "a\u2028#resolve",
        "<p>&#x200b;&#8203;#resolve</p>",
        "<p>" + "&shy;" * 100 + "#resolve</p>",
        "<p>&#35;resolve</p>",
        "<p>\uff03resolve</p>",
        "<p>- * #resolve</p>",
        "<p>/resolve</p>",
        "<p><img src=cid:a@b>#resolve</p>",
        "<p><a href='https://a.example'>#resolve</a></p>",
        "<blockquote>a<hr>#resolve</blockquote>",
        "<p>a&#10;#resolve</p>",
    ],
)
def test_a_line_that_could_be_a_command_has_a_bar_in_mails_to_staff(html: str) -> None:
    page = LexborHTMLParser(quoted_html(html))

    assert len(page.css(".bar")) == 1
    assert (
        (page.body.text() if page.body else "")
        .partition("|")[2]
        .strip(" -*\xad\u200b\r\n")
        .startswith(("#resolve", "\uff03resolve", "/resolve"))
    )


@pytest.mark.parametrize(
    "html", ["<p>Hello</p>", "<p>ticket #12</p>", "<p>a <b>#12</b></p>", "<p>and/or</p>", "<p>-- a</p>"]
)
def test_other_lines_have_none(html: str) -> None:
    assert quoted_html(html) == cleaned(html)
