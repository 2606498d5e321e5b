"""One mailbox looked at closely, and what an operator's pause says about it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from desk.reports.health.facts import pause_in_words
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import Mailbox, open_mailbox
from mail.imap.offer import look_around, newest_uid
from mail.server import Server
from mail.smtp.connection import try_login
from models.ledger.folders import Place, read_folder_state
from models.ledger.mailbox_list import list_mailboxes
from models.ledger.mailboxes import read_mailbox_id
from worker.admin.doctor.finding import MAILBOX_STEP, REFUSED_STEP, SMTP_STEP, Finding, with_next_step
from worker.runtime.mailboxes.accounts import imap_account, smtp_account
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction
from worker.settings.servers import MailboxSettings
from worker.settings.types import After

MOST_FOLDERS = 40
NO_IDLE = "The server offers no IDLE, so `supportdesk watch` hears of no mail; it is polled every {} s."
NO_MOVE = (
    "The server offers neither MOVE nor UIDPLUS, so mails are copied to {} and stay in their folder, marked as deleted."
)


def pauses(services: Services) -> Mapping[str, str]:
    """A sentence on each mailbox that is paused, by its name; empty where the database cannot say."""
    with suppress(SQLAlchemyError), autocommit(services.engine) as session:
        return {
            one.name: pause_in_words(one.name, one.paused_at, one.resumes_at)
            for one in list_mailboxes(session)
            if one.paused_at
        }
    return {}


def check_mailbox(services: Services, name: str) -> Iterator[Finding]:
    """Log in now by IMAP and SMTP and look around; a pause keeps nobody from that. Nothing is changed or sent."""
    box = services.mailbox(name)
    pause = pauses(services).get(name)
    if pause:
        yield Finding("pause", found=pause)
    yield from _imap(services, box)
    smtp = box.smtp or services.settings.smtp
    try:
        server = smtp_account(services, smtp)
        try_login(server, services.domain)
        yield Finding("SMTP", found=f"{server} lets us in.")
    except (TemporaryFailure, PermanentFailure) as failure:
        step = SMTP_STEP.format(f"the SMTP server of mailbox {name}")
        yield Finding("SMTP", with_next_step(f"Mail cannot be sent: {failure}", step))


def _imap(services: Services, box: MailboxSettings) -> Iterator[Finding]:
    part, server = "IMAP", imap_account(services, box)
    try:
        with open_mailbox(server) as mailbox:
            yield Finding(part, found=f"{server} lets {server.user} in.")
            part = "folders"
            sight = look_around(mailbox, server)
            yield Finding(part, found=f"{_listed(sight.folders)}.")
            yield Finding("capabilities", found=f"{' '.join(sight.capabilities)}.")
            yield from _lacks(box, sight.capabilities)
            part = f"folder {box.folder}"
            yield Finding(part, found=_newest(services, box, mailbox, server))
    except (TemporaryFailure, PermanentFailure) as failure:
        step = REFUSED_STEP if isinstance(failure, PermanentFailure) else MAILBOX_STEP
        yield Finding(part, with_next_step(f"Mailbox {box.name} cannot be read: {failure}", step.format(box.name)))


def _listed(folders: tuple[str, ...]) -> str:
    more = f" and {len(folders) - MOST_FOLDERS} more" if len(folders) > MOST_FOLDERS else ""
    return ", ".join(folders[:MOST_FOLDERS]) + more


def _lacks(box: MailboxSettings, capabilities: tuple[str, ...]) -> Iterator[Finding]:
    if "IDLE" not in capabilities:
        yield Finding("IDLE", advice=NO_IDLE.format(box.poll_every_seconds))
    if box.after is After.MOVE and not {"MOVE", "UIDPLUS"} & set(capabilities):
        yield Finding("MOVE", advice=NO_MOVE.format(box.move_to))


def _newest(services: Services, box: MailboxSettings, mailbox: Mailbox, server: Server) -> str:
    """The newest mail of the folder, and how far the ledger has it."""
    uidvalidity = mailbox.select(box.folder)
    newest = newest_uid(mailbox, server)
    there = f"Its newest mail has UID {newest}" if newest is not None else "It is empty"
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        known = read_mailbox_id(session, box.name)
        state = read_folder_state(session, Place(known, box.folder, uidvalidity)) if known else None
        taken = f"the desk has taken all up to UID {state.mark}" if state else "the desk has not read it yet"
        return f"{there}; {taken}."
    return f"{there}."
