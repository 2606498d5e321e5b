"""`supportdesk quarantine`: the mails and changes that were put away for an admin, and what becomes of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import AS_JSON, YES, Installation, pass_installation
from worker.cli.paging import MOST, after, say_next
from worker.cli.private_file import NEW_FILE, new_file

if TYPE_CHECKING:
    from models.events.quarantine import QuarantinedEvent
    from models.ledger.quarantine import QuarantinedMail
    from worker.admin.digests.quarantine import QuarantineEntry

EVENT = "event-"


class Reference(click.ParamType[str]):
    """The number of a mail in quarantine, or `event-NUMBER` for a change that could not be announced."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The reference as it was given; fails where it is none."""
        if not str(value).removeprefix(EVENT).isdecimal():
            self.fail(f"{value!r} is no number of a mail, and not event-NUMBER.", param, ctx)
        return str(value)


REFERENCE = click.argument(
    "reference", type=Reference(), metavar="NUMBER", help="The number of a mail, or event-NUMBER, as `list` shows it."
)
NUMBER = click.argument("number", type=int, help="The number of a mail in quarantine, as `list` shows it.")
SHOWN_LINES = 60
SHOWN_WIDTH = 200
ON_SERVER = "its bytes are still on the server; `supportdesk reconcile --repair` fetches them"
TOO_LARGE = "only its headers are stored, for it is too large; its body stays on the server"


@click.group()
def quarantine() -> None:
    """Look at the mails that could not be taken in and the changes that could not be announced, and decide on them."""


@quarantine.command("list")
@click.option("--events", "only_events", is_flag=True, help="Only the changes that could not be announced.")
@after("mail, or with --events this change", type=Reference(), metavar="NUMBER")
@MOST
@AS_JSON
@pass_installation
def list_all(installation: Installation, only_events: bool, after: str | None, most: int, as_json: bool) -> None:
    """List the mails in quarantine, the oldest first, and the changes; JSON has the mails, or with --events those.

    The changes stand behind the first page of mails.
    """
    from models.events.quarantine import read_quarantined_events
    from worker.admin.digests.quarantine import list_entries
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        last = int((after or "0").removeprefix(EVENT))
        entries = [] if only_events else list(list_entries(session, most, last))
        events = read_quarantined_events(session, most=most, after=last) if only_events or not after else []
    if as_json:
        show_json(events if only_events else entries)
        return
    further = "further " if after else ""
    if not entries and not only_events:
        click.echo(f"No {further}mail is in quarantine.")
    if not events and only_events:
        click.echo(f"No {further}change is in quarantine.")
    rows = [
        (one.number, f"{one.stored_at:%Y-%m-%d %H:%M}", one.mailbox, one.sender, one.subject, one.reason)
        for one in entries
    ]
    if rows:
        show_table(("number", "stored", "mailbox", "from", "subject", "reason"), rows)
        say_next(entries, most, "--after", entries[-1].number)
    if events:
        show_table(("number", "happened", "ticket", "kind", "reason"), [_event_row(one) for one in events])
        say_next(events, most, "--events --after", events[-1].number)


@quarantine.command()
@REFERENCE
@pass_installation
def show(installation: Installation, reference: str) -> None:
    """Show mail NUMBER, or a change: why it is here, its last error, and how a mail begins."""
    from worker.admin.digests.quarantine import entry
    from worker.runtime.terminal import printable

    if reference.startswith(EVENT):
        _show_event(installation, int(reference.removeprefix(EVENT)))
        return
    case = _case(installation, int(reference))
    for name, value in _labelled(entry(case)):
        click.echo(f"{name:<12} {printable(value)}")
    if case.head is None:
        return
    click.echo()
    for line in case.head.decode(errors="replace").splitlines()[:SHOWN_LINES]:
        click.echo(f"| {printable(line[:SHOWN_WIDTH].expandtabs())}")


@quarantine.command()
@click.argument(
    "references", type=Reference(), nargs=-1, metavar="[NUMBER]...", help="Numbers of mails, or event-NUMBER."
)
@click.option("--all", "everything", is_flag=True, help="Every mail and every change in quarantine.")
@pass_installation
def retry(installation: Installation, references: tuple[str, ...], everything: bool) -> None:
    """Give mails and changes back to the workers, who take them as if for the first time.

    Exit status 2 where one of the named was not given back.
    """
    from worker.admin.digests.quarantine import list_entries, try_again
    from worker.runtime.terminal import printable
    from worker.runtime.transaction import transaction

    if bool(references) == everything:
        raise click.UsageError("Give the numbers of mails, or --all.")
    numbers = [int(one) for one in references if not one.startswith(EVENT)]
    events = [int(one.removeprefix(EVENT)) for one in references if one.startswith(EVENT)]
    unknown = _retry_events(installation, None if everything else events) if everything or events else []
    with installation.engine() as engine:
        retried = try_again(engine, None if everything else numbers)
        with transaction(engine) as session:
            left = [one for one in list_entries(session) if one.is_stub] if everything else []
    for one in retried:
        why = " ".join(filter(None, (one.reason, one.error)))
        click.echo(f"{one.number} is tried again. It was here because: {printable(why)}")
    missed = sorted(set(numbers) - {one.number for one in retried})
    if missed or unknown:
        _refuse_missed(installation, missed, unknown)
    if everything:
        click.echo(f"{len(retried)} given back, {len(left)} left, whose bytes are still on the server.")


