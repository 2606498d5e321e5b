"""A desk whose ledger and mailbox are compared: mails from before its time, three of its own, and ways to lose some."""

from mail.imap.mailbox import open_mailbox
from mail.server import Server
from tests.support.database.services import MakeServices, a_raw_mail, mailbox_of, rows, run
from tests.support.servers.mailboxes import uids
from worker.intake.run import receive_due
from worker.poll.reconcile import Compared, Lack
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services


def polled_services(make_services: MakeServices, server: Server) -> Services:
    """A desk that has polled two mails from before its time, which are not ours, and three that are."""
    append(server, "long before", "before")
    services = make_services(**mailbox_of(server))
    poll_mailbox(services, "support")
    append(server, "one", "two", "three")
    poll_mailbox(services, "support")
    return services


def append(server: Server, *bodies: str) -> None:
    """Put mails into the inbox, each from a sender of its own and with its body as subject."""
    with open_mailbox(server) as mailbox:
        for body in bodies:
            sender = f"{body.replace(' ', '.')}@customer.example"
            mailbox.append(
                "INBOX", a_raw_mail(body, message_id=f"<{body.replace(' ', '')}@x>", subject=body, **{"from": sender})
            )


def our_uids(server: Server) -> list[int]:
    """The UIDs from the baseline on: the last that is not ours, and those that are."""
    return uids(server)[1:]


def delete_from_ledger(services: Services, uid: int) -> None:
    """Remove the row of a mail with its raw bytes."""
    raw = "DELETE FROM mail.raw_chunk WHERE ledger_id IN (SELECT id FROM mail.ledger WHERE uid = :uid)"
    run(services, raw, "DELETE FROM mail.ledger WHERE uid = :uid", uid=uid)


def make_stub(services: Services, uid: int) -> None:
    """Leave of a row what the poller leaves of a mail that it could not fetch."""
    raw = "DELETE FROM mail.raw_chunk WHERE ledger_id IN (SELECT id FROM mail.ledger WHERE uid = :uid)"
    bare = """UPDATE mail.ledger SET fate = 'quarantined', reason = 'it could not be taken', decided_at = now(),
        reported_at = now(), server_done_at = now(), size = 0, fingerprint = '', message_id = NULL,
        message_id_hash = NULL, stored_at = now() - interval '3 days', due_at = now() - interval '3 days'
        WHERE uid = :uid"""
    run(services, raw, bare, uid=uid)


def titles(services: Services) -> list[str]:
    """The titles of all tickets, after everything is decided."""
    while receive_due(services).done:
        pass
    return [row["title"] for row in rows(services, 'SELECT title FROM "Ticket" ORDER BY title')]


def gaps_of(compared: Compared) -> list[tuple[Lack, int | None, bool]]:
    """What is missing, as (what, UID, whether it was repaired)."""
    return [(gap.lack, gap.uid, gap.repaired) for gap in compared.gaps]


def ledger(services: Services) -> list[dict[str, object]]:
    """UID and fate of the ledger's rows but for baselines, in the order of UIDs."""
    return rows(services, "SELECT uid, fate FROM mail.ledger WHERE fate IS DISTINCT FROM 'baseline' ORDER BY uid")
