"""Whether everything arrived: the day as it was meant, compared with what the desk and the inboxes hold."""

from collections import Counter
from collections.abc import Iterator

from desk.ticket import Priority, Status
from models.daybook import Filed
from seed.day import DAY, REPORTED, Adds, Letter, Opens, Passes, Told
from worker.demo.scene import SENT, Scene

APPLIED, NOT_APPLIED = "applied", "not_applied"


def missing(scene: Scene) -> list[str]:
    """A sentence for everything that is not as the day wants it in the end; empty: everything arrived."""
    unwritten = [_unwritten(scene, letter) for letter in DAY if letter.word not in scene.sent]
    if unwritten:
        return [*unwritten, *_undecided(scene)]
    return [
        *_undecided(scene),
        *(sentence for letter in DAY for sentence in _fate(scene, letter)),
        *(sentence for letter in DAY if isinstance(letter.effect, Opens) for sentence in _ticket(scene, letter)),
        *_untold(scene),
        *_unforeseen(scene),
        *_pictureless(scene),
    ]


def _unwritten(scene: Scene, letter: Letter) -> str:
    who = scene.address(letter.by, letter) or f"the {letter.by} of “{letter.ticket}”"
    waits = f", for {who} has no mail “{letter.answers}” to answer" if letter.answers else ""
    return f"The mail “{letter.word}” was not written{waits}."


def _undecided(scene: Scene) -> Iterator[str]:
    for word, sent in scene.sent.items():
        row = scene.received(word)
        if row is None:
            yield f"The desk has not seen “{sent.mail.subject}” from {sent.mail.sender}."
        elif row.fate is None:
            yield f"The desk has not decided on “{sent.mail.subject}” from {sent.mail.sender}."
    if scene.book.unannounced:
        yield f"{scene.book.unannounced} events are not announced."
    for mail in scene.book.posted:
        if mail.fate != SENT:
            fate, reason = mail.fate or "not sent", mail.reason or "it waits"
            yield f"The mail “{mail.subject}” to {mail.recipient} is {fate}: {reason}"


def _fate(scene: Scene, letter: Letter) -> Iterator[str]:
    row = scene.received(letter.word)
    if row is None or row.fate is None:
        return
    wanted, words = (NOT_APPLIED, letter.effect.reason) if isinstance(letter.effect, Passes) else (APPLIED, "")
    if row.fate != wanted or words not in row.reason:
        yield f"The mail “{letter.word}” should be {wanted} and is {row.fate}: {row.reason}"
    ticket = scene.ticket(letter)
    if wanted == APPLIED and (ticket is None or row.ticket != ticket.number):
        yield f"The mail “{letter.word}” is not on the ticket that “{letter.ticket}” opened."


def _ticket(scene: Scene, letter: Letter) -> Iterator[str]:
    ticket = scene.ticket(letter)
    if ticket is None:
        return
    wanted, found = _meant(letter), _as_it_is(ticket)
    differing = [
        f"{name} is {found[name]} and should be {value}" for name, value in wanted.items() if found[name] != value
    ]
    if differing:
        yield f"SD-{ticket.number} “{ticket.title}”: {', '.join(differing)}."


def _meant(letter: Letter) -> dict[str, object]:
    """How a ticket should stand when all letters about it have had their effect."""
    assert isinstance(letter.effect, Opens)
    status, priority = Status.OPEN, letter.effect.priority
    written: Counter[bool] = Counter()
    for effect in (other.effect for other in DAY if other.ticket == letter.word):
        if isinstance(effect, Adds):
            status, priority = effect.status or status, effect.priority or priority
            written[effect.note] += 1
    return _standing(status, priority, letter.effect.category, (written[False], written[True], 0))


def _as_it_is(ticket: Filed) -> dict[str, object]:
    return _standing(ticket.status, ticket.priority, ticket.category, (ticket.comments, ticket.notes, ticket.quoting))


def _standing(status: Status, priority: Priority, category: str, written: tuple[int, int, int]) -> dict[str, object]:
    return {
        "the status": status.value,
        "the priority": priority.value,
        "the category": str(category),
        "the number of comments": written[0],
        "the number of notes": written[1],
        "the number of comments with quoted lines": written[2],
    }


Notice = tuple[str | None, str, int | None]


def _wanted(scene: Scene) -> Counter[Notice]:
    """Each mail that should lie in an inbox, as (address, template, ticket's number)."""
    told: list[tuple[Letter | None, Told]] = [(letter, one) for letter in DAY for one in letter.told]
    told += [(None, one) for one in REPORTED]
    return Counter(_notice(scene, letter, one) for letter, one in told)


def _notice(scene: Scene, letter: Letter | None, told: Told) -> Notice:
    if letter is None:
        return told[0], told[1], None
    ticket = scene.ticket(letter)
    return scene.address(told[0], letter), told[1], ticket.number if ticket else None


def _arrived(scene: Scene) -> Counter[Notice]:
    """Each mail of the desk that lies in its recipient's inbox."""
    there = (mail for mail in scene.book.posted if scene.delivered(mail))
    return Counter((mail.recipient, mail.template, mail.ticket) for mail in there)


def _untold(scene: Scene) -> Iterator[str]:
    for (address, template, ticket), count in (_wanted(scene) - _arrived(scene)).items():
        yield f"{_mails(count, template, ticket)} not in the inbox of {address}."


def _unforeseen(scene: Scene) -> Iterator[str]:
    for (address, template, ticket), count in (_arrived(scene) - _wanted(scene)).items():
        yield f"{_mails(count, template, ticket)} in the inbox of {address} and should not be."
    ours = {mail.message_id for mail in scene.book.posted}
    for inbox in scene.inboxes.values():
        strange = sum(mail.message_id not in ours for mail in inbox.mails)
        if strange:
            yield f"The inbox of {inbox.address} holds {strange} mails that the outbox does not know."


def _mails(count: int, template: str, ticket: int | None) -> str:
    about = f" about SD-{ticket}" if ticket else ""
    return f"{count} mails “{template}”{about} are" if count > 1 else f"The mail “{template}”{about} is"


def _pictureless(scene: Scene) -> Iterator[str]:
    reports = {template for _, template in REPORTED}
    for mail in scene.book.posted:
        found = scene.delivered(mail) if mail.template in reports else None
        if found and not found.has_picture:
            yield f"The report in the inbox of {mail.recipient} came without its picture."


def counts(scene: Scene) -> dict[str, int]:
    """The day in numbers, counted where the mails and rows lie."""
    mine = [one for one in scene.sent.values() if isinstance(one.letter.effect, Opens | Adds | Passes)]
    reports = {template for _, template in REPORTED}
    there = [mail for mail in scene.book.posted if scene.delivered(mail)]
    return {
        "mails_written": len(mine),
        "mails_received": len(scene.book.received),
        "tickets": len(scene.book.filed),
        "comments": sum(ticket.comments for ticket in scene.book.filed),
        "notes": sum(ticket.notes for ticket in scene.book.filed),
        "notices_sent": sum(mail.fate == SENT for mail in scene.book.posted),
        "notices_in_inboxes": len(there),
        "inboxes_checked": len(scene.inboxes),
        "reports": sum(mail.template in reports for mail in there),
    }
