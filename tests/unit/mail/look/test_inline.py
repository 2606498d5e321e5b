"""Styles are inlined once for all mails of one frame, and each mail is the same, byte for byte, as inlined alone."""

from collections.abc import Mapping
from itertools import product

import pytest

from desk.notices.samples import SAMPLES, samples
from mail.outbound.catalogue import SHIPPED_TEMPLATES
from mail.outbound.inline import Inliner
from mail.outbound.render import HTML, Renderer

RENDERER = Renderer(SHIPPED_TEMPLATES)
STYLE = "p { margin: 0 0 12px; } .panel p { color: red; } td { color: blue; } .quiet { color: grey; }"
# Words of persons as templates write them, among them what a parser writes in another way.
WORDS = {
    "one": "One word",
    "signs": "It&#39;s &#34;one&#34; &amp; &lt;two&gt; a\xa0b &nbsp; c &quot;",
    "lines": "One<br>\ntwo<br>\n<br>\nthree",
    "two paragraphs": "One</p>\n<p>two",
    "many paragraphs": "One</p>\n<p>two<br>\ntwo</p>\n<p>three</p>\n<p>four",
    "paragraphs with tags": "One</p>\n<p>two <b>bold</b></p>\n<p>three <i>and</i> four</p>\n<p><b>five</b></p>\n<p>six",
    "an empty paragraph": "One</p>\n<p></p>\n<p>two</p>\n<p></p>\n<p>",
    "blanks": " \n\t",
    "nothing": "",
    "blanks and words": "\n  One  \n",
    "another entity": "One &copy; two &#8203; &notit; &#x41;",
    "line ends of others": "One\r\ntwo\rthree\fx",
    "marks of ours": "One \ue000 two \ue001 three \ue002",
    "a control sign": "One \x01\x0b two",
    "signs of tags": "a > b < c >> d <3 e",
    "a tag within a sign": "a < b > c",
    "a link": '<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a> behind',
    "a picture": '<img src="cid:a" alt="A &gt; b"> behind',
    "code": "</p>\n<pre>\n\none\n</pre>\n<p>behind",
    "a table": "</p>\n<table><tr><td>one</td><td>two</td></tr></table>\n<p>behind",
    "a list": "</p><ul><li>one</li><li>two<br>three</li></ul><p>behind",
    "other languages": "Здравствуйте, 您好 😀 \u202eabc\u202c \u200b",
}
# Places of words in a page, also such as only an operator would write.
PLACES = {
    "a paragraph": "<p>{}</p>",
    "a panel": '<div class="panel"><p>{}</p>\n<p>{}</p></div>\n<p class="quiet">{}</p>',
    "a cell": "<table>\n<tr><td>{}</td><td>{}</td></tr>\n</table>",
    "a class": '<p class="quiet {}">{}</p>',
    "no element": "{} <br> {}",
    "between rows": "<table><tr><td>a</td></tr>{}<tr><td>b</td></tr></table>{}",
    "a comment": "<!-- {} --><p>{}</p>",
    "a comment for Outlook": "<!--[if mso]><table><tr><td>{}<![endif]--><p>{}</p><!--[if mso]></table><![endif]-->",
    "its own style": "<style>.quiet {{ color: {} }}</style><p class='quiet'>{}</p>",
    "an attribute": '<p title="{}">{}</p>',
    "an attribute with a sign of a tag": '<p title="a>{}">{}</p>',
    "an attribute in other quotes": "<p title='a>\"{}'>{}</p>",
    "an attribute without quotes": "<p title={}>{}</p>",
    "tags in a wrong order": "<p><b>{}</p>\n<p>{}</b></p>",
    "a paragraph that nobody opened": "{}</p>\n<p>{}",
    "a title": "<title>{}</title><textarea>\n{}</textarea><p>x</p>",
    "a script": "<script>{}</script><noscript>{}</noscript><p>x</p>",
    "a drawing": "<svg><text>{}</text></svg><p>{}</p>",
    "a tag that does not end": "<p>{}</p><p {}",
    "behind the body": "<p>{}</p></body>{}",
}
STYLES = {
    "ours": (SHIPPED_TEMPLATES / "_base/style.css").read_text(encoding="utf-8"),
    "simple": STYLE,
    "with a comment": f"/* what\n * it is */ {STYLE}",
    "every element": f"{STYLE} * {{ color: green; }}",
    "every child": f"{STYLE} .panel>* {{ color: green; }}",
    "line breaks": f"{STYLE} br {{ line-height: 2; }}",
    "the first": f"{STYLE} p:first-child {{ color: green; }}",
    "the last of a kind": f"{STYLE} p:last-of-type {{ color: green; }}",
    "every second": f"{STYLE} p:nth-child(even) {{ color: green; }}",
    "the only": f"{STYLE} td:only-child {{ color: green; }} b:only-child {{ color: green; }}",
    "the next": f"{STYLE} p + p {{ color: green; }}",
    "all that follow": f"{STYLE} p~p {{ color: green; }}",
    "the empty": f"{STYLE} p:empty {{ color: green; }}",
    "all but one": f"{STYLE} p:not(.quiet) {{ color: green; }}",
}


