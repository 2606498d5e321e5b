"""What lines of one mail write on many tickets is a note or an answer as any other."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, query
from tests.support.values.readings import ANN, BOB, PASS, asked, give_to
from tests.support.values.replies import answer, last_mail, mails_to
from worker.announce.run import announce_due
from worker.runtime.services import Services

SETTINGS = {"AUTHSERV_ID": "mx", "TRUST__STAFF": "both", "DESK__HOLD_ANSWERS": "2 min"}
SECRET = "This customer has not paid since March."
# As the web application writes it.
COMMENT = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
SELECT 'leak', :text, t.ticket_id, u.id, timezone('utc', now()), timezone('utc', now())
FROM mail.ticket t, "User" u WHERE t.number = 1001 AND u.email = 'bob@desk.example'
"""


@pytest.fixture
def services(make_services: MakeServices, tmp_path: Path) -> Services:
    """Bob has SD-1001 of Ann, and may send the text `refund`."""
    (tmp_path / "refund.txt").write_text("\nHello {customer}, the money is on its way.\n")
    services = make_services(ADMIN, AGENT, a_raw_mail(), DESK__MACROS=str(tmp_path), **SETTINGS)
    give_to(services, BOB)
    return services


def test_a_line_of_a_note_goes_to_no_customer(services: Services) -> None:
    answer(services, asked(services, BOB, "#list"), f"1001 #note {SECRET}", **PASS)
    execute(services, COMMENT, text=SECRET)
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)

    told = last_mail(services, ANN, "comment-to-customer")
    assert query(services, "SELECT text FROM mail.note ORDER BY id LIMIT 1") == [{"text": SECRET}]
    assert (told["fate"], "a line of an internal note" in (told["reason"] or "")) == ("held", True)


def test_an_answer_waits_as_long_as_it_may_be_taken_back(services: Services) -> None:
    listed = asked(services, BOB, "#list")
    answer(services, listed, "1001 #say refund", **PASS)

    told = last_mail(services, ANN, "comment-to-customer")
    assert timedelta(0) < told["due_at"] - told["written_at"] <= timedelta(minutes=2)

    answer(services, listed, "#undo", **PASS)

    assert query(services, 'SELECT content FROM "Comment"') == []
    assert [mail["fate"] for mail in mails_to(services, ANN, "comment-to-customer")] == ["held"]
