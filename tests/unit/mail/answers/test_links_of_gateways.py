"""A link of ours on a line of its own, as in a signature, is ours though a gateway put its own link around it."""

import pytest

from mail.quoting.ours.words import SentWords

LINKS = [
    ("https://northwind.example", True),
    ("<https://northwind.example/>", True),
    ("https://eur01.safelinks.example/?url=https%3A%2F%2Fnorthwind.example&data=05%7C02", True),
    ("https://urldefense.example/v3/__https://northwind.example__;!!AbC$", True),
    ("https://gateway.example/click?id=7&to=https%3A%2F%2Fnorthwind.example%2F", True),
    ("https://eur01.safelinks.example/?url=https%3A%2F%2Felsewhere.example&data=05%7C02", False),
    ("https://northwind.example.elsewhere.example", False),
    ("https://elsewhere.example https://northwind.example", False),
    ("https://elsewhere.example/northwind.example", False),
]


@pytest.mark.parametrize(("line", "ours"), LINKS)
def test_a_link_is_known_within_another(line: str, *, ours: bool) -> None:
    words = SentWords()
    words.add("Ben Castellanos\nhttps://northwind.example")

    assert words.knows_link(line) is ours
