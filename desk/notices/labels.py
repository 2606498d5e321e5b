"""What a ticket is and how it changed, and why somebody gets a mail, as sentences of the catalogues."""

import re
from collections.abc import Sequence

from desk.commands.command import CommandAnswer
from desk.notices.events import Event, EventKind, Field
from desk.notices.held import HeldMail, Question
from desk.ticket import Category, Priority, Status, Ticket
from mail.outbound.catalogue import Catalogue, Said, said

# Why somebody gets a mail.
ASSIGNED = said("reasons.assigned")
NO_OWNER = said("reasons.no_owner")
WATCHES = said("reasons.watches")
WATCHES_INSIDE = said("reasons.watches_inside")
WAS_YOURS = said("reasons.was_yours")
YOURS = said("reasons.yours")
OPENED = said("reasons.opened")
TAKES_PART = said("reasons.takes_part")
CAME = said("reasons.came")
GUESTS = said("reasons.guests")
CARRIED_OUT = said("reasons.carried_out")
UNDER_YOUR_ADDRESS = said("reasons.under_your_address")
WAITS = said("reasons.waits")
INTERNAL = said("reasons.internal")
ADMIN = said("reasons.admin")
OWNER = said("reasons.owner")


def status_label(status: Status) -> Said:
    """The label of a status, such as "In progress"."""
    return said(f"labels.status_{status}")


def priority_label(priority: Priority) -> Said:
    """The label of a priority, such as "High"."""
    return said(f"labels.priority_{priority}")


def category_label(category: Category) -> Said:
    """The label of a category, such as "Billing"."""
    return said(f"labels.category_{category}")


def change_sentence(event: Event, ticket: Ticket, noun: str = "ticket") -> Said | None:
    """A change as a sentence in a mail about another event, the ticket called `noun`; None where there is none."""
    if event.kind is not EventKind.TICKET_CHANGED or event.field is None:
        return None
    sentences = {
        Field.STATUS: said(f"labels.now_{ticket.status}", noun=noun),
        Field.PRIORITY: said(f"labels.now_{ticket.priority}"),
        Field.CATEGORY: said(f"labels.now_{ticket.category}"),
        Field.ASSIGNEE: said("labels.now_with", noun=noun, name=ticket.assignee.name) if ticket.assignee else None,
        Field.TITLE: said("labels.now_titled", title=ticket.title),
        Field.DESCRIPTION: said("labels.described_anew"),
    }
    return sentences[event.field]


# The subjects of answers to staff (RFC 5322, section 2.1.1: lines of 78 characters).
LONGEST_SUBJECT = 78
TAG = re.compile(r"\[(SD-\d{1,18})\]", re.IGNORECASE)
# Words that nothing proves to be their reader's own do not stand in a subject of ours.
OWN_WORDS = frozenset({None, Question.TOKEN, Question.PROVEN})


def headline_of_outcomes(outcomes: Sequence[CommandAnswer], ticket: Ticket | None, words: Catalogue) -> str:
    """What became of the commands of a mail, by their names, and on which ticket."""
    done = [outcome.done for outcome in outcomes]
    names = (one.line.split()[0] if one.line else words.say(said("subjects.your_mail")) for one in outcomes)
    what = ", ".join(dict.fromkeys(names))
    key = "subjects.done" if all(done) else "subjects.partly_done" if any(done) else "subjects.not_done"
    subject = words.say(said(key, what=what))
    return _cut(f"[{ticket.tag}] {subject} · {ticket.title}" if ticket else subject)


def headline_of_held(held: HeldMail, words: Catalogue) -> str:
    """That a mail had no effect, or waits, and which one."""
    what: str | Said
    if held.question in OWN_WORDS:
        what = held.subject.strip() or said("subjects.no_subject")
    else:
        tag = TAG.search(held.subject)
        what = said("subjects.about", tag=tag[1].upper()) if tag else said("subjects.under_your_address")
    return _cut(words.say(said("subjects.waiting" if held.question else "subjects.not_done", what=what)))


def _cut(subject: str) -> str:
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1].rstrip()}…"
