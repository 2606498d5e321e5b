"""What a report reads from the database, and who may make it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from desk.reports.report import Rows, Totals, figures, view
from desk.reports.schedule import Period
from desk.ticket import Category, Status
from models.reports.figures import LATEST, LINES, gather_figures
from models.reports.report_runs import ReportRun, start_run, store_figures
from models.supportdesk.tables import Comment, Ticket, TicketActivity, User
from tests.support.values.words import ENGLISH

DAY = Period(datetime(2026, 11, 20, 23, tzinfo=UTC), datetime(2026, 11, 21, 23, tzinfo=UTC), "Europe/Berlin")
NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
NOON = datetime(2026, 11, 21, 11, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
# The first midnight of the fourteen days that end with the period.
SINCE = datetime(2026, 11, 7, 23, tzinfo=UTC)
A_MOMENT = timedelta(milliseconds=1)

_NUMBERS = count()


def add_person(session: Session, name: str | None = "Somebody", email: str | None = None) -> str:
    user_id = f"person{next(_NUMBERS)}"
    person = {"id": user_id, "name": name, "email": email or f"{user_id}@desk.example", "updated_at": NOW}
    session.execute(insert(User).values(person))
    return user_id


def add_ticket(session: Session, customer: str, **fields: object) -> str:
    ticket_id = f"ticket{next(_NUMBERS)}"
    told = {"title": ticket_id, "description": "", "category": Category.BILLING, "created_at": LONG_AGO, **fields}
    session.execute(insert(Ticket).values(id=ticket_id, created_by_id=customer, updated_at=NOW, **told))
    return ticket_id


def add_comment(session: Session, ticket: str, author: str, at: datetime) -> None:
    words = {"id": f"comment{next(_NUMBERS)}", "content": "", "created_at": at, "updated_at": at}
    session.execute(insert(Comment).values(ticket_id=ticket, user_id=author, **words))


def add_activity(session: Session, ticket: str, author: str, at: datetime) -> None:
    line = {"id": f"line{next(_NUMBERS)}", "action": "updated", "description": "Title updated", "created_at": at}
    session.execute(insert(TicketActivity).values(ticket_id=ticket, user_id=author, **line))


def gather(session: Session) -> Rows:
    return gather_figures(session, DAY, NOW)


@pytest.fixture
def customer(session: Session) -> str:
    return add_person(session, "Maria")


@pytest.fixture
def agent(session: Session) -> str:
    return add_person(session, "Ben")


GATHERED = [
    pytest.param({"status": Status.OPEN}, 1, id="open for long"),
    pytest.param({"status": Status.IN_PROGRESS}, 1, id="in progress for long"),
    pytest.param({"status": Status.RESOLVED, "resolved_at": LONG_AGO}, 0, id="resolved long ago"),
    pytest.param({"status": Status.CLOSED, "closed_at": LONG_AGO}, 0, id="closed long ago"),
    pytest.param({"status": Status.CLOSED, "created_at": SINCE}, 1, id="opened since"),
    pytest.param({"status": Status.CLOSED, "created_at": SINCE - A_MOMENT}, 0, id="opened before"),
    pytest.param({"status": Status.RESOLVED, "resolved_at": SINCE}, 1, id="resolved since"),
    pytest.param({"status": Status.RESOLVED, "resolved_at": SINCE - A_MOMENT}, 0, id="resolved before"),
    pytest.param({"status": Status.CLOSED, "closed_at": SINCE}, 1, id="closed since"),
    pytest.param({"status": Status.CLOSED, "closed_at": SINCE - A_MOMENT}, 0, id="closed before"),
]


@pytest.mark.parametrize(("fields", "expected"), GATHERED)
def test_open_and_lately_touched_tickets_are_gathered(
    session: Session, customer: str, fields: dict[str, object], expected: int
) -> None:
    add_ticket(session, customer, **fields)

    rows = gather(session)

    assert len(rows.tickets) == expected


@pytest.mark.parametrize(("at", "expected"), [(DAY.start - A_MOMENT, 0), (DAY.start, 1), (DAY.end - A_MOMENT, 1)])
def test_an_old_closed_ticket_counts_where_it_was_answered_in_the_period(
    session: Session, customer: str, agent: str, at: datetime, expected: int
) -> None:
    ticket = add_ticket(session, customer, status=Status.CLOSED)
    add_comment(session, ticket, agent, at)

    rows = gather(session)

    assert len(rows.tickets) == expected


def test_the_first_answer_is_the_earliest_comment_by_another_than_the_creator(
    session: Session, customer: str, agent: str
) -> None:
    ticket = add_ticket(session, customer, created_at=NOON)
    add_comment(session, ticket, agent, NOON + timedelta(hours=3))
    add_comment(session, ticket, customer, NOON + timedelta(hours=1))
    add_comment(session, ticket, agent, NOON + timedelta(hours=2))

    rows = gather(session)

    assert [row.first_answer_at for row in rows.tickets] == [NOON + timedelta(hours=2)]


def test_a_later_answer_in_the_period_is_not_the_first(session: Session, customer: str, agent: str) -> None:
    ticket = add_ticket(session, customer)
    add_comment(session, ticket, agent, DAY.start - A_MOMENT)
    add_comment(session, ticket, agent, NOON)

    rows = gather(session)

    assert [row.first_answer_at for row in rows.tickets] == [None]


def test_the_creators_own_comments_are_no_answer(session: Session, customer: str) -> None:
    ticket = add_ticket(session, customer)
    add_comment(session, ticket, customer, NOON)

    rows = gather(session)

    assert [row.first_answer_at for row in rows.tickets] == [None]


def test_an_answer_on_another_ticket_is_none_on_this_one(session: Session, customer: str, agent: str) -> None:
    quiet, answered = add_ticket(session, customer), add_ticket(session, customer)
    add_comment(session, answered, agent, NOON)

    rows = gather(session)

    assert {row.title: row.first_answer_at for row in rows.tickets} == {quiet: None, answered: NOON}


def test_tickets_carry_their_numbers_in_order(session: Session, customer: str) -> None:
    added = [add_ticket(session, customer) for _ in range(3)]

    rows = gather(session)

    assert [row.title for row in sorted(rows.tickets, key=lambda row: row.number)] == added


def test_totals_count_every_ticket_by_where_it_stands(session: Session, customer: str) -> None:
    for status, tickets in ((Status.OPEN, 1), (Status.IN_PROGRESS, 2), (Status.RESOLVED, 3), (Status.CLOSED, 4)):
        for _ in range(tickets):
            add_ticket(session, customer, status=status)

    rows = gather(session)

    assert rows.totals == Totals(total=10, open=3, closed=7)


def test_an_empty_desk_makes_an_empty_report(session: Session) -> None:
    rows = gather(session)

    assert rows == Rows((), Totals(0, 0, 0), ())


NAMES = [
    pytest.param(("Ann", None), ("ann@desk.example", "x@desk.example"), {"Ann", "x@desk.example"}, id="no name"),
    pytest.param(("Ann", " "), ("ann@desk.example", "x@desk.example"), {"Ann", "x@desk.example"}, id="a blank name"),
    pytest.param(
        ("Ann", "Ann"),
        ("ann@desk.example", "x@desk.example"),
        {"Ann <ann@desk.example>", "Ann <x@desk.example>"},
        id="one name",
    ),
]


@pytest.mark.parametrize(("names", "emails", "expected"), NAMES)
def test_assignees_can_be_told_apart(
    session: Session, customer: str, names: tuple[str | None, ...], emails: tuple[str, ...], expected: set[str]
) -> None:
    for name, email in zip(names, emails, strict=True):
        add_ticket(session, customer, assigned_to_id=add_person(session, name, email))

    rows = gather(session)

    assert {row.assignee for row in rows.tickets} == expected


def test_a_ticket_without_an_agent_has_no_assignee(session: Session, customer: str) -> None:
    add_ticket(session, customer)

    rows = gather(session)

    assert [row.assignee for row in rows.tickets] == [None]


def test_the_latest_tickets_are_named_once_and_newest_first(session: Session, customer: str) -> None:
    first, second = add_ticket(session, customer), add_ticket(session, customer, status=Status.CLOSED)
    for ticket, minutes in ((first, 1), (second, 2), (first, 3), (second, 0)):
        add_activity(session, ticket, customer, NOON + timedelta(minutes=minutes))

    rows = gather(session)

    assert [(row.title, row.status) for row in rows.latest] == [(first, Status.OPEN), (second, Status.CLOSED)]


def test_a_ticket_with_many_lines_does_not_hide_the_others(session: Session, customer: str) -> None:
    busy = add_ticket(session, customer)
    for minutes in range(LINES // 2):
        add_activity(session, busy, customer, NOON + timedelta(minutes=minutes))
    others = [add_ticket(session, customer) for _ in range(LATEST)]
    for ticket in others:
        add_activity(session, ticket, customer, LONG_AGO)

    rows = gather(session)

    assert len(rows.latest) == LATEST


def test_what_was_gathered_adds_up_in_the_report(session: Session, customer: str, agent: str) -> None:
    done = {"status": Status.RESOLVED, "created_at": NOON, "resolved_at": NOON + timedelta(hours=5)}
    ticket = add_ticket(session, customer, assigned_to_id=agent, **done)
    add_comment(session, ticket, agent, NOON + timedelta(minutes=80))
    add_ticket(session, customer)

    shown = view(figures(gather(session), DAY, NOW), ENGLISH)

    median = shown.first_response and shown.first_response.median
    assert (shown.opened, shown.resolved, shown.open_now, median) == (1, 1, 1, "1 h 20 min")


def test_a_run_is_started_once(session: Session) -> None:
    started = [start_run(session, "daily", NOW) for _ in range(2)]

    assert started == [True, False]


@pytest.mark.parametrize(("name", "due_at"), [("weekly", NOW), ("daily", NOW + timedelta(days=1))])
def test_another_report_or_another_day_is_another_run(session: Session, name: str, due_at: datetime) -> None:
    start_run(session, "daily", NOW)

    started = start_run(session, name, due_at)

    assert started


def test_a_run_keeps_what_its_report_said(session: Session, customer: str) -> None:
    add_ticket(session, customer, title='Ünïcode "quoted"')
    said = asdict(view(figures(gather(session), DAY, NOW), ENGLISH))
    start_run(session, "daily", NOW)

    store_figures(session, "daily", NOW, said)

    kept = session.scalars(select(ReportRun.figures).where(ReportRun.name == "daily")).one()
    assert kept["totals"] == {"total": 1, "open": 1, "closed": 0}


def test_figures_of_a_run_that_was_not_started_are_refused(session: Session) -> None:
    kept = store_figures(session, "daily", NOW, {})

    assert not kept


@pytest.fixture
def lone_run(engine: Engine) -> Iterator[str]:
    """Give the name of a report whose runs are committed and taken away again."""
    name = f"beats-{next(_NUMBERS)}"
    yield name
    with engine.begin() as connection:
        connection.execute(delete(ReportRun).where(ReportRun.name == name))


def test_two_beats_at_once_make_one_report(engine: Engine, lone_run: str) -> None:
    with Session(engine) as first, Session(engine) as second, ThreadPoolExecutor(1) as beat:
        mine = start_run(first, lone_run, NOW)
        waiting = beat.submit(start_run, second, lone_run, NOW)
        first.commit()

        theirs = waiting.result(timeout=10)

    assert (mine, theirs) == (True, False)


def test_a_beat_takes_over_the_run_of_one_that_died(engine: Engine, lone_run: str) -> None:
    with Session(engine) as first, Session(engine) as second, ThreadPoolExecutor(1) as beat:
        start_run(first, lone_run, NOW)
        waiting = beat.submit(start_run, second, lone_run, NOW)
        first.rollback()

        theirs = waiting.result(timeout=10)

    assert theirs
