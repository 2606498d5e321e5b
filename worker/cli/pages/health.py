"""How the desk is on one screen, and the same as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import compress
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from desk.reports.health.facts import Health, MailboxState, Process, Waiting
from desk.reports.health.findings import Problem, is_alive
from mail.outbound.catalogue import in_english
from worker.runtime.terminal import printable

if TYPE_CHECKING:
    from worker.runtime.health.look import Look

BAD, WARN, GOOD, QUIET = "bold red", "yellow", "green", "dim"
UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
GIGABYTE = 1024**3
MAILBOX_COLUMNS = (
    "last read",
    "paused since",
    "refused",
    "left alone until",
    "consent ends",
    "token ends",
    "certificate ends",
    "trouble",
)
# Where no mailbox has anything in one of these, the column is left out.
SELDOM = ("paused since", "refused", "left alone until", "consent ends", "token ends", "certificate ends")
PROCESS_COLUMNS = ("queues", "host", "pid", "version", "key", "clock", "seen")


def show_look(look: "Look") -> None:
    """Print a look at the desk, in colour where that is a terminal."""
    Console(highlight=False).print(Group(*_parts(look)))


def look_as_json(look: "Look") -> str:
    """A look at the desk as one JSON object; ages are in seconds, times in ISO 8601."""
    found = [
        {"kind": one.kind, "about": one.about, "sentence": in_english(one.sentence), "advice": in_english(one.advice)}
        | {"since": look.since.get((one.kind, one.about))}
        for one in look.problems
    ]
    processes = [asdict(one) | {"alive": is_alive(one)} for one in look.health.processes]
    whole = asdict(look.health) | {"processes": processes, "mailboxes": _mailboxes_as_json(look.health)}
    del whole["access_tokens"]
    return json.dumps({"fine": not found, "findings": found, **whole}, default=_plain, indent=2)


def _mailboxes_as_json(health: Health) -> list[dict[str, Any]]:
    return [
        asdict(one)
        | {"consent_ends_at": health.tokens.get(one.name), "token_ends_at": health.access_tokens.get(one.name)}
        for one in health.mailboxes
    ]


def _plain(value: Any) -> Any:
    return value.total_seconds() if isinstance(value, timedelta) else str(value)


def _parts(look: "Look") -> Iterator[RenderableType]:
    health = look.health
    yield Text("The desk is fine.", GOOD) if not look.problems else Text(f"{len(look.problems)} to look at:", BAD)
    for one in look.problems:
        yield _problem(one, look.since.get((one.kind, one.about)))
    yield _table("process", PROCESS_COLUMNS, map(_process, health.processes))
    yield _mailboxes(health)
    backlogs = (
        ("mails to decide", health.mails),
        ("news to write", health.events),
        ("mails to send", health.due_mails),
    )
    yield _table("waiting", ("due", "oldest"), (_backlog(name, waiting) for name, waiting in backlogs))
    yield Text("outbox      " + (_counts(health.outbox.states) or "empty"))
    yield Text("besides     " + _counts(health.others))
    yield Text(f"reports     {_reports(health)}")
    yield Text(f"room        {_room(health)}")


def _problem(one: Problem, since: datetime | None) -> Text:
    dated = f" (told at {since:%Y-%m-%d %H:%M} UTC)" if since else ""
    words = f"  {in_english(one.title)}. {in_english(one.sentence)}{dated}"
    return Text(printable(words), WARN if one.follows else BAD).append(f"\n    {in_english(one.advice)}", QUIET)


def _table(first: str, columns: tuple[str, ...], rows: Iterator[tuple[str, tuple[object, ...]]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET)
    for column in (first, *columns):
        table.add_column(column, overflow="fold")
    for style, cells in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(printable(str(cell)), style) for cell in cells))
    return table


def _process(one: Process) -> tuple[str, tuple[object, ...]]:
    clock = f"{one.clock_off.total_seconds():+.0f} s"
    seen = f"{ago(one.silent)} ago" if is_alive(one) else f"gone for {ago(one.silent)}"
    cells = (one.kind, ", ".join(one.queues), one.host, one.pid, one.version, one.key, clock, seen)
    return "" if is_alive(one) else QUIET, cells


def _mailboxes(health: Health) -> Table:
    rows = [_mailbox(health, one) for one in health.mailboxes]
    filled = [
        name not in SELDOM or any(str(cells[place]) for _, cells in rows)
        for place, name in enumerate(MAILBOX_COLUMNS, start=1)
    ]
    columns = tuple(compress(MAILBOX_COLUMNS, filled))
    return _table("mailbox", columns, ((style, tuple(compress(cells, (True, *filled)))) for style, cells in rows))


def _mailbox(health: Health, one: MailboxState) -> tuple[str, tuple[object, ...]]:
    read = f"{ago(health.at - one.read_at)} ago" if one.read_at else "never"
    paused = f"{one.paused_until:%H:%M:%S} UTC" if one.paused_until else ""
    limits = health.limits
    ends = (
        _end(health.at, health.tokens.get(one.name), timedelta(days=limits.alarm_token_days)),
        # It is renewed before its end.
        _end(health.at, health.access_tokens.get(one.name), timedelta(0)),
        _end(health.at, one.certificate_ends_at, timedelta(days=limits.alarm_certificate_days)),
    )
    style = BAD if one.refused else WARN if one.trouble else ""
    return style, (one.name, read, _by_operator(one), one.refused or "", paused, *ends, one.trouble)


def _by_operator(one: MailboxState) -> Text | str:
    """Since when an operator has a mailbox paused, and until when."""
    if one.paused_at is None:
        return ""
    until = f" until {one.resumes_at:%Y-%m-%d %H:%M}" if one.resumes_at else ""
    return Text(f"{one.paused_at:%Y-%m-%d %H:%M}{until} UTC", WARN)


def _end(now: datetime, ends: datetime | None, soon: timedelta) -> Text | str:
    """When something ends: coloured where that is soon, and more so where it was."""
    if ends is None:
        return ""
    if ends <= now:
        return Text(f"{ago(now - ends)} ago", BAD)
    return Text(f"in {ago(ends - now)}", WARN if ends - now < soon else "")


def _backlog(name: str, waiting: Waiting) -> tuple[str, tuple[object, ...]]:
    return "", (name, waiting.due, ago(waiting.oldest) if waiting.oldest is not None else "")


def _counts(counts: Any) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _reports(health: Health) -> str:
    report = (
        f"{health.last_report[0]} at {health.last_report[1]:%Y-%m-%d %H:%M} UTC" if health.last_report else "none yet"
    )
    compared = f"{health.reconciled_at:%Y-%m-%d %H:%M} UTC" if health.reconciled_at else "never"
    return printable(f"last {report}; mailboxes compared with their servers: {compared}")


def _room(health: Health) -> str:
    rooms = {
        one.host: f"{one.host} {one.disk_free / GIGABYTE:.1f} of {one.disk_total / GIGABYTE:.1f} GB free"
        for one in health.processes
        if is_alive(one) and one.disk_free is not None and one.disk_total
    }
    return printable("; ".join((f"database {health.database_bytes / GIGABYTE:.2f} GB", *rooms.values())))


def ago(age: timedelta) -> str:
    """An age in its largest unit that fills, cut: "12 s", "5 min", "3 h", "2 d"."""
    seconds = max(0, int(age.total_seconds()))
    size, unit = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    return f"{seconds // size} {unit}"
