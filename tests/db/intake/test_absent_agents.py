"""Who is away gets no new tickets, and is told so by an answer."""

import pytest

from tests.support.database.services import AGENT, SECOND_AGENT, a_raw_mail, execute, process, query
from worker.runtime.services import Services

PASS = "mx.desk.example; dmarc=pass header.from=desk.example"
pytestmark = pytest.mark.services(AGENT, SECOND_AGENT)


def owner(services: Services, **headers: str) -> str:
    ticket = process(services, a_raw_mail(**headers))["ticket_number"]
    statement = (
        'SELECT u.email FROM mail.ticket t JOIN "Ticket" k ON k.id = t.ticket_id JOIN "User" u'
        ' ON u.id = k."assignedToId" WHERE t.number = :number'
    )
    return str(query(services, statement, number=ticket)[0]["email"])


def set_away(services: Services, email: str, until: str) -> None:
    execute(
        services,
        "INSERT INTO mail.absence (person_number, reason, until)"
        " SELECT person_number, 'test', CAST(:until AS timestamptz) FROM mail.staff WHERE email = :email",
        email=email,
        until=until,
    )


def test_who_is_away_gets_no_new_ticket(services: Services) -> None:
    set_away(services, "bob@desk.example", "2999-01-01")

    owners = {owner(services, message_id=f"<{number}@customer>", subject=f"Printer {number}") for number in range(3)}

    assert owners == {"cat@desk.example"}


def test_whose_absence_is_over_gets_tickets_again(services: Services) -> None:
    set_away(services, "bob@desk.example", "2020-01-01")

    assert owner(services) == "bob@desk.example"


def test_an_answer_of_a_program_to_our_mail_marks_the_agent_away(services: Services) -> None:
    process(services, a_raw_mail())
    ours = query(services, "SELECT message_id FROM mail.outbox WHERE recipient = 'bob@desk.example'")[0]

    mail = process(
        services,
        a_raw_mail(
            "I am out of office until further notice.",
            **{"from": "bob@desk.example", "message_id": "<o@desk>", "in_reply_to": f"<{ours['message_id']}>",
               "auto_submitted": "auto-replied", "subject": "Automatic reply"},
        ),
    )  # fmt: skip

    assert (mail["fate"], mail["evidence"]["rule"]) == ("applied", "out_of_office")
    assert query(services, "SELECT count(*) AS n FROM mail.absence WHERE until > now()") == [{"n": 1}]
    assert query(services, "SELECT count(*) AS n FROM mail.outbox WHERE event_id IN "
                "(SELECT id FROM mail.event WHERE cause = :mail)", mail=mail["id"]) == [{"n": 0}]  # fmt: skip
