"""`#report`: who gets which report by mail, and what it is about."""

from dataclasses import replace

import pytest

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, query, report_is_due
from tests.support.values.readings import ADA, ANN, BOB, Row, asked, passed
from tests.support.values.replies import mails_to, write_mail
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.runtime.services import Services


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    """Services whose report is due since a minute ago, with one ticket of just now."""
    return make_services(ADMIN, AGENT, a_raw_mail(), **report_is_due(), AUTHSERV_ID="mx", TRUST__STAFF="both")


def reports(services: Services) -> list[Row]:
    return query(services, "SELECT * FROM mail.outbox WHERE template = 'daily-report'")


def test_an_admin_gets_the_report_of_now_and_the_one_that_is_due_comes_all_the_same(services: Services) -> None:
    name = services.settings.report[0].name

    told = asked(services, ADA, f"#report {name.upper()}")
    (report,) = reports(services)
    start_due_reports(services)
    announce_due(services)

    assert f"The report “{name}”, as it is now, comes in a mail of its own." in told["text"]
    assert report["recipient"] == ADA
    assert "1  opened" in report["text"]
    assert len(reports(services)) == 2
    assert "0  opened" in reports(services)[-1]["text"]


def test_without_a_name_it_says_which_there_are(services: Services) -> None:
    name = services.settings.report[0].name

    listed, unknown = asked(services, ADA, "#report"), asked(services, ADA, "", subject="#report monthly")

    assert f"There are these reports; write #report and a name: {name}." in listed["text"]
    assert f"There is no report “monthly”; there are: {name}." in unknown["text"]
    assert reports(services) == []


def test_twice_in_one_mail_it_comes_once(services: Services) -> None:
    name = services.settings.report[0].name

    told = asked(services, ADA, f"#report {name}\n#report {name}")

    assert "comes once; you asked for it above." in told["text"]
    assert len(reports(services)) == 1


def test_nobody_else_gets_one(services: Services) -> None:
    line = f"#report {services.settings.report[0].name}"

    told = asked(services, BOB, line)
    write_mail(services, ANN, line, **passed(ANN))
    write_mail(services, ADA, line)

    assert "This command is for admins." in told["text"]
    assert reports(services) == []
    assert mails_to(services, ADA, "daily-report") == []


def test_a_desk_without_reports_says_so(services: Services) -> None:
    services = replace(services, settings=services.settings.model_copy(update={"report": ()}))

    assert "This desk has no reports." in asked(services, ADA, "#report daily")["text"]
