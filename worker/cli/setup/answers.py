"""What an operator answers, as values."""

import re
from dataclasses import dataclass, field

from mail.server import Security


@dataclass(frozen=True, slots=True)
class Login:
    """An account on a mail server; an empty user logs in nowhere."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recognition:
    """By what people are known who write to the mailbox: plus addresses, and the server that checks senders.

    `authserv_id` is the name of that server; `own_hosts` are further hosts that stand above its results, and `nameless`
    says that it writes them without a name.
    """

    plus_addressing: bool
    authserv_id: str | None = None
    own_hosts: tuple[str, ...] = ()
    nameless: bool = False

    @property
    def is_pinned(self) -> bool:
        """Whether a server's word about senders counts."""
        return self.authserv_id is not None or self.nameless


@dataclass(frozen=True, slots=True)
class Answers:
    """All that a settings file needs."""

    name: str
    address: str
    imap: Login
    smtp: Login
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    trust: Recognition

    @property
    def mailbox_name(self) -> str:
        """The mailbox is named after the local part of its address."""
        return re.sub(r"[^a-z0-9]+", "-", self.address.partition("@")[0].lower()).strip("-") or "support"
