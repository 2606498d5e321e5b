"""Looking over an installation: each part asked whether it can be used, each trouble one sentence.

The last checks ask what trust rests on: they look at the mails that came, and send none to find out.
"""

from collections.abc import Iterator
from contextlib import suppress

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from desk.facts import StaffTrust
from desk.notices.samples import SAMPLES
from desk.ticket import NEIGHBOURS, Role, Status
from desk.tokens import key_trouble
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.mime.addresses import normalise
from mail.outbound.catalogue import in_english, together
from mail.outbound.template_check import check_templates
from mail.server import reason_of
from mail.smtp.connection import try_login
from models.db.clock import read_clock
from models.db.engine import host_and_port
from models.outbox.signing_keys import keys_in_use
from models.outbox.undelivered import refused_for_us
from models.people.staff import list_staff
from models.schema.additions import unknown_values
from models.schema.repair import damage
from models.schema.versions import version_trouble
from models.supportdesk.tables import ENUMS
from worker.admin import migrate
from worker.admin.digests.without_staff import ADD_STAFF, NOBODY
from worker.admin.doctor.finding import (
    BROKER_STEP,
    DATABASE_STEP,
    MAILBOX_STEP,
    REFUSED_STEP,
    SMTP_STEP,
    Check,
    Finding,
    with_next_step,
)
from worker.admin.doctor.mail_findings import MOST_MAILS, groups, pins
from worker.admin.doctor.mailbox_findings import pauses
from worker.admin.doctor.token_findings import tokens
from worker.runtime.broker import broker_at, reason_of_broker
from worker.runtime.clock import clock_trouble
from worker.runtime.health.look import look_once
from worker.runtime.mailboxes.accounts import imap_account, smtp_account
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction

BROKER_SECONDS = 5

UNKNOWN_VALUES = (
    "The web application has added values to {0} that this desk does not know: {1}. They are handled as {2}."
)
UNKNOWN_STATUS = " A ticket with a time of closing or resolving is handled as closed or resolved."
ONE_PROOF_ALONE = (
    'trust.staff is "token": whoever gets hold of a mail that we sent to an agent can write as that agent. Where your '
    'mail server checks senders, pin its authserv_id for each mailbox and say staff = "both" in [trust].'
)
SHARED_DOMAIN = (
    "{0} is at the domain of staff's own addresses. Services that let in everybody with an address at {1} may take a "
    "stranger for a colleague, who has their links sent to the desk; a subdomain for the desk alone avoids that."
)
NOBODYS_SIGNATURE = "The folder of signatures holds one for {0}, and nobody of the staff has that address."
NO_ADMIN = "No admin is among the staff, so alerts, digests and reports reach nobody."
AFTER_MENDING = "Once that is mended, `supportdesk outbox retry --all` sends them at once."


def templates(services: Services) -> Iterator[Finding]:
    """Every mail can be rendered from its templates, in each language of the settings, and that a person may have."""
    settings = services.settings
    of_boxes = (box.language or settings.desk.language for box in settings.mailbox)
    languages = dict.fromkeys((settings.desk.language, *of_boxes, *services.renderer.languages))
    troubles = dict.fromkeys(
        trouble for language in languages for trouble in check_templates(services.renderer, SAMPLES, language)
    )
    yield from (Finding("templates", trouble) for trouble in troubles)
    if not troubles:
        yield Finding("templates")


def database(services: Services) -> Iterator[Finding]:
    """The database can be reached, is at the newest revision, and has our triggers and keys."""
    part = f"database at {host_and_port(services.settings.database.url.get_secret_value())}"
    try:
        trouble = version_trouble(migrate.current(services.engine), migrate.newest())
        if trouble:
            yield Finding(part, trouble, blind=True)
            return
        with services.engine.connect() as connection:
            missing = damage(connection)
        misses = f"The database misses {', '.join(missing)}: run `supportdesk db repair`."
        yield Finding(part, misses if missing else "")
    except SQLAlchemyError as error:
        reason = reason_of(getattr(error, "orig", None) or error).partition("\n")[0]
        yield Finding(part, with_next_step(f"The {part} cannot be used: {reason}", DATABASE_STEP), blind=True)


def clock(services: Services) -> Iterator[Finding]:
    """The clock of this machine is within a minute of the database's."""
    # What is wrong with the database is a finding of the check `database`.
    with suppress(SQLAlchemyError), autocommit(services.engine) as session:
        yield Finding("clock", clock_trouble(read_clock(session)))


