"""A desk whose ledger and mailbox are compared: two mails below its baseline, three above, and ways to lose some."""

from mail.imap.mailbox import open_mailbox
from mail.server import Server
from tests.support.database.services import MakeServices, a_raw_mail, execute, mailbox_of, query
from tests.support.servers.mailboxes import uids
from worker.intake.run import receive_due
from worker.poll.reconcile import Compared, Lack
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services


def polled_services(make_services: MakeServices, server: Server) -> Services:
    """Services that have polled two mails, which are below the baseline, and then three more, which are taken."""
    append_customer_mails(server, "long before", "before")
    services = make_services(**mailbox_of(server))
    poll_mailbox(services, "support")
    append_customer_mails(server, "one", "two", "three")
    poll_mailbox(services, "support")
    return services


def append_customer_mails(server: Server, *bodies: str) -> None:
    """Append mails to the inbox, each from a sender of its own and with its body as subject."""
    with open_mailbox(server) as mailbox:
        for body in bodies:
            sender = f"{body.replace(' ', '.')}@customer.example"
            mailbox.append(
                "INBOX", a_raw_mail(body, message_id=f"<{body.replace(' ', '')}@x>", subject=body, **{"from": sender})
            )


def our_uids(server: Server) -> list[int]:
    """The UIDs from the baseline on: the last one below it, and those of the desk's own mails."""
    return uids(server)[1:]


def delete_from_ledger(services: Services, uid: int) -> None:
    """Remove the row of a mail with its raw bytes."""
    raw = "DELETE FROM mail.raw_chunk WHERE ledger_id IN (SELECT id FROM mail.ledger WHERE uid = :uid)"
    execute(services, raw, "DELETE FROM mail.ledger WHERE uid = :uid", uid=uid)


def make_stub(services: Services, uid: int) -> None:
    """Make a ledger row what the poller stores of a mail that it could not fetch."""
    raw = "DELETE FROM mail.raw_chunk WHERE ledger_id IN (SELECT id FROM mail.ledger WHERE uid = :uid)"
    bare = """UPDATE mail.ledger SET fate = 'quarantined', reason = 'it could not be taken', decided_at = now(),
        reported_at = now(), server_done_at = now(), size = 0, fingerprint = '', message_id = NULL,
        message_id_hash = NULL, stored_at = now() - interval '3 days', due_at = now() - interval '3 days'
        WHERE uid = :uid"""
    execute(services, raw, bare, uid=uid)


def ticket_titles(services: Services) -> list[str]:
    """Decide on all that waits; the titles of all tickets, sorted."""
    while receive_due(services).done:
        pass
    return [row["title"] for row in query(services, 'SELECT title FROM "Ticket" ORDER BY title')]


def gaps_of(compared: Compared) -> list[tuple[Lack, int | None, bool]]:
    """The gaps, as (what is missing, UID, whether it was repaired)."""
    return [(gap.lack, gap.uid, gap.repaired) for gap in compared.gaps]


def uids_and_fates(services: Services) -> list[dict[str, object]]:
    """UID and fate of the ledger's rows but for baselines, in the order of UIDs."""
    return query(services, "SELECT uid, fate FROM mail.ledger WHERE fate IS DISTINCT FROM 'baseline' ORDER BY uid")
