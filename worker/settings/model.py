"""The sections of `supportdesk.toml`, each checked by itself."""

import re
from datetime import time
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator

from desk.routing.rules import Assign, Rule, Strategy
from desk.ticket import Role
from mail.outbound.catalogue import BASE_LANGUAGE
from worker.settings.oauth import OAuthSettings
from worker.settings.servers import AlarmSettings, ServerSettings, SmtpSettings
from worker.settings.types import (
    USUAL_FROM_NAME,
    Address,
    After,
    Clock,
    Day,
    Days,
    Domain,
    FromName,
    Language,
    Name,
    Section,
    Zone,
    same_folder,
    url_of,
    with_port,
)

# RFC 5321, 4.5.3.1.1: a local part has at most 64 octets. A signed address adds "+", an id, "." and a MAC.
LONGEST_LOCAL_PART: Final = 64
SIGNED_SUFFIX: Final = 1 + 13 + 1 + 20
SHORTEST_SECRET_KEY: Final = 32
STEPS_OF_ONE_MAIL: Final = 5
# To take a mail in needs up to ten times its size, as measured with an attachment and with a text of 32 MB.
TIMES_ITS_SIZE: Final = 12
AUTHSERV_ID: Final = re.compile(r'[^\s;="()]+')
# One label alone, such as "com", would let anybody be ours.
DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


class DeskSettings(Section):
    """The desk itself; `address` is the From of mails about no ticket, `owner` whom to tell where nobody is staff.

    `from_name` is the name in From of what staff wrote, `signatures` a folder of what stands below that, `language`
    the code of the language of its mails, and `history` how much of the past a public answer quotes.
    `previous_secret_keys` verify, and sign nothing.
    """

    name: Name
    address: Address
    secret_key: SecretStr
    previous_secret_keys: tuple[SecretStr, ...] = ()
    owner: Address | None = None
    from_name: FromName = USUAL_FROM_NAME
    language: Language = BASE_LANGUAGE
    signatures: Path | None = None
    history: Literal["last", "none"] = "last"
    announce_within_days: Annotated[int, Field(ge=1, le=365)] = 3

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = [("secret_key", self.secret_key), *(("previous_secret_keys", key) for key in self.previous_secret_keys)]
        for name, key in given:
            size = len(key.get_secret_value().encode())
            if size < SHORTEST_SECRET_KEY:
                raise ValueError(f"{name}: must have at least {SHORTEST_SECRET_KEY} bytes, and has {size}")
        return self


class DatabaseSettings(Section):
    """The PostgreSQL database; the address may hold a password and is therefore a secret."""

    url: Annotated[SecretStr, url_of("postgresql", "postgresql+psycopg", "postgres")]


class BrokerSettings(Section):
    """The Redis broker; `visibility_timeout` is in seconds."""

    url: Annotated[SecretStr, url_of("redis", "rediss", "redis+socket")]
    visibility_timeout: Annotated[int, Field(ge=60)] = 3600


class MailboxSettings(ServerSettings):
    """One IMAP folder that is polled, and the address whose mail it holds.

    `authserv_id` names the server whose Authentication-Results are believed, with `nameless_results` also those
    without a name; `own_hosts` are servers whose Received lines may stand above them, and `arc_forwarders` domains
    whose ARC seals count where that server vouches for them. `web_forms` are addresses whose mail is taken as written
    by whom its Reply-To names. `aliases` are further addresses that deliver here, and `groups` those of
    groups and lists that deliver here and write themselves into From; all of them are the desk. `from_name`,
    `language` and `smtp` stand in place of the desk's. `oauth` stands in place of the password.
    """

    name: Name
    address: Address
    aliases: tuple[Address, ...] = ()
    groups: tuple[Address, ...] = ()
    folder: Name = "INBOX"
    user: Name
    password: SecretStr | None = None
    oauth: OAuthSettings | None = None
    from_name: FromName | None = None
    language: Language | None = None
    smtp: SmtpSettings | None = None
    plus_addressing: bool = False
    authserv_id: Name | None = None
    own_hosts: tuple[Name, ...] = ()
    nameless_results: bool = False
    arc_forwarders: tuple[Name, ...] = ()
    web_forms: tuple[Address, ...] = ()
    after: After = After.LEAVE
    move_to: Name | None = None
    poll_every_seconds: Annotated[int, Field(ge=5, le=86400)] = 60
    from_start: bool = False

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, data: Any) -> Any:
        return with_port(data, {"tls": 993, "starttls": 143, "plain": 143})

    @model_validator(mode="after")
    def _check(self) -> Self:
        sentence = (
            _why_not_let_in(self)
            or _why_not_known(self)
            or _why_not_pinned(self)
            or _why_not_a_form(self)
            or _why_not_moved(self)
        )
        if sentence:
            raise ValueError(sentence)
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that delivers here."""
        return (self.address, *self.aliases, *self.groups)

    @property
    def is_pinned(self) -> bool:
        """True where a server's word about senders is believed."""
        return self.authserv_id is not None or self.nameless_results


