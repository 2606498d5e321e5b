"""A report that is due is started once, written once for each admin, and holds its picture."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, query, report_is_due
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.runtime.services import Services


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    """Services whose report is due since a minute ago, with one ticket of yesterday."""
    services = make_services(ADMIN, AGENT, a_raw_mail(), **report_is_due())
    execute(services, 'UPDATE "Ticket" SET "createdAt" = now() - interval \'1 day\'')
    return services


def reports(services: Services) -> list[dict[str, object]]:
    return query(services, "SELECT * FROM mail.outbox WHERE template = 'daily-report'")


def test_two_beats_make_one_report(services: Services) -> None:
    with ThreadPoolExecutor(4) as beats:
        started = list(beats.map(start_due_reports, [services] * 4))
    announce_due(services)

    assert sum(started) == 1
    assert [row["recipient"] for row in reports(services)] == ["ada@desk.example"]


def test_a_report_is_not_made_again_the_same_day(services: Services) -> None:
    start_due_reports(services)
    announce_due(services)

    assert start_due_reports(services) == 0
    announce_due(services)
    assert len(reports(services)) == 1


def test_the_report_holds_its_figures_and_its_picture(services: Services) -> None:
    start_due_reports(services)
    announce_due(services)

    mail = reports(services)[0]
    picture = query(
        services,
        "SELECT content_id, content FROM mail.outbox_file JOIN mail.blob USING (sha256) WHERE outbox_id = :id",
        id=mail["id"],
    )[0]
    assert "1  opened" in str(mail["text"])
    assert f"cid:{picture['content_id']}" in str(mail["html"])
    assert bytes(picture["content"]).startswith(b"\x89PNG")
    assert (mail["reply_to"], mail["auto_submitted"]) == (None, "auto-generated")


def test_the_figures_are_kept_with_the_run(services: Services) -> None:
    start_due_reports(services)
    announce_due(services)

    kept = query(services, "SELECT name, figures FROM mail.report_run")

    assert [(execute["name"], execute["figures"]["opened"]) for execute in kept] == [("daily", 1)]
