"""A link whose words are the address of another place is no link: nobody is led elsewhere than they read."""

import time

import pytest

from mail.outbound.letter import cleaned, quoted_html, with_pictures

SHOWN = "https://bank.example/login"
# The target, the words, and whether they stay a link.
LINKS = {
    "another place": ("https://evil.example/x", SHOWN, False),
    "another place, in a sentence": ("https://evil.example/x", f"Open {SHOWN} now", False),
    "another place, in pieces": ("https://evil.example/x", "https://<b>bank</b>.example/login", False),
    "another place, in pieces by unseen signs": ("https://evil.example/x", "https://\u200bbank.example/login", False),
    "another place, in capitals": ("https://evil.example/x", "HTTPS://BANK.EXAMPLE/login", False),
    "another place, without a scheme": ("https://evil.example/x", "www.bank.example", False),
    "two places": ("https://evil.example/x", f"https://evil.example/x or {SHOWN}", False),
    "a place as a user": ("https://bank.example@evil.example/", SHOWN, False),
    "a place behind a slash": ("https://evil.example\\@bank.example/", SHOWN, False),
    "a place that begins alike": ("https://bank.example.evil.example/", SHOWN, False),
    "a place that ends alike": ("https://evilbank.example/", SHOWN, False),
    "slashes that browsers forgive": ("https:/evil.example/bank.example", SHOWN, False),
    "a program that rewrites links": ("https://links.example/?url=https%3A%2F%2Fbank.example%2Flogin", SHOWN, False),
    "another mailbox": ("mailto:eve@evil.example", "help@bank.example", False),
    "another mailbox besides": ("mailto:eve@evil.example,help@bank.example", "help@bank.example", False),
    "a mailbox that is a page": ("https://evil.example/", "help@bank.example", True),
    "a page that is a mailbox": ("mailto:eve@evil.example", SHOWN, False),
    "the same place": (SHOWN, SHOWN, True),
    "the same place by another scheme": ("http://www.bank.example/login", "www.bank.example", True),
    "the same place, shortened": ("https://bank.example/login?a=1", "https://bank.example/…", True),
    "a part of the same place": ("https://login.bank.example/", "https://bank.example", True),
    "the same place, with a port": ("https://bank.example:8443/login", "https://bank.example:8443/login", True),
    "the same mailbox": ("mailto:Help@bank.example?subject=Hello", "help@bank.example", True),
    "words": ("https://evil.example/x", "your invoice", True),
    "a file": ("https://files.example/7/report.pdf", "report.pdf", True),
}


@pytest.mark.parametrize(("target", "words", "stays"), LINKS.values(), ids=LINKS)
def test_a_link_leads_where_its_words_say(target: str, words: str, stays: bool) -> None:
    linked = f'<a href="{target}">{words}</a>'

    html = cleaned(f"<p>See {linked}.</p>")

    assert ("<a " in html) is stays
    assert words in html
    assert cleaned(html) == html == with_pictures(html, [], {}) == quoted_html(html)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://x.example">https://y.example' * 3_000,
        '<a href="https://x.example">' + "https://" * 20_000 + "</a>",
        '<a href="https://x.example">' + "a@" * 80_000 + "</a>",
        '<a href="https://x.example">' + "www." * 40_000 + "</a>",
        '<table><tr><td><a href="https://x.example">' * 60 + "https://y.example",
    ],
)
def test_many_links_cost_little(html: str) -> None:
    began = time.perf_counter()

    cleaned(html)

    assert time.perf_counter() - began < 2
