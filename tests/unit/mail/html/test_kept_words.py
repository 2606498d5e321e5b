"""The HTML of kept words: exactly these, as a person formatted them, and nothing that was left out or hides."""

import time

import pytest

from mail.html.kept.page import kept_html
from mail.html.text import read_html

LINK = '<a href="https://x.example/a?b=1&amp;c=2">this</a>'
QUOTE = "<div>On Mon, Bob wrote:<br></div><blockquote type=cite><p>Old words.</p></blockquote>"
# HTML, the kept words as a plain form or our own reading writes them, and what is kept.
FORMS = {
    "Gmail": (
        f"<div dir=ltr><div>Hello <b>Ann</b>,</div><ul><li>one</li><li>two</li></ul><div>see {LINK}</div></div>{QUOTE}",
        "Hello *Ann*,\n\n   - one\n   - two\n\nsee this <https://x.example/a?b=1&c=2>",
        f"<div><div>Hello <b>Ann</b>,</div><ul><li>one</li><li>two</li></ul><div>see {LINK}</div></div>",
    ),
    "Outlook": (
        (
            f'<div class="WordSection1"><p class=MsoNormal>See {LINK}<o:p></o:p></p>'
            "<ol><li>one<o:p></o:p></li><li>two</li></ol>"
            '<p class=MsoNormal><img width=30 height=20 id="p1" src="cid:image001.png@01DB" alt="a &amp; b"></p></div>'
        ),
        "See this<https://x.example/a?b=1&c=2>\n\n  1.  one\n  2.  two\n\n[cid:image001.png@01DB]",
        (
            f"<div><div>See {LINK}</div><ol><li>one</li><li>two</li></ol>"
            '<div><img width="30" height="20" src="cid:image001.png@01DB" alt="a &amp; b"></div></div>'
        ),
    ),
    "Apple Mail": (
        (
            "<html><body><div>First line.</div><div><br></div><div>Second <i>line</i>.</div>"
            f"<div><br><blockquote type=cite><div>On Mon, Bob wrote:</div></blockquote></div>{QUOTE}</body></html>"
        ),
        "First line.\n\nSecond line.",
        "<div>First line.</div><div><br></div><div>Second <i>line</i>.</div>",
    ),
    "Thunderbird, flowed": (
        (
            "<p>A sentence that is so long that the plain form of it was broken by the program\n at 72 signs.</p>"
            "<pre>x = 1\n  y = 2</pre>"
        ),
        (
            "A sentence that is so long that the plain form of it was broken by the \nprogram at 72 signs.\n\n"
            "x = 1\n  y = 2"
        ),
        (
            "<p>A sentence that is so long that the plain form of it was broken by the program\n at 72 signs.</p>"
            "<pre>x = 1\n  y = 2</pre>"
        ),
    ),
    "lines that are paragraphs": (
        (
            "<p class=x_MsoNormal>Thanks</p><p class=MsoNormal>Carol</p><p style='margin: 0px; color: red'>Acme</p>"
            "<p style='margin:0'>Help</p><p style='margin:0cm 0cm 8pt'>Here</p><p style='margin-left:0'>and there</p>"
        ),
        "Thanks\nCarol\nAcme\nHelp\nHere\nand there",
        "<div>Thanks</div><div>Carol</div><div>Acme</div><div>Help</div><p>Here</p><p>and there</p>",
    ),
    "Samsung": (
        "<html><body dir='auto'><div dir='auto'>It works.</div><div><br></div><div>Sent from my Galaxy</div>",
        "It works.",
        "<div>It works.</div>",
    ),
    "K-9": (
        "Hello,<br><br>it works &lt;now&gt;.<br><br>-- <br>Sent with K-9<br>",
        "Hello,\n\nit works <now>.",
        "Hello,<br><br>it works &lt;now&gt;.",
    ),
    "markdown of ours": (
        (
            f"<h1>Title</h1><p>see {LINK} or https://y.example/</p><p>mail "
            "<a href='mailto:a@x.example'>a@x.example</a></p>"
        ),
        "# Title\n\nsee [this](https://x.example/a?b=1&c=2) or <https://y.example/>\n\nmail <a@x.example>",
        (
            f"<h1>Title</h1><p>see {LINK} or https://y.example/</p>"
            '<p>mail <a href="mailto:a@x.example">a@x.example</a></p>'
        ),
    ),
    "a table with an empty cell": (
        "<p>Hi</p><table class=c><tr><td style='color:red'>a</td><td></td><td>b</td></tr></table><p>Bye</p>",
        "Hi\na\tb\nBye",
        "<p>Hi</p><table><tbody><tr><td>a</td><td></td><td>b</td></tr></tbody></table><p>Bye</p>",
    ),
    "answers around a quote": (f"<p>Above.</p>{QUOTE}<p>Below.</p>", "Above.\n\nBelow.", "<p>Above.</p><p>Below.</p>"),
    "a last line that is an address": (
        "<p>See</p><p>https://x.example/1</p>" + QUOTE,
        "See\n\nhttps://x.example/1",
        "<p>See</p><p>https://x.example/1</p>",
    ),
    "marks of pictures that the text has, too": (
        "<p>See [image: plan.png] and [a](/b/c).</p>",
        "See [image: plan.png] and [a](/b/c).",
        "<p>See [image: plan.png] and [a](/b/c).</p>",
    ),
    "emoji at the end": (
        "<p>Thanks</p><p>\U0001f642</p>" + QUOTE,
        "Thanks\n\n\U0001f642",
        "<p>Thanks</p><p>\U0001f642</p>",
    ),
}


