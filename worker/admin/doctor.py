"""Looking over an installation: each part asked whether it can be used, each trouble one sentence.

The last checks ask what trust rests on: they look at the mails that came, and send none to find out.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from desk.facts import StaffTrust
from desk.notices.samples import SAMPLES
from desk.ticket import NEIGHBOURS, Role, Status
from desk.tokens import is_ours, key_trouble
from desk.trust.web_forms import ORIGINALS
from mail.auth.results import Pin, is_pinned, results_headers
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.mime.addresses import read_addresses
from mail.mime.headers import ADDRESSES_BYTES, read_headers
from mail.smtp import try_login
from models.db.clock import read_clock
from models.db.engine import host_and_port
from models.ledger.mails import Head, latest_heads
from models.outbox.signing_keys import keys_in_use
from models.outbox.undelivered import refused_for_us
from models.people.staff import list_staff
from models.schema.additions import unknown_values
from models.schema.repair import damage
from models.supportdesk.tables import ENUMS
from worker.admin import migrate
from worker.admin.without_staff import ADD_STAFF, NOBODY
from worker.runtime.clock import clock_trouble
from worker.runtime.services import Services, imap_server, smtp_server
from worker.runtime.transaction import autocommit, transaction
from worker.settings.model import MailboxSettings

BROKER_SECONDS = 5
MOST_MAILS = 200
# Of fewer mails it may be by chance that none has them, as where all came from colleagues.
ENOUGH_MAILS = 20
LONGEST_ID = 100

UNKNOWN_VALUES = (
    "The web application has added values to {0} that this desk does not know: {1}. They are handled as {2}."
)
UNKNOWN_STATUS = " A ticket with a time of closing or resolving is handled as closed or resolved."
ONE_PROOF_ALONE = (
    'trust.staff is "token": whoever gets hold of a mail that we sent to an agent can write as that agent. Where your '
    'mail server checks senders, pin its authserv_id for each mailbox and choose "both".'
)
SHARED_DOMAIN = (
    "{0} is at the domain of staff's own addresses. Services that let in everybody with an address at {1} may take a "
    "stranger for a colleague, who has their links sent to the desk; a subdomain for the desk alone avoids that."
)
NO_ADMIN = "No admin is among the staff, so alerts, digests and reports reach nobody."


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the installation, and one sentence about what is wrong with it; an empty `trouble` is good news.

    `advice` is a sentence about what works and could be safer; it is shown and is no error.
    """

    part: str
    trouble: str = ""
    advice: str = ""


REWRITTEN = (
    "{0} of the latest mails of mailbox {1}, such as mail-{2}, have {3} in From and another author in Reply-To or "
    "X-Original-From, as a group or list writes them; they are in quarantine. If {3} is such a group, say "
    'groups = ["{3}"].'
)
AFTER_MENDING = "Once that is mended, `supportdesk outbox retry --all` sends them at once."

Check = Callable[[Services], Iterator[Finding]]


def templates(services: Services) -> Iterator[Finding]:
    """Every mail can be rendered from its templates."""
    troubles = services.renderer.check(SAMPLES)
    yield from (Finding("templates", trouble) for trouble in troubles)
    if not troubles:
        yield Finding("templates")


def database(services: Services) -> Iterator[Finding]:
    """The database can be reached, is at the newest revision, and has our triggers and keys."""
    part = f"database at {host_and_port(services.settings.database.url.get_secret_value())}"
    try:
        revision, newest = migrate.current(services.engine), migrate.newest()
        if revision != newest:
            sentence = f"The database is at {revision or 'nothing'}, not at {newest}: run `supportdesk db upgrade`."
            yield Finding(part, sentence)
            return
        with services.engine.connect() as connection:
            missing = damage(connection)
        misses = f"The database misses {', '.join(missing)}: run `supportdesk db repair`."
        yield Finding(part, misses if missing else "")
    except SQLAlchemyError as error:
        message = str(getattr(error, "orig", error)).strip().splitlines()
        yield Finding(part, f"The {part} cannot be used: {message[0] if message else type(error).__name__}")


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
    connection = Connection(services.settings.broker.url.get_secret_value(), connect_timeout=BROKER_SECONDS)
    part = f"broker at {connection.hostname}:{connection.port}"
    try:
        connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS, reraise_as_library_errors=True)
        yield Finding(part)
    except (OperationalError, RedisError, OSError) as error:
        yield Finding(part, f"The {part} cannot be reached: {error}")
    finally:
        with suppress(Exception):
            connection.release()


