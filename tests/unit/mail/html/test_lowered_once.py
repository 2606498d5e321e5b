"""Quick tests of long HTML search what it repeats once, and find all that they would find in the whole."""

import pytest

from mail.html import quotes, signatures
from mail.html.elements import SHORT, lowered_once
from mail.html.hidden import may_hide
from mail.html.text import read_html

CELLS = "<tr><td style='padding:1px'>of many</td></tr>\n" * 200


@pytest.mark.parametrize("hint", [*quotes.HINTS, *signatures.HINTS])
def test_each_mark_of_a_quote_or_signature_is_found_among_cells(hint: str) -> None:
    searched = lowered_once(f"{CELLS}<div class={hint.upper()}>{CELLS}")

    assert hint in searched
    assert len(searched) < SHORT < len(CELLS)


@pytest.mark.parametrize(
    "element",
    ["<p hidden>", "<P HIDDEN>", "<p style='Display : none'>", "<p style='font:0/0 x'>", "<p style='overflow:hidden'>"],
)
@pytest.mark.parametrize("below", [CELLS, CELLS.rstrip(), ""], ids=["cells", "no line end", "nothing"])
def test_what_hides_is_found_among_cells(element: str, below: str) -> None:
    assert may_hide(lowered_once(f"{CELLS}>>{element}{below}"))


def test_a_style_that_never_ends_behind_cells_hides_no_word_above_it() -> None:
    read = read_html(f"<style>p{{}}</style>{CELLS}<p>Hello</p><STYLE>p{{")

    assert read.own.endswith("Hello")
