"""Mails that came: what became of each and why, and how its bytes are understood today."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.explain import explain
from models.ledger.raw import raw_of
from models.ledger.rows import LedgerRow
from models.reports.accounts import read_mail
from models.reports.studio.mails import UNDECIDED, MailLine, MailWanted, list_mails, read_head
from worker.admin.digests.quarantine import heading_of
from worker.cli.pages.understood_mail import page, understood
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
from worker.runtime.services import pin_named
from worker.runtime.terminal import printable, printable_lines

logger = logging.getLogger(__name__)

# What a person reads of a mail; the rest is for `supportdesk mail export`.
MOST_LINES: Final = 400
# To understand a longer mail takes longer than a page may.
MOST_UNDERSTOOD: Final = 5 * 1024**2
# Of what has its effect, or none, the bytes were here.
_UNFETCHED: Final = (None, "quarantined")
FATES: Final = (UNDECIDED, "applied", "not_applied", "quarantined", "dropped")


class Mails(ListedView, model=LedgerRow):
    """Mails that came, the newest first."""

    name, name_plural, icon, place = "Mail", "Mails", "fa-solid fa-inbox", "mails"
    hint = "The address of a sender"
    filters = {"fate": FATES}  # noqa: RUF012  sqladmin's own form
    column_list = ("number", "subject", "fate", "sender", "mailbox", "ticket", "reason", "stored_at")
    column_labels = {"stored_at": "came", "number": "mail", "sender": "from"}  # noqa: RUF012  sqladmin's own form
    column_formatters = {  # noqa: RUF012  sqladmin's own form
        "subject": lambda mail, _: line(subject_of(mail)),
        "fate": formatted(lambda value: badge(value or UNDECIDED)),
        "ticket": formatted(ticket_link),
        "reason": formatted(line),
        "sender": formatted(line),
        "stored_at": formatted(moment),
    }
    details_template = "studio/mail.html"

    def read_list(self, session: Session, asked: Asked) -> ListPage:
        """The mails of a fate and of a sender."""
        return mail_page(session, asked, asked.chosen.get("fate", ""))

    def read_details(self, session: Session, key: str) -> Mapping[str, Any]:
        """A mail as `mail show` has it, with how it begins."""
        number = number_in(key)
        account = read_mail(session, number)
        if account is None:
            raise Unknown(f"No mail {number} came.")
        head = read_head(session, number)
        return {
            "account": account,
            "heading_of_it": heading_of(number, head),
            "lines_of_it": [printable(one) for one in explain(account)],
            "understood": self._understood(session, number, account.mailbox),
            "head": shown_head(head),
        }

    def _understood(self, session: Session, number: int, mailbox: str) -> str:
        raw = raw_of(session, number)
        if not raw or len(raw) > MOST_UNDERSTOOD:
            return ""
        services = self.window.services
        pin = pin_named(services.settings.mailbox if services else (), mailbox)
        try:
            return printable_lines("\n".join(page(understood(f"mail {number}", raw), pin)))
        except Exception:
            # A mail may be in quarantine just for that.
            logger.exception("Mail %s cannot be read", number)
            return "It cannot be read; why stands where the studio was started."


def mail_page(session: Session, asked: Asked, fate: str) -> ListPage:
    """A page of mails of a fate, and of the sender who is searched for."""
    address, wrong = searched(asked, "sender")
    if wrong:
        return ListPage((), None, wrong)
    rows, found = list_mails(session, MailWanted(fate=fate, address=address), MOST_ON_PAGE, asked.before)
    return ListPage(rows, found.below, looked_as_far(found.looked, "mails that came"))


def subject_of(mail: MailLine) -> str:
    """The subject of a mail, or a sentence on why it is not known."""
    if mail.head is not None:
        return heading_of(mail.number, mail.head).subject
    if mail.archived:
        return "Its bytes are in the archive, with its ticket."
    if mail.fate in _UNFETCHED:
        return "Its bytes are still on the server."
    return "Its bytes are not stored any more."


def shown_head(head: bytes) -> str:
    """How a mail begins, as text of which nothing is obeyed."""
    lines = head.decode(errors="replace").splitlines()[:MOST_LINES]
    return printable_lines("\n".join(one.expandtabs() for one in lines))
