"""`supportdesk ticket`: tickets read and changed at the command line."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import rich_click as click

from desk.ticket import Category, Priority, Status, number_in
from worker.cli.errors import checked_address, refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation
from worker.cli.paging import before, most, say_next

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.tickets.listing import ListedTicket, TicketFilter
    from worker.admin.change_ticket import Change

NOBODY = "none"
# Each word is looked for in all texts.
MOST_WORDS, LONGEST_WORD = 10, 200


class TicketNumber(click.ParamType[int]):
    """The number of a ticket, written as SD-1042, [SD-1042], #1042 or 1042."""

    name = "ticket"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; says what a ticket is called where the text is none."""
        number = number_in(str(value))
        if number is None:
            self.fail(f"{value} is no ticket. Write it as SD-1042 or as 1042.", param, ctx)
        return number


class StaffAddress(click.ParamType[str]):
    """The address in whose name a ticket is changed; one that is missing is told with what it is for."""

    name = "email"

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str | None:  # noqa: ARG002  click's own form
        """What the option is for."""
        return "Say who of staff does it, by their address; `supportdesk user staff list` has them."

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002  click's own form
        """The address, in comparable form."""
        return checked_address(value, "--as")


class Chosen(TypedDict):
    """Which tickets are listed, as the options say it."""

    statuses: tuple[str, ...]
    owner: str | None
    customer: str | None
    priority: str | None
    category: str | None


TICKET = click.argument("number", type=TicketNumber(), metavar="TICKET", help="Such as SD-1042.")
BEFORE = before("ticket", type=TicketNumber())
MOST = most(25, 1000)
AS = click.option(
    "--as", "by", required=True, type=StaffAddress(), metavar="EMAIL",
    help="The member of staff in whose name it is done.",
)  # fmt: skip


@click.group()
def ticket() -> None:
    """Read tickets, and work on them."""


@ticket.command("list")
@click.option(
    "--status", "statuses", type=click.Choice([str(one) for one in Status]), multiple=True,
    help="Only those with this status; may be given more than once.",
)  # fmt: skip
@click.option("--owner", metavar="EMAIL|none", help="Only those of this member of staff, or of nobody.")
@click.option("--customer", metavar="EMAIL", help="Only those of this customer.")
@click.option("--priority", type=click.Choice([str(one) for one in Priority]), help="Only those of this priority.")
@click.option("--category", type=click.Choice([str(one) for one in Category]), help="Only those of this category.")
@BEFORE
@MOST
@AS_JSON
@pass_installation
def list_all(
    installation: Installation, before: int | None, most: int, as_json: bool, **chosen: Unpack[Chosen]
) -> None:
    """List tickets, the newest first, a page at a time."""
    from models.tickets.listing import list_tickets
    from worker.runtime.terminal import show_json
    from worker.runtime.transaction import transaction

    wanted = _filter(chosen)
    with installation.engine() as engine, transaction(engine) as session:
        found = list_tickets(session, wanted, most, before)
        unknown = "" if found or before else _unknown_among(session, wanted)
    if as_json:
        show_json(found)
    elif found:
        _show_page(found, most)
    elif before is None:
        click.echo(f"Nobody is known by the address {unknown}." if unknown else "There is no such ticket.")
    else:
        click.echo("There are no further tickets.")


def _unknown_among(session: "Session", wanted: "TicketFilter") -> str:
    """The address of the filter that nobody has, who may be mistyped; empty where all are known."""
    from models.people.rows import find_person

    given = (address for address in (wanted.owner, wanted.customer) if address)
    return next((address for address in given if find_person(session, address) is None), "")


def _filter(chosen: Chosen) -> "TicketFilter":
    from models.tickets.listing import TicketFilter

    owner, customer = chosen["owner"], chosen["customer"]
    return TicketFilter(
        statuses=tuple(Status(one) for one in chosen["statuses"]),
        priority=Priority(chosen["priority"]) if chosen["priority"] else None,
        category=Category(chosen["category"]) if chosen["category"] else None,
        customer=checked_address(customer, "--customer") if customer else "",
        owner=checked_address(owner, "--owner") if owner and owner != NOBODY else "",
        unassigned=owner == NOBODY,
    )


def _show_page(found: "list[ListedTicket]", most: int) -> None:
    from worker.runtime.terminal import show_table

    rows = [
        (f"SD-{one.number}", one.status, one.priority, one.customer, one.owner or "nobody", _day(one), one.title)
        for one in found
    ]
    show_table(("ticket", "status", "priority", "customer", "owner", "changed", "title"), rows)
    say_next(found, most, "--before", f"SD-{found[-1].number}")


@ticket.command()
@click.argument("words", nargs=-1, required=True, metavar="WORD...", help="Each has to stand in a ticket.")
@BEFORE
@MOST
@click.option("--within", type=click.IntRange(1, 3600), default=30, show_default=True, help="Look for so many seconds.")
@AS_JSON
@pass_installation
def search(
    installation: Installation, words: tuple[str, ...], before: int | None, most: int, within: int, as_json: bool
) -> None:
    """List the tickets in which each WORD stands, the best first, each with a place where one does.

    They may stand in the title, the description, comments, notes, the number, or the customer's address and name, each
    in another of them. Words in quotes stand side by side. Capitals and accents do not matter, and a word is found by
    its stem; of an address or a name any part will do. First come those whose title, number or customer it is, then
    those where it stands as you wrote it; of each the newest first.
    """
    from desk.reports.search.terms import read_words
    from models.reports.search.deadline import SearchTooLong
    from models.reports.search.find import SearchFor
    from worker.admin.find_tickets import find_tickets
    from worker.cli.pages.search import TOO_LONG, say_what_is_missing, show_found
    from worker.runtime.terminal import show_json

    wanted = SearchFor(wanted=read_words(_searchable(words)), notes=True, most=most)
    try:
        with installation.engine() as engine:
            page = find_tickets(engine, wanted, within, before)
    except SearchTooLong:
        refuse(TOO_LONG.format(within))
    if as_json:
        show_json(page.tickets)
    else:
        show_found(page, most, is_first=before is None)
    say_what_is_missing(page)


def _searchable(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without the space around them; raises click.BadParameter about one that cannot be looked for."""
    from desk.reports.search.words import plain
    from worker.admin.change_ticket import is_storable

    if len(words) > MOST_WORDS:
        raise click.BadParameter(f"{len(words)} words are too many; give {MOST_WORDS} at most.", param_hint="WORD")
    for word in words:
        if not word.strip():
            raise click.BadParameter("An empty word stands everywhere; leave it out.", param_hint="WORD")
        if len(word) > LONGEST_WORD:
            shown = f"“{word[:20]}…” has {len(word)} signs"
            raise click.BadParameter(f"{shown}; a word has {LONGEST_WORD} at most.", param_hint="WORD")
        if not is_storable(word):
            raise click.BadParameter("A word holds bytes that are no text in UTF-8, or a NUL.", param_hint="WORD")
        if not plain(word):
            raise click.BadParameter(f"“{word}” has no letter and no digit; leave it out.", param_hint="WORD")
    return tuple(word.strip() for word in words)