def mailboxes(services: Services) -> Iterator[Finding]:
    """Every mailbox lets us in and has its folder."""
    for box in services.settings.mailbox:
        part = f"mailbox {box.name}"
        try:
            with open_mailbox(imap_server(box, services.limits)) as mailbox:
                mailbox.select(box.folder)
            yield Finding(part)
        except (TemporaryFailure, PermanentFailure) as failure:
            yield Finding(part, f"The {part} cannot be read: {failure}")


def smtp(services: Services) -> Iterator[Finding]:
    """The outgoing server lets us in; nothing is sent."""
    try:
        try_login(smtp_server(services.settings), services.domain)
        yield Finding("SMTP server")
    except (TemporaryFailure, PermanentFailure) as failure:
        yield Finding("SMTP server", f"Mail cannot be sent: {failure}")


def outgoing(services: Services) -> Iterator[Finding]:
    """No mail waits because the outgoing server refuses us."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        errors = refused_for_us(session, MOST_MAILS)
        many = f"{len(errors)} mails wait" if len(errors) > 1 else "A mail waits"
        trouble = f"{many}, for the outgoing server refuses us: {errors[-1]}. {AFTER_MENDING}" if errors else ""
        yield Finding("outgoing mails", trouble)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the pinned server's results stand in the `mails` that were looked at.

    `on_top` counts the mails that have them above everything of others; `below` names the others, as ledger row and
    the foreign server that stands above; `topmost` is the id that stands on top most often, empty where none does;
    `unreadable` are the ledger rows of those on top that cannot be read, and so count as refuted.
    """

    mails: int
    on_top: int
    below: tuple[tuple[int, str], ...]
    topmost: str
    unreadable: tuple[int, ...] = ()


def look(heads: Sequence[Head], pin: Pin) -> Seen:
    """Count where the results of the pinned server stand in the heads of mails (RFC 8601, section 4.1)."""
    below: list[tuple[int, str]] = []
    unreadable: list[int] = []
    tops, on_top = Counter[str](), 0
    for head in heads:
        found = list(results_headers(read_headers(head.content)[0], pin))
        ours = [header for header in found if is_pinned(header.authserv_id, pin)]
        on_top += any(not header.foreign_host for header in ours)
        unreadable += [head.row for first in ours[:1] if not first.foreign_host and first.statements is None]
        below += [(head.row, header.foreign_host) for header in ours if header.foreign_host][:1]
        tops.update(top.authserv_id for top in found[:1] if top.authserv_id and not top.foreign_host)
    topmost = next((name for name, _ in tops.most_common(1)), "")
    return Seen(len(heads), on_top, tuple(below), topmost, tuple(unreadable))


def pins(services: Services) -> Iterator[Finding]:
    """The pinned server's results stand on top of the mails, and no forged ones below."""
    # What is wrong with the database is a finding of the check `database`.
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        for box in services.settings.mailbox:
            if box.is_pinned:
                pin = services.policy.pins[box.name]
                yield pin_finding(box, look(latest_heads(session, box.name, MOST_MAILS), pin))


def pin_finding(box: MailboxSettings, seen: Seen) -> Finding:
    """The finding about a mailbox's authserv_id; below ENOUGH_MAILS missing results are advice and no trouble."""
    part = f"authserv_id of mailbox {box.name}"
    name = box.authserv_id or "results without a name"
    if seen.below:
        return Finding(part, _results_below(name, box, seen))
    if seen.unreadable:
        return _results_unreadable(part, name, box, seen)
    if seen.on_top or not seen.mails:
        return Finding(part)
    topmost = f"the topmost is of {seen.topmost[:LONGEST_ID]}" if seen.topmost else "no other stands there either"
    sentence = f"none of the last {seen.mails} mails of mailbox {box.name} carries {name} on top; {topmost}."
    if seen.mails < ENOUGH_MAILS:
        return Finding(part, advice=f"So far {sentence}")
    return Finding(part, f"The {part} is probably wrong: {sentence}")


