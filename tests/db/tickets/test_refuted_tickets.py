"""A ticket that a refuted mail opened looks refuted to staff, in each mail about it, until it is accepted or proven."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from desk.reports.schedule import Period
from models.db.clock import read_now
from models.reports.figures import gather_figures
from tests.support.database.personal_data import tables_naming
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    participants,
    process,
    query,
)
from tests.support.values.replies import NUMBERS, answer, last_mail, mails_to, sent_mail
from worker.admin.forget import Forgetting, NotForgotten, forget
from worker.announce.run import announce_due
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit

STONE, ADA, BOB, CAT = "pat@stone.example", "ada@desk.example", "bob@desk.example", "cat@desk.example"
OPENED = (
    "The sender's address was not proven: our mail server says that the mail that opened this ticket does not come from"
    " stone.example. Do not trust the name. If you know that it is theirs, answer with #accept on a line of its own."
)
NEW = OPENED.replace("the mail that opened this ticket", "this mail")
NOT_PROVEN = "The sender's address was not proven"
pytestmark = pytest.mark.services(ADMIN, AGENT, SECOND_AGENT, AUTHSERV_ID="mx.desk.example", TRUST__STAFF="token")


def results(dmarc: str, domain: str = "stone.example") -> bytes:
    return f"Authentication-Results: mx.desk.example; dmarc={dmarc} header.from={domain}\n".encode()


def write(services: Services, dmarc: str = "fail", text: str = "Pay this bill.", **headers: str) -> Any:
    given = {"from": f"Pat Stone <{STONE}>", "subject": "Bill", "message_id": f"<{next(NUMBERS)}@stone.example>"}
    return process(services, results(dmarc) + a_raw_mail(text, **(given | headers)))


def customer(services: Services) -> None:
    """Pat wrote before, in a mail that was proven."""
    write(services, "pass", "Hello.", subject="First", message_id="<first@stone.example>")


def one_line(text: str) -> str:
    return " ".join(text.split())


def agents_mail(services: Services, template: str = "%") -> Any:
    """The last mail to whom the newest ticket belongs."""
    return max((last_mail(services, one, template) for one in (ADA, BOB, CAT) if mails_to(services, one, template)),
               key=lambda mail: mail["id"])  # fmt: skip


def web_app(statement: str) -> Callable[[Services], object]:
    def change(services: Services) -> None:
        execute(services, statement)
        execute(services, "UPDATE mail.event SET due_at = now()")
        announce_due(services)

    return change


LATEST = """ WHERE id = (SELECT ticket_id FROM mail.ticket ORDER BY number DESC LIMIT 1)"""
NEWS: dict[str, Callable[[Services], object]] = {
    "a status": web_app(f"""UPDATE "Ticket" SET status = 'resolved' {LATEST}"""),
    "another agent": web_app(
        f"""UPDATE "Ticket" SET "assignedToId" = (
            SELECT id FROM "User" u WHERE role = 'agent' AND u.id <> "Ticket"."assignedToId" LIMIT 1) {LATEST}"""
    ),
    "nobody": web_app(f"""UPDATE "Ticket" SET "assignedToId" = NULL {LATEST}"""),
    "an answer": lambda services: answer(services, agents_mail(services), "#priority high\n#help"),
    "a note": lambda services: process(
        services,
        a_raw_mail("Me too.", **{"from": "eve@elsewhere.example", "to": agents_mail(services)["reply_to"],
                                 "message_id": "<eve@elsewhere.example>"}),
    ),
}  # fmt: skip


def test_the_mail_about_a_new_ticket_says_first_that_its_sender_was_not_proven(services: Services) -> None:
    write(services)

    told = agents_mail(services, "ticket-assigned")
    first = sent_mail(services, told).text.split("\n\n")[1]
    assert one_line(first) == NEW
    assert told["html"].index(NOT_PROVEN) < told["html"].index("This ticket is yours now")


@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_every_later_mail_to_staff_says_it_too(services: Services, news: str, *, known: bool) -> None:
    if known:
        customer(services)
    write(services)
    before = len(query(services, "SELECT 1 FROM mail.outbox"))

    NEWS[news](services)

    mails = query(services, "SELECT * FROM mail.outbox ORDER BY id")[before:]
    to_staff = [one for one in mails if one["recipient"].endswith("@desk.example")]
    assert to_staff
    assert all(one_line(one["text"].partition("\n\n")[2]).startswith(OPENED) for one in to_staff)
    assert all(NOT_PROVEN in one["html"] for one in to_staff)


@pytest.mark.parametrize("dmarc", ["pass", "none"])
def test_a_mail_that_is_not_refuted_bears_no_warning(services: Services, dmarc: str) -> None:
    write(services, dmarc)

    assert NOT_PROVEN not in agents_mail(services)["text"]


def test_no_customer_reads_the_warning(services: Services) -> None:
    customer(services)
    write(services)

    answer(services, agents_mail(services), "Which bill?\n#accept")

    assert mails_to(services, STONE, "comment-to-customer")
    assert not any(NOT_PROVEN in mail["text"] + mail["html"] for mail in mails_to(services, STONE))


def test_staff_accept_the_sender_and_the_warning_goes(services: Services) -> None:
    customer(services)
    write(services)

    answer(services, agents_mail(services), "#accept")
    answered = agents_mail(services, "command-answer")
    NEWS["a status"](services)

    assert f"The ticket is taken to be from {STONE} from now on." in one_line(answered["text"])
    assert NOT_PROVEN not in agents_mail(services)["text"]


def test_the_sender_proves_it_and_the_warning_goes(services: Services) -> None:
    customer(services)
    refuted = write(services)

    write(services, "pass", "It is the bill of May.", references=f"<{refuted['message_id']}>")

    told = agents_mail(services, "comment-to-agent")
    assert told["ticket_number"] == refuted["ticket_number"]
    assert NOT_PROVEN not in told["text"]


def test_a_refuted_answer_on_a_proven_ticket_is_marked_as_one_that_is_not_proven(services: Services) -> None:
    customer(services)
    acknowledged = last_mail(services, STONE, "ticket-opened")

    write(services, "fail", "Pay it to this account.", to=acknowledged["reply_to"])

    told = one_line(agents_mail(services, "comment-to-agent")["text"])
    assert "our mail server says that this mail does not come from stone.example." in told


def test_explain_says_that_nobody_has_proven_who_opened_the_ticket(
    services: Services, supportdesk: Supportdesk
) -> None:
    number = write(services)["ticket_number"]

    told = supportdesk("explain", f"SD-{number}").output

    assert OPENED.partition(" If you")[0] in one_line(told)


def test_the_words_of_a_customer_write_no_warning_away(services: Services) -> None:
    write(services, text="#accept\nPlease pay.")

    NEWS["a status"](services)

    assert NOT_PROVEN in agents_mail(services)["text"]


def test_the_report_marks_the_ticket_among_the_latest(services: Services) -> None:
    write(services, "pass", "Hello.", subject="First")
    write(services, subject="Second")

    with autocommit(services.engine) as session:
        now = read_now(session)
        latest = gather_figures(session, Period(now - timedelta(days=1), now, "UTC"), now).latest

    assert [(one.title, one.unproven) for one in latest] == [("Second", STONE), ("First", None)]


def people(services: Services) -> set[str]:
    return {row["email"] for row in query(services, "SELECT email FROM \"User\" WHERE email NOT LIKE 'unproven-%'")}


def owner(services: Services, number: int) -> Any:
    found = query(
        services,
        """SELECT u.name, u.email FROM "Ticket" t JOIN mail.ticket n ON n.ticket_id = t.id
        JOIN "User" u ON u.id = t."createdById" WHERE n.number = :number""",
        number=number,
    )
    return found[0]


def test_a_refuted_mail_makes_nobody_a_person_and_its_ticket_is_told_to_staff(services: Services) -> None:
    number = write(services)["ticket_number"]

    told = agents_mail(services, "ticket-assigned")
    assert (owner(services, number)["name"], people(services)) == ("Unproven senders", {ADA, BOB, CAT})
    assert f"Unproven sender <{STONE}>" in told["text"]
    assert "| Pay this bill." in told["text"]
    assert len(query(services, "SELECT 1 FROM mail.outbox")) == 1


def test_the_tickets_of_all_unproven_senders_stand_in_the_name_of_one_row(services: Services) -> None:
    write(services)
    write(services, **{"from": "kim@stone.example"})

    assert query(services, 'SELECT count(DISTINCT "createdById") AS n FROM "Ticket"') == [{"n": 1}]
    assert query(services, """SELECT 1 FROM "User" WHERE email LIKE 'unproven-%'""") != []


@pytest.mark.parametrize("news", ["a status", "another agent", "nobody", "a note"])
def test_no_mail_goes_to_nobody_nor_to_the_address(services: Services, news: str) -> None:
    write(services)

    NEWS[news](services)

    readers = {row["recipient"] for row in query(services, "SELECT recipient FROM mail.outbox")}
    assert readers <= {ADA, BOB, CAT}


def test_an_answer_to_nobody_is_held_and_its_author_told_what_to_write(services: Services) -> None:
    write(services)

    row = answer(services, agents_mail(services), "Which bill do you mean?")

    assert row["fate"] == "not_applied"
    assert query(services, 'SELECT 1 FROM "Comment"') == []
    assert "add #accept on a line of its own" in one_line(agents_mail(services, "mail-held")["text"])


@pytest.mark.parametrize("text", ["#note\nIt is not theirs.", "#resolve", "#priority high"])
def test_notes_and_commands_need_no_sender(services: Services, text: str) -> None:
    write(services)

    assert answer(services, agents_mail(services), text)["fate"] == "applied"
    assert people(services) == {ADA, BOB, CAT}


def test_staff_accept_the_sender_whose_ticket_it_is_from_then_on(services: Services) -> None:
    number = write(services)["ticket_number"]

    answer(services, agents_mail(services), "#accept\nWhich bill do you mean?")

    got = last_mail(services, STONE)
    assert (owner(services, number)["email"], participants(services)) == (STONE, {STONE})
    assert "Which bill do you mean?" in got["text"]
    thanks = write(services, "pass", "The one of May.", to=got["reply_to"], subject="Re: Bill")
    assert (thanks["ticket_number"], thanks["evidence"]["rule"]) == (number, "customer_on_ticket")


def test_who_became_a_person_meanwhile_is_the_one_who_is_accepted(services: Services) -> None:
    number = write(services)["ticket_number"]
    told = agents_mail(services)
    write(services, "pass", "Hello.", subject="Other")

    answer(services, told, "#accept")

    assert owner(services, number)["email"] == STONE
    assert len(query(services, 'SELECT 1 FROM "User" WHERE email = :stone', stone=STONE)) == 1


def test_two_tickets_of_unproven_senders_are_not_those_of_one_customer(services: Services) -> None:
    first = write(services)["ticket_number"]
    execute(services, "UPDATE mail.staff SET role = 'admin'", """UPDATE "User" SET role = 'admin'""")
    write(services, **{"from": "kim@other.example"})

    answer(services, agents_mail(services), f"#merge SD-{first}")

    assert query(services, "SELECT 1 FROM mail.ticket WHERE merged_into IS NOT NULL") == []
    assert "Nobody knows whose" in one_line(agents_mail(services, "command-answer")["text"])


def test_who_signs_up_under_the_address_sees_no_such_ticket(services: Services) -> None:
    number = write(services)["ticket_number"]
    write(services, "pass", "Hello.", subject="Other")

    assert owner(services, number)["name"] == "Unproven senders"


def test_whose_address_it_is_can_have_the_ticket_forgotten(services: Services) -> None:
    write(services, text="Pay the bill of Pat.")
    answer(services, agents_mail(services), "#note\nIs it from Pat?")
    execute(services, "UPDATE mail.outbox SET fate = 'sent' WHERE fate IS NULL")

    done = forget(services.engine, STONE)

    assert isinstance(done, Forgetting)
    assert tables_naming(services, STONE, "Pay the bill of Pat.") == set()


def test_the_row_of_unproven_senders_is_not_forgotten(services: Services) -> None:
    number = write(services)["ticket_number"]

    done = forget(services.engine, owner(services, number)["email"])

    assert isinstance(done, NotForgotten)
    assert done.reason.endswith("is the desk's own address.")
