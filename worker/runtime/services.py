"""Everything that the tasks of one process need, made once from the settings."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from desk.facts import Deliver, Policy, StaffTrust
from desk.limits import Limits
from desk.notices.values.template_values import DeskView
from desk.routing.rules import compile_rules
from desk.ticket import Person
from desk.tokens import Keys
from mail.auth.results import Pin
from mail.outbound.catalogue import SHIPPED_TEMPLATES
from mail.server import Bearer, Server
from mail.smtp.connection import SmtpServer
from models.db.claims import Queue
from models.db.engine import make_engine
from models.outbox.rows import OUTBOX
from worker.runtime.queue_run import WorkQueue
from worker.settings.load import load_settings
from worker.settings.model import Settings
from worker.settings.sections.limits import LimitsSettings
from worker.settings.sections.macros import MacroFolder
from worker.settings.servers import MailboxSettings, SmtpSettings

if TYPE_CHECKING:
    from mail.outbound.render import Renderer
    from models.reports.search.like import WordMemory
    from worker.settings.signatures import Signatures


@dataclass(frozen=True)
class Services:
    """The settings, and the services that are made of them once: database engine, policy, templates, and signatures.

    Templates, signatures and what else only mails need are made when asked for, as most processes write none.
    """

    settings: Settings
    engine: Engine
    policy: Policy

    @cached_property
    def renderer(self) -> "Renderer":
        """The templates and sentences of our mails."""
        return make_renderer(self.settings)

    @cached_property
    def signatures(self) -> "Signatures":
        """What stands below the answers of agents."""
        from worker.settings.signatures import Signatures, read_signatures  # noqa: PLC0415

        folder = self.settings.desk.signatures
        return read_signatures(folder)[0] if folder else Signatures()

    @cached_property
    def macros(self) -> MacroFolder:
        """The texts that staff send by their names."""
        return MacroFolder(self.settings.desk.macros)

    @cached_property
    def question_words(self) -> "WordMemory":
        """The words of questions that were compared with earlier ones lately."""
        from models.reports.search.like import WordMemory  # noqa: PLC0415

        return WordMemory()

    def fresh_policy(self) -> Policy:
        """The policy with the texts of the desk as they are now."""
        return replace(self.policy, macros=self.macros.read())

    @property
    def desk(self) -> DeskView:
        """The desk as its mails name it."""
        return DeskView(self.settings.desk.name, self.settings.desk.address)

    @property
    def domain(self) -> str:
        """The domain of our Message-IDs, and what we call ourselves in EHLO."""
        return self.settings.desk.address.rpartition("@")[2]

    @property
    def limits(self) -> LimitsSettings:
        """The section `[limits]` of the settings."""
        return self.settings.limits

    def queue(self, queue: Queue) -> WorkQueue:
        """A queue with its lease and its pause before a retry, as the limits say."""
        outgoing = queue is OUTBOX
        lease = self.limits.delivery_lease_seconds if outgoing else self.limits.claim_lease_seconds
        retry = timedelta(seconds=self.limits.retry_seconds)
        return WorkQueue(self.engine, queue, timedelta(seconds=lease), retry, self.policy.keys)

    def language_of(self, person: Person, box: MailboxSettings | None) -> str:
        """The language that a person chose, or else that of the mailbox for who is not staff, or else of the desk."""
        of_box = None if person.is_staff or box is None else box.language
        return person.language if person.language in self.renderer.languages else of_box or self.settings.desk.language

    def mailbox(self, name: str) -> MailboxSettings:
        """The mailbox of this name; KeyError: the settings have none."""
        return next(box for box in self.settings.mailbox if box.name == name)


def open_services(settings: Settings, *, application_name: str) -> Services:
    """Make the services of these settings; nothing connects yet."""
    keys = (settings.desk.secret_key, *settings.desk.previous_secret_keys)
    secrets = tuple(key.get_secret_value().encode() for key in keys)
    policy = Policy(
        keys=Keys(secrets),
        own_addresses=settings.own_addresses,
        staff_trust=StaffTrust(settings.trust.staff),
        rules=compile_rules(settings.rule),
        default_assign=settings.routing.default,
        largest_mail=settings.limits.largest_mail_megabytes * 1024 * 1024,
        pins={box.name: pin_of(box) for box in settings.mailbox if box.is_pinned},
        groups={box.name: frozenset(box.groups) for box in settings.mailbox if box.groups},
        shared_domains=frozenset(settings.limits.shared_domains),
        deliver=Deliver(settings.outbox.deliver),
        web_forms={box.name: frozenset(box.web_forms) for box in settings.mailbox if box.web_forms},
        timezone=next((report.timezone for report in settings.report if report.timezone != "UTC"), ""),
        limits=Limits(**{one.name: getattr(settings.limits, one.name) for one in fields(Limits)}),
    )
    engine = make_engine(settings.database.url.get_secret_value(), application_name=application_name)
    return Services(settings, engine, policy)


def pin_named(boxes: Iterable[MailboxSettings], name: str) -> Pin | None:
    """The server whose word about senders counts in a mailbox of that name; None where none does."""
    return next((pin_of(box) for box in boxes if box.name == name and box.is_pinned), None)


def pin_of(box: MailboxSettings) -> Pin:
    """Which server's word about senders is believed in a mailbox; the hosts of its own domain are ours."""
    hosts = (*box.own_hosts, box.address.rpartition("@")[2])
    return Pin(box.authserv_id or "", hosts, box.nameless_results, box.arc_forwarders)


def make_renderer(settings: Settings) -> "Renderer":
    """The templates of the operator's folder before those that come with the program."""
    from mail.outbound.render import Renderer  # noqa: PLC0415

    own = settings.templates.folder
    return Renderer(*([own] if own else []), SHIPPED_TEMPLATES)


def imap_server(box: MailboxSettings, limits: LimitsSettings, bearer: Bearer | None = None) -> Server:
    """The IMAP server of a mailbox, with `limits.step_seconds` for each step; one with `oauth` needs its `bearer`."""
    password = box.password.get_secret_value() if box.password else ""
    return Server(box.host, box.port, box.security, box.user, password, limits.step_seconds, box.force_plain, bearer)


def smtp_server(smtp: SmtpSettings, limits: LimitsSettings, bearer: Bearer | None = None) -> SmtpServer:
    """An outgoing SMTP server, that of the desk or of a mailbox; without a user nobody logs in."""
    password = smtp.password.get_secret_value() if smtp.password else ""
    return SmtpServer(
        smtp.host,
        smtp.port,
        smtp.security,
        smtp.user or "",
        password,
        limits.step_seconds,
        smtp.force_plain,
        bearer,
    )


@cache
def _services_of_process(pid: int) -> Services:
    return open_services(load_settings(None, os.environ), application_name="supportdesk worker")


def current_services() -> Services:
    """The services of this process: database connections must not be shared over a fork."""
    return _services_of_process(os.getpid())
