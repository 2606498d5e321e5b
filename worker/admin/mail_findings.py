"""What the doctor finds in the mails that came: where the pinned results stand, and groups that rewrite From."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from desk.tokens import is_ours
from desk.trust.web_forms import ORIGINALS
from mail.auth.results import Pin, is_pinned, results_headers
from mail.mime.addresses import read_addresses
from mail.mime.headers import ADDRESSES_BYTES, read_headers
from models.ledger.mails import Head, latest_heads
from worker.admin.finding import Finding
from worker.runtime.services import Services
from worker.runtime.transaction import transaction
from worker.settings.servers import MailboxSettings

MOST_MAILS = 200
# Of fewer mails it may be by chance that none has them, as where all came from colleagues.
ENOUGH_MAILS = 20
LONGEST_ID = 100

REWRITTEN = (
    "{0} of the latest mails of mailbox {1}, such as mail-{2}, have {3} in From and another author in Reply-To or "
    "X-Original-From, as a group or list writes them; they are in quarantine. If {3} is such a group, say "
    'groups = ["{3}"].'
)


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
