"""What another program did is told rightly, and nothing that was deleted while its mail waited goes out."""

import pytest

from models.db.claims import claim_fresh
from models.outbox.rows import OUTBOX
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail
from worker.announce.run import announce_due
from worker.deliver.attempt import prepare
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, ADA, BOB = "ann@customer.example", "ada@desk.example", "bob@desk.example"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())
COMMENT = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
SELECT 'c1', :words, t.id, u.id, now() FROM "Ticket" t, "User" u WHERE u.email = :author
"""
TICKET = """
INSERT INTO "Ticket" (id, title, description, category, status, "createdById", "updatedAt")
SELECT 't2', 'Old', 'Long ago.', 'billing', CAST(:status AS "TicketStatus"), id, now() FROM "User" WHERE email = :author
"""
GIVE = """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :owner)"""
RESOLVE = """UPDATE "Ticket" SET status = 'resolved'"""


def news(services: Services) -> list[tuple[str, str]]:
    """Announce everything, due or not yet, to whom and by which template beyond the first two mails."""
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)
    mails = query(services, "SELECT recipient, template FROM mail.outbox ORDER BY id OFFSET 2")
    return sorted((mail["recipient"], mail["template"]) for mail in mails)


def deliver(services: Services) -> dict[str, str | None]:
    """Ask the gate about each waiting mail as delivery does; the reason of each that is held, by template."""
    with transaction(services.engine) as session:
        claimed = claim_fresh(session, OUTBOX, services.queue(OUTBOX).lease, 100)
    for row in claimed.ids:
        prepare(services, claimed, row)
    held = query(services, "SELECT template, reason FROM mail.outbox WHERE fate = 'held'")
    return {mail["template"]: mail["reason"] for mail in held}


def test_an_assignment_to_somebody_who_is_not_staff_is_told_to_the_admins(services: Services) -> None:
    execute(services, GIVE, owner=ANN)

    assert news(services) == [(ADA, "status-to-agent")]
    assert f"was assigned to {ANN}, who is not staff" in " ".join(last_mail(services, ADA)["text"].split())


@pytest.mark.parametrize(("status", "told"), [("resolved", 0), ("closed", 0), ("open", 2), ("in_progress", 2)])
def test_a_ticket_that_another_program_makes_ended_is_not_acknowledged_as_new(
    services: Services, status: str, told: int
) -> None:
    execute(services, TICKET, status=status, author=ANN)

    assert len(news(services)) == told


@pytest.mark.parametrize("author", [ANN, BOB])
@pytest.mark.parametrize("words", ["", "  \n", "\N{ZERO WIDTH SPACE}"])
def test_a_comment_without_words_is_not_mailed(services: Services, words: str, author: str) -> None:
    execute(services, COMMENT, words=words, author=author)

    assert news(services) == []


@pytest.mark.parametrize(("author", "template"), [(BOB, "comment-to-customer"), (ANN, "comment-to-agent")])
def test_a_comment_that_is_deleted_while_its_mail_waits_is_held(services: Services, author: str, template: str) -> None:
    execute(services, COMMENT, words="Try this.", author=author)
    written = news(services)
    execute(services, 'DELETE FROM "Comment"')

    assert [name for _, name in written] == [template]
    assert deliver(services) == {template: "The comment that it tells of was deleted."}


def test_words_beside_an_assignment_that_are_deleted_while_its_mail_waits_are_held(services: Services) -> None:
    execute(services, COMMENT, GIVE, words="For you.", author=ANN, owner=ADA)
    written = news(services)
    execute(services, 'DELETE FROM "Comment"')

    assert written == [(ADA, "ticket-assigned"), (BOB, "ticket-unassigned")]
    told = ("ticket-assigned", "ticket-unassigned")
    assert deliver(services) == dict.fromkeys(told, "The comment that it tells of was deleted.")


def test_all_news_of_a_ticket_that_is_deleted_while_its_mails_wait_are_held_but_the_answer_to_a_command(
    services: Services,
) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), "#resolve\n\nTry this.")
    execute(services, 'DELETE FROM "Ticket"')

    held = deliver(services)

    templates = ("ticket-opened", "ticket-assigned", "comment-to-customer")
    assert held == dict.fromkeys(templates, "The ticket that it tells of was deleted.")
    assert query(services, "SELECT fate FROM mail.outbox WHERE template = 'command-answer'") == [{"fate": None}]


def test_a_person_who_is_deleted_while_their_mail_waits_gets_nothing(services: Services) -> None:
    execute(services, RESOLVE)
    news(services)
    execute(services, 'DELETE FROM "User" WHERE email = :email', email=BOB)

    held = deliver(services)

    assert held == dict.fromkeys(("ticket-assigned", "status-to-agent"), "The recipient was deleted.")


def test_what_is_still_there_goes_out(services: Services) -> None:
    execute(services, COMMENT, words="Try this.", author=BOB)
    news(services)

    assert deliver(services) == {}
