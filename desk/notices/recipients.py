"""Who is told what: the events of one transaction on a ticket become at most one mail for each person."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from desk.notices import labels
from desk.notices.audience import ENDED, all_but, audience, ends_wait, has_words, keeps_from_customer, owners, workers
from desk.notices.events import ChangeSet, Event, EventKind, Field
from desk.notices.labels import change_sentence
from desk.ticket import Person, noun_for
from desk.tokens import ReplyKind
from mail.outbound.catalogue import Said, said


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A mail of the template folder: `kind` is what an answer to it becomes.

    `auto_submitted` is the value of Auto-Submitted (RFC 3834, section 5), None for what a person wrote. `to_staff`
    mails go only to people who are staff at that moment. `reason` is the sentence that tells why one gets this mail.
    """

    name: str
    kind: ReplyKind
    auto_submitted: str | None
    to_staff: bool
    reason: Said


TO_OWNER = "alert-to-owner"  # its reader need not be staff
# Where one person would get several of these for one transaction, the uppermost is sent.
MAIL_TEMPLATES: tuple[MailTemplate, ...] = (
    MailTemplate(
        "mail-unconfirmed", ReplyKind.CONFIRM, "auto-replied", to_staff=True, reason=labels.UNDER_YOUR_ADDRESS
    ),
    MailTemplate("mail-held", ReplyKind.NONE, "auto-replied", to_staff=True, reason=labels.CAME),
    MailTemplate("answer-waits", ReplyKind.WAITING, "auto-replied", to_staff=True, reason=labels.WAITS),
    MailTemplate("answer-draft", ReplyKind.PUBLIC, "auto-replied", to_staff=True, reason=labels.CARRIED_OUT),
    MailTemplate("command-answer", ReplyKind.NOTE, "auto-replied", to_staff=False, reason=labels.INTERNAL),
    MailTemplate("ticket-opened", ReplyKind.PUBLIC, "auto-replied", to_staff=False, reason=labels.OPENED),
    MailTemplate("ticket-assigned", ReplyKind.PUBLIC, "auto-generated", to_staff=True, reason=labels.ASSIGNED),
    MailTemplate("mail-done", ReplyKind.PUBLIC, "auto-replied", to_staff=True, reason=labels.CARRIED_OUT),
    MailTemplate("ticket-unassigned", ReplyKind.NOTE, "auto-generated", to_staff=True, reason=labels.WAS_YOURS),
    MailTemplate("comment-to-customer", ReplyKind.PUBLIC, None, to_staff=False, reason=labels.YOURS),
    MailTemplate("comment-to-agent", ReplyKind.PUBLIC, "auto-generated", to_staff=True, reason=labels.ASSIGNED),
    MailTemplate("note-to-agent", ReplyKind.NOTE, "auto-generated", to_staff=True, reason=labels.INTERNAL),
    MailTemplate("ticket-reopened", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=labels.YOURS),
    MailTemplate("status-open", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=labels.YOURS),
    MailTemplate("status-in-progress", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=labels.YOURS),
    MailTemplate("status-resolved", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=labels.YOURS),
    MailTemplate("status-closed", ReplyKind.PUBLIC, "auto-generated", to_staff=False, reason=labels.YOURS),
    MailTemplate("status-to-agent", ReplyKind.PUBLIC, "auto-generated", to_staff=True, reason=labels.ASSIGNED),
    MailTemplate("mail-too-large", ReplyKind.NONE, "auto-replied", to_staff=False, reason=labels.CAME),
    MailTemplate("quarantine-digest", ReplyKind.NONE, "auto-generated", to_staff=True, reason=labels.ADMIN),
    MailTemplate(TO_OWNER, ReplyKind.NONE, "auto-generated", to_staff=False, reason=labels.OWNER),
    MailTemplate("alert", ReplyKind.NONE, "auto-generated", to_staff=True, reason=labels.ADMIN),
    MailTemplate("daily-report", ReplyKind.NONE, "auto-generated", to_staff=True, reason=labels.ADMIN),
)
BY_TEMPLATE = {template.name: template for template in MAIL_TEMPLATES}
RANK = {template.name: rank for rank, template in enumerate(MAIL_TEMPLATES)}

# These tell admins of the desk and not of a ticket: none of them can tell the news of another, so each is sent.
NEVER_COMBINED = frozenset({"quarantine-digest", "alert", TO_OWNER, "daily-report"})

