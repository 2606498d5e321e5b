"""The servers that mails go to, which mailboxes each sends for, and what was seen of it in the life of this process."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Final

from mail.smtp.connection import SmtpServer
from models.db.claims import Claimed, Lanes
from models.outbox.servers import put_off
from worker.runtime.mailboxes.accounts import smtp_account
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

# The mails of a server that cannot be reached wait so long, while those of the others go.
PAUSE: Final = timedelta(minutes=1)
# How many seconds it is remembered that a server took no more connections, and that it could not do PIPELINING.
FEWER_FOR: Final = 600.0
ONE_BY_ONE_FOR: Final = 86400.0
# A run that ends leaves a connection alone that is still being opened; the next waits so long before it opens another.
HANGS_AFTER: Final = 10.0


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """A server with the rows of the outbox that it takes, None for all of them, and the connections that it may get."""

    server: SmtpServer
    connections: int
    lanes: Lanes | None = None


def accounts(services: Services) -> list[SmtpAccount]:
    """The server of the desk, and before it each that a mailbox names for itself.

    Where the same account is named more than once, the smallest number of connections holds.
    """
    usual = services.settings.smtp
    servers: dict[SmtpServer, int] = {smtp_account(services, usual): usual.connections}
    (main,) = servers
    names: dict[SmtpServer, list[str]] = {}
    for box in services.settings.mailbox:
        if box.smtp:
            server = smtp_account(services, box.smtp)
            servers[server] = min(box.smtp.connections, servers.get(server, box.smtp.connections))
            if server != main:
                names.setdefault(server, []).append(box.name)
    own = [SmtpAccount(server, servers[server], Lanes(tuple(boxes), among=True)) for server, boxes in names.items()]
    others = Lanes(tuple(name for boxes in names.values() for name in boxes), among=False) if own else None
    return [*own, SmtpAccount(main, servers[main], others)]


def let_others_go(services: Services, claimed: Claimed, failure: str) -> None:
    """Put off the mails of a server that cannot be reached, where the desk has other servers."""
    with transaction(services.engine) as session:
        put_off(session, claimed, failure, PAUSE)
    logger.warning("The mails of one server wait for a minute: %s", failure)


@dataclass(slots=True)
class _Seen:
    """What was seen of a server: times are monotonic.

    `opening` is since when first connections are being opened, and `further` how many are that others stand beside.
    """

    most: int = 0
    fewer_until: float = 0
    one_by_one_until: float = 0
    opening: list[float] = field(default_factory=list)
    further: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What was seen of servers. The threads of connections ask and tell it, too."""

    _seen: dict[SmtpServer, _Seen] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    clock: Callable[[], float] = time.monotonic

    def takes_no_more_than(self, server: SmtpServer, connections: int) -> None:
        """Remember that a server refused one more connection than these."""
        with self._of(server) as seen:
            seen.most, seen.fewer_until = connections, self.clock() + FEWER_FOR

    def most(self, server: SmtpServer, allowed: int) -> int:
        """How many connections may be open to a server at once."""
        with self._of(server) as seen:
            return min(seen.most, allowed) if self.clock() < seen.fewer_until else allowed

    def takes_one_by_one(self, server: SmtpServer) -> None:
        """Remember that a server took a mail only after its commands came one by one."""
        with self._of(server) as seen:
            seen.one_by_one_until = self.clock() + ONE_BY_ONE_FOR

    def can_pipeline(self, server: SmtpServer) -> bool:
        """Whether nothing is known against sending commands in one flight, where the server offers it."""
        with self._of(server) as seen:
            return self.clock() >= seen.one_by_one_until

    @contextmanager
    def opening(self, server: SmtpServer, *, is_first: bool = True) -> Iterator[None]:
        """Remember that a connection is being opened, and since when the first of a run is, while the block takes."""
        began = [self.clock()] if is_first else []
        with self._of(server) as seen:
            seen.opening += began
            seen.further += not is_first
        try:
            yield
        finally:
            with self._of(server) as seen:
                for one in began:
                    seen.opening.remove(one)
                seen.further -= not is_first

    def never_answers(self, server: SmtpServer) -> bool:
        """Whether a first connection is still being opened, by an earlier run, which began long ago."""
        with self._of(server) as seen:
            return any(self.clock() - began > HANGS_AFTER for began in seen.opening)

    def is_opening_further(self, server: SmtpServer) -> bool:
        """Whether a connection beside others is still being opened, also by an earlier run."""
        with self._of(server) as seen:
            return seen.further > 0

    @contextmanager
    def _of(self, server: SmtpServer) -> Iterator[_Seen]:
        with self._lock:
            yield self._seen.setdefault(server, _Seen())


MEMORY: Final = Memory()
