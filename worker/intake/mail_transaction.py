"""The transaction of one mail, and the rows that several decisions write in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desk.facts import Facts
from desk.ticket import Person
from mail.inbound.message import InboundMail
from mail.mime.addresses import Address
from models.events.rows import add_note_event
from models.people.rows import add_person, ensure_person, find_colleague
from models.tickets.attachments import attach
from models.tickets.notes import NewNote, add_note
from models.tickets.participants import add_participant
from models.tickets.thread_index import keep_reading_and_ids

APPLIED, NOT_APPLIED, QUARANTINED = "applied", "not_applied", "quarantined"


@dataclass(frozen=True, slots=True)
class MailTransaction:
    """The transaction of one mail: where to write, which ledger row and mail it is, and what was known of it."""

    session: Session
    row: int
    mail: InboundMail
    facts: Facts

    @property
    def now(self) -> datetime:
        """The moment at which the mail is decided."""
        return self.facts.now

    def known(self, address: Address) -> Person:
        """The person with this address, made a customer where nobody knows them."""
        if [one.email for one in self.mail.senders] != [address.email]:
            return ensure_person(self.session, address, self.now)
        return self.facts.sender or add_person(self.session, address, self.now)


def keep_and_tell(desk: MailTransaction, ticket: int, author: int | None, *, text: str, reason: str) -> None:
    """Keep an internal note that came with this mail, and have the ticket's staff told of it.

    `ticket` and `author` are numbers; `reason` is why it is a note.
    """
    note = NewNote(ticket=ticket, author=author, ledger_id=desk.row, text=text, reason=reason)
    add_note_event(desk.session, ticket, add_note(desk.session, note), author, desk.row)


def let_in(desk: MailTransaction, number: int, addresses: Sequence[Address]) -> None:
    """Make addresses participants of a ticket; an unknown one becomes a customer first."""
    for address in addresses:
        add_participant(desk.session, number, desk.known(address).number)


def keep_mail(desk: MailTransaction, number: int, comment: str | None) -> None:
    """Keep what came with the mail: its files, its ids for threading, and what trimming took off."""
    attach(desk.session, desk.row, number, comment, desk.mail.attachments)
    keep_reading_and_ids(desk.session, desk.row, number, comment, desk.mail)


def colleague(desk: MailTransaction, number: int | None) -> Person | None:
    """The member of staff with this number, as they are now; None where they are gone or staff no longer.

    Whom routing chose from may have been read some mails ago (SECURITY, Who is who).
    """
    return find_colleague(desk.session, number) if number else None
