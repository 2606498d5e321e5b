"""Days at the web application while the desk works on the same database: who gets a mail, once, and who gets none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.prisma.conftest import Sink, WebApp
from tests.support.database.services import execute, query
from tests.support.values.replies import answer, last_mail, write_mail
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

ADA, BOB, SUE = "ada@desk.example", "bob@desk.example", "sue@customer.example"
ADAPTERS = ("next-auth", "auth.js")
LATER = "2030-01-01T00:00:00.000Z"


@pytest.fixture(params=ADAPTERS)
def signed_up(request: pytest.FixtureRequest, web_app: WebApp) -> str:
    """The id of a customer who signed up through an adapter, as the web application would."""
    user: str = sign_up(web_app, request.param)["id"]
    return user


def sign_up(web_app: WebApp, adapter: str, email: str = SUE) -> dict[str, Any]:
    """Create a person, their login and a session, and end the session."""
    person: dict[str, Any] = web_app(
        "createUser", {"email": email, "name": "Sue", "emailVerified": None, "image": None}, of=adapter
    )
    login = {"userId": person["id"], "type": "oauth", "provider": "example", "providerAccountId": email}
    web_app("linkAccount", login, of=adapter)
    web_app("createSession", {"userId": person["id"], "sessionToken": f"s-{email}", "expires": LATER}, of=adapter)
    web_app("deleteSession", f"s-{email}", of=adapter)
    return person


def work(services: Services) -> None:
    """Let the desk do all that waits, as its workers would some seconds later, twice over."""
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    for _ in range(2):
        receive_due(services)
        announce_due(services)
        deliver_due(services)


def mailed(services: Services, sink: Sink) -> list[tuple[str, str]]:
    """Work; the mails since the last call as (template, recipient), each of which has reached the sink once."""
    work(services)
    rows = query(
        services, "SELECT id, template, recipient FROM mail.outbox WHERE id > :seen ORDER BY id", seen=sink.seen
    )
    assert sorted(sink.recipients) == sorted(row["recipient"] for row in rows)
    sink.seen = max([sink.seen, *(row["id"] for row in rows)])
    sink.recipients.clear()
    return sorted((row["template"], row["recipient"]) for row in rows)


def person(web_app: WebApp, email: str) -> str:
    """The id of a person."""
    found: str = web_app("user.findUnique", {"where": {"email": email}})["id"]
    return found


def open_ticket(web_app: WebApp, customer: str, title: str = "Printer") -> str:
    """Open a ticket as the web application does, with its activity in another transaction; its id."""
    data = {"title": title, "description": "It is broken.", "category": "billing", "createdById": customer}
    ticket: str = web_app("ticket.create", {"data": data})["id"]
    write_activity(web_app, ticket, customer, "created", "Ticket created")
    return ticket


def change(web_app: WebApp, ticket: str, actor: str, words: str, **data: object) -> None:
    """Change a ticket as the web application does, with its activity in another transaction."""
    web_app("ticket.update", {"where": {"id": ticket}, "data": data})
    write_activity(web_app, ticket, actor, "updated", words)


def write_activity(web_app: WebApp, ticket: str, actor: str, action: str, words: str) -> None:
    data = {"ticketId": ticket, "userId": actor, "action": action, "description": words}
    web_app("ticketActivity.create", {"data": data})


def comment(web_app: WebApp, ticket: str, author: str, content: str) -> str:
    """Write a comment; its id."""
    data = {"content": content, "ticketId": ticket, "userId": author}
    written: str = web_app("comment.create", {"data": data})["id"]
    return written


def test_a_ticket_lives_its_life_in_the_web_application(
    services: Services, web_app: WebApp, sink: Sink, signed_up: str
) -> None:
    bob = person(web_app, BOB)
    nothing = mailed(services, sink)

    ticket = open_ticket(web_app, signed_up)
    opened = mailed(services, sink)
    comment(web_app, ticket, bob, "Which printer?")
    asked = mailed(services, sink)
    comment(web_app, ticket, signed_up, "The red one.")
    answered = mailed(services, sink)
    change(web_app, ticket, bob, "Status changed from open to resolved", status="resolved")
    resolved = mailed(services, sink)
    change(web_app, ticket, signed_up, "Status changed from resolved to open", status="open")
    reopened = mailed(services, sink)

    assert nothing == []
    assert opened == [("ticket-assigned", BOB), ("ticket-opened", SUE)]
    assert (asked, answered) == ([("comment-to-customer", SUE)], [("comment-to-agent", BOB)])
    assert resolved == [("status-resolved", SUE)]
    assert reopened == [("status-to-agent", BOB), ("ticket-reopened", SUE)]
    assert mailed(services, sink) == []


def test_an_assignment_tells_who_got_the_ticket(
    services: Services, web_app: WebApp, sink: Sink, signed_up: str
) -> None:
    ticket = open_ticket(web_app, signed_up)
    mailed(services, sink)

    ada = person(web_app, ADA)
    change(web_app, ticket, person(web_app, BOB), "Ticket assigned to Ada", assignedToId=ada)

    assert mailed(services, sink) == [("ticket-assigned", ADA)]


def test_mail_and_web_application_answer_each_other_on_one_ticket(
    services: Services, web_app: WebApp, sink: Sink, signed_up: str
) -> None:
    ticket = open_ticket(web_app, signed_up)
    mailed(services, sink)

    answer(services, last_mail(services, BOB), "Which printer?")
    by_mail = mailed(services, sink)
    answer(services, last_mail(services, SUE), "The red one.")
    answered = mailed(services, sink)
    comments = web_app("comment.findMany", {"where": {"ticketId": ticket}, "orderBy": {"createdAt": "asc"}})

    assert [one["content"] for one in comments] == ["Which printer?", "The red one."]
    assert [one["userId"] for one in comments] == [person(web_app, BOB), signed_up]
    assert (by_mail, answered) == ([("comment-to-customer", SUE)], [("comment-to-agent", BOB)])
    assert web_app("user.count", {"where": {"email": SUE}}) == 1


def silence(web_app: WebApp, ticket: str, customer: str) -> None:
    web_app.together(
        ("$executeRawUnsafe", "SELECT set_config('supportdesk.quiet', 'on', true)"),
        ("ticket.update", {"where": {"id": ticket}, "data": {"status": "closed"}}),
        ("comment.create", {"data": {"content": "Old.", "ticketId": ticket, "userId": customer}}),
    )


def change_and_delete_a_comment(web_app: WebApp, ticket: str, customer: str) -> None:
    written = comment(web_app, ticket, person(web_app, BOB), "Which printer?")
    web_app("comment.update", {"where": {"id": written}, "data": {"content": "Which one?"}})
    web_app("comment.delete", {"where": {"id": written}})


# What a web application does all day without anybody being told, each on a ticket of a customer.
QUIET: dict[str, Callable[[WebApp, str, str], object]] = {
    "a log-in and a log-out": lambda web, ticket, customer: [
        web("createSession", {"userId": customer, "sessionToken": "s", "expires": LATER}, of="next-auth"),
        web("updateSession", {"sessionToken": "s", "expires": LATER}, of="next-auth"),
        web("deleteSession", "s", of="next-auth"),
    ],
    "a token that is used": lambda web, ticket, customer: [
        web("createVerificationToken", {"identifier": SUE, "token": "t", "expires": LATER}, of="auth.js"),
        web("useVerificationToken", {"identifier": SUE, "token": "t"}, of="auth.js"),
    ],
    "a login at another provider": lambda web, ticket, customer: web(
        "linkAccount",
        {"userId": customer, "type": "oauth", "provider": "other", "providerAccountId": "9"},
        of="auth.js",
    ),
    "a new password and picture": lambda web, ticket, customer: web(
        "user.update", {"where": {"id": customer}, "data": {"password": "x", "image": "y", "name": "Susan"}}
    ),
    "a ticket saved as it was": lambda web, ticket, customer: web(
        "ticket.update", {"where": {"id": ticket}, "data": {"title": "Printer", "status": "open"}}
    ),
    "an activity alone": lambda web, ticket, customer: write_activity(web, ticket, customer, "updated", "Seen"),
    "a comment that is gone at once": change_and_delete_a_comment,
    "an empty comment": lambda web, ticket, customer: comment(web, ticket, customer, " "),
    "a quiet transaction": silence,
    "a ticket that is deleted": lambda web, ticket, customer: [
        comment(web, ticket, customer, "More."),
        web("ticket.delete", {"where": {"id": ticket}}),
    ],
    "a customer who is deleted": lambda web, ticket, customer: [
        comment(web, ticket, customer, "More."),
        open_ticket(web, customer, "Another"),
        web("deleteUser", customer, of="auth.js"),
    ],
    "a person who signs up": lambda web, ticket, customer: sign_up(web, "auth.js", "tom@customer.example"),
}


@pytest.mark.parametrize("kind", QUIET)
def test_nobody_is_told_of(services: Services, web_app: WebApp, sink: Sink, kind: str) -> None:
    customer = sign_up(web_app, "next-auth")["id"]
    ticket = open_ticket(web_app, customer)
    mailed(services, sink)

    QUIET[kind](web_app, ticket, customer)

    assert mailed(services, sink) == []
    assert query(services, "SELECT id FROM mail.event WHERE fate = 'quarantined'") == []


def test_the_open_tickets_of_a_deleted_agent_go_to_who_is_left(
    services: Services, web_app: WebApp, sink: Sink, signed_up: str
) -> None:
    done, waiting = (open_ticket(web_app, signed_up, title) for title in ("Done", "Waiting"))
    work(services)
    for ticket in (done, waiting):
        web_app("ticket.update", {"where": {"id": ticket}, "data": {"assignedToId": person(web_app, BOB)}})
    change(web_app, done, person(web_app, BOB), "Status changed from open to closed", status="closed")
    mailed(services, sink)

    web_app("deleteUser", person(web_app, BOB), of="auth.js")
    told = mailed(services, sink)

    owners = web_app("ticket.findMany", {"orderBy": {"title": "asc"}, "select": {"assignedToId": True}})
    assert told == [("ticket-assigned", ADA)]
    assert owners == [{"assignedToId": None}, {"assignedToId": person(web_app, ADA)}]


def test_a_busy_day_is_told_once_while_the_desk_works(services: Services, web_app: WebApp, sink: Sink) -> None:
    customers = [f"c{number}@customer.example" for number in range(12)]

    def day() -> None:
        for email in customers:
            ticket = open_ticket(web_app, sign_up(web_app, "auth.js", email)["id"])
            comment(web_app, ticket, person(web_app, ADA), "We look at it.")

    with ThreadPoolExecutor() as pool:
        running = pool.submit(day)
        while not running.done():
            write_mail(services, "ann@customer.example", "And this.", subject="Printer")
            work(services)
        running.result()
    work(services)

    told = query(services, "SELECT recipient, template FROM mail.outbox WHERE recipient LIKE 'c%@customer.example'")
    words = sorted((row["recipient"], row["template"]) for row in told)
    assert words == sorted((email, name) for email in customers for name in ("comment-to-customer", "ticket-opened"))
    assert sorted(to for to in sink.recipients if to in customers) == sorted(to for to, _ in words)
