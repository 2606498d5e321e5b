"""Customers have requests and staff have tickets, and nobody is given a reason that is not theirs."""

import re

import pytest

from desk.commands.command import Setting
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.table import CUSTOMERS_MAY, GUESTS_MAY
from desk.notices.events import ChangeSet, Event, EventKind, Field
from desk.notices.held import HeldMail
from desk.notices.recipients import Notice, notices
from desk.ticket import Person, Status
from tests.support.values.builders import ANN, BOB, CAT, DAN, a_cause, a_change, a_change_set, a_comment, a_ticket
from tests.support.values.words import english, plain

TICKET = re.compile(r"\btickets?\b", re.IGNORECASE)
OPENED = Event(1, EventKind.TICKET_OPENED)
RESOLVED = a_change(Field.STATUS, "open", "resolved")


def notice_to(person: Person, change_set: ChangeSet) -> Notice:
    return next(notice for notice in notices(change_set) if notice.person == person)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize(("person", "names"), [(ANN, CUSTOMERS_MAY), (DAN, GUESTS_MAY)])
def test_no_answer_to_a_command_of_customers_speaks_of_a_ticket(
    person: Person, names: tuple[str, ...], status: Status
) -> None:
    words = parse_reply("\n".join(f"#{name}" for name in (*names, "close", "resolve")), staff=False)

    _, answers = obey(words.orders, Setting(person, a_ticket(status=status), ()))

    assert [told for told in (english(answer.sentence) for answer in answers) if TICKET.search(told)] == []


def test_staff_read_of_tickets() -> None:
    words = parse_reply("#resolve", staff=True)

    _, answers = obey(words.orders, Setting(BOB, a_ticket(), ()))

    assert [english(answer.sentence) for answer in answers] == ["The ticket is now resolved."]


@pytest.mark.parametrize("person", [ANN, DAN])
def test_what_else_changed_is_told_to_customers_of_their_request(person: Person) -> None:
    change_set = a_change_set(a_comment(BOB), RESOLVED, actor=BOB, participants=(ANN, DAN))

    notice = notice_to(person, change_set)

    assert tuple(map(english, notice.also)) == ("The request is now open.",)
    assert not TICKET.search(english(notice.reason))


REASONS = [
    (a_change_set(OPENED, cause=None), ANN, "this request was opened under your address"),
    (a_change_set(OPENED, cause=a_cause(ANN)), ANN, "this request was opened under your address"),
    (a_change_set(a_comment(BOB), actor=BOB, participants=(ANN, CAT)), ANN, "this request is yours"),
    (a_change_set(a_comment(BOB), actor=BOB, participants=(ANN, CAT)), CAT, "you take part in this ticket"),
    (
        a_change_set(
            Event(1, EventKind.MAIL_HELD, person=BOB, held=HeldMail("Hi", plain("Why."), plain("What."))), ticket=None
        ),
        BOB,
        "a mail came to us under your address",
    ),
    (a_change_set(Event(1, EventKind.MAIL_TOO_LARGE, person=ANN), ticket=None), ANN, "under your address"),
]


@pytest.mark.parametrize(("change_set", "person", "reason"), REASONS)
def test_nobody_is_told_that_they_wrote_to_us(change_set: ChangeSet, person: Person, reason: str) -> None:
    told = english(notice_to(person, change_set).reason)

    assert reason in told
    assert "wrote to us" not in told