@pytest.mark.parametrize(("html", "text", "kept"), FORMS.values(), ids=FORMS)
def test_the_words_stay_as_they_were_formatted(html: str, text: str, kept: str) -> None:
    assert kept_html(html, text) == kept


# HTML, kept words, and what must not stand in the result.
REMOVED = {
    "a command above": ("<div>#resolve</div><div>Resolve it then.</div>", "Resolve it then.", "#resolve"),
    "a command with the same word": ("<div>#resolve</div><div>resolve</div>", "resolve", "#resolve"),
    "a command in pieces": ("<p><b>#</b>re<i>solve</i></p><p>Done.</p>", "Done.", "solve"),
    "a command below": ("Done.<br>#close<br>", "Done.", "close"),
    "a note": ("<p>Done.</p><p>#note he is difficult</p>", "Done.", "difficult"),
    "a delimiter": (
        "<p>Done.</p><div>-- Please write your answer above this line --</div><p>Old.</p>",
        "Done.",
        "line",
    ),
    "a quote": (f"<p>Done.</p>{QUOTE}", "Done.", "Old"),
    "a quote in a table": (f"<table><tr><td>Done.<br></td></tr><tr><td>{QUOTE}</td></tr></table>", "Done.", "Old"),
    "a quote without elements": ("Done.<br><br>From: Bob<br>Sent: Monday<br><br>Old words.", "Done.", "Old"),
    "hidden words": ("<p>Done.<span style='display:none'>secret</span></p>", "Done.", "secret"),
    "words hidden by a sheet": (
        "<style>.h{visibility:hidden}</style><p>Done.<b class=h>secret</b></p>",
        "Done.",
        "secret",
    ),
    "a script": ("<p>Done.</p><script>secret()</script><style>secret{}</style>", "Done.", "secret"),
    "a vector": ("<p>Done.</p><svg><text>secret</text></svg><math><mi>secret</mi></math>", "Done.", "secret"),
    "a form": ("<p>Done.</p><form action=https://secret.example><input value=secret></form>", "Done.", "secret"),
    "a frame": (
        "<p>Done.<iframe src=https://secret.example></iframe><object data=secret></object></p>",
        "Done.",
        "secret",
    ),
    "handlers": (
        "<p onclick=secret() style='background:url(secret)' class=secret id=secret>Done.</p>",
        "Done.",
        "secret",
    ),
    "a script in a link": ("<p><a href='javascript:secret()'>Done.</a></p>", "Done.", "secret"),
    "a script in a spelled link": ("<p><a href='&#1;jAva&#9;script:secret()'>Done.</a></p>", "Done.", "secret"),
    "data in a link": ("<p><a href='data:text/html,secret'>Done.</a></p>", "Done.", "secret"),
    "a picture from elsewhere": ("<p>Done.<img src='https://t.example/secret.gif'></p>", "Done.", "secret"),
    "a picture of data": ("<p>Done.<img src='data:image/png;base64,secret'></p>", "Done.", "secret"),
    "a picture of ours without a place": ("<p>Done.<img alt=secret></p>", "Done.", "secret"),
    "a comment": ("<p>Done.<!-- secret --></p><!--[if mso]>secret<![endif]-->", "Done.", "secret"),
    "a title": ("<title>secret</title><p>Done.</p>", "Done.", "secret"),
    "a drawn tag": ("<p>Done. &lt;script&gt;</p>", "Done. <script>", "<script"),
}


