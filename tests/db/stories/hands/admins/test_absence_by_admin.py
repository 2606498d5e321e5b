"""`#away` and `#back` by an admin for a colleague, with real mails: who gets new tickets then, and what is told."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, query
from tests.support.values.readings import ADA, BOB, PASS, Row, asked, passed
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")
DAY = f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}"


def away(services: Services) -> list[Row]:
    return query(
        services,
        """SELECT u.email, a.reason FROM mail.absence a JOIN mail.person p ON p.number = a.person_number
        JOIN "User" u ON u.id = p.user_id WHERE a.until > now()""",
    )


def test_an_admin_says_that_a_colleague_is_away_and_is_back(services: Services) -> None:
    before = len(mails_to(services, BOB))
    mail = asked(services, ADA, "#list")

    answer(services, mail, f"#away until {DAY} for bo", **PASS)
    told, gone = last_mail(services, ADA, "command-answer"), away(services)
    answer(services, mail, "#back for bob", **PASS)

    assert gone == [{"email": BOB, "reason": f"{ADA} said #away for them."}]
    assert "Bob gets no new tickets until" in told["text"]
    assert away(services) == []
    assert "Bob gets new tickets again." in last_mail(services, ADA, "command-answer")["text"]
    assert len(mails_to(services, BOB)) == before


def test_what_an_admin_said_of_a_colleague_is_taken_back(services: Services) -> None:
    mail = asked(services, ADA, "#list")

    answer(services, mail, f"#away until {DAY} for bob", **PASS)
    gone = away(services)
    answer(services, mail, "#undo", **PASS)

    assert [one["email"] for one in gone] == [BOB]
    assert away(services) == []
    assert "Bob gets new tickets, as before." in last_mail(services, ADA, "command-answer")["text"]


def test_a_pass_is_enough_for_oneself_and_not_for_a_colleague(services: Services) -> None:
    held = write_mail(services, ADA, f"#away until {DAY} for bob", **passed(ADA))
    write_mail(services, ADA, f"#away until {DAY}", **passed(ADA))

    assert held["fate"] == "not_applied"
    assert [one["email"] for one in away(services)] == [ADA]


def test_an_agent_is_refused_and_nobody_is_away(services: Services) -> None:
    answer(services, asked(services, BOB, "#list"), f"#away until {DAY} for ada", **PASS)

    assert "Only admins can write that" in last_mail(services, BOB, "command-answer")["text"]
    assert away(services) == []
