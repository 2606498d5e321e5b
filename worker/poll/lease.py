"""The lease of a mailbox, without which nobody polls it: its token, and how long a poll may take and fetch."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from mail.imap.batches import Bounds
from mail.server import Server
from models.ledger.folders import Place
from models.ledger.mailboxes import Pause, PauseCause, end_lease
from worker.runtime.transaction import transaction
from worker.settings.sections.limits import LimitsSettings
from worker.settings.servers import MailboxSettings

MEGABYTE = 1024 * 1024
# The share of the lease after which the connection is cut: nobody else may find the mailbox free while it is worked.
CONNECTION_SHARE = 0.9
BROKEN_OFF = "the last poll was broken off"


@dataclass(frozen=True, slots=True)
class MailboxLease:
    """A mailbox that this process has leased, and its server.

    `after_chunk` is called after each chunk of mails that is committed.
    """

    engine: Engine
    box: MailboxSettings
    limits: LimitsSettings
    mailbox_id: int
    token: UUID
    after_chunk: Callable[[], None]
    server: Server
    began: float = field(default_factory=time.monotonic)

    @property
    def duration(self) -> timedelta:
        """How long the mailbox stays ours; renewed with each chunk."""
        return timedelta(seconds=self.limits.poll_lease_seconds)

    @property
    def connection_seconds(self) -> float:
        """After how many seconds the connection is cut, whatever it is doing."""
        return CONNECTION_SHARE * self.limits.poll_lease_seconds

    @property
    def is_time_up(self) -> bool:
        """True after half of the connection's time, when the poll should stop and leave the rest to the next one."""
        return time.monotonic() - self.began > self.connection_seconds / 2

    @property
    def bounds(self) -> Bounds:
        """How much is fetched at once, and what is too large."""
        return Bounds(largest=self.limits.largest_mail_megabytes * MEGABYTE)

    def place(self, uidvalidity: int) -> Place:
        """The folder under a UIDVALIDITY."""
        return Place(self.mailbox_id, self.box.folder, uidvalidity)


class LeaseLost(Exception):
    """Another poller has the mailbox by now: nothing was stored, and nothing more may be done."""


@contextmanager
def given_back(lease: MailboxLease) -> Iterator[None]:
    """Give the mailbox back where the block is broken off, as by Ctrl-C: the next poll need not wait for its lease."""
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError), transaction(lease.engine) as session:
            end_lease(session, lease.mailbox_id, lease.token, BROKEN_OFF)
        raise


def why_left(pause: Pause) -> str:
    """Why a mailbox is left alone, as the end of a sentence."""
    if pause.cause is PauseCause.OPERATOR:
        until = f" until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else ""
        return f"an operator paused it{until}, and `supportdesk mailbox resume` ends that"
    if pause.cause is PauseCause.SERVER_REFUSED:
        return f"it is left alone until {pause.until:%H:%M:%S} UTC, for its server refused us: {pause.trouble}"
    return f"its server asked to be left alone until {pause.until:%H:%M:%S} UTC"
