"""What an operator answers, as values."""

import re
from dataclasses import dataclass, field

from mail.auth.oauth.client import GrantType, Provider
from mail.server import Bearer, Security


@dataclass(frozen=True, slots=True)
class Application:
    """What asks for tokens: the keys of `[mailbox.oauth]`; an empty one is left to the provider's own."""

    provider: Provider
    grant: GrantType
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    tenant: str = ""
    key: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()
    token_url: str = ""
    authorize_url: str = ""
    device_url: str = ""

    @property
    def needs_consent(self) -> bool:
        """Whether somebody has to agree before there is a token."""
        return self.grant is GrantType.CODE


@dataclass(frozen=True, slots=True)
class Login:
    """An account on a mail server; an empty user logs in nowhere.

    With an `application` tokens take the place of the password; `bearer` gives them, where nobody has to agree.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    application: Application | None = None
    bearer: Bearer | None = field(default=None, repr=False, compare=False)

    @property
    def awaits_consent(self) -> bool:
        """Whether nobody can log in yet."""
        return self.application is not None and self.application.needs_consent


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
