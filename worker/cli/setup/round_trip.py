"""The round trip of `supportdesk doctor`: each mailbox sends itself two mails, and what came of them in sentences."""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from desk.tokens import own_mark
from mail.auth.results import results_headers
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import Mailbox
from mail.mime.addresses import read_addresses
from mail.mime.headers import read_headers
from models.db.clock import read_clock
from models.ledger.mails import latest_heads
from worker.admin.doctor.finding import Finding
from worker.cli.setup.answers import Recognition
from worker.cli.setup.own_mail import SECOND_SECONDS, Arrived, Box, OwnMails, send_and_wait, trust_shown_by
from worker.poll.run import FLAG
from worker.runtime.mailboxes.accounts import imap_account, smtp_account
from worker.runtime.services import Services, pin_of
from worker.runtime.transaction import autocommit, transaction
from worker.settings.servers import MailboxSettings
from worker.settings.types import After

# More mails do not come between two looks, and ours not later than --within allows.
LATEST = 20
LATELY = timedelta(hours=2)
NEVER_CAME = (
    "The mail that mailbox {0} sent to {1} did not arrive in its folder {2} within {3:.0f} seconds. Look for it in the"
    " folder of spam, at the queue of {4}, and in the rules of the mailbox; a server that lets first mails wait"
    " (greylisting) takes some minutes: say --within 600."
)
PLUS_NEEDED = (
    "A mail to {0} {1}, and plus_addressing is true: answers of people go to such addresses and would be lost. Let the"
    " server deliver them to {2}, or say plus_addressing = false, which needs an authserv_id."
)
PLUS_UNUSED = (
    "A mail to {0} arrived, and plus_addressing is false. With plus_addressing = true, answers come to signed"
    " addresses, which show who writes."
)
OTHER_SERVER = (
    "The server wrote Authentication-Results as {0}, and authserv_id is {1}, so what it says of senders is not"
    " believed. Say {2}."
)
OTHER_HOST = "The results of {0} stand below {1}; where that server is yours, name it: own_hosts = [{2}]."
NOT_PINNED = "The server says who senders are. So that it is believed, say {0}."
NO_RESULTS = (
    "The mail carries no Authentication-Results, as many servers write none for mail of their own users; what stands on"
    " the mails of others decides"
)
FROM_CHANGED = (
    "Mail is sent as {0} and arrives as {1}, so people answer there. Let the account of {2} send as {0}, which"
    ' providers call "Send mail as" or "Send As".'
)


def round_trips(services: Services, within: float) -> Iterator[Finding]:
    """Send two mails through the outgoing server of each mailbox to itself, wait for them, and say what they show.

    They bear a mark by which intake knows them for ours. At the end they are flagged or moved as `after` says.
    """
    for box in services.settings.mailbox:
        part = f"round trip of mailbox {box.name}"
        try:
            yield from _round_trip(services, box, within)
        except (TemporaryFailure, PermanentFailure) as failure:
            yield Finding(part, f"The {part} failed: {str(failure).rstrip('.')}.")
        except SQLAlchemyError:
            yield Finding(part, f"The {part} was left out, for the database cannot be asked.", blind=True)


def _round_trip(services: Services, box: MailboxSettings, within: float) -> Iterator[Finding]:
    with autocommit(services.engine) as session:
        at = int(read_clock(session).timestamp())
    smtp = smtp_account(services, box.smtp or services.settings.smtp)
    tried = Box(
        box.address,
        imap_account(services, box),
        smtp,
        box.folder,
        within,
        token=lambda: own_mark(services.policy.keys, at, secrets.token_hex(8)),
        stored=lambda: _stored(services, box.name),
    )
    refused: list[str] = []
    came = send_and_wait(tried, lambda: None, lambda mailbox, uids: refused.extend(_finish(box, mailbox, uids)))
    yield from shown_by(box, came, str(smtp), within)
    yield from (Finding(f"after of mailbox {box.name}", sentence) for sentence in refused)


def shown_by(box: MailboxSettings, came: OwnMails, server: str, within: float) -> Iterator[Finding]:
    """What the two mails show, as far as they came by the outgoing `server` `within` so many seconds."""
    part = f"round trip of mailbox {box.name}"
    first = came.plain or came.plus
    if first is None:
        yield Finding(part, NEVER_CAME.format(box.name, box.address, box.folder, within, server))
        return
    yield _arrival(part, box, came, within)
    yield _plus(box, came, within)
    yield _results(box, first)
    yield _from(box, first, server)


