"""A report that is due is started once, written once for each admin, and holds its picture."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from desk.ticket import Role
from tests.offices import a_raw_mail, an_office, hire, rows, run, take_in
from worker import clock
from worker.announce import announce_due
from worker.office import Office
from worker.reports import start_due_reports


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    """An office whose report is due since a minute ago, with one admin, one agent and one ticket."""
    due = clock.now() - timedelta(minutes=1)
    days = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    office = an_office(fresh_database, REPORT__DAILY__AT=f"{due:%H:%M}", REPORT__DAILY__DAYS=days)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, "bob@desk.example")
    take_in(office, a_raw_mail())
    run(office, 'UPDATE "Ticket" SET "createdAt" = now() - interval \'1 day\'')
    yield office
    office.engine.dispose()


def reports(office: Office) -> list[dict[str, object]]:
    return rows(office, "SELECT * FROM mail.outbox WHERE template = 'daily-report'")


def test_two_beats_make_one_report(office: Office) -> None:
    with ThreadPoolExecutor(4) as beats:
        started = list(beats.map(start_due_reports, [office] * 4))
    announce_due(office)

    assert sum(started) == 1
    assert [row["recipient"] for row in reports(office)] == ["ada@desk.example"]


def test_a_report_is_not_made_again_the_same_day(office: Office) -> None:
    start_due_reports(office)
    announce_due(office)

    assert start_due_reports(office) == 0
    announce_due(office)
    assert len(reports(office)) == 1


def test_the_report_holds_its_figures_and_its_picture(office: Office) -> None:
    start_due_reports(office)
    announce_due(office)

    mail = reports(office)[0]
    picture = rows(
        office,
        "SELECT content_id, content FROM mail.outbox_file JOIN mail.blob USING (sha256) WHERE outbox_id = :id",
        id=mail["id"],
    )[0]
    assert "1  opened" in str(mail["text"])
    assert f"cid:{picture['content_id']}" in str(mail["html"])
    assert bytes(picture["content"]).startswith(b"\x89PNG")
    assert (mail["reply_to"], mail["auto_submitted"]) == (None, "auto-generated")


def test_the_figures_are_kept_with_the_run(office: Office) -> None:
    start_due_reports(office)
    announce_due(office)

    kept = rows(office, "SELECT name, figures FROM mail.report_run")

    assert [(run["name"], run["figures"]["opened"]) for run in kept] == [("daily", 1)]
