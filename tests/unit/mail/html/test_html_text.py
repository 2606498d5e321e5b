"""HTML bodies become text, and what the sender's program marked as quoted is told apart."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.html.quotes import mark_quote, may_quote
from mail.html.text import HtmlText, read_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a<td>b</table>", "| a | b |\n| --- | --- |"),
        ("<title>x</title><style>p{}</style><script>1</script><p>shown", "shown"),
        ('<meta name="Generator" content="Word"><p>shown', "shown"),
        ('<img src="http://x.example/pixel.png">shown', "shown"),
        ("a\x01b \ud800c", "ab c"),
        ('<blockquote type="cite" cite="mid:1@desk.example">old</blockquote>new', "> old\n\nnew"),
        ("<blockquote type=cite CITE = 'mid:1@desk.example' style='x'>old</blockquote>new", "> old\n\nnew"),
        ("<BLOCKQUOTE cite=mid:1@desk.example>old</BLOCKQUOTE>new", "> old\n\nnew"),
        ("<p>They cite=it, and so do I", "They cite=it, and so do I"),
        (
            "<div>1. a</div><div>2) b</div><div>- c</div><div>+ d</div><div># e</div>",
            "1. a\n\n2) b\n\n- c\n\n+ d\n\n# e",
        ),
        ("<div>a</div><div>--</div><div>Ida Stone</div>", "a\n\n--\n\nIda Stone"),
        (
            r"<p>\#resolve</p><p>\# a</p><p>C:\.conf or \\desk\keys</p>",
            "\\#resolve\n\n\\# a\n\nC:\\.conf or \\\\desk\\keys",
        ),
        (r"<pre>1\. \\-x</pre><p><code>\\.</code></p>", "```\n1\\. \\\\-x\n```\n\n`\\\\.`"),
        ("", ""),
    ],
)
def test_html_is_read_as_plain_text(html: str, text: str) -> None:
    assert read_html(html) == HtmlText(text)


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote"><div>On Monday X said</div><blockquote>old words</blockquote></div>',
        '<blockquote type="cite">old words</blockquote>',
        '<div class="moz-cite-prefix">X said</div><blockquote type="cite">old words</blockquote>',
        '<div id="divRplyFwdMsg"><b>From:</b> X</div><div>old words</div>',
        '<div class="yahoo_quoted">old words</div>',
        '<div class="protonmail_quote">old words</div>',
        '<div name="quote">old words</div>',
        '<div id="reply-intro">X said</div><blockquote type="cite">old words</blockquote>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">X said</div><div>old words</div>',
        '<hr data-marker="__DIVIDER__"><div>old words</div>',
        "<includetail><div>old words</div></includetail>",
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> X</p></div><p>old words</p>',
        '<div id="mail-editor-reference-message-container">old words</div>',
    ],
)
def test_what_a_mail_program_marks_as_quoted_is_told_apart(quote: str) -> None:
    text = read_html(f"<html><body><p>new words</p>{quote}</body></html>")

    assert text.own == "new words"
    assert "old words" in text.quoted


@pytest.mark.parametrize(
    "html",
    [
        '<blockquote type="cite">old</blockquote><p>answer below</p>',
        '<p>top</p><blockquote type="cite">old</blockquote><p>answer below</p>',
        '<div class="gmail_quote">all is quoted</div>',
        '<p>see</p><div class="gmail_quote">---------- Forwarded message ---------<br>From: X<br>old</div>',
        '<p>top</p><blockquote class="gmail_quote">indented by hand</blockquote>',
        '<p>top</p><div style="border-top:solid red 1pt">a box of my own</div>',
    ],
)
def test_a_quote_is_left_in_place_where_own_words_stand_below_it_or_nowhere(html: str) -> None:
    assert read_html(html).quoted == ""


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<div class=gmail_quote>",
                "<td>",
                "<table>",
                "<blockquote type=cite>",
                "</div>",
                "<b>",
                "wordone",
                " ",
                "<!--",
                "&",
                "<p>",
            ]
        )
    )
)
def test_no_word_that_a_browser_shows_is_lost(pieces: list[str]) -> None:
    shown = "".join(pieces).partition("<!--")[0].count("wordone")

    text = read_html("".join(pieces))

    assert (text.own + text.quoted).count("wordone") >= shown


@pytest.mark.parametrize(
    "tag", ["<div>", "<blockquote type=cite>", "<table><tr><td class=gmail_quote>", "<b><i>", '<a href="', "<ul><li>"]
)
def test_html_without_end_is_read_in_bounded_time(tag: str) -> None:
    started = process_time()

    text = read_html("first " + tag * (100_000 // len(tag)) + "last")

    assert text.own.startswith("first")
    assert process_time() - started < 5


def test_what_lies_deeper_than_the_converter_goes_is_still_read() -> None:
    assert read_html("<div>" * 1000 + "deep &amp; far").own == "deep & far"


@pytest.mark.parametrize("letter", ["\x00", "\x08", "\x1b", "\x7f", "\ud800"])
def test_control_characters_are_left_out(letter: str) -> None:
    assert read_html(f"<p>ab{letter}c</p>\r\n\t<p>d</p>") == HtmlText("abc\n\nd")


@pytest.mark.parametrize(
    "element",
    [
        '<div class="GMAIL_QUOTE">',
        "<blockquote type=cite>",
        "<div id=OLK_SRC_BODY_SECTION>",
        "<div name=quote>",
        "<div name='quote'>",
        "<hr data-marker=__DIVIDER__>",
        "<includetail>",
        '<div id="stopSpelling">',
        "<div style='border-top:solid'>From: x",
        "<div style='border-top: solid'>From: x",
        "<div style='border-top:1pt solid'>From: x",
    ],
)
def test_a_quote_that_is_marked_is_never_overlooked(element: str) -> None:
    html = f"<p>own</p>{element}old"

    is_marked = mark_quote(html) is not None

    assert (is_marked, may_quote(html.lower())) == (True, True)