def _stored(services: Services, name: str) -> list[bytes]:
    """The heads of the latest mails of a mailbox: a poller may take ours out of the folder before we look."""
    # Where the database goes away meanwhile, the folder may still show them.
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        return [head.content for head in latest_heads(session, name, LATEST, LATELY)]
    return []


def _finish(box: MailboxSettings, mailbox: Mailbox, uids: list[int]) -> Iterator[str]:
    """Do with the mails what polls do with those that they stored; a sentence where the server refuses."""
    try:
        if box.after is After.MOVE and box.move_to:
            mailbox.move(uids, box.move_to)
        if box.after is After.FLAG:
            mailbox.flag(uids, FLAG)
    except PermanentFailure as failure:
        yield f'The mails stay as they came, although after is "{box.after}": {str(failure).rstrip(".")}.'


def _arrival(part: str, box: MailboxSettings, came: OwnMails, within: float) -> Finding:
    if came.plain is None:
        trouble = (
            f"A mail to {came.plus_address} arrived, and one to {box.address} did not within {within:.0f} seconds."
        )
        return Finding(part, trouble)
    return Finding(part, found=f"A mail to {box.address} arrived after {came.plain.seconds:.1f} seconds.")


def _plus(box: MailboxSettings, came: OwnMails, within: float) -> Finding:
    part = f"plus addressing of mailbox {box.name}"
    if came.plus is not None:
        words = f"A mail to {came.plus_address} arrived after {came.plus.seconds:.1f} seconds."
        unused = PLUS_UNUSED.format(came.plus_address)
        return Finding(part, found=words) if box.plus_addressing else Finding(part, advice=unused)
    waited = min(within, SECOND_SECONDS)
    fate = f"was refused ({came.plus_refused.rstrip('.')})" if came.plus_refused else f"did not come in {waited:.0f} s"
    if box.plus_addressing:
        return Finding(part, PLUS_NEEDED.format(came.plus_address, fate, box.address))
    return Finding(part, found=f"A mail to {came.plus_address} {fate}, and plus_addressing is false, as it must be.")


def _results(box: MailboxSettings, mail: Arrived) -> Finding:
    """What the settings say of the server that checks senders, beside what it wrote on the mail (RFC 8601)."""
    part = f"Authentication-Results in mailbox {box.name}"
    shown = trust_shown_by(mail.head, box.address, plus_addressing=box.plus_addressing)
    if not shown.is_pinned:
        return Finding(part, found=f"{NO_RESULTS}{' (see authserv_id)' if box.is_pinned else ''}.")
    name, keys = shown.authserv_id or "results without a name", _keys(shown)
    if not box.is_pinned:
        return Finding(part, advice=NOT_PINNED.format(keys))
    believed = box.nameless_results if shown.authserv_id is None else _is_named(box, shown.authserv_id)
    if not believed:
        return Finding(part, OTHER_SERVER.format(name, box.authserv_id or "not given", keys))
    top = next(results_headers(read_headers(mail.head)[0], pin_of(box)))
    if top.foreign_host:
        return Finding(part, OTHER_HOST.format(name, top.foreign_host, f'"{top.foreign_host}"'))
    return Finding(part, found=f"They are of {name}, as the settings say.")


def _is_named(box: MailboxSettings, authserv_id: str) -> bool:
    return box.authserv_id is not None and box.authserv_id.lower() == authserv_id.lower()


def _keys(shown: Recognition) -> str:
    """What to write into the settings."""
    hosts = ", ".join(f'"{host}"' for host in shown.own_hosts)
    first = f'authserv_id = "{shown.authserv_id}"' if shown.authserv_id else "nameless_results = true"
    return f"{first} and own_hosts = [{hosts}]" if hosts else first


def _from(box: MailboxSettings, mail: Arrived, server: str) -> Finding:
    part = f"From of mailbox {box.name}"
    arrived = [one.email for one in read_addresses(read_headers(mail.head)[0].texts("from"))]
    if arrived == [box.address]:
        return Finding(part, found=f"Mail arrives from {box.address}, as it was sent.")
    return Finding(part, FROM_CHANGED.format(box.address, " and ".join(arrived) or "nobody", server))