class LimitsSettings(Section):
    """How long work may take and how large a mail may be; a lease ends when whoever held it has died.

    `step_seconds` holds for each step of IMAP or SMTP, of which one mail takes up to five. Tickets from one of
    `shared_domains` are counted by address, as those from a public provider are.
    """

    poll_lease_seconds: Annotated[int, Field(ge=2)] = 300
    claim_lease_seconds: Annotated[int, Field(ge=2)] = 120
    delivery_lease_seconds: Annotated[int, Field(ge=2)] = 600
    step_seconds: Annotated[float, Field(gt=0)] = 60
    mail_seconds: Annotated[int, Field(ge=1)] = 60
    mail_megabytes: Annotated[int, Field(ge=64)] = 1024
    largest_mail_megabytes: Annotated[int, Field(ge=1, le=512)] = 40
    retry_seconds: Annotated[int, Field(ge=0)] = 10
    shared_domains: tuple[Domain, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.mail_seconds >= self.claim_lease_seconds:
            raise ValueError("mail_seconds: must be less than claim_lease_seconds, or a slow mail is worked twice")
        if STEPS_OF_ONE_MAIL * self.step_seconds >= self.delivery_lease_seconds:
            raise ValueError("delivery_lease_seconds: must be more than five times step_seconds")
        least = TIMES_ITS_SIZE * self.largest_mail_megabytes
        if self.mail_megabytes < least:
            raise ValueError(
                f"mail_megabytes: must be {least} or more, twelve times largest_mail_megabytes,"
                " or there is no room to read the largest mails"
            )
        return self


class TrustSettings(Section):
    """What proves that a mail is from staff: token and aligned pass both, or the token alone."""

    staff: Literal["both", "token"] = "both"


class OutboxSettings(Section):
    """Who gets mails: all, or staff alone, for a trial; what is held then is never sent by itself."""

    deliver: Literal["all", "staff"] = "all"


class RoutingSettings(Section):
    """Who gets a ticket when no rule says so."""

    default: Assign = Assign(role=Role.AGENT)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.default.strategy is Strategy.NONE:
            raise ValueError('default: the strategy "none" may only stand in a rule')
        if self.default.role is Role.CUSTOMER:
            raise ValueError("default: tickets are assigned to agents and admins, never to customers")
        return self


class ReportSettings(Section):
    """One scheduled report: the local time and days it is sent."""

    name: Name
    at: Clock = time(7)
    days: Days = tuple(Day)
    timezone: Zone = "UTC"
    to: Literal["admins"] = "admins"


class TemplatesSettings(Section):
    """A folder of the operator's own templates, looked at before ours."""

    folder: Path | None = None


class Settings(Section):
    """All that an operator can set; `supportdesk.toml` at the top of the repository shows each key."""

    desk: DeskSettings
    database: DatabaseSettings
    broker: BrokerSettings
    mailbox: tuple[MailboxSettings, ...]
    smtp: SmtpSettings
    limits: LimitsSettings = LimitsSettings()
    outbox: OutboxSettings = OutboxSettings()
    trust: TrustSettings = TrustSettings()
    routing: RoutingSettings = RoutingSettings()
    rule: tuple[Rule, ...] = ()
    report: tuple[ReportSettings, ...] = ()
    alarm: AlarmSettings = AlarmSettings()
    templates: TemplatesSettings = TemplatesSettings()

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address that is the desk: its own, and those of its mailboxes with their aliases and groups."""
        return frozenset({self.desk.address, *chain.from_iterable(box.addresses for box in self.mailbox)})

    def mailbox_with_tokens(self, smtp: SmtpSettings) -> MailboxSettings | None:
        """The mailbox whose token opens an outgoing server: that of the same user; None where a password does."""
        if smtp.user is None or smtp.password is not None:
            return None
        return next((box for box in self.mailbox if box.oauth and box.user == smtp.user), None)


def _why_not_let_in(box: MailboxSettings) -> str | None:
    if box.password is None and box.oauth is None:
        return "password: is missing; give password, or password_file with the path of a file that holds it"
    if box.password is not None and box.oauth is not None:
        return "oauth: its tokens stand in place of the password; give one of the two"
    return None


def _why_not_known(box: MailboxSettings) -> str | None:
    if not box.plus_addressing and not box.is_pinned:
        return "plus_addressing: needs plus_addressing = true or an authserv_id, or nobody who writes could be known"
    longest = LONGEST_LOCAL_PART - SIGNED_SUFFIX
    local = box.address.partition("@")[0]
    if box.plus_addressing and len(local) > longest:
        return f"address: with plus addressing the part before @ may have {longest} characters, and has {len(local)}"
    return None


def _why_not_pinned(box: MailboxSettings) -> str | None:
    if box.authserv_id is not None and not AUTHSERV_ID.fullmatch(box.authserv_id):
        return f'authserv_id: must be one word without quotes, semicolons and equals signs, not "{box.authserv_id}"'
    if box.nameless_results and not box.own_hosts:
        return 'own_hosts: nameless_results needs the servers that write them, such as own_hosts = ["outlook.com"]'
    for key, domains in (("own_hosts", box.own_hosts), ("arc_forwarders", box.arc_forwarders)):
        strange = next((domain for domain in domains if not DOMAIN.fullmatch(domain)), None)
        if strange is not None:
            return f'{key}: must hold names such as lists.example, not "{strange}"'
        if domains and not box.is_pinned:
            return f"{key}: has no meaning without an authserv_id"
    return None


def _why_not_a_form(box: MailboxSettings) -> str | None:
    own = next((address for address in box.web_forms if address in box.addresses), None)
    if own is not None:
        return f'web_forms: "{own}" is the mailbox itself, and its own mail is never taken in'
    return None


def _why_not_moved(box: MailboxSettings) -> str | None:
    if (box.after is After.MOVE) != (box.move_to is not None):
        return 'move_to: after = "move" and move_to belong together'
    if box.move_to is not None and same_folder(box.move_to, box.folder):
        return f'move_to: is the polled folder "{box.folder}" itself'
    return None