def _day(one: "ListedTicket") -> str:
    return f"{one.changed_at:%Y-%m-%d %H:%M}"


@ticket.command()
@TICKET
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the conversation as a page into this file."
)
@AS_JSON
@pass_installation
def show(installation: Installation, number: int, html: Path | None, as_json: bool) -> None:
    """Show the whole conversation of TICKET, with its notes, which are marked; one in the archive is read there."""
    from models.removal.archive.conversation import read_archived
    from models.removal.archive.restore import CannotRestore
    from models.tickets.conversation import read_conversation
    from worker.admin.find_tickets import NO_TICKET
    from worker.cli.pages.ticket import html_of, lines_of
    from worker.cli.private_file import write_private
    from worker.runtime.terminal import show_json
    from worker.runtime.transaction import transaction

    try:
        with installation.engine() as engine, transaction(engine) as session:
            found = read_conversation(session, number) or read_archived(session, number)
    except CannotRestore as reason:
        refuse(str(reason))
    if found is None:
        refuse(NO_TICKET.format(f"SD-{number}"))
    if html is not None:
        write_private(html, html_of(found))
        click.echo(f"The conversation is in {html}; open it in a browser.")
    elif as_json:
        show_json([found])
    else:
        click.echo("\n".join(lines_of(found)))


@ticket.command()
@TICKET
@click.argument("text", required=False, help="The words; without them they are read from standard input.")
@click.option("--note", is_flag=True, help="For staff alone.")
@AS
@pass_installation
def comment(installation: Installation, number: int, text: str | None, note: bool, by: str) -> None:
    """Answer TICKET's customer, or write a note for staff.

    The answer goes out as one by mail does, and an open ticket is in progress then.
    """
    from worker.admin.change_ticket import AddWords

    if text is None:
        if sys.stdin.isatty():
            click.echo("Write the words, and end with Ctrl-D on a line of its own.", err=True)
        text = sys.stdin.read()
    _change(installation, number, by, AddWords(text.strip("\n"), is_note=note))


@ticket.command()
@TICKET
@click.argument("owner", metavar="EMAIL|none", help="Who is to work on it; none for nobody.")
@AS
@pass_installation
def assign(installation: Installation, number: int, owner: str, by: str) -> None:
    """Give TICKET to a member of staff, who gets it by mail, or to nobody."""
    from worker.admin.change_ticket import ChangeOwner

    _change(installation, number, by, ChangeOwner(None if owner == NOBODY else checked_address(owner, "EMAIL")))


@ticket.command()
@TICKET
@click.argument("status", type=click.Choice([str(one) for one in Status]), help="The status that it gets.")
@AS
@pass_installation
def status(installation: Installation, number: int, status: str, by: str) -> None:
    """Set the status of TICKET; its customer is told by mail."""
    _change(installation, number, by, Status(status))


def _change(installation: Installation, number: int, by: str, change: "Change") -> None:
    from worker.admin.change_ticket import CannotChange, change_ticket

    try:
        with installation.engine() as engine:
            done = change_ticket(engine, number, by, change)
    except CannotChange as reason:
        refuse(str(reason))
    click.echo(done)
