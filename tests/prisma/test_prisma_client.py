"""What the web application reads and writes through Prisma's client, beside what mails made."""

from typing import Any

import pytest

from tests.prisma.conftest import WebApp
from tests.support.database.services import query
from tests.support.values.replies import write_mail
from worker.runtime.services import Services

ANN = "ann@customer.example"
EVERYTHING = {
    "include": {
        "createdBy": True,
        "assignedTo": True,
        "comments": True,
        "activities": {"orderBy": {"createdAt": "asc"}},
    }
}
# Each relation by which a customer's row is named, and what is left of it when the row goes.
CASCADES = ("account", "session", "ticket", "comment", "ticketActivity")


@pytest.fixture
def mailed(services: Services, web_app: WebApp) -> dict[str, Any]:
    """A ticket that a mail made, as the web application reads it."""
    write_mail(services, ANN, "It is broken.", subject="Printer")
    ticket: dict[str, Any] = web_app("ticket.findFirst", EVERYTHING)
    return ticket


def test_a_ticket_that_a_mail_made_is_read_with_all_its_relations(mailed: dict[str, Any]) -> None:
    assert (mailed["title"], mailed["status"], mailed["priority"]) == ("Printer", "open", "medium")
    assert (mailed["createdBy"]["email"], mailed["assignedTo"]["email"]) == (ANN, "bob@desk.example")
    assert [activity["action"] for activity in mailed["activities"]] == ["created", "updated"]
    assert mailed["createdAt"].endswith("Z")


def test_a_ticket_that_a_mail_made_is_found_by_its_id(mailed: dict[str, Any], web_app: WebApp) -> None:
    found = web_app("ticket.findUnique", {"where": {"id": mailed["id"]}, "select": {"title": True}})

    assert found == {"title": "Printer"}


def test_a_row_of_prisma_has_prismas_defaults_and_our_number(services: Services, web_app: WebApp) -> None:
    person = web_app("user.create", {"data": {"email": "sue@customer.example"}})
    ticket = web_app(
        "ticket.create",
        {
            "data": {
                "title": "t",
                "description": "d",
                "category": "billing",
                "createdBy": {"connect": {"id": person["id"]}},
            }
        },
    )

    assert (person["role"], ticket["status"], ticket["priority"]) == ("customer", "open", "medium")
    assert query(services, "SELECT number FROM mail.ticket WHERE ticket_id = :id", id=ticket["id"]) == [
        {"number": 1001}
    ]


def test_lists_filters_and_counts_hold_tickets_of_both_origins(mailed: dict[str, Any], web_app: WebApp) -> None:
    data = {"title": "Second", "description": "d", "category": "billing", "createdById": mailed["createdById"]}
    web_app("ticket.create", {"data": data})

    page = web_app(
        "ticket.findMany",
        {
            "where": {
                "createdBy": {"email": ANN},
                "OR": [{"title": {"contains": "PRINT", "mode": "insensitive"}}, {"category": "billing"}],
            },
            "orderBy": {"createdAt": "desc"},
            "take": 10,
            "select": {"title": True, "_count": {"select": {"comments": True}}},
        },
    )
    counts = web_app("ticket.groupBy", {"by": ["status"], "_count": {"_all": True}})

    assert [ticket["title"] for ticket in page] == ["Second", "Printer"]
    assert counts == [{"status": "open", "_count": {"_all": 2}}]


def test_a_second_person_under_one_address_is_refused_by_prismas_own_error(web_app: WebApp) -> None:
    call = {"of": "prisma", "name": "user.create", "values": [{"data": {"email": "bob@desk.example"}}]}

    assert web_app.answer(call)["error"]["code"] == "P2002"


def test_a_customer_goes_with_all_that_is_theirs_and_the_history_of_mails_stays(
    mailed: dict[str, Any], services: Services, web_app: WebApp
) -> None:
    user, ticket = mailed["createdById"], mailed["id"]
    account = {"userId": user, "type": "oauth", "provider": "p", "providerAccountId": "1"}
    web_app("account.create", {"data": account})
    web_app("session.create", {"data": {"userId": user, "sessionToken": "s", "expires": "2030-01-01T00:00:00Z"}})
    web_app("comment.create", {"data": {"content": "More.", "ticketId": ticket, "userId": user}})
    mails = query(services, "SELECT count(*) AS n FROM mail.ledger")

    web_app("user.delete", {"where": {"id": user}})

    assert {model: web_app(f"{model}.count") for model in CASCADES} == dict.fromkeys(CASCADES, 0)
    assert query(services, "SELECT count(*) AS n FROM mail.ledger") == mails


def test_the_tickets_of_a_deleted_agent_stay_with_nobody_assigned(mailed: dict[str, Any], web_app: WebApp) -> None:
    web_app("user.delete", {"where": {"email": "bob@desk.example"}})

    ticket = web_app("ticket.findUnique", {"where": {"id": mailed["id"]}})

    assert ticket["assignedToId"] is None


def test_several_writes_of_one_transaction_are_one_transaction(
    mailed: dict[str, Any], services: Services, web_app: WebApp
) -> None:
    web_app.together(
        ("ticket.update", {"where": {"id": mailed["id"]}, "data": {"status": "in_progress"}}),
        ("comment.create", {"data": {"content": "Soon.", "ticketId": mailed["id"], "userId": mailed["assignedToId"]}}),
    )

    waiting = query(services, "SELECT transaction FROM mail.event WHERE fate IS NULL")
    assert len(waiting) == 2
    assert len({event["transaction"] for event in waiting}) == 1
