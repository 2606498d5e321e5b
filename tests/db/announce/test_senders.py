"""What a mail of ours says of its sender: the name of who wrote it, at the desk's own address."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SUPPORT, MakeServices, a_raw_mail, execute, query
from worker.announce.run import announce_due
from worker.runtime.services import Services

DUE = "UPDATE mail.event SET due_at = now() WHERE fate IS NULL"
SAYS = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
SELECT 'c-' || u.email, 'We have looked into it.', t.ticket_id, u.id, now(), now() FROM mail.ticket t, "User" u
WHERE u.email = :email
"""


def senders(services: Services) -> Mapping[str, tuple[str, str]]:
    """The name and the address in From of the latest mail of each template."""
    execute(services, DUE)
    announce_due(services)
    mails: list[Mapping[str, Any]] = query(services, "SELECT * FROM mail.outbox ORDER BY id")
    return {mail["template"]: (mail["sender_name"], mail["sender"]) for mail in mails}


@pytest.mark.services(ADMIN, AGENT, a_raw_mail())
def test_only_what_staff_wrote_bears_their_name(services: Services) -> None:
    execute(services, SAYS, email="bob@desk.example")

    assert senders(services) == {
        "ticket-opened": ("SupportDesk", SUPPORT),
        "ticket-assigned": ("SupportDesk", SUPPORT),
        "comment-to-customer": ("Bob (SupportDesk)", SUPPORT),
    }


@pytest.mark.services(ADMIN, AGENT, a_raw_mail())
def test_what_a_customer_wrote_does_not_bear_theirs(services: Services) -> None:
    execute(services, SAYS, email="ann@customer.example")

    assert senders(services)["comment-to-agent"] == ("SupportDesk", SUPPORT)


@pytest.mark.services(ADMIN, AGENT, a_raw_mail())
def test_a_name_that_staff_made_an_address_is_not_shown(services: Services) -> None:
    execute(services, "UPDATE \"User\" SET name = 'ceo@bank.example' WHERE email = 'bob@desk.example'")
    execute(services, SAYS, email="bob@desk.example")

    assert senders(services)["comment-to-customer"] == ("SupportDesk", SUPPORT)


def test_the_pattern_of_the_mailbox_comes_before_that_of_the_desk(make_services: MakeServices) -> None:
    patterns = {"DESK__FROM_NAME": "{author}", "FROM_NAME": "{author} at {desk} Billing"}
    services = make_services(ADMIN, AGENT, a_raw_mail(), **patterns)
    execute(services, SAYS, email="bob@desk.example")

    assert senders(services)["comment-to-customer"] == ("Bob at SupportDesk Billing", SUPPORT)
