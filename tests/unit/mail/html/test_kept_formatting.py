"""HTML is kept where it says more than the text beside it; a look at where the own words end tells most mails apart."""

import time

import pytest

from mail.html.kept.formatting import says_more

QUOTE = "<div>On Mon, <b>Bob</b> <a href=mailto:b@x.example>wrote</a>:</div><blockquote><p>Old.</p></blockquote>"
HEAD = "<html><head><style>b{color:red} p.Hello{margin:0}</style></head><body>"

# HTML and the text that was kept of it.
MORE = {
    "bold": ("<p>Hello <b>Ann</b></p>", "Hello Ann"),
    "bold behind the longest word": (f"<p>Wonderful, see <b>this</b></p>{QUOTE}", "Wonderful, see this"),
    "bold around all": (f"<div><STRONG>Hello</STRONG></div>{QUOTE}", "Hello"),
    "a link": (f'{HEAD}<p>See <a href="https://x.example/1">this</a></p>{QUOTE}', "See this <https://x.example/1>"),
    "a list": ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
    "a table": ("<table><tr><td>one</td></tr></table>", "one"),
    "code": ("<p>Run <code>make</code></p>", "Run make"),
    "a heading": ("<h2>Steps</h2><p>First</p>", "Steps\n\nFirst"),
    "a line": ("<p>Above</p><hr><p>Below</p>", "Above\n\nBelow"),
    "a picture below the words": (f"<p>See below</p><p><img src=cid:a@x></p>{QUOTE}", "See below"),
    "a link without Latin letters": (
        f"{HEAD}<p>\u4f60\u597d</p><p><a href=https://x.example>\u8fd9</a></p>",
        "\u4f60\u597d\n\n\u8fd9",
    ),
    "a last line that is an address": (
        f"<p>See</p><p><a href=https://x.example>x</a></p>{QUOTE}",
        "See\nhttps://x.example",
    ),
    "lines that a program broke": (
        f"<p>A sentence that is so long that the plain form of it was broken at 72 signs.</p>{QUOTE}",
        "A sentence that is so long that the plain form of it was broken at 72\nsigns.",
    ),
    "answers below a quote": (f"{QUOTE}<p>Fine, thanks</p>", "Fine, thanks"),
    "a word that stands in a tag": (f'{HEAD}<p class="wonderful">See <b>wonderful</b></p>{QUOTE}', "See wonderful"),
    "words in pieces": ("<p><b>won</b>derful</p>", "wonderful"),
}
SAME = {
    "paragraphs": (
        f"{HEAD}<p class=Hello style='font-size:11pt'>Hello Ann,</p><p>fine.</p>{QUOTE}",
        "Hello Ann,\n\nfine.",
    ),
    "breaks": ("Hello,<br><br>it works &lt;now&gt;.<br>", "Hello,\n\nit works <now>."),
    "boxes": (f"<div dir=ltr><div>Hello</div><div><br></div><div><span>Bye</span></div></div>{QUOTE}", "Hello\n\nBye"),
    "lines that were meant": (f"<div>Harbour Street 4</div><div>Northwind</div>{QUOTE}", "Harbour Street 4\nNorthwind"),
    "other alphabets above": (f"<p>\u0422\u0430\u043a</p><p>Hello</p>{QUOTE}", "\u0422\u0430\u043a\n\nHello"),
    "nothing": ("", "Hello"),
    "nothing, where lines were broken": ("", f"{'word ' * 14}\nword"),
}


@pytest.mark.parametrize(("html", "text"), MORE.values(), ids=MORE)
def test_formatted_html_says_more_than_its_text(html: str, text: str) -> None:
    assert says_more(html, text)


@pytest.mark.parametrize(("html", "text"), SAME.values(), ids=SAME)
def test_paragraphs_and_breaks_alone_say_no_more_than_the_text(html: str, text: str) -> None:
    assert not says_more(html, text)


BAD = {
    "the words again and again": ("<p title=' Hello there '>" * 40_000, "Hello there\n" * 40_000),
    "one open tag": ("<p title='" + "Hello " * 160_000, "Hello\n" * 100_000),
    "no tag": ("Hello " * 160_000, "Hello\n" * 100_000),
    "many blanks": (" " * 1_000_000, " " * 500_000 + "x"),
}


@pytest.mark.parametrize(("html", "text"), BAD.values(), ids=BAD)
def test_bad_html_is_looked_at_in_linear_time(html: str, text: str) -> None:
    start = time.process_time()

    says_more(html, text)

    assert time.process_time() - start < 2