class CountingInliner(Inliner):
    """Counts what css-inline is asked for."""

    asked = 0

    def inline_whole(self, html: str) -> str:
        self.asked += 1
        return super().inline_whole(html)


def page(style: str, body: str) -> str:
    head = f"<head><title>A &amp; b</title>\n<style>\n{style}\n</style>\n</head>"
    return f"<!doctype html>\n<html>{head}\n<body>\n{body}\n</body></html>"


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_words_in_any_place_are_as_if_the_mail_were_inlined_alone(place: str) -> None:
    inliner = Inliner()
    for words, others in product(WORDS.values(), ("one", "two paragraphs", "many paragraphs", "nothing")):
        html = page(STYLE, place.format(words, WORDS[others], WORDS[others]))
        assert inliner.inline(html) == inliner.inline_whole(html), html


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_any_style_is_as_if_the_mail_were_inlined_alone(style: str) -> None:
    for one in ("a paragraph", "a panel", "a cell"):
        inliner = Inliner()
        for words in WORDS.values():
            html = page(style, PLACES[one].format(words, words, words))
            assert inliner.inline(html) == inliner.inline_whole(html), html


@pytest.mark.parametrize("place", ["<p>x</p>\n{}", "text {} <p>x</p>"])
def test_a_page_that_is_none_is_as_if_it_were_inlined_alone(place: str) -> None:
    inliner = Inliner()
    for words in WORDS.values():
        for html in (place.format(words), f"<head><style>{STYLE}</style></head>\n {place.format(words)}"):
            assert inliner.inline(html) == inliner.inline_whole(html), html


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_sample_is_as_if_it_were_inlined_alone(language: str) -> None:
    inliner, values = Inliner(), samples(RENDERER.words(language))
    for name, sample in values.items():
        html = RENDERER.environment(language).get_template(f"{name}/{HTML}").render(sample)
        assert inliner.inline(html) == inliner.inline(html) == inliner.inline_whole(html)


def test_mails_of_one_frame_are_inlined_once() -> None:
    inliner = CountingInliner()
    sample: Mapping[str, object] = SAMPLES["ticket-opened"]
    template = RENDERER.environment().get_template(f"ticket-opened/{HTML}")

    for number in range(5):
        inliner.inline(template.render({**sample, "reference": f"{number}.abc"}))

    assert inliner.asked == 1


@pytest.mark.parametrize("style", [STYLES["ours"], STYLES["simple"], STYLES["with a comment"]])
def test_any_number_of_lines_and_of_further_paragraphs_is_one_frame(style: str) -> None:
    inliner = CountingInliner()

    for words in ("two paragraphs", "many paragraphs"):
        inliner.inline(page(style, PLACES["a panel"].format(*["x"] * 2, WORDS[words])))
        inliner.inline(page(style, PLACES["a panel"].format("a<br>\nb", WORDS["signs"], WORDS[words])))

    assert inliner.asked == 1


def test_links_and_pictures_leave_the_frames_of_others_alone() -> None:
    inliner = CountingInliner()
    for number in range(300):
        inliner.inline(page(STYLE, f'<p><a href="https://x.example/{number}">x</a></p>'))
        inliner.inline(page(STYLE, "<p>x</p>"))

    assert inliner.asked == 300 + 1
