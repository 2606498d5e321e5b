"""Stored mails, one after another: each read and decided in a transaction that is rolled back."""

from collections.abc import Iterator
from dataclasses import replace

from mail.inbound.message import NO_HEADERS, InboundMail
from models.db.clock import read_now
from models.ledger.raw import raw_of
from models.people.roster import candidates
from models.reports.history.decided import WhichMails, read_decided
from worker.history.replay.compare import Replayed, replay
from worker.runtime.services import Services
from worker.runtime.transaction import rolled_back, transaction


def replay_mails(services: Services, which: WhichMails) -> Iterator[Replayed]:
    """The decided mails that are wanted, the newest first, each beside what was stored of it; nothing is written.

    The tickets that a mail names are locked while it is decided, as by a worker.
    """
    with transaction(services.engine) as reading:
        staff = candidates(reading, read_now(reading))
        for stored in read_decided(reading, which):
            with rolled_back(services.engine) as session:
                raw = raw_of(session, stored.row, size=None if stored.partial else stored.size)
                found = replay(session, services, stored, raw, staff)
            yield replace(found, mail=_without_bytes(found.mail)) if found.mail else found


def _without_bytes(mail: InboundMail) -> InboundMail:
    """What would be written of a mail and no more: after an upgrade all mails of years may differ, and be waiting."""
    files = tuple(replace(file, content=b"") for file in mail.attachments)
    return replace(mail, attachments=files, text="", html="", headers=NO_HEADERS)
