"""How far the day has come: the letters written, what the desk says of them, and the inboxes; all as values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.reports.daybook import Daybook, DaybookMail, DaybookNotice, DaybookTicket
from seed.story.correspondents import Delivered, Inbox
from seed.story.day import ROW, DayMail, ExpectedNotice, who
from seed.story.letters import FilledMail

SENT = "sent"


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that was handed in."""

    letter: DayMail
    mail: FilledMail
    at: datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of the day; `sent` holds the letters by word in the order they were written."""

    sent: Mapping[str, SentLetter]
    book: Daybook
    inboxes: Mapping[str, Inbox]

    def received(self, word: str) -> DaybookMail | None:
        """The ledger's row of a letter; where one mail was delivered twice, the rows go to its letters in order."""
        sent = self.sent.get(word)
        if sent is None:
            return None
        same = [one.letter.word for one in self.sent.values() if one.mail.message_id == sent.mail.message_id]
        rows = [row for row in self.book.mails if row.message_id == sent.mail.message_id]
        place = same.index(word)
        return rows[place] if place < len(rows) else None

    def ticket(self, letter: DayMail) -> DaybookTicket | None:
        """The ticket that a letter is about."""
        opened = self.received(letter.ticket) if letter.ticket else None
        return self.book.ticket(opened.ticket) if opened else None

    def address(self, role: str, letter: DayMail) -> str | None:
        """Who a role around a letter's ticket is at this moment."""
        ticket = self.ticket(letter)
        return who(role, letter, ticket.owner if ticket else None)

    def posted(self, letter: DayMail, told: ExpectedNotice) -> list[DaybookNotice]:
        """The mails of the outbox that tell somebody around a letter's ticket by some template, oldest first.

        A list is about no ticket.
        """
        role, template = told
        address, ticket = self.address(role, letter), self.ticket(letter)
        number = ticket.number if ticket and letter.touches != ROW else None
        return [
            mail
            for mail in self.book.notices
            if (mail.template, mail.recipient, mail.ticket) == (template, address, number)
        ]

    def delivered(self, mail: DaybookNotice) -> Delivered | None:
        """A mail of the outbox as it lies in its recipient's inbox."""
        inbox = self.inboxes.get(mail.recipient)
        return inbox.find(mail.message_id) if inbox else None

    def answered(self, letter: DayMail) -> Delivered | None:
        """The mail that a letter answers, once its author has it."""
        found = (self.delivered(mail) for mail in self.posted(letter, (letter.by, letter.answers or "")))
        return next((mail for mail in found if mail), None)

    def touched(self, letter: DayMail) -> str | None:
        """The words or the command of the link that a letter's author touches."""
        ticket = self.ticket(letter)
        return f"SD-{ticket.number}" if ticket and letter.touches == ROW else letter.touches

    def undelivered(self) -> Iterator[DaybookNotice]:
        """The mails that were sent and that nobody has seen in an inbox yet."""
        return (mail for mail in self.book.notices if mail.fate == SENT and self.delivered(mail) is None)