# These repeat the mail that caused them, so nobody who got that mail as well is told again.
REPEAT_THE_MAIL = frozenset({"comment-to-customer", "comment-to-agent", "note-to-agent"})


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to write: the template, the recipient, the event, and in `also` a sentence for each other change.

    `takes_part` says that the recipient is not the ticket's customer; such a one who is not staff is a guest.
    `stands_in` says that the ticket has no owner who is staff, so that the recipient gets it as an admin, `watches`
    that they asked for the news of a ticket that is not theirs.
    """

    template: MailTemplate
    person: Person
    event: Event
    also: tuple[Said, ...] = ()
    takes_part: bool = False
    stands_in: bool = False
    watches: bool = False

    @property
    def to_guest(self) -> bool:
        """True for somebody who takes part in another's ticket and is not staff."""
        return self.takes_part and not self.person.is_staff

    @property
    def reason(self) -> Said:
        """The sentence why this person gets it; the template's own is for staff, mails to staff and the owner."""
        if self.watches and self.template.reason in (labels.ASSIGNED, labels.INTERNAL) and self.event.outcomes == ():
            return labels.WATCHES if self.template.reason == labels.ASSIGNED else labels.WATCHES_INSIDE
        if self.stands_in and self.template.reason == labels.ASSIGNED:
            return labels.NO_OWNER
        if self.person.is_staff and self.takes_part and self.template.reason == labels.YOURS:
            return labels.TAKES_PART
        is_own = self.template.reason in (labels.OWNER, labels.OPENED, labels.CAME)
        if is_own or self.template.to_staff or self.person.is_staff:
            return self.template.reason
        return labels.GUESTS if self.to_guest else labels.YOURS


Rule = Callable[[ChangeSet, Event], Iterator[Notice]]


def _notice(template: str, person: Person, event: Event) -> Notice:
    return Notice(BY_TEMPLATE[template], person, event)


