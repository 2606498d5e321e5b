"""What follows when a mail to staff is refused for its content: it goes once more without the words of others."""

from html import escape
from typing import Final

from sqlalchemy import Engine

from desk.notices.recipients import BY_TEMPLATE
from desk.tokens import ReplyKind
from models.db.claims import Claimed
from models.outbox.bare import CONTENT_REFUSED, Words, rewrite_bare
from models.outbox.rows import OutboxRow
from models.tickets.rows import read_tickets
from worker.runtime.transaction import transaction

SUBJECT: Final = "[SD-{0}] News of this ticket, without its words"
# The words and files of a customer may look like spam to a filter; what is left are words of ours alone.
TEXT: Final = """\
{0}
{2}
There is news of ticket SD-{1}.

The outgoing server refused the mail that tells it, for its content. So the
customer's words and files are not in this mail: they are in the ticket.

Your answer to this mail goes where an answer to that one would have gone.
"""
# The sender's domain may be what the filter refused.
UNPROVEN: Final = """
The sender's address was not proven. Do not trust the name.
"""
FOOT: Final = "\n-- \n"


def send_without_words(engine: Engine, claimed: Claimed, outbox_id: int, error: str) -> bool:
    """Write a refused mail to staff anew without the words and files of others; False where it is to fail.

    That is what became of one that was rewritten already, is about no ticket, or asks whether a mail is its reader's:
    nobody shall confirm what they have not seen.
    """
    with transaction(engine) as session:
        row = session.get_one(OutboxRow, outbox_id)
        template = BY_TEMPLATE[row.template]
        tells = template.to_staff and template.kind in (ReplyKind.PUBLIC, ReplyKind.NOTE)
        if not tells or row.ticket_number is None or row.reason == CONTENT_REFUSED:
            return False
        # The first line cuts quotes off an answer; below the last dashes stand the desk's own words.
        delimiter, foot = row.text.partition("\n")[0], row.text.rpartition(FOOT)[2]
        ticket = read_tickets(session, [row.ticket_number]).get(row.ticket_number)
        warning = UNPROVEN if ticket and ticket.unproven else ""
        text = TEXT.format(delimiter, row.ticket_number, warning) + FOOT + foot
        html = f"<!DOCTYPE html>\n<html><body><pre>{escape(text)}</pre></body></html>\n"
        return rewrite_bare(session, claimed, outbox_id, Words(SUBJECT.format(row.ticket_number), text, html), error)
