"""A notice on its way into the outbox: what is known of it before its words are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from desk.gate import verdict as gate
from desk.notices.events import ChangeSet
from desk.notices.held import Question
from desk.notices.recipients import Notice
from desk.ticket import TicketFile
from desk.tokens import Grant, ReplyKind
from desk.trust.threads import effective_role
from models.announce.thread_context import Correspondence
from models.outbox.gate_facts import Mailing
from models.outbox.writing import FileOut, NewMail
from worker.announce.parts.suggest import Earlier
from worker.runtime.services import Services
from worker.settings.servers import MailboxSettings

# A question whether a mail is somebody's wants its answer soon (docs/security.md#what-a-mail-may-do).
TOKEN_LIVES = {ReplyKind.CONFIRM: timedelta(hours=72)}


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notice, and the change set that it tells of."""

    notice: Notice
    change_set: ChangeSet

    @property
    def ticket(self) -> int | None:
        """The number of the ticket that it is about."""
        return self.change_set.ticket.number if self.change_set.ticket else None

    @property
    def cause(self) -> int | None:
        """The ledger id of the mail that caused it."""
        return self.change_set.cause.ledger_id if self.change_set.cause else None

    @property
    def mailing(self) -> Mailing:
        """What the gate is asked about it."""
        held, person = self.notice.event.held, self.notice.person
        question = held.question if held and held.question else Question.CLAIMED
        return Mailing(self.notice.template, person.email, person.number, self.cause, question, self.ticket)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteContext:
    """What all announcements of one transaction share: where they are written, and what was read for all at once.

    `earlier` are the answers to like questions that were looked for already, by the number of the ticket.
    `files_of_mails` is by ledger id, `files_of_comments` by the id of the event that tells of the comment.
    """

    session: Session
    services: Services
    moment: datetime
    correspondence: Correspondence
    files_of_mails: Mapping[int, Sequence[TicketFile]]
    files_of_comments: Mapping[int, Sequence[TicketFile]]
    earlier: dict[int, Earlier] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Draft:
    """A notice on its way into the outbox, with all its parts; `row`, `files` and `verdict` come one after the other.

    `facts` is what the gate knows of it. By `grant` and `box` its reader answers. `first` says that its reader, who
    is not staff, was never written to before. `earlier` are the Message-IDs that they know of the ticket, oldest first.
    The lines of `known` are nobody's secret. `listed` is what the row keeps of a list, and `answered_at` the address to
    which answers go instead of the mail's own. `suggested` are the earlier answers that it shows, each as the number of
    its ticket and the id of its comment.
    """

    announcement: Announcement
    facts: gate.GateFacts
    grant: Grant
    box: MailboxSettings
    first: bool
    earlier: Sequence[str]
    files: Sequence[FileOut] = ()
    known: str = ""
    listed: dict[str, Any] | None = None
    answered_at: str | None = None
    suggested: Sequence[tuple[int, str]] = ()
    row: NewMail = field(init=False)
    verdict: gate.Verdict = field(init=False)


def draft_of(context: WriteContext, announcement: Announcement, facts: gate.GateFacts, id_: int) -> Draft:
    """An announcement as a draft of the row of this id: its mailbox, its thread, and by what it is answered."""
    person, kind, correspondence = announcement.notice.person, announcement.notice.template.kind, context.correspondence
    # The mailbox that the ticket came to: its address is the one that answers go to as well.
    boxes, name = context.services.settings.mailbox, correspondence.mailboxes.get(announcement.ticket or 0)
    box = next((box for box in boxes if box.name == name), boxes[0])
    life = TOKEN_LIVES.get(kind, timedelta(days=context.services.policy.limits.token_days))
    grant = Grant(
        id=id_,
        kind=kind,
        mailbox=box.name,
        ticket=announcement.ticket,
        person=person.number,
        address=person.email,
        role=effective_role(person),
        expires_at=int((context.moment + life).timestamp()),
    )
    return Draft(
        announcement=announcement,
        facts=facts,
        grant=grant,
        box=box,
        first=not person.is_staff and person.number not in correspondence.correspondents,
        earlier=announcement.notice.event.thread
        or correspondence.threads.get((announcement.ticket or 0, person.number), ()),
    )