def _ticket_opened(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    if change_set.cause is None and change_set.ticket and change_set.ticket.status in ENDED:
        # Another program keeps a record of what is over, as an import does; no mail opens a ticket that is.
        return
    customer = change_set.ticket.customer if change_set.ticket else None
    unanswered = change_set.cause is not None and change_set.cause.unanswered is not None
    if customer and not customer.is_staff and not unanswered:
        yield _notice("ticket-opened", customer, event)
    # The customer knows it already; the member of staff who passed it on may well be the one to answer it.
    for owner in all_but(customer, owners(change_set)):
        yield _notice("ticket-assigned", owner, event)


def _comment_added(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    # It was deleted, or its author with it, before anybody was told; or other programs let it be nothing but spaces.
    if event.remark is None or not has_words(event.remark.text):
        return
    author = event.remark.author
    for owner in all_but(author, workers(change_set)):
        yield _notice("comment-to-agent", owner, event)
    for person in all_but(author, audience(change_set, author)):
        yield _notice("comment-to-customer", person, event)


def _note_added(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    if event.remark is None:
        return
    # All who took part internally go on to hear what colleagues write there.
    for one in all_but(event.remark.author, (*workers(change_set), *event.colleagues)):
        yield _notice("note-to-agent", one, event)


def _status_changed(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    # A step that the web application has added beside one of ours is no news, and has no mail.
    if change_set.ticket is None or event.new is None or event.new == event.old:
        return
    reopened = event.old in ENDED and event.new not in ENDED
    template = "ticket-reopened" if reopened else f"status-{event.new.replace('_', '-')}"
    # Also where customers changed it themselves: it is the receipt that their mail had this effect.
    yield _notice(template, change_set.ticket.customer, event)
    for owner in all_but(change_set.actor, workers(change_set)):
        yield _notice("status-to-agent", owner, event)


def _assignee_changed(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    owner = change_set.ticket.assignee if change_set.ticket else None
    if event.former and event.former.is_staff and event.former not in (owner, change_set.actor):
        yield _notice("ticket-unassigned", event.former, event)
    if owner and not owner.is_staff:
        # Whoever did it, and be it an admin, took somebody for staff who gets no mail about it.
        sentence = said("labels.not_staff", email=owner.email)
        yield from (replace(_notice("status-to-agent", admin, event), also=(sentence,)) for admin in change_set.admins)
    elif owner and (change_set.actor is None or change_set.actor.number != owner.number):
        yield _notice("ticket-assigned", owner, event)


def _words_changed(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    """A title or description that another program changed; no mail changes one, and a new ticket is told whole."""
    if change_set.cause is None and all(one.kind is not EventKind.TICKET_OPENED for one in change_set.events):
        yield from (_notice("status-to-agent", one, event) for one in all_but(change_set.actor, owners(change_set)))


def _ticket_changed(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    match event.field:
        case Field.STATUS:
            return _status_changed(change_set, event)
        case Field.ASSIGNEE:
            return _assignee_changed(change_set, event)
        case Field.TITLE | Field.DESCRIPTION:
            return _words_changed(change_set, event)
        case _:
            return iter(())


def _wait_over(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    if change_set.ticket and change_set.ticket.status not in ENDED:
        yield from (_notice("status-to-agent", one, event) for one in owners(change_set))


def _customer_told(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    if change_set.ticket:
        yield _notice("ticket-opened", change_set.ticket.customer, event)


def _to_its_person(template: str) -> Rule:
    def rule(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
        if event.person and event.draft:
            yield _notice("answer-draft", event.person, change_set.with_outcomes(event))
        elif event.person:
            yield _notice("mail-done" if event.receipt and event.receipt.public else template, event.person, event)

    return rule


def _to_admins(template: str) -> Rule:
    def rule(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
        return (_notice(template, admin, event) for admin in change_set.admins)

    return rule


def _alert(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    """An alert goes to its person, who is the owner of a desk without staff, or else to the admins."""
    return (_to_its_person(TO_OWNER) if event.person else _to_admins("alert"))(change_set, event)


def _report(change_set: ChangeSet, event: Event) -> Iterator[Notice]:
    readers = change_set.admins if event.person is None else (event.person,) if event.person.is_admin else ()
    return (_notice("daily-report", one, event) for one in readers)


RULES: dict[EventKind, Rule] = {
    EventKind.TICKET_OPENED: _ticket_opened,
    EventKind.TICKET_CHANGED: _ticket_changed,
    EventKind.COMMENT_ADDED: _comment_added,
    EventKind.NOTE_ADDED: _note_added,
    EventKind.COMMAND_ANSWERED: _to_its_person("command-answer"),
    EventKind.MAIL_HELD: _to_its_person("mail-held"),
    EventKind.ANSWER_WAITS: _to_its_person("answer-waits"),
    EventKind.MAIL_UNCONFIRMED: _to_its_person("mail-unconfirmed"),
    EventKind.REPORT_DUE: _report,
    EventKind.MAIL_TOO_LARGE: _to_its_person("mail-too-large"),
    EventKind.QUARANTINE_DIGEST: _to_admins("quarantine-digest"),
    EventKind.ALERT: _alert,
    EventKind.WAIT_OVER: _wait_over,
    EventKind.CUSTOMER_TOLD: _customer_told,
}


def notices(change_set: ChangeSet) -> list[Notice]:
    """All mails of a change set: one of the highest rank for each person, with other changes, then NEVER_COMBINED."""
    separate: list[Notice] = []
    by_person: dict[int, Notice] = {}
    silent = keeps_from_customer(change_set)
    candidates = (notice for event in change_set.events for notice in RULES[event.kind](change_set, event))
    for notice in candidates:
        if (
            notice.person.is_nobody
            or _got_the_mail_itself(notice, change_set)
            or (silent and not notice.person.is_staff)
        ):
            continue
        best = by_person.get(notice.person.number)
        if notice.template.name in NEVER_COMBINED:
            separate.append(notice)
        elif best is None or RANK[notice.template.name] < RANK[best.template.name]:
            by_person[notice.person.number] = notice
    mails = [*(_with_also(notice, change_set) for notice in by_person.values()), *separate]
    ticket = change_set.ticket
    if ticket is None:
        return mails
    customer, stands_in = ticket.customer.number, not (ticket.assignee and ticket.assignee.is_staff)
    watchers = {one.number for one in workers(change_set)} - {one.number for one in owners(change_set)}
    return [
        replace(
            one,
            takes_part=one.person.number != customer,
            stands_in=stands_in,
            watches=one.person.number in watchers,
        )
        for one in mails
    ]


def _got_the_mail_itself(notice: Notice, change_set: ChangeSet) -> bool:
    """True where the notice would repeat a mail that its recipient got as well, by the word of staff.

    Anybody else could name an agent in To, or send this one mail to us alone, and the agent would never hear of it
    (docs/security.md#what-goes-out).
    """
    if change_set.cause is None or not change_set.cause.has_power or notice.template.name not in REPEAT_THE_MAIL:
        return False
    return notice.person.email in change_set.cause.recipients


def _with_also(notice: Notice, change_set: ChangeSet) -> Notice:
    if change_set.ticket is None or notice.template.name == "ticket-opened":
        return notice
    others = (event for event in change_set.events if event.id != notice.event.id)
    # Customers are told the status; priority, category and the rest are the desk's own matter.
    relevant = (event for event in others if notice.person.is_staff or event.field is Field.STATUS)
    waited = change_set.ticket.waits_until if ends_wait(change_set) and notice.person.is_staff else None
    also = (*notice.also, *((said("labels.waits_no_more", time=waited),) if waited else ()))
    if change_set.ticket.untold and notice.template.name == "ticket-assigned":
        also = (*also, said("labels.untold"))
    noun = noun_for(notice.person)
    sentences = (sentence for event in relevant if (sentence := change_sentence(event, change_set.ticket, noun)))
    return replace(notice, also=tuple(dict.fromkeys((*also, *sentences))))