def keys(services: Services) -> Iterator[Finding]:
    """The settings have every signing key in use, and sign with one of them."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        yield Finding("keys", key_trouble(services.policy.keys, keys_in_use(session)))


def broker(services: Services) -> Iterator[Finding]:
    """The broker can be reached."""
    connection = broker_at(services.settings.broker.url.get_secret_value(), BROKER_SECONDS)
    part = f"broker at {connection.hostname}:{connection.port}"
    try:
        connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS, reraise_as_library_errors=True)
        yield Finding(part)
    except (OperationalError, RedisError, OSError) as error:
        yield Finding(part, with_next_step(f"The {part} cannot be reached: {reason_of_broker(error)}", BROKER_STEP))
    finally:
        with suppress(Exception):
            connection.release()


def mailboxes(services: Services) -> Iterator[Finding]:
    """Every mailbox lets us in and has its folder; one that is paused is not tried."""
    paused = pauses(services)
    for box in services.settings.mailbox:
        part = f"mailbox {box.name}"
        if box.name in paused:
            yield Finding(part, found=paused[box.name])
            continue
        try:
            with open_mailbox(imap_account(services, box)) as mailbox:
                mailbox.select(box.folder)
            yield Finding(part)
        except (TemporaryFailure, PermanentFailure) as failure:
            step = REFUSED_STEP if isinstance(failure, PermanentFailure) else MAILBOX_STEP
            yield Finding(part, with_next_step(f"The {part} cannot be read: {failure}", step.format(box.name)))


def smtp(services: Services) -> Iterator[Finding]:
    """Every outgoing server lets us in, that of the desk and those of mailboxes; nothing is sent."""
    own = {f"SMTP server of mailbox {box.name}": box.smtp for box in services.settings.mailbox if box.smtp}
    for part, server in {"SMTP server": services.settings.smtp, **own}.items():
        try:
            try_login(smtp_account(services, server), services.domain)
            yield Finding(part)
        except (TemporaryFailure, PermanentFailure) as failure:
            yield Finding(part, with_next_step(f"Mail cannot be sent: {failure}", SMTP_STEP.format(f"the {part}")))


def health(services: Services) -> Iterator[Finding]:
    """The processes are there and nothing waits too long: what `status` shows and the watchman tells of."""
    with suppress(SQLAlchemyError):
        seen = look_once(services)
        for one in seen.problems:
            told = seen.since.get((one.kind, one.about))
            dated = f" The admins have known since {told:%Y-%m-%d %H:%M} UTC." if told else ""
            words = f"{in_english(one.title)}. {in_english(one.sentence)}{dated} {in_english(one.advice)}"
            yield Finding(f"health: {one.kind} {one.about}".rstrip(), words)
        if not seen.problems:
            yield Finding("processes and queues")


def signatures(services: Services) -> Iterator[Finding]:
    """Each folder of signatures belongs to somebody who is staff."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        staff = {normalise(member.email) for member in list_staff(session)}
        for address in sorted(services.signatures.agents.keys() - staff):
            yield Finding(f"signature of {address}", advice=NOBODYS_SIGNATURE.format(address))


def macros(services: Services) -> Iterator[Finding]:
    """Each text that staff send by its name can be read."""
    services.macros.read()
    yield from (Finding("text of the desk", trouble) for trouble in services.macros.troubles)


def outgoing(services: Services) -> Iterator[Finding]:
    """No mail waits because the outgoing server refuses us."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        errors = refused_for_us(session, MOST_MAILS)
        many = f"{len(errors)} mails wait" if len(errors) > 1 else "A mail waits"
        trouble = f"{many}, for the outgoing server refuses us: {errors[-1]}. {AFTER_MENDING}" if errors else ""
        yield Finding("outgoing mails", trouble)


def shared_domains(services: Services) -> Iterator[Finding]:
    """No mailbox is at the domain of staff's own addresses, or others may take the desk for one of them."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        domains = {member.email.rpartition("@")[2] for member in list_staff(session)}
        for box in services.settings.mailbox:
            address = next((one for one in box.addresses if one.rpartition("@")[2] in domains), None)
            if address is not None:
                advice = SHARED_DOMAIN.format(address, address.rpartition("@")[2])
                yield Finding(f"address of mailbox {box.name}", advice=advice)


def staff(services: Services) -> Iterator[Finding]:
    """Somebody is staff, and an admin among them, whom alerts reach."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        roles = {member.role for member in list_staff(session) if member.in_force}
        nobody = "" if roles else in_english(together(NOBODY, ADD_STAFF))
        yield Finding("staff", nobody, NO_ADMIN if roles and Role.ADMIN not in roles else "")


def trust(services: Services) -> Iterator[Finding]:
    """A mail of staff needs two proofs; the token alone is allowed, and advised against."""
    yield Finding("trust of staff", advice=ONE_PROOF_ALONE if services.policy.staff_trust is StaffTrust.TOKEN else "")


def unknown_values_in_enums(services: Services) -> Iterator[Finding]:
    """Statuses, priorities, categories and roles that the web application has added are handled as their neighbours."""
    with suppress(SQLAlchemyError), services.engine.connect() as connection:
        for name, values in ENUMS.items():
            found = unknown_values(connection, name, tuple(values))
            advice = UNKNOWN_VALUES.format(name, ", ".join(found), NEIGHBOURS[values]) if found else ""
            yield Finding(f"enum {name}", advice=advice + UNKNOWN_STATUS * bool(found and values is Status))


# What a process needs before it can begin; a mail server may well be away for a while.
NEEDED: tuple[Check, ...] = (templates, database, keys, broker)
TRUST: tuple[Check, ...] = (staff, signatures, pins, groups, shared_domains, trust)
ALL: tuple[Check, ...] = (
    *NEEDED,
    clock,
    unknown_values_in_enums,
    macros,
    mailboxes,
    tokens,
    smtp,
    outgoing,
    health,
    *TRUST,
)


def look_over(services: Services, checks: tuple[Check, ...] = ALL) -> Iterator[Finding]:
    """Ask each part in turn; the findings come as they are made."""
    for check in checks:
        yield from check(services)
