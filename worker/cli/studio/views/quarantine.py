"""Mails that could not be taken in, and changes that could not be announced."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from models.events.quarantine import read_quarantined_events
from models.ledger.quarantine import QUARANTINED, read_quarantined
from models.ledger.rows import LedgerRow
from worker.admin.digests.quarantine import entry
from worker.cli.studio.cells import formatted, line, moment
from worker.cli.studio.views.listed import Asked, ListedView, ListPage, Unknown, number_in
from worker.cli.studio.views.mails import mail_page, shown_head, subject_of

EVENT: Final = "event-"
# The oldest, which wait longest.
MOST_EVENTS: Final = 100


class QuarantineView(ListedView, model=LedgerRow):
    """Mails in quarantine, the newest first, and below them changes."""

    name, name_plural, icon, place = "Quarantine", "Quarantine", "fa-solid fa-triangle-exclamation", "quarantine"
    hint = "The address of a sender"
    column_list = ("number", "subject", "sender", "mailbox", "reason", "stored_at")
    column_labels = {"stored_at": "came", "number": "mail", "sender": "from"}  # noqa: RUF012  sqladmin's own form
    column_formatters = {  # noqa: RUF012  sqladmin's own form
        "subject": lambda mail, _: line(subject_of(mail)),
        "reason": formatted(line),
        "sender": formatted(line),
        "stored_at": formatted(moment),
    }
    details_template = "studio/quarantined.html"
    list_template = "studio/quarantine.html"

    def read_list(self, session: Session, asked: Asked) -> ListPage:
        """The mails of a page, and the changes."""
        page = mail_page(session, asked, QUARANTINED)
        events = read_quarantined_events(session)
        further = {"events": events[:MOST_EVENTS], "events_left": len(events[MOST_EVENTS:])}
        return ListPage(page.rows, page.below, page.remark, further)

    def read_details(self, session: Session, key: str) -> Mapping[str, Any]:
        """A mail as `quarantine show` has it, or a change by `event-` and its number."""
        number = number_in(key.removeprefix(EVENT))
        if key.startswith(EVENT):
            events = read_quarantined_events(session, [number])
            if not events:
                raise Unknown(f"Event {number} is not in quarantine.")
            return {"event": events[0], "key": key}
        case = next(iter(read_quarantined(session, [number])), None)
        if case is None:
            raise Unknown(f"Mail {number} is not in quarantine.")
        return {"mail": entry(case), "head": shown_head(case.head or b""), "key": key}