@quarantine.command()
@NUMBER
@NEW_FILE
@pass_installation
def export(installation: Installation, number: int, file: Path) -> None:
    """Write the bytes of mail NUMBER, as the server gave them, to a new FILE that only you can read."""
    from models.ledger.raw import raw_of
    from worker.runtime.transaction import transaction

    case = _case(installation, number)
    if not case.is_whole:
        refuse(f"Mail {number} cannot be exported: {ON_SERVER if case.head is None else TOO_LARGE}.")
    with installation.engine() as engine, transaction(engine) as session:
        raw = raw_of(session, number)
    with new_file(file) as out:
        out.write(raw)
    click.echo(f"{len(raw)} bytes are in {file}.")


@quarantine.command()
@REFERENCE
@YES
@pass_installation
def drop(installation: Installation, reference: str, yes: bool) -> None:
    """Decide that mail NUMBER has no effect, or that nobody is told of a change; a mail's bytes stay."""
    from models.events.quarantine import drop_event
    from models.ledger.quarantine import drop as give_up
    from worker.runtime.transaction import transaction

    number, is_event = int(reference.removeprefix(EVENT)), reference.startswith(EVENT)
    name = f"Event {number}" if is_event else f"Mail {number}"
    if not yes:
        refuse(f"{name} would never have an effect. Nothing was changed; say --yes if you mean it.")
    with installation.engine() as engine, transaction(engine) as session:
        done = (drop_event if is_event else give_up)(session, number)
    if not done:
        refuse(f"{name} is not in quarantine.")
    click.echo(f"{name} is dropped.")


def _case(installation: Installation, number: int) -> "QuarantinedMail":
    from models.ledger.quarantine import read_quarantined
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        case = next(iter(read_quarantined(session, [number])), None)
    if case is None:
        refuse(f"Mail {number} is not in quarantine.")
    return case


def _labelled(one: "QuarantineEntry") -> list[tuple[str, str]]:
    reported = f"{one.reported_at:%Y-%m-%d %H:%M} UTC" if one.reported_at else "not yet"
    return [
        ("number", str(one.number)),
        ("mailbox", f"{one.mailbox}, UID {one.uid} of {one.folder}"),
        ("stored", f"{one.stored_at:%Y-%m-%d %H:%M} UTC, {one.size} bytes"),
        ("from", one.sender),
        ("subject", one.subject),
        ("reason", one.reason),
        ("last error", one.error or "none"),
        ("tries", str(one.tries)),
        ("admins told", reported),
        *([] if one.is_whole else [("next", ON_SERVER) if one.is_stub else ("note", TOO_LARGE)]),
    ]


def _event_row(one: "QuarantinedEvent") -> tuple[object, ...]:
    kind = f"{one.kind} ({one.field})" if one.field else one.kind
    ticket = f"SD-{one.ticket}" if one.ticket else ""
    return f"{EVENT}{one.number}", f"{one.happened_at:%Y-%m-%d %H:%M}", ticket, kind, one.reason


def _show_event(installation: Installation, number: int) -> None:
    from models.events.quarantine import read_quarantined_events
    from worker.runtime.terminal import printable
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = read_quarantined_events(session, [number])
    if not found:
        refuse(f"Event {number} is not in quarantine.")
    values = (*_event_row(found[0]), found[0].error or "none", found[0].tries)
    names = ("number", "happened", "ticket", "kind", "reason", "last error", "tries")
    for name, value in zip(names, values, strict=True):
        click.echo(f"{name:<12} {printable(str(value))}")


def _retry_events(installation: Installation, numbers: Sequence[int] | None) -> list[int]:
    """Give changes back to be announced, all of them where `numbers` is None; those that are not in quarantine."""
    from worker.admin.digests.quarantined_events import announce_again
    from worker.runtime.terminal import printable

    with installation.engine() as engine:
        again = announce_again(engine, numbers)
    for one in again:
        why = " ".join(filter(None, (one.reason, one.error)))
        click.echo(f"{EVENT}{one.number} is tried again. It was here because: {printable(why)}")
    return sorted(set(numbers or ()) - {one.number for one in again})


def _refuse_missed(installation: Installation, missed: Sequence[int], unknown: Sequence[int]) -> NoReturn:
    """Say why some of the named were not given back, and end with status 2."""
    from models.ledger.quarantine import read_quarantined
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        here = {case.number for case in read_quarantined(session, missed)}
    sentences = [f"{n} stays: {ON_SERVER if n in here else 'it is not in quarantine'}." for n in missed]
    refuse(*sentences, *(f"{EVENT}{n} stays: it is not in quarantine." for n in unknown))
