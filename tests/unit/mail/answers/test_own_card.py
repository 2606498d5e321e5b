"""Below a command alone, the card of its author is a signature, and everything else is words."""

import pytest

from mail.quoting.own_card import is_own_card

NAMES = frozenset({"bob", "miller", "bob.miller"})
CARDS = [
    "Bob Miller",
    "bob",
    "*Bob Miller*",
    "Bob Miller\nSupport | Desk Example GmbH\nTel. +49 30 1234567\nwww.desk.example",
    "Bob Miller | Senior Support Agent\n\nDesk Example GmbH\nMain Street 1, 10115 Berlin",
    "Bob Miller, Support\nDesk Example GmbH",
    "Bob Miller · Desk Example\nhttps://desk.example",
    "Bob Miller - Support\nDesk Example GmbH",
]
WORDS = [
    "",
    "The cable is mended.",
    "Bob,\nthe cable is mended.",
    "Bob, the cable is mended",
    "Hello Ann,\nthe cable is mended.\nBob Miller",
    "Bob Miller will call you tomorrow.",
    "Bob Miller\nhe will call you tomorrow about the cable, and has the parts with him.",
    "Maria Okafor\nTel. +49 30 7654321",
    "Bob Miller:\nTel. +49 30 7654321",
    "Bob?",
    # A notice so short says something; longer ones are known as such.
    "Bob Miller\nDesk Example GmbH\nThis e-mail is confidential.",
    "Bob Miller\nWill you call him?",
    "\n".join(["Bob Miller", *["Tel. +49 30 1234567"] * 20]),
]


@pytest.mark.parametrize("text", CARDS)
def test_a_card_begins_with_its_authors_name(text: str) -> None:
    assert is_own_card(text, NAMES)


@pytest.mark.parametrize("text", WORDS)
def test_everything_else_is_words(text: str) -> None:
    assert not is_own_card(text, NAMES)


def test_without_a_name_there_is_no_card() -> None:
    assert not is_own_card("Bob Miller\nSupport", frozenset())


def test_a_long_text_takes_no_time() -> None:
    assert not is_own_card("Bob Miller - " * 100_000, NAMES)
