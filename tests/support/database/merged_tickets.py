"""Two tickets, their merge by an agent's mail, and the rows of a ticket to look at."""

from typing import Any

from tests.support.database.services import query
from tests.support.values.replies import answer, mails_to, write_mail
from worker.runtime.services import Services

ADA, BOB, CAT = "ada@desk.example", "bob@desk.example", "cat@desk.example"
ANN, DAN = "ann@customer.example", "dan@customer.example"
DMARC_PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
MERGE_SETTINGS = {"AUTHSERV_ID": "mx.desk.example", "LIMITS__RETRY_SECONDS": "0"}
POINTER = "This request goes on as SD-1002."


def two_requests(services: Services, other: str = ANN) -> None:
    """Make SD-1001, of Ann with Dan in Cc, and SD-1002, of `other`; both are assigned to Bob."""
    write_mail(services, f"Ann <{ANN}>", "It smokes.", subject="Smoke", cc=DAN, **DMARC_PASS)
    write_mail(services, other, "It burns.", subject="Fire")


def assignment_mail(services: Services, number: int) -> dict[str, Any]:
    """The mail to Bob about the assignment of a ticket."""
    return next(mail for mail in mails_to(services, BOB, "ticket-assigned") if mail["ticket_number"] == number)


def merge(services: Services, number: int = 1001, into: int = 1002, text: str = "") -> Any:
    """Process Bob's answer that merges one ticket into another; its ledger row."""
    return answer(services, assignment_mail(services, number), f"{text}\n#merge SD-{into}")


def ticket_row(services: Services, number: int) -> dict[str, Any]:
    """A ticket's row in mail.ticket, with its status."""
    found = 'SELECT a.*, t.status::text FROM mail.ticket a JOIN "Ticket" t ON t.id = a.ticket_id WHERE number = :number'
    return query(services, found, number=number)[0]


def comments_of(services: Services, number: int) -> list[str]:
    """The contents of a ticket's comments, sorted."""
    found = 'SELECT content FROM "Comment" JOIN mail.ticket ON ticket_id = "ticketId" WHERE number = :number ORDER BY 1'
    return [row["content"] for row in query(services, found, number=number)]


def activities_of(services: Services, number: int) -> set[tuple[str, str]]:
    """The activities of a ticket, as (action, description)."""
    found = """SELECT action, description FROM "TicketActivity" JOIN mail.ticket ON ticket_id = "ticketId"
        WHERE number = :number"""
    return {(row["action"], row["description"]) for row in query(services, found, number=number)}


def acknowledgement(services: Services) -> dict[str, Any]:
    """The mail that acknowledged SD-1001."""
    return next(mail for mail in mails_to(services, ANN) if mail["ticket_number"] == 1001)
