"""Who is told what: from everything that happened to a ticket in one transaction to at most one mail a person."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from desk.notices.events import ChangeSet, Event, EventKind, Field
from desk.notices.labels import also
from desk.ticket import Person, Status
from desk.tokens import ReplyKind


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A mail of the template folder: what an answer to it becomes, and whether no person wrote it.

    `auto_submitted` is the header's value (RFC 3834, section 5), None for what a person wrote. `to_staff` mails go
    only to people who are staff at that moment. `reason` is the sentence that tells why one gets this mail.
    """

    template: str
    kind: ReplyKind
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
MAIL_TEMPLATES: tuple[MailTemplate, ...] = (
    MailTemplate("mail-unconfirmed", ReplyKind.CONFIRM, "auto-replied", to_staff=True, reason=UNDER_YOUR_ADDRESS),
    MailTemplate(
        "mail-held", ReplyKind.NONE, "auto-replied", to_staff=True, reason="You get this mail because you wrote to us."
    ),
    MailTemplate("command-answer", ReplyKind.NOTE, "auto-replied", to_staff=False, reason=INTERNAL),
    MailTemplate("ticket-opened", ReplyKind.PUBLIC, "auto-replied", to_staff=False, reason=YOURS),
    MailTemplate("ticket-assigned", ReplyKind.PUBLIC, "auto-generated", to_staff=True, reason=ASSIGNED),
    MailTemplate("comment-to-customer", ReplyKind.PUBLIC, None, to_staff=False, reason=YOURS),
    MailTemplate("comment-to-agent", ReplyKind.PUBLIC, "auto-generated", to_staff=True, reason=ASSIGNED),
    MailTemplate("note-to-agent", ReplyKind.NOTE, "auto-generated", to_staff=True, reason=INTERNAL),
    MailTemplate("ticket-reopened", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    MailTemplate("status-open", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    MailTemplate("status-in-progress", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    MailTemplate("status-resolved", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    MailTemplate("status-closed", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=YOURS),
    MailTemplate("status-to-agent", ReplyKind.PUBLIC, "auto-generated", to_staff=True, reason=ASSIGNED),
    MailTemplate("mail-too-large", ReplyKind.NONE, "auto-replied", to_staff=False, reason=YOURS),
    MailTemplate("quarantine-digest", ReplyKind.NONE, "auto-generated", to_staff=True, reason=ADMIN),
    MailTemplate("alert", ReplyKind.NONE, "auto-generated", to_staff=True, reason=ADMIN),
    MailTemplate("daily-report", ReplyKind.NONE, "auto-generated", to_staff=True, reason=ADMIN),
)
BY_TEMPLATE = {letter.template: letter for letter in MAIL_TEMPLATES}
RANK = {letter.template: rank for rank, letter in enumerate(MAIL_TEMPLATES)}

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

    letter: MailTemplate
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


Rule = Callable[[ChangeSet, Event], Iterator[Notice]]


def _notice(template: str, person: Person, event: Event) -> Notice:
    return Notice(BY_TEMPLATE[template], person, event)


def _owners(happening: ChangeSet) -> tuple[Person, ...]:
    """Who looks after the ticket: its assignee, or the admins where it has none who is staff."""
    owner = happening.ticket.assignee if happening.ticket else None
    return (owner,) if owner and owner.is_staff else happening.admins


def _all_but(person: Person | None, people: tuple[Person, ...]) -> Iterator[Person]:
    return (one for one in people if person is None or one.number != person.number)


def _ticket_opened(happening: ChangeSet, event: Event) -> Iterator[Notice]:
    customer = happening.ticket.customer if happening.ticket else None
    unanswered = happening.cause is not None and happening.cause.unanswered is not None
    if customer and not customer.is_staff and not unanswered:
        yield _notice("ticket-opened", customer, event)
    # Who wrote it knows it; who passed it on for somebody else may well be the one to answer it.
    for owner in _all_but(customer, _owners(happening)):
        yield _notice("ticket-assigned", owner, event)


def _comment_added(happening: ChangeSet, event: Event) -> Iterator[Notice]:
    author = event.said.author if event.said else None
    for owner in _all_but(author, _owners(happening)):
        yield _notice("comment-to-agent", owner, event)
    for person in _all_but(author, _audience(happening, author)):
        yield _notice("comment-to-customer", person, event)


def _audience(happening: ChangeSet, author: Person | None) -> tuple[Person, ...]:
    """Staff's words go to all who take part; somebody else's only to the customer, where staff let them be a comment.

    Whatever else a customer or a guest writes goes to nobody but staff.
    """
    if author and author.is_staff:
        return happening.participants
    accepted = happening.actor is not None and happening.actor.is_staff
    return (happening.ticket.customer,) if accepted and author and happening.ticket else ()


def _note_added(happening: ChangeSet, event: Event) -> Iterator[Notice]:
    author = event.said.author if event.said else None
    for owner in _all_but(author, _owners(happening)):
        yield _notice("note-to-agent", owner, event)


def _status_changed(happening: ChangeSet, event: Event) -> Iterator[Notice]:
    if happening.ticket is None or event.new is None:
        return
    reopened = event.old in OVER and event.new not in OVER
    template = "ticket-reopened" if reopened else f"status-{event.new.replace('_', '-')}"
    # Also where customers did it themselves: it is the receipt that their mail had this effect.
    yield _notice(template, happening.ticket.customer, event)
    for owner in _all_but(happening.actor, _owners(happening)):
        yield _notice("status-to-agent", owner, event)


def _assignee_changed(happening: ChangeSet, event: Event) -> Iterator[Notice]:
    owner = happening.ticket.assignee if happening.ticket else None
    if owner and owner.is_staff and (happening.actor is None or happening.actor.number != owner.number):
        yield _notice("ticket-assigned", owner, event)


def _ticket_changed(happening: ChangeSet, event: Event) -> Iterator[Notice]:
    match event.field:
        case Field.STATUS:
            return _status_changed(happening, event)
        case Field.ASSIGNEE:
            return _assignee_changed(happening, event)
        case _:
            return iter(())


def _to_its_person(template: str) -> Rule:
    def rule(happening: ChangeSet, event: Event) -> Iterator[Notice]:
        if event.person:
            yield _notice(template, event.person, event)

    return rule


def _to_admins(template: str) -> Rule:
    def rule(happening: ChangeSet, event: Event) -> Iterator[Notice]:
        return (_notice(template, admin, event) for admin in happening.admins)

    return rule


RULES: dict[EventKind, Rule] = {
    EventKind.TICKET_OPENED: _ticket_opened,
    EventKind.TICKET_CHANGED: _ticket_changed,
    EventKind.COMMENT_ADDED: _comment_added,
    EventKind.NOTE_ADDED: _note_added,
    EventKind.COMMAND_ANSWERED: _to_its_person("command-answer"),
    EventKind.MAIL_HELD: _to_its_person("mail-held"),
    EventKind.MAIL_UNCONFIRMED: _to_its_person("mail-unconfirmed"),
    EventKind.REPORT_DUE: _to_admins("daily-report"),
    EventKind.MAIL_TOO_LARGE: _to_its_person("mail-too-large"),
    EventKind.QUARANTINE_DIGEST: _to_admins("quarantine-digest"),
    EventKind.ALERT: _to_admins("alert"),
}


def notices(happening: ChangeSet) -> list[Notice]:
    """All mails that a happening calls for: at most one a person, the weightiest, which tells the rest in `also`.

    Only what stands apart is not put together.
    """
    apart: list[Notice] = []
    best: dict[int, Notice] = {}
    called_for = (notice for event in happening.events for notice in RULES[event.kind](happening, event))
    for notice in called_for:
        if _got_the_mail_itself(notice, happening):
            continue
        known = best.get(notice.person.number)
        if notice.letter.template in APART:
            apart.append(notice)
        elif known is None or RANK[notice.letter.template] < RANK[known.letter.template]:
            best[notice.person.number] = notice
    mails = [*(_with_also(notice, happening) for notice in best.values()), *apart]
    return [replace(notice, to_guest=_is_guest(notice.person, happening)) for notice in mails]


def _is_guest(person: Person, happening: ChangeSet) -> bool:
    """True for who takes part in somebody else's ticket and is not staff."""
    ticket = happening.ticket
    return ticket is not None and not person.is_staff and person.number != ticket.customer.number


def _got_the_mail_itself(notice: Notice, happening: ChangeSet) -> bool:
    """True where the notice would repeat a mail that its reader was sent as well."""
    if happening.cause is None or notice.letter.template not in ECHOES:
        return False
    return notice.person.email in happening.cause.recipients


def _with_also(notice: Notice, happening: ChangeSet) -> Notice:
    if happening.ticket is None or notice.letter.template == "ticket-opened":
        return notice
    others = (event for event in happening.events if event.id != notice.event.id)
    # A customer is told where the ticket stands; what it is filed under is the desk's own matter.
    shown = (event for event in others if notice.person.is_staff or event.field is Field.STATUS)
    sentences = (sentence for event in shown if (sentence := also(event, happening.ticket)))
    return replace(notice, also=tuple(dict.fromkeys(sentences)))
