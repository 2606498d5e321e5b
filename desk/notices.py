"""Who is told what: from everything that happened to a ticket in one transaction to at most one mail a person."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from desk.events import Event, EventKind, Field, Happening
from desk.ticket import Person, Status
from desk.tokens import Kind
from desk.wording import also


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of the template folder: what an answer to it becomes, and whether no person wrote it.

    `auto_submitted` is the header's value (RFC 3834, section 5), None for what a person wrote. `to_staff` mails go
    only to people who are staff at that moment. `reason` is the sentence that tells why one gets this mail.
    """

    template: str
    kind: Kind
    auto_submitted: str | None
    to_staff: bool
    reason: str


ASSIGNED = "You get this mail because the ticket is assigned to you. Your answer goes to the customer."
YOURS = "You get this mail because you wrote to us."
GUESTS = (
    "You get this mail because you take part in somebody's request. "
    "To get no more mails about it, answer with #stop on a line of its own."
)
UNDER_YOUR_ADDRESS = "You get this mail because somebody wrote to this desk under your address."
INTERNAL = "You get this mail because you work on this ticket. Your answer stays internal."
ADMIN = "You get this mail because you are an admin of this desk."

# Where one person would get several of these for one transaction, the upper one is sent.
LETTERS: tuple[Letter, ...] = (
    Letter("mail-unconfirmed", Kind.CONFIRM, "auto-replied", to_staff=True, reason=UNDER_YOUR_ADDRESS),
    Letter("mail-held", Kind.NONE, "auto-replied", to_staff=True, reason="You get this mail because you wrote to us."),
    Letter("command-answer", Kind.NOTE, "auto-replied", to_staff=False, reason=INTERNAL),
    Letter("ticket-opened", Kind.PUBLIC, "auto-replied", to_staff=False, reason=YOURS),
    Letter("ticket-assigned", Kind.PUBLIC, "auto-generated", to_staff=True, reason=ASSIGNED),
    Letter("comment-to-customer", Kind.PUBLIC, None, to_staff=False, reason=YOURS),
    Letter("comment-to-agent", Kind.PUBLIC, "auto-generated", to_staff=True, reason=ASSIGNED),
    Letter("note-to-agent", Kind.NOTE, "auto-generated", to_staff=True, reason=INTERNAL),
    Letter("ticket-reopened", Kind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    Letter("status-open", Kind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    Letter("status-in-progress", Kind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    Letter("status-resolved", Kind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    Letter("status-closed", Kind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    Letter("status-to-agent", Kind.PUBLIC, "auto-generated", to_staff=True, reason=ASSIGNED),
    Letter("mail-too-large", Kind.NONE, "auto-replied", to_staff=False, reason=YOURS),
    Letter("quarantine-digest", Kind.NONE, "auto-generated", to_staff=True, reason=ADMIN),
    Letter("alert", Kind.NONE, "auto-generated", to_staff=True, reason=ADMIN),
    Letter("daily-report", Kind.NONE, "auto-generated", to_staff=True, reason=ADMIN),
)
BY_TEMPLATE = {letter.template: letter for letter in LETTERS}
RANK = {letter.template: rank for rank, letter in enumerate(LETTERS)}

# These tell admins of the desk and not of a ticket: none of them can tell another's matter, so each is sent.
APART = frozenset({"quarantine-digest", "alert", "daily-report"})

# These repeat the mail that caused them, so who got that mail as well is not told again.
ECHOES = frozenset({"comment-to-customer", "comment-to-agent", "note-to-agent"})
OVER = frozenset({Status.RESOLVED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to write: which, to whom, about which event, and what else changed.

    `to_guest` says that its reader takes part in a request of somebody else.
    """

    letter: Letter
    person: Person
    event: Event
    also: tuple[str, ...] = ()
    to_guest: bool = False

    @property
    def reason(self) -> str:
        """Why this person gets it; a customer whose command was answered does not work on the ticket."""
        if self.letter.to_staff or self.person.is_staff:
            return self.letter.reason
        return GUESTS if self.to_guest else YOURS


Rule = Callable[[Happening, Event], Iterator[Notice]]


def _notice(template: str, person: Person, event: Event) -> Notice:
    return Notice(BY_TEMPLATE[template], person, event)


def _owners(happening: Happening) -> tuple[Person, ...]:
    """Who looks after the ticket: its assignee, or the admins where it has none who is staff."""
    owner = happening.ticket.assignee if happening.ticket else None
    return (owner,) if owner and owner.is_staff else happening.admins


def _others(people: tuple[Person, ...], person: Person | None) -> Iterator[Person]:
    return (one for one in people if person is None or one.number != person.number)


def _opened(happening: Happening, event: Event) -> Iterator[Notice]:
    if happening.ticket and not happening.ticket.customer.is_staff and not _is_unanswered(happening):
        yield _notice("ticket-opened", happening.ticket.customer, event)
    # Who wrote it knows it; who passed it on for somebody else may well be the one to answer it.
    for owner in _others(_owners(happening), happening.ticket.customer if happening.ticket else None):
        yield _notice("ticket-assigned", owner, event)


def _is_unanswered(happening: Happening) -> bool:
    return happening.cause is not None and happening.cause.unanswered is not None


def _commented(happening: Happening, event: Event) -> Iterator[Notice]:
    author = event.said.author if event.said else None
    for owner in _others(_owners(happening), author):
        yield _notice("comment-to-agent", owner, event)
    for person in _others(_audience(happening, author), author):
        yield _notice("comment-to-customer", person, event)


def _audience(happening: Happening, author: Person | None) -> tuple[Person, ...]:
    """Staff's words go to all who take part; somebody else's only to the customer, where staff let them be a comment.

    Whatever else a customer or a guest writes goes to nobody but staff.
    """
    if author and author.is_staff:
        return happening.participants
    accepted = happening.actor is not None and happening.actor.is_staff
    return (happening.ticket.customer,) if accepted and author and happening.ticket else ()


def _noted(happening: Happening, event: Event) -> Iterator[Notice]:
    for owner in _others(_owners(happening), event.said.author if event.said else None):
        yield _notice("note-to-agent", owner, event)


def _status(happening: Happening, event: Event) -> Iterator[Notice]:
    if happening.ticket is None or event.new is None:
        return
    reopened = event.old in OVER and event.new not in OVER
    template = "ticket-reopened" if reopened else f"status-{event.new.replace('_', '-')}"
    # Also where customers did it themselves: it is the receipt that their mail had this effect.
    yield _notice(template, happening.ticket.customer, event)
    for owner in _others(_owners(happening), happening.actor):
        yield _notice("status-to-agent", owner, event)


def _assigned(happening: Happening, event: Event) -> Iterator[Notice]:
    owner = happening.ticket.assignee if happening.ticket else None
    if owner and owner.is_staff and (happening.actor is None or happening.actor.number != owner.number):
        yield _notice("ticket-assigned", owner, event)


def _changed(happening: Happening, event: Event) -> Iterator[Notice]:
    rule = {Field.STATUS: _status, Field.ASSIGNEE: _assigned}.get(event.field) if event.field else None
    return rule(happening, event) if rule else iter(())


def _addressed(template: str) -> Rule:
    def rule(happening: Happening, event: Event) -> Iterator[Notice]:
        if event.person:
            yield _notice(template, event.person, event)

    return rule


def _to_admins(template: str) -> Rule:
    def rule(happening: Happening, event: Event) -> Iterator[Notice]:
        return (_notice(template, admin, event) for admin in happening.admins)

    return rule


RULES: dict[EventKind, Rule] = {
    EventKind.TICKET_OPENED: _opened,
    EventKind.TICKET_CHANGED: _changed,
    EventKind.COMMENT_ADDED: _commented,
    EventKind.NOTE_ADDED: _noted,
    EventKind.COMMAND_ANSWERED: _addressed("command-answer"),
    EventKind.MAIL_HELD: _addressed("mail-held"),
    EventKind.MAIL_UNCONFIRMED: _addressed("mail-unconfirmed"),
    EventKind.REPORT_DUE: _to_admins("daily-report"),
    EventKind.MAIL_TOO_LARGE: _addressed("mail-too-large"),
    EventKind.QUARANTINE_DIGEST: _to_admins("quarantine-digest"),
    EventKind.ALERT: _to_admins("alert"),
}


def notices(happening: Happening) -> list[Notice]:
    """All mails that a happening calls for: at most one a person, the weightiest, which tells the rest in `also`.

    Only what stands apart is not put together.
    """
    apart: list[Notice] = []
    best: dict[int, Notice] = {}
    for notice in _called_for(happening):
        known = best.get(notice.person.number)
        if notice.letter.template in APART:
            apart.append(notice)
        elif known is None or RANK[notice.letter.template] < RANK[known.letter.template]:
            best[notice.person.number] = notice
    return [*(_with_also(notice, happening) for notice in best.values()), *apart]


def _called_for(happening: Happening) -> Iterator[Notice]:
    """Every notice of every event, but for the words that somebody has from the mail itself."""
    called = (notice for event in happening.events for notice in RULES[event.kind](happening, event))
    return (_as_guest(notice, happening) for notice in called if not _has_it(notice, happening))


def _as_guest(notice: Notice, happening: Happening) -> Notice:
    owner = happening.ticket.customer.number if happening.ticket else notice.person.number
    return replace(notice, to_guest=not notice.person.is_staff and notice.person.number != owner)


def _has_it(notice: Notice, happening: Happening) -> bool:
    if happening.cause is None or notice.letter.template not in ECHOES:
        return False
    return notice.person.email in happening.cause.recipients


def _with_also(notice: Notice, happening: Happening) -> Notice:
    if happening.ticket is None or notice.letter.template == "ticket-opened":
        return notice
    others = (event for event in happening.events if event.id != notice.event.id)
    # A customer is told where the ticket stands; what it is filed under is the desk's own matter.
    told = (event for event in others if notice.person.is_staff or event.field is Field.STATUS)
    sentences = (sentence for event in told if (sentence := also(event, happening.ticket)))
    return replace(notice, also=tuple(dict.fromkeys(sentences)))
