"""What a search prints: the tickets found, each with a place where it stands, and what may be missing."""

import click

from models.reports.search.find import SearchPage
from worker.cli.paging import say_next
from worker.runtime.terminal import show_table

TOO_LONG = (
    "The search took longer than {} s and was ended before all tickets were looked through. Let it look for longer with"
    " --within SECONDS, or give fewer words."
)
NOT_WHOLE = (
    "Tickets below SD-{} are not indexed yet, so one may be missing here. The desk goes on by itself; `supportdesk db"
    " index` does it at once."
)
BEHIND = "Some changes of the last moments are not indexed yet."


def show_found(page: SearchPage, most: int, *, is_first: bool) -> None:
    """Print a page of so many tickets at most, with what asks for the next one."""
    if not page.tickets:
        click.echo("In no ticket do all these words stand." if is_first else "There are no further tickets.")
        return
    rows = [(f"SD-{one.number}", one.status, one.customer, one.title, one.place, one.excerpt) for one in page.tickets]
    show_table(("ticket", "status", "customer", "title", "found in", "words"), rows)
    say_next(page.tickets, most, "--before", f"SD-{page.tickets[-1].number}")


def say_what_is_missing(page: SearchPage) -> None:
    """Say on standard error which tickets or changes are not indexed yet, if any."""
    if page.tickets_from:
        click.echo(NOT_WHOLE.format(page.tickets_from), err=True)
    elif page.is_behind:
        click.echo(BEHIND, err=True)
