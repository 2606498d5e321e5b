"""What the doctor finds in the mails that came: where the pinned results stand, and groups that rewrite From."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from desk.tokens import is_ours
from desk.trust.web_forms import ORIGINALS
from mail.auth.results import Pin, is_pinned, results_headers
from mail.mime.addresses import read_addresses
from mail.mime.headers import ADDRESSES_BYTES, read_headers
from models.ledger.mails import Head, latest_heads
from worker.admin.doctor.finding import Finding
from worker.runtime.services import Services
from worker.runtime.transaction import transaction
from worker.settings.servers import DOMAIN, MailboxSettings
from worker.settings.types import Address

MOST_MAILS = 200
# What came before is not told: it may be mended since, and nobody is told of what is over.
RECENT: Final = timedelta(days=14)
# Of fewer mails it may be by chance that none has them, as where all came from colleagues.
ENOUGH_MAILS = 20
LONGEST_ID = 100
_ADDRESS: Final[TypeAdapter[str]] = TypeAdapter(Address)

REWRITTEN = (
    "{0} of the latest mails of mailbox {1}, such as {2}, have {3} in From and another author in Reply-To or "
    "X-Original-From, as a group or list writes them; they are in quarantine. If {3} is such a group, say "
    "groups = {4}."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the pinned server's results stand in the `mails` that were looked at.

    `on_top` counts the mails that have them above everything of others; `below` names the others, as ledger row and
    the foreign server that stands above; `topmost` is the id that stands on top most often, empty where none does;
    `unreadable` are the ledger rows of those on top that cannot be read, and so count as refuted. `last_at` is when the
    mail was stored that is named.
    """

    mails: int
    on_top: int
    below: tuple[tuple[int, str], ...]
    topmost: str
    unreadable: tuple[int, ...] = ()
    last_at: datetime | None = None


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
    # The mail that the sentences name: the newest of what is wrong, or else of all.
    wrong = [row for row, _ in below] or unreadable
    last_at = next((head.stored_at for head in heads if not wrong or head.row == wrong[0]), None)
    return Seen(len(heads), on_top, tuple(below), topmost, tuple(unreadable), last_at)


def pins(services: Services) -> Iterator[Finding]:
    """The pinned server's results stand on top of the mails, and no forged ones below."""
    # What is wrong with the database is a finding of the check `database`.
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        for box in services.settings.mailbox:
            if box.is_pinned:
                pin = services.policy.pins[box.name]
                yield pin_finding(box, look(latest_heads(session, box.name, MOST_MAILS, RECENT), pin))


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
    newest = f", the newest of {seen.last_at:%Y-%m-%d}," if seen.last_at else ""
    sentence = f"none of the last {seen.mails} mails of mailbox {box.name}{newest} carries {name} on top; {topmost}."
    if seen.mails < ENOUGH_MAILS:
        return Finding(part, advice=f"So far {sentence}")
    return Finding(part, f"The {part} is probably wrong: {sentence}")


def _results_unreadable(part: str, name: str, box: MailboxSettings, seen: Seen) -> Finding:
    """A sender can make a few unreadable, which is advice; where most are, honest mail is refuted by our own server."""
    number, mail = len(seen.unreadable), _named(seen.unreadable[0], seen.last_at)
    sentence = (
        f"In {number} of {seen.mails} mails of mailbox {box.name}, such as {mail}, the results of {name} cannot "
        "be read, so these mails count as refuted."
    )
    if 2 * number > seen.on_top and seen.on_top >= ENOUGH_MAILS:
        return Finding(part, f"{sentence} The server probably writes a form that we do not know.")
    return Finding(part, advice=sentence)


def _results_below(name: str, box: MailboxSettings, seen: Seen) -> str:
    row, host = seen.below[0]
    named = _named(row, seen.last_at)
    many = f"In {len(seen.below)} of {seen.mails} mails of mailbox {box.name}, such as {named}, {name} stands"
    forged = "the server lets forged results of its own id through, and must take them off"
    if seen.on_top:
        return f"{many} below a server of others, {host}: {forged}."
    if not DOMAIN.fullmatch(host):
        # The settings would refuse it, for anybody's server may call itself so.
        yours = "if that server is yours, let it write its full name into Received"
    else:
        yours = f"if that server is yours, say own_hosts = {_list([*box.own_hosts, host])}"
    return f"{many} below {host[:LONGEST_ID]}, and never on top: {yours}; if not, {forged}."


def _named(row: int, at: datetime | None) -> str:
    return f"mail-{row} of {at:%Y-%m-%d}" if at else f"mail-{row}"


def _list(names: Sequence[str]) -> str:
    """A list of names as the settings file writes it; they hold neither quotes nor backslashes."""
    quoted = (f'"{name}"' for name in dict.fromkeys(names))
    return f"[{', '.join(quoted)}]"


def groups(services: Services) -> Iterator[Finding]:
    """No group or list writes an address of the desk into From that the settings do not name as a group."""
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        for box in services.settings.mailbox:
            heads = latest_heads(session, box.name, MOST_MAILS, RECENT)
            found = rewritten(heads, services.policy.own_addresses, box.groups)
            if found:
                yield group_finding(box, *found)


def group_finding(box: MailboxSettings, mails: Sequence[Head], address: str) -> Finding:
    """The advice about mails with the desk in From that name another author, the newest first."""
    named = _named(mails[0].row, mails[0].stored_at)
    words = REWRITTEN.format(len(mails), box.name, named, address, _list([*box.groups, address]))
    return Finding(f"groups of mailbox {box.name}", advice=words)


def rewritten(heads: Sequence[Head], own: frozenset[str], listed: Sequence[str]) -> tuple[tuple[Head, ...], str] | None:
    """The mails with the desk in From that name another author, with that From; None where none does.

    A From that the settings would not take is no group's.
    """
    found: list[tuple[Head, str]] = []
    for head in heads:
        headers = read_headers(head.content)[0]
        sender, *others = read_addresses(headers.texts("from", ADDRESSES_BYTES)) or (None,)
        if sender is None or others or sender.email in listed or not is_ours(sender.email, own):
            continue
        if not _is_address(sender.email):
            continue
        marks = (read_addresses(headers.texts(name, ADDRESSES_BYTES)) for name in ORIGINALS)
        is_list = bool(headers.raw("list-id") or headers.raw("x-original-sender") or headers.raw("x-original-from"))
        if is_list and any(not is_ours(address.email, own) for addresses in marks for address in addresses):
            found.append((head, sender.email))
    return (tuple(head for head, _ in found), found[0][1]) if found else None


def _is_address(text: str) -> bool:
    try:
        _ADDRESS.validate_python(text)
    except ValidationError:
        return False
    return True
