"""The lease of a mailbox: who has it polls it, and nobody else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine

from mail.imap.batches import Bounds
from models.ledger.folders import Place
from worker.settings.model import LimitsSettings, MailboxSettings

MEGABYTE = 1024 * 1024
# The connection is cut before the lease ends, so that nobody else finds the mailbox free while it is worked.
OF_THE_LEASE = 0.9


@dataclass(frozen=True, slots=True)
class MailboxLease:
    """A mailbox under our lease."""

    engine: Engine
    box: MailboxSettings
    limits: LimitsSettings
    mailbox_id: int
    token: UUID
    after_chunk: Callable[[], None]
    began: float = field(default_factory=time.monotonic)

    @property
    def duration(self) -> timedelta:
        """How long the mailbox stays ours; renewed with each chunk."""
        return timedelta(seconds=self.limits.poll_lease_seconds)

    @property
    def seconds(self) -> float:
        """After how many seconds the connection is cut, whatever is going on."""
        return OF_THE_LEASE * self.limits.poll_lease_seconds

    @property
    def is_over(self) -> bool:
        """Whether the poll has had its time, so that it should stop by itself and leave the rest to the next."""
        return time.monotonic() - self.began > self.seconds / 2

    @property
    def bounds(self) -> Bounds:
        """How much is fetched at once, and what is too large."""
        return Bounds(largest=self.limits.largest_mail_megabytes * MEGABYTE)

    def place(self, uidvalidity: int) -> Place:
        """The folder under a UIDVALIDITY."""
        return Place(self.mailbox_id, self.box.folder, uidvalidity)


class LeaseLost(Exception):
    """The mailbox is another poller's by now: nothing was stored, and nothing more may be done."""
