"""Mails of who was forgotten still lie on the mail server: neither a poll nor a reconciliation takes them in again."""

import pytest

from mail.imap.mailbox import open_mailbox
from mail.server import Server
from models.ledger.mailboxes import ensure_mailbox
from models.removal.privacy.count import ServerPlace
from tests.support.database.personal_data import SENT, WORD, tables_naming
from tests.support.database.services import (
    ADMIN,
    SUPPORT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    mailbox_of,
    query,
    store_in_ledger,
)
from tests.support.servers.mailboxes import uids
from worker.admin.forget import Forgetting, forget
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.poll.reconcile import reconcile_to_the_end
from worker.poll.run import poll_to_the_end
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN = "ann@customer.example"
# One that opens a ticket, and one that nobody could decide on.
MAILS = tuple(a_raw_mail(f"{WORD} {n}", message_id=f"<{n}@customer.example>") for n in range(2))
PUT_AWAY = "UPDATE mail.ledger SET fate = 'quarantined', reason = 'It raised.' WHERE message_id = '1@customer.example'"


@pytest.fixture
def services(make_services: MakeServices, server: Server) -> Services:
    """Services that have polled two mails of Ann's, one of which is in quarantine."""
    with open_mailbox(server) as mailbox:
        for raw in MAILS:
            mailbox.append("INBOX", raw)
    services = make_services(ADMIN, **mailbox_of(server), FROM_START="true")
    poll_to_the_end(services, "support")
    execute(services, PUT_AWAY)
    while receive_due(services).done:
        announce_due(services)
    execute(services, SENT)
    return services


def ledger(services: Services) -> list[tuple[int, str]]:
    return [(row["uid"], row["fate"]) for row in query(services, "SELECT uid, fate FROM mail.ledger WHERE uid > 0")]


def test_a_poll_takes_nothing_in_again(services: Services, server: Server) -> None:
    forget(services.engine, ANN)

    polled = poll_to_the_end(services, "support")

    assert (polled.stored, polled.known, polled.trouble) == (0, 0, None)
    assert len(uids(server)) == 2
    assert tables_naming(services, ANN, WORD) == set()


def test_a_reconciliation_misses_nothing_and_fetches_nothing(services: Services) -> None:
    forget(services.engine, ANN)

    compared = reconcile_to_the_end(services, "support", repair=True)

    assert (compared.gaps, compared.there, compared.trouble) == ((), 2, None)
    assert sorted(fate for _, fate in ledger(services)) == ["applied", "dropped"]
    assert tables_naming(services, ANN, WORD) == set()


def test_the_admin_is_told_where_they_lie(services: Services, server: Server) -> None:
    place = query(services, "SELECT DISTINCT uidvalidity FROM mail.ledger")[0]["uidvalidity"]

    forgotten = forget(services.engine, ANN)

    assert isinstance(forgotten, Forgetting)
    assert forgotten.places == (ServerPlace("support", "INBOX", place, tuple(uids(server))),)


def test_a_mail_that_the_server_numbers_anew_has_no_second_effect(services: Services) -> None:
    forget(services.engine, ANN)

    for uid, raw in enumerate(MAILS, start=1001):
        store_in_ledger(services, raw, uid)
    receive_due(services)

    again = query(services, "SELECT fate, reason FROM mail.ledger WHERE uid > 1000 ORDER BY uid")
    assert [row["fate"] for row in again] == ["not_applied", "not_applied"]
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1


def test_the_same_mail_in_another_mailbox_is_forgotten_too(services: Services) -> None:
    with transaction(services.engine) as session:
        ensure_mailbox(session, "support", SUPPORT)
    store_in_ledger(services, MAILS[0], 2001)
    receive_due(services)

    forget(services.engine, ANN)

    assert tables_naming(services, ANN, WORD) == set()


def test_what_came_from_a_file_is_not_looked_for_on_the_server(services: Services, supportdesk: Supportdesk) -> None:
    execute(services, "UPDATE mail.ledger SET folder = 'import:Old.mbox', uidvalidity = 0")

    shown = " ".join(supportdesk("user", "forget", ANN).stdout.split())

    assert "UIDVALIDITY" not in shown
    assert "of their mails were brought along from files, where they still are: Old.mbox." in shown
