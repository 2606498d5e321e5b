"""`supportdesk replay`: stored mails through today's reader and rules, beside what was stored of them."""

import json
import re
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import refuse, stop
from worker.cli.installation import AS_JSON, Installation, pass_installation
from worker.cli.times import Moment

if TYPE_CHECKING:
    from models.reports.history.decided import WhichMails
    from worker.history.replay.compare import Replayed
    from worker.runtime.services import Services

DIFFER = 1
NONE_THERE = "No decided mail is among these. `supportdesk explain` and the log name mails by their numbers."


class MailNumbers(click.ParamType[tuple[int, int]]):
    """One number of a mail, or two with a hyphen between them."""

    name = "A-B"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """The first and the last; says how they are written where the text is none."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,18})(?:-(\d{1,18}))?", value, re.ASCII)
        if not found or int(found[2] or found[1]) < int(found[1]):
            self.fail(f"{value} names no mails. Write one number, or the first and the last as 17-42.", param, ctx)
        return int(found[1]), int(found[2] or found[1])


class Numbered(TypedDict):
    """Which mails are read again, as the options say it."""

    since: datetime | None
    mails: tuple[int, int] | None
    last: int | None


@click.command()
@click.option("--mailbox", metavar="NAME", help="Only mails of this mailbox.")
@click.option("--since", type=Moment(), metavar="TIME", help="Only mails that came since then, in UTC.")
@click.option("--mails", type=MailNumbers(), help="Only these, by number, such as 17 or 17-42.")
@click.option("--last", type=click.IntRange(min=1), help="So many mails, the newest.")
@click.option("--diff", is_flag=True, help="Show the texts that differ line by line.")
@click.option("--apply", is_flag=True, help="Write the new reading where that is safe; nobody gets a mail of it.")
@AS_JSON
@pass_installation
def replay(
    installation: Installation, mailbox: str | None, diff: bool, apply: bool, as_json: bool, **chosen: Unpack[Numbered]
) -> None:
    """Read and decide stored mails by what the program and the rules are today, and show what would differ.

    Without --apply nothing is written; the exit status is 1 where something differs.
    """
    from models.reports.history.decided import WhichMails

    since, (first, until) = chosen["since"], chosen["mails"] or (0, None)
    if mailbox is not None:
        installation.mailbox_names(mailbox)
    counts: Counter[str] = Counter()
    with installation.services("replay") as services:
        differing = _replayed(services, WhichMails(mailbox, since, first, until, chosen["last"]), counts)
        if chosen["mails"] and not counts:
            refuse(NONE_THERE)
        _show(differing, counts, as_json=as_json, diff=diff)
        if apply:
            _apply_all(services, differing)
    raise Exit(DIFFER if differing and not apply else 0)


def _replayed(services: "Services", which: "WhichMails", counts: "Counter[str]") -> "list[Replayed]":
    from worker.cli.progress import Progress
    from worker.history.replay.run import replay_mails

    differing: list[Replayed] = []
    try:
        with Progress() as progress:
            for one in progress.follow("Mails read again", replay_mails(services, which), which.most):
                counts[one.ground] += 1
                if one.differences:
                    counts["differ"] += 1
                    differing.append(one)
    except KeyboardInterrupt:
        read = counts["all"] + counts["reading"]
        stop(f"{read} mails were read again, and {counts['differ']} differ; nothing was written.")
    return differing


def _show(differing: "list[Replayed]", counts: "Counter[str]", *, as_json: bool, diff: bool) -> None:
    from worker.cli.pages.history.replay import diff_of, rows_of, summary, values_of
    from worker.runtime.terminal import printable, show_table

    if as_json:
        names = ("all", "reading", "no_bytes", "unreadable", "differ")
        shown = {name: counts[name] for name in names} | {"mails": [values_of(one) for one in differing]}
        click.echo(json.dumps(shown, indent=2))
        return
    if differing:
        columns = ("mail", "ticket", "from", "what", "was", "would be")
        show_table(columns, [row for one in differing for row in rows_of(one)])
    for one in differing if diff else ():
        for line in diff_of(one):
            click.echo(printable(line))
    click.echo(summary(counts))


def _apply_all(services: "Services", differing: "list[Replayed]") -> None:
    """Write what is safe, mail by mail, and say of each on stderr what became of it."""
    from worker.history.replay.apply import Applied, apply

    safe, done = [one for one in differing if one.is_safe], 0
    try:
        for one in safe:
            name = f"SD-{one.stored.ticket}" if one.stored.ticket else f"Mail {one.stored.row}"
            became = apply(services.engine, one)
            done += 1
            words = {
                Applied.WRITTEN: f"{name}: the new reading of mail {one.stored.row} is written.",
                Applied.AGAIN: f"Mail {one.stored.row} is decided again, as a person's mail.",
                Applied.CHANGED: f"{name} changed meanwhile; left as it is.",
            }
            click.echo(words[became], err=True)
    except KeyboardInterrupt:
        stop(f"{done} of {len(safe)} mails are done, the others are as they were; the same command goes on.")
    if left := len(differing) - len(safe):
        click.echo(f"{left} mails differ in what is never written by itself; they are as they were.", err=True)
