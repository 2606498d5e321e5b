"""What customers read: an answer has no frame, and their matter is a request and nobody's ticket."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from desk.notices.samples import FROM_CUSTOMER, FROM_STAFF, REFERENCE, SAMPLES, TICKET
from mail.outbound.render import Rendered, Renderer
from mail.quoting.labels import DELIMITER

TEMPLATES = Path(__file__).parents[4] / "templates"
RENDERER = Renderer(TEMPLATES)
ANSWER = "comment-to-customer"
BELOW = "Request SD-1042 · To write back, just answer this mail."
GUEST = "You take part. To get no more mails about it, answer with #stop on a line of its own."
TO_CUSTOMERS = ["comment-to-customer", "mail-too-large", "status-closed", "status-in-progress", "status-open",
                "status-resolved", "ticket-opened", "ticket-reopened"]  # fmt: skip
TO_STAFF = ["comment-to-agent", "note-to-agent", "status-to-agent", "ticket-assigned"]


def answer(**values: Any) -> Rendered:
    bare = {"files": (), "also": (), "signature": None, "answered": None, "buttons": ()}
    return RENDERER.render(ANSWER, {**SAMPLES[ANSWER], **bare, **values})


def shown(html: str) -> str:
    page = LexborHTMLParser(html)
    for node in page.css("style, title, head"):
        node.decompose()
    return " ".join((page.body.text() if page.body else "").split())


def test_an_answer_is_the_words_and_one_quiet_line() -> None:
    rendered = answer()

    assert rendered.text == f"{FROM_STAFF.text}\n\n-- \n{BELOW}\n[ref {REFERENCE}]\n"
    assert shown(rendered.html) == " ".join(f"{FROM_STAFF.text} {BELOW} [ref {REFERENCE}]".split())


def test_an_answer_has_no_card_and_no_panel_and_keeps_the_mark_by_which_it_is_cut() -> None:
    page = LexborHTMLParser(answer().html)

    assert page.css(".card, .panel, .desk, .foot, .title") == []
    assert page.css_first('[data-supportdesk="reply"]') is not None


def test_an_answer_names_its_files_and_other_changes_above_the_quiet_line() -> None:
    rendered = RENDERER.render(ANSWER, SAMPLES[ANSWER])

    order = [rendered.text.index(part) for part in ("Best wishes", "invoice-2026-1187.pdf", "is now resolved", BELOW)]
    assert order == sorted(order)


def test_what_nobody_of_the_desk_wrote_names_its_author() -> None:
    rendered = answer(comment=FROM_CUSTOMER)

    assert rendered.text.startswith("Maria Okafor wrote about your request SD-1042:\n\n")
    assert "Maria Okafor wrote about your request SD-1042:" in shown(rendered.html)


def test_a_guest_reads_how_to_stop() -> None:
    rendered = answer(to_guest=True, reason=GUEST)

    assert "answer with #stop on a line of its own." in " ".join(rendered.text.split())
    assert GUEST in shown(rendered.html)
    assert [line for line in rendered.text.splitlines() if line.startswith("#")] == []


@pytest.mark.parametrize(("delimiter", "stands"), [("", False), (DELIMITER, True)])
def test_only_staff_are_shown_the_delimiter(delimiter: str, *, stands: bool) -> None:
    rendered = answer(delimiter=delimiter)

    assert rendered.text.startswith(DELIMITER) is stands
    assert (DELIMITER in shown(rendered.html)) is stands


@pytest.mark.parametrize("by_mail", [True, False])
def test_an_acknowledgement_shows_neither_priority_nor_category(*, by_mail: bool) -> None:
    ticket = replace(TICKET, priority="PRIO", category="KIND")
    rendered = RENDERER.render("ticket-opened", {**SAMPLES["ticket-opened"], "ticket": ticket, "by_mail": by_mail})

    together = f"{rendered.subject}{rendered.text}{rendered.html}"
    assert "PRIO" not in together and "KIND" not in together  # noqa: PT018
    assert ("Your message has arrived" in together) is by_mail


@pytest.mark.parametrize(("names", "word"), [(TO_CUSTOMERS, "ticket"), (TO_STAFF, "request")])
def test_customers_read_request_and_staff_ticket(names: list[str], word: str) -> None:
    """Of the words of the templates themselves, with all that they include."""
    for name in names:
        rendered = RENDERER.render(name, SAMPLES[name])
        texts = (rendered.subject, rendered.text, shown(rendered.html))
        assert [text for text in texts if re.search(rf"\b{word}s?\b", text, re.IGNORECASE)] == [], name
