"""Absences of staff: how long they last, and which words of an out-of-office answer are its author's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.commands.days import READ_CHARACTERS
from desk.ticket import Ticket

# What is assumed where an out-of-office answer gives no date.
UNSTATED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """Until when somebody is away, in UTC; a moment in the past means that they are back."""

    until: datetime
    reason: str


def own_words_of_absence(reply: str, subject: str, ticket: Ticket | None) -> str:
    """A program's answer without what it repeats: its subject, and the title and the lines of the ticket it answers.

    A title may name a day ("Our move on 20 January"), which is none of who is away.
    """
    told = {line.strip().lower() for line in ticket.description.splitlines()} if ticket else set[str]()
    lines = (line for line in reply[:READ_CHARACTERS].lower().splitlines() if line.strip() not in told)
    words = " ".join(" ".join(lines).split())
    titles = (*subject.split(":"), subject, ticket.title if ticket else "")
    for title in sorted({" ".join(one.lower().split()) for one in titles} - {""}, key=len, reverse=True):
        words = words.replace(title, " ; ")
    return words
