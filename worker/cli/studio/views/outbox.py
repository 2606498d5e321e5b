"""Mails of ours: what became of each, why, and its text."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.explain import explain
from models.outbox.rows import OutboxRow
from models.outbox.undelivered import read_undelivered
from models.reports.accounts import read_sent
from models.reports.studio.mails import MailWanted, SentLine, list_sent, read_text
from worker.cli.studio.cells import badge, formatted, line, moment, ticket_link
from worker.cli.studio.views.listed import (
    MOST_ON_PAGE,
    Asked,
    ListedView,
    ListPage,
    Unknown,
    looked_as_far,
    number_in,
    searched,
)
from worker.runtime.terminal import printable, printable_lines

WAITING: Final = "waiting"
FATES: Final = (WAITING, "sent", "held", "failed")


class Outbox(ListedView, model=OutboxRow):
    """Mails of ours, the newest first."""

    name, name_plural, icon, place = "Mail of ours", "Outbox", "fa-solid fa-paper-plane", "outbox"
    hint = "The address of a recipient"
    filters = {"fate": FATES}  # noqa: RUF012  sqladmin's own form
    column_list = ("number", "subject", "fate", "recipient", "template", "ticket", "why", "written_at")
    column_labels = {"written_at": "written", "number": "mail", "recipient": "to"}  # noqa: RUF012  sqladmin's own form
    column_formatters = {  # noqa: RUF012  sqladmin's own form
        "subject": formatted(line),
        "fate": formatted(lambda value: badge(value or WAITING)),
        "ticket": formatted(ticket_link),
        "recipient": formatted(line),
        "why": lambda mail, _: line(why(mail)),
        "written_at": formatted(moment),
    }
    details_template = "studio/sent.html"

    def read_list(self, session: Session, asked: Asked) -> ListPage:
        """The mails of a fate and to a recipient."""
        fate = asked.chosen.get("fate", "")
        address, wrong = searched(asked, "recipient")
        if wrong:
            return ListPage((), None, wrong)
        wanted = MailWanted(fate="undecided" if fate == WAITING else fate, address=address)
        rows, found = list_sent(session, wanted, MOST_ON_PAGE, asked.before)
        return ListPage(rows, found.below, looked_as_far(found.looked, "mails of ours"))

    def read_details(self, session: Session, key: str) -> Mapping[str, Any]:
        """A mail of ours as `explain` and `outbox show` have it."""
        number = number_in(key)
        account = read_sent(session, number)
        if account is None:
            raise Unknown(f"There is no mail {number} of ours.")
        undelivered = read_undelivered(session, number)
        return {
            "account": account,
            "lines_of_it": [printable(one) for one in explain(account)],
            "text": printable_lines(read_text(session, number)),
            "state_of_it": undelivered.state if undelivered else "",
        }


def why(mail: SentLine) -> str:
    """The sentence that says most: of a mail that waits, what the server said."""
    return (mail.error or mail.reason) if mail.fate is None else (mail.reason or mail.error)
