"""The sections of `supportdesk.toml`, each checked by itself."""

from datetime import time
from itertools import chain
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator

from desk.routing.rules import Assign, Rule, Strategy
from desk.ticket import Role
from mail.outbound.catalogue import BASE_LANGUAGE
from worker.settings.sections.limits import LimitsSettings
from worker.settings.sections.retention import RetentionSettings
from worker.settings.servers import MailboxSettings, SmtpSettings
from worker.settings.types import (
    USUAL_FROM_NAME,
    Address,
    Clock,
    Day,
    Days,
    FromName,
    Language,
    Name,
    Section,
    Zone,
    url_of,
)

SHORTEST_SECRET_KEY: Final = 32


class DeskSettings(Section):
    """The desk itself: its name, its address, its keys, and what its mails look like."""

    name: Name
    """What the desk is called in its mails. Such as `"SupportDesk"`."""
    address: Address
    """The From of mails about no ticket; those about one come from its mailbox. Such as `"support@desk.example"`."""
    secret_key: SecretStr
    """Reply addresses and Message-IDs are signed with it, and kept tokens encrypted: at least 32 random bytes. Keep a
    copy. docs/security.md says how it is changed."""
    previous_secret_keys: tuple[SecretStr, ...] = ()
    """Earlier keys: what they signed still counts, and they sign nothing more. Their file has one in each line."""
    owner: Address | None = None
    """A person who is told, once a day, where nobody is staff any more, as after a reset of the database. Not an
    address of the desk. Such as `"owner@example.org"`."""
    from_name: FromName = USUAL_FROM_NAME
    """The name in the From of what staff wrote; all other mails bear the desk's name. Such as `"{author}, {desk}"`."""
    language: Language = BASE_LANGUAGE
    """The language of its mails: `en`, `de`, or one that the folder of `[templates]` has a folder of. `supportdesk user
    language` chooses another one for a person. Such as `"de"`."""
    signatures: Path | None = None
    """What stands below public answers: `signature.txt` and `signature.html` of the desk in this folder, and those of
    an agent in a folder with their address for its name. Such as `"signatures"`."""
    macros: Path | None = None
    """The folder of the texts that staff send by `#say NAME`, each in a file `NAME.txt` and read again when it changes.
    Left out, it is `macros` beside this file, which need not be there. Such as `"macros"`."""
    history: Literal["last", "none"] = "last"
    """What a public answer quotes below: `last` is what its customer wrote last, on 40 lines at most."""
    announce_within_days: Annotated[int, Field(ge=1, le=365)] = 3
    """Changes older than this are reported to the admins, and mailed to nobody."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = [("secret_key", self.secret_key), *(("previous_secret_keys", key) for key in self.previous_secret_keys)]
        for name, key in given:
            size = len(key.get_secret_value().encode())
            if size < SHORTEST_SECRET_KEY:
                raise ValueError(f"{name}: must have at least {SHORTEST_SECRET_KEY} bytes, and has {size}")
        return self


class DatabaseSettings(Section):
    """The PostgreSQL database, which is also that of the web application."""

    url: Annotated[SecretStr, url_of("postgresql", "postgresql+psycopg", "postgres"), "URL with postgresql://"]
    """The address of the database, such as `postgresql://supportdesk@localhost/supportdesk`. It may hold a password,
    and is therefore a secret."""


class BrokerSettings(Section):
    """The Redis or Valkey server that rings the workers. It holds no mail: all work waits in the database."""

    url: Annotated[
        SecretStr, url_of("redis", "rediss", "redis+socket"), "URL with redis://, rediss:// or redis+socket://"
    ]
    """The address of the broker, such as `redis://localhost:6379/0`. It may hold a password, and is therefore a
    secret."""
    visibility_timeout: Annotated[int, Field(ge=60), "whole number of seconds"] = 3600
    """How long the broker waits before it gives a task that nobody finished to another worker."""


class TrustSettings(Section):
    """What proves that a mail is from staff; docs/security.md says what each mail may do."""

    staff: Literal["both", "token"] = "both"
    """`both`: an agent's mail needs its signed address and an aligned pass of your mail server. `token`: the signed
    address alone, which must be said in so many words where a mailbox pins no `authserv_id`."""


class OutboxSettings(Section):
    """What goes out."""

    deliver: Literal["all", "staff"] = "all"
    """Who gets mails. `staff` is for a trial beside another desk: what customers would have got is held and listed by
    `supportdesk outbox list`, and is never sent later by itself."""


class RoutingSettings(Section):
    """Who gets a ticket when no rule says so."""

    default: Assign = Assign(role=Role.AGENT)
    """Who may take it, and how one of them is chosen."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.default.strategy is Strategy.NONE:
            raise ValueError('default: the strategy "none" may only stand in a rule')
        if self.default.role is Role.CUSTOMER:
            raise ValueError("default: tickets are assigned to agents and admins, never to customers")
        return self


class ReportSettings(Section):
    """A report that is sent on a schedule; one table for each. Without a table there is none."""

    name: Name
    """What the report is called in the settings. Such as `"daily"`."""
    at: Clock = time(7)
    """When it is sent, in its time zone. Such as `"07:30"`."""
    days: Days = tuple(Day)
    """The days on which it is sent. Such as `["mon", "tue", "wed", "thu", "fri"]`."""
    timezone: Zone = "UTC"
    """The time zone of its hours and days. Such as `"Europe/Berlin"`."""
    to: Literal["admins"] = "admins"
    """Who gets it."""


class AlarmSettings(Section):
    """The admins get a mail for each trouble. This is for where mail itself is broken."""

    run: tuple[Name, ...] = ()
    """A program with its arguments, which is run too where our own mail may not arrive: no shell, ten seconds at most,
    with what is wrong in place of `{text}`. Such as `["page-me", "{text}"]`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.run and not any("{text}" in word for word in self.run[1:]):
            raise ValueError('run: must be a program and arguments, one of them with {text}: ["page-me", "{text}"]')
        return self


class TemplatesSettings(Section):
    """Your own mails in place of those that come with the program; docs/templates.md says how."""

    folder: Path | None = None
    """A folder whose templates and sentences are looked at first. Such as `"templates"`."""


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
    retention: RetentionSettings = RetentionSettings()

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address that is the desk: its own, and those of its mailboxes with their aliases and groups."""
        return frozenset({self.desk.address, *chain.from_iterable(box.addresses for box in self.mailbox)})

    def mailbox_with_tokens(self, smtp: SmtpSettings) -> MailboxSettings | None:
        """The mailbox whose token opens an outgoing server: that of the same user; None where a password does."""
        if smtp.user is None or smtp.password is not None:
            return None
        return next((box for box in self.mailbox if box.oauth and box.user == smtp.user), None)
