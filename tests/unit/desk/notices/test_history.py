"""The history in the mail about an assignment: short, whole where a note must be known again, and for staff alone."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.gate.leaks import long_lines
from desk.notices.context import context
from desk.notices.events import Continued, EarlierTicket, Event, EventKind, Field, History, Turn
from desk.notices.history import LEFT_OUT, MOST_LINES, excerpt, history_view
from desk.notices.recipients import notices
from desk.notices.samples import SAMPLES
from desk.notices.values.template_values import DeskView
from desk.ticket import Status
from mail.outbound.render import Renderer
from tests.support.values.builders import ANN, BOB, CAT, DAN, NOW, a_change, a_change_set, a_comment
from tests.support.values.words import ENGLISH, READER

# A busy machine must not turn a test red.
UNHURRIED = settings(deadline=None)
RENDERER = Renderer(Path(__file__).parents[4] / "templates")
DESK = DeskView("The desk", "support@desk.example")
SECRET = "The customer has not paid since March."
OTHER = "Another ticket of theirs"
WORDS = "The closed ticket ended with these words."
PAST = History(
    turns=(
        Turn("Ann", "It burns again.", NOW, is_note=False),
        Turn("Cat", SECRET, NOW + timedelta(minutes=5), is_note=True),
    ),
    continues=Continued(EarlierTicket(1001, "Printer burns", Status.CLOSED), WORDS),
    latest=(EarlierTicket(1001, "Printer burns", Status.CLOSED), EarlierTicket(1003, OTHER, Status.OPEN)),
)
GIVEN = replace(a_change(Field.ASSIGNEE, "4", "3"), former=CAT, history=PAST)


def rendered(event: Event, reader: str, *others: Event) -> str:
    """The mail to one reader in both forms."""
    change_set = a_change_set(event, *others, participants=(ANN, DAN), actor=CAT)
    (notice,) = (one for one in notices(change_set) if one.person.name == reader)
    values = context(notice, change_set, DESK, (), replace(READER, reference="x"))
    mail = RENDERER.render(notice.template.name, values)
    return f"{mail.subject}\n{mail.text}\n{mail.html}"


def test_a_new_owner_reads_who_wrote_what_and_when_with_notes_marked() -> None:
    text = rendered(GIVEN, "Bob")

    assert "- 2 November 2026, 12:00 UTC, Ann:\n| It burns again.\n" in text
    assert f"- 2 November 2026, 12:05 UTC, Cat, internal note:\n| {SECRET}\n" in text


def test_a_new_owner_reads_which_ticket_it_goes_on_from_and_of_the_customers_others() -> None:
    text = rendered(GIVEN, "Bob")

    assert f"It goes on from SD-1001 “Printer burns” (Closed), which ended with:\n| {WORDS}\n" in text
    assert f"- SD-1001 Printer burns (Closed)\n- SD-1003 {OTHER} (Open)\n" in text


BESIDE = [
    a_comment(BOB, 3),
    a_comment(CAT, 3),
    a_change(Field.STATUS, "open", "resolved", 3),
    a_change(Field.STATUS, "closed", "open", 3),
    Event(3, EventKind.TICKET_OPENED, history=PAST),
]


@pytest.mark.parametrize("event", BESIDE)
@pytest.mark.parametrize("reader", ["Ann", "Dan"])
def test_no_mail_to_a_customer_or_guest_holds_anything_of_the_history(event: Event, reader: str) -> None:
    change_set = a_change_set(event, GIVEN, participants=(ANN, DAN), actor=CAT)
    if reader not in {one.person.name for one in notices(change_set)}:
        return

    mail = rendered(event, reader, GIVEN)

    assert [
        words for words in (SECRET, OTHER, WORDS, "SD-1001", "internal note", "It burns again") if words in mail
    ] == []


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "ticket-assigned"])
def test_no_other_template_shows_a_history_even_where_it_is_given_one(name: str) -> None:
    mail = RENDERER.render(name, {**SAMPLES[name], "history": history_view(PAST, ENGLISH)})

    assert SECRET not in f"{mail.subject}{mail.text}{mail.html}"


TEXTS = st.text(st.sampled_from("ab \n"), max_size=3000) | st.just("word " * 700) | st.just("line\n" * 90)
TURNS = st.builds(lambda text, note: Turn("Cat", text, NOW, is_note=note), TEXTS, st.booleans())
LATEST = st.lists(st.just(EarlierTicket(1, "t" * 900, Status.OPEN)), max_size=3).map(tuple)
PASTS = st.builds(
    History,
    turns=st.lists(TURNS, max_size=5).map(tuple),
    continues=st.none() | TEXTS.map(lambda text: Continued(EarlierTicket(1, "A\nb", Status.CLOSED), text)),
    latest=LATEST,
)


def lines_of(past: History) -> list[str]:
    """The lines of a history as the plain text shows them."""
    values = {**SAMPLES["ticket-assigned"], "comment": None}
    with_it, without = (
        RENDERER.render("ticket-assigned", {**values, "history": history}).text.splitlines()
        for history in (history_view(past, ENGLISH), None)
    )
    return with_it[: len(with_it) - len(without)] if len(with_it) > len(without) else []


@UNHURRIED
@given(PASTS)
def test_a_history_has_forty_lines_at_most(past: History) -> None:
    assert len(lines_of(past)) <= MOST_LINES


@given(TEXTS, st.integers(1, 8))
def test_an_excerpt_keeps_to_its_lines_and_cuts_none_of_a_note(text: str, rows: int) -> None:
    kept = excerpt(text, rows, whole=True)

    assert len(kept.splitlines()) <= rows
    assert long_lines(kept) <= long_lines(text)


def test_what_is_left_out_of_a_turn_is_marked() -> None:
    assert excerpt("one\n\ntwo\nthree", 2, whole=False) == f"one\n{LEFT_OUT}"
    assert excerpt("word " * 100, 2, whole=False).endswith(f"word {LEFT_OUT}")
    assert excerpt("word " * 100, 2, whole=True) == LEFT_OUT
