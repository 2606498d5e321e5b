"""Mails and UIDs of a mailbox on a real IMAP server, and the ledger rows of its mails."""

from datetime import datetime
from typing import Any

from mail.imap.mailbox import open_mailbox
from mail.server import Server
from tests.support.database.services import a_raw_mail, query
from worker.runtime.services import Services


def append(server: Server, *bodies: str, folder: str = "INBOX", when: datetime | None = None) -> None:
    """Append mails to a folder, one for each body, which is also its Message-ID."""
    with open_mailbox(server) as mailbox:
        for body in bodies:
            mailbox.append(folder, a_raw_mail(body, message_id=f"<{body[:50]}@x>"), when=when)


def uids(server: Server, folder: str = "INBOX") -> list[int]:
    """The UIDs of the mails in a folder."""
    with open_mailbox(server) as mailbox:
        mailbox.select(folder)
        return mailbox.all_uids()


def ledger_rows(services: Services) -> list[dict[str, Any]]:
    """The ledger's rows but for baselines, oldest first."""
    return query(services, "SELECT * FROM mail.ledger WHERE fate IS DISTINCT FROM 'baseline' ORDER BY id")
