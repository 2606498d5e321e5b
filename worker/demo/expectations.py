"""Whether everything arrived: the day as it was meant, compared with what the desk and the inboxes hold."""

from collections import Counter
from collections.abc import Iterator

from desk.ticket import Priority, Status
from seed.story.day import DAY, EXPECTED_REPORTS, Adds, Alters, DayMail, Opens, Passes, Reads
from worker.demo.scene import SENT, Scene

APPLIED, NOT_APPLIED = "applied", "not_applied"


def missing(scene: Scene) -> list[str]:
    """A sentence for each difference between the day as it is and as it should end; empty: everything arrived."""
    unwritten = [_why_unwritten(scene, letter) for letter in DAY if letter.word not in scene.sent]
    if unwritten:
        return [*unwritten, *_unfinished(scene)]
    return [
        *_unfinished(scene),
        *(sentence for letter in DAY for sentence in _wrong_fate(scene, letter)),
        *(sentence for letter in DAY if isinstance(letter.effect, Opens) for sentence in _wrong_ticket(scene, letter)),
        *_missing_notices(scene),
        *_surplus_notices(scene),
        *_reports_without_picture(scene),
    ]


def _why_unwritten(scene: Scene, letter: DayMail) -> str:
    who = scene.address(letter.by, letter) or f"the {letter.by} of “{letter.ticket}”"
    waits = f", for {who} has no mail “{letter.answers}” to answer" if letter.answers else ""
    return f"The mail “{letter.word}” was not written{waits}."


def _unfinished(scene: Scene) -> Iterator[str]:
    for word, sent in scene.sent.items():
        row = scene.received(word)
        if row is None:
            yield f"The desk has not seen “{sent.mail.subject}” from {sent.mail.sender}."
        elif row.fate is None:
            yield f"The desk has not decided on “{sent.mail.subject}” from {sent.mail.sender}."
    if scene.book.unannounced:
        yield f"{scene.book.unannounced} events are not announced."
    for mail in scene.book.notices:
        if mail.fate != SENT:
            fate, reason = mail.fate or "not sent", mail.reason or "it waits"
            yield f"The mail “{mail.subject}” to {mail.recipient} is {fate}: {reason}"


def _wrong_fate(scene: Scene, letter: DayMail) -> Iterator[str]:
    row = scene.received(letter.word)
    if row is None or row.fate is None:
        return
    wanted, words = (NOT_APPLIED, letter.effect.reason) if isinstance(letter.effect, Passes) else (APPLIED, "")
    if row.fate != wanted or words not in row.reason:
        yield f"The mail “{letter.word}” should be {wanted} and is {row.fate}: {row.reason}"
    ticket = None if isinstance(letter.effect, Reads) else scene.ticket(letter)
    if wanted == APPLIED and row.ticket != (ticket.number if ticket else None):
        yield f"The mail “{letter.word}” is not on the ticket that “{letter.ticket}” opened."


def _wrong_ticket(scene: Scene, letter: DayMail) -> Iterator[str]:
    ticket = scene.ticket(letter)
    if ticket is None:
        return
    wanted = _wanted_standing(letter)
    found = _standing(
        status=ticket.status,
        priority=ticket.priority,
        category=ticket.category,
        comments=ticket.comments,
        notes=ticket.notes,
        quoting=ticket.quoting,
    )
    differing = [
        f"{name} is {found[name]} and should be {value}" for name, value in wanted.items() if found[name] != value
    ]
    if differing:
        yield f"SD-{ticket.number} “{ticket.title}”: {', '.join(differing)}."


def _wanted_standing(letter: DayMail) -> dict[str, object]:
    """What a ticket should be like when all letters about it have had their effect."""
    assert isinstance(letter.effect, Opens)
    status, priority = Status.OPEN, letter.effect.priority
    written: Counter[bool] = Counter()
    for effect in (other.effect for other in DAY if other.ticket == letter.word):
        if isinstance(effect, Adds | Alters):
            status, priority = effect.status or status, effect.priority or priority
        if isinstance(effect, Adds):
            written[effect.note] += 1
    return _standing(
        status=status,
        priority=priority,
        category=letter.effect.category,
        comments=written[False],
        notes=written[True],
        quoting=0,
    )


def _standing(
    *, status: Status, priority: Priority, category: str, comments: int, notes: int, quoting: int
) -> dict[str, object]:
    return {
        "the status": status.value,
        "the priority": priority.value,
        "the category": str(category),
        "the number of comments": comments,
        "the number of notes": notes,
        "the number of comments with quoted lines": quoting,
    }


# A mail of the desk as (address, template, number of its ticket).
Notice = tuple[str | None, str, int | None]


def _wanted_notices(scene: Scene) -> Counter[Notice]:
    """Each mail that should lie in an inbox."""
    wanted: Counter[Notice] = Counter((address, template, None) for address, template in EXPECTED_REPORTS)
    for letter in DAY:
        ticket = None if isinstance(letter.effect, Reads) else scene.ticket(letter)
        number = ticket.number if ticket else None
        wanted.update((scene.address(role, letter), template, number) for role, template in letter.notices)
    return wanted


def _arrived_notices(scene: Scene) -> Counter[Notice]:
    """Each mail of the desk that lies in its recipient's inbox."""
    there = (mail for mail in scene.book.notices if scene.delivered(mail))
    return Counter((mail.recipient, mail.template, mail.ticket) for mail in there)


def _missing_notices(scene: Scene) -> Iterator[str]:
    for (address, template, ticket), count in (_wanted_notices(scene) - _arrived_notices(scene)).items():
        yield f"{_mails(count, template, ticket)} not in the inbox of {address}."


def _surplus_notices(scene: Scene) -> Iterator[str]:
    for (address, template, ticket), count in (_arrived_notices(scene) - _wanted_notices(scene)).items():
        yield f"{_mails(count, template, ticket)} in the inbox of {address} and should not be."
    ours = {mail.message_id for mail in scene.book.notices}
    for inbox in scene.inboxes.values():
        strange = sum(mail.message_id not in ours for mail in inbox.mails)
        if strange:
            yield f"The inbox of {inbox.address} holds {strange} mails that the outbox does not know."


def _mails(count: int, template: str, ticket: int | None) -> str:
    about = f" about SD-{ticket}" if ticket else ""
    return f"{count} mails “{template}”{about} are" if count > 1 else f"The mail “{template}”{about} is"


def _reports_without_picture(scene: Scene) -> Iterator[str]:
    reports = {template for _, template in EXPECTED_REPORTS}
    for mail in scene.book.notices:
        found = scene.delivered(mail) if mail.template in reports else None
        if found and not found.has_picture:
            yield f"The report in the inbox of {mail.recipient} came without its picture."


def counts(scene: Scene) -> dict[str, int]:
    """The day in numbers, counted where the mails and rows lie."""
    reports = {template for _, template in EXPECTED_REPORTS}
    there = [mail for mail in scene.book.notices if scene.delivered(mail)]
    return {
        "mails_written": len(scene.sent),
        "mails_received": len(scene.book.mails),
        "tickets": len(scene.book.tickets),
        "comments": sum(ticket.comments for ticket in scene.book.tickets),
        "notes": sum(ticket.notes for ticket in scene.book.tickets),
        "notices_sent": sum(mail.fate == SENT for mail in scene.book.notices),
        "notices_in_inboxes": len(there),
        "inboxes_checked": len(scene.inboxes),
        "reports": sum(mail.template in reports for mail in there),
    }
