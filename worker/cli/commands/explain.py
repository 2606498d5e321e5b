"""`supportdesk explain`: why the desk did what it did with a mail, a ticket, or a mail of its own."""

import re
from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.explain import Account

_TICKET = re.compile(r"\[?sd-(\d{1,18})\]?", re.IGNORECASE)
_SENT = re.compile(r"outbox-(\d{1,18})", re.IGNORECASE)
_NUMBER = re.compile(r"(?:mail-)?(\d{1,18})", re.IGNORECASE)
FORMS = (
    "Name a ticket as SD-1042, a mail that came in by its number (mail-17) or Message-ID, "
    "a mail of ours as outbox-44 or by its Message-ID."
)


@click.command()
@click.argument("what", metavar="MAIL|TICKET|OUTBOX", help="Such as mail-17, SD-1042, outbox-44, or a Message-ID.")
@AS_JSON
@pass_installation
def explain(installation: Installation, what: str, as_json: bool) -> None:
    """Say what became of a mail or a ticket, with the evidence and the reason of every decision.

    A ticket is named SD-1042; a mail that came in mail-17 (its number in the log and in the quarantine) or by its
    Message-ID; a mail of ours outbox-44 or by its Message-ID.
    """
    from desk.explain import explain as lines
    from worker.runtime.terminal import printable, show_json
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        accounts = _read_accounts(session, what.strip())
    if not accounts:
        refuse(f"Nothing here is called {what}. {FORMS}")
    if as_json:
        show_json(accounts)
        return
    for account in accounts:
        click.echo("\n".join(printable(line) for line in lines(account)))


def _read_accounts(session: "Session", what: str) -> "list[Account]":
    from models.reports import accounts

    if ticket := _TICKET.fullmatch(what):
        return _as_list(accounts.read_ticket(session, int(ticket[1])))
    if sent := _SENT.fullmatch(what):
        return _as_list(accounts.read_sent(session, int(sent[1])))
    if number := _NUMBER.fullmatch(what):
        return _as_list(accounts.read_mail(session, int(number[1])))
    identifier = what.strip("<>")
    return [*accounts.read_mails_by_id(session, identifier), *accounts.read_sent_by_id(session, identifier)]


def _as_list(account: "Account | None") -> "list[Account]":
    return [account] if account else []