@pytest.mark.parametrize(("html", "text", "removed"), REMOVED.values(), ids=REMOVED)
def test_what_was_left_out_is_left_out_of_the_html(html: str, text: str, removed: str) -> None:
    kept = kept_html(html, text)

    assert text.rstrip(".").replace("<script>", "&lt;script&gt;") in kept
    assert removed not in kept


# HTML that does not hold the words in whole lines, or that holds words amid them that were not kept.
DIFFERENT = {
    "other words": ("<p>Good bye</p>", "Hello"),
    "no words": ("<div><img src=cid:a@x></div>", "Hello"),
    "nothing": ("", "Hello"),
    "no kept words": ("<p>Hello</p>", ""),
    "a word amid a line": ("<p>Hi <b>secret</b> there</p>", "Hi there"),
    "a part of a line": ("<p>It works. #resolve</p>", "It works."),
    "only the command's word": ("<p>#resolve</p>", "resolve"),
    "an address that was not kept": ("<p>one</p><p>x@evil.example</p><p>two</p>", "one\ntwo"),
    "words as the mark of a picture": ("<p>Hi [image: a secret of ours] there</p>", "Hi there"),
    "words as the mark of a picture, beside one": ("<p>Hi</p><p>[cid: a secret]<img src=cid:a@x></p>", "Hi"),
    "words as the mark of a picture, in another language": ("<p>Hi [Bild: geheim] there</p>", "Hi there"),
    "words as the target of a link": ("<p>Hi [you](/a-secret-of-ours) there</p>", "Hi [you] there"),
    "words as the target of a link without a scheme": ("<p>Hi [you](xy:secret) there</p>", "Hi [you] there"),
    "other order": ("<p>two</p><p>one</p>", "one\ntwo"),
    "a line less": ("<p>one</p>", "one\ntwo"),
}


@pytest.mark.parametrize(("html", "text"), DIFFERENT.values(), ids=DIFFERENT)
def test_there_is_no_html_where_it_does_not_hold_the_words(html: str, text: str) -> None:
    assert kept_html(html, text) == ""


BAD = {
    "five megabytes": ("<p>Hello there</p>" * 280_000, "Hello there\n" * 20),
    "500 deep": ("<div>" * 500 + "Hello" + "</div>" * 500, "Hello"),
    "200,000 deep": ("<div>" * 200_000 + "Hello", "Hello"),
    "tables in tables": ("<table><tr><td>x" * 30_000, "x"),
    "formatting that is never closed": ("".join(f"<b id={at}><p>x" for at in range(20_000)), "x"),
    "open links": ("<a href=http://a.example>x" * 40_000, "x\n" * 40_000),
    "open brackets": ("<" * 1_000_000, "x"),
    "open quotes": ('<a href="' * 100_000, "x"),
    "half links in the words": ("<p>x</p>", "x " + "](a:" * 250_000),
    "half addresses in the words": ("<p>x</p>", "x " + "a." * 500_000),
    "one letter again and again": ("<p>a</p>" * 120_000, "\n".join(("aaa", "b") * 100)),
    "every other line": ("<p>a</p><p>b</p><p>c</p>" * 40_000, "a\nc\n" * 50),
    "control signs": ("<p>\x00Hel\x08lo\ud800</p>", "Hello"),
}


@pytest.mark.parametrize(("html", "text"), BAD.values(), ids=BAD)
def test_bad_html_costs_little_and_raises_nothing(html: str, text: str) -> None:
    start = time.process_time()

    kept_html(html, text)

    # The slowest takes a second.
    assert time.process_time() - start < 5


def test_deep_words_are_kept_in_a_few_elements() -> None:
    kept = kept_html(BAD["500 deep"][0], "Hello")

    assert "Hello" in kept
    assert kept.count("<div>") <= 60


# A browser moves what stands between the cells of a table in front of it.
MOVED = [
    "<table><tr><td><plaintext> note </b> alpha </ul> note -->&nbsp;<div><ul></style>]]> hello ",
    "<ul> note  gamma </i></ul> hello <plaintext> beta <table><tr><td> world </title> secret ",
    "<table><tr><td> alpha  hello <div></textarea></object><table><tr><td><plaintext> alpha </option></select> beta ",
]


@pytest.mark.parametrize("html", MOVED)
def test_html_that_a_reader_shows_in_another_order_is_not_kept(html: str) -> None:
    assert kept_html(html, read_html(html).own) == ""