def _results_unreadable(part: str, name: str, box: MailboxSettings, seen: Seen) -> Finding:
    """A sender can make a few unreadable, which is advice; where most are, honest mail is refuted by our own server."""
    number, row = len(seen.unreadable), seen.unreadable[0]
    sentence = (
        f"In {number} of {seen.mails} mails of mailbox {box.name}, such as mail-{row}, the results of {name} cannot "
        "be read, so these mails count as refuted."
    )
    if 2 * number > seen.on_top and seen.on_top >= ENOUGH_MAILS:
        return Finding(part, f"{sentence} The server probably writes a form that we do not know.")
    return Finding(part, advice=sentence)


def _results_below(name: str, box: MailboxSettings, seen: Seen) -> str:
    row, host = seen.below[0]
    many = f"In {len(seen.below)} of {seen.mails} mails of mailbox {box.name}, such as mail-{row}, {name} stands"
    forged = "the server lets forged results of its own id through, and must take them off"
    if seen.on_top:
        return f"{many} below a server of others, {host}: {forged}."
    return f"{many} below {host}, and never on top: if that server is yours, name it in own_hosts; if not, {forged}."


def shared_domains(services: Services) -> Iterator[Finding]:
    """No mailbox is at the domain of staff's own addresses, or others may take the desk for one of them."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        domains = {member.email.rpartition("@")[2] for member in list_staff(session)}
        for box in services.settings.mailbox:
            address = next((one for one in box.addresses if one.rpartition("@")[2] in domains), None)
            if address is not None:
                advice = SHARED_DOMAIN.format(address, address.rpartition("@")[2])
                yield Finding(f"address of mailbox {box.name}", advice=advice)


def groups(services: Services) -> Iterator[Finding]:
    """No group or list writes an address of the desk into From that the settings do not name as a group."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        for box in services.settings.mailbox:
            found = rewritten(latest_heads(session, box.name, MOST_MAILS), services.policy.own_addresses, box.groups)
            if found:
                rows, address = found
                words = REWRITTEN.format(len(rows), box.name, rows[0], address)
                yield Finding(f"groups of mailbox {box.name}", advice=words)


def rewritten(heads: Sequence[Head], own: frozenset[str], listed: Sequence[str]) -> tuple[tuple[int, ...], str] | None:
    """The ledger rows of mails with the desk in From that name another author, with that From; None where none does."""
    found: dict[int, str] = {}
    for head in heads:
        headers = read_headers(head.content)[0]
        sender, *others = read_addresses(headers.texts("from", ADDRESSES_BYTES)) or (None,)
        if sender is None or others or sender.email in listed or not is_ours(sender.email, own):
            continue
        marks = (read_addresses(headers.texts(name, ADDRESSES_BYTES)) for name in ORIGINALS)
        is_list = bool(headers.raw("list-id") or headers.raw("x-original-sender") or headers.raw("x-original-from"))
        if is_list and any(not is_ours(address.email, own) for addresses in marks for address in addresses):
            found[head.row] = sender.email
    return (tuple(found), next(iter(found.values()))) if found else None


def staff(services: Services) -> Iterator[Finding]:
    """Somebody is staff, and an admin among them, whom alerts reach."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        roles = {member.role for member in list_staff(session) if member.in_force}
        nobody = "" if roles else f"{NOBODY} {ADD_STAFF}"
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
TRUST: tuple[Check, ...] = (staff, pins, groups, shared_domains, trust)
ALL: tuple[Check, ...] = (*NEEDED, clock, unknown_values_in_enums, mailboxes, smtp, outgoing, *TRUST)


def look_over(services: Services, checks: tuple[Check, ...] = ALL) -> Iterator[Finding]:
    """Ask each part in turn; the findings come as they are made."""
    for check in checks:
        yield from check(services)
