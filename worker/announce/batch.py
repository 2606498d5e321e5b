"""Which groups of events are announced in one transaction: none may change what the gate says of the next."""

from collections.abc import Iterable

from desk.gate.caps import fold
from desk.notices.events import EventKind
from worker.announce.write import Told

Ids = tuple[int, ...]
Groups = tuple[Ids, ...]

ABOUT_TICKETS = frozenset(
    {EventKind.TICKET_OPENED, EventKind.TICKET_CHANGED, EventKind.COMMENT_ADDED, EventKind.NOTE_ADDED}
)
# Of these kinds are the events that can be announced together with those of other tickets.
TOGETHER = ABOUT_TICKETS | {EventKind.COMMAND_ANSWERED}


def choose_together(found: Iterable[tuple[Ids, list[Told] | None]]) -> tuple[list[Ids], list[Told]]:
    """The groups that can be announced at once, and their mails; None as mails: it has to be announced alone.

    There is one of them for each ticket at most, since the mails of the next go on from its own. Whoever is not staff,
    or whose own mail is answered, gets one mail at most, for whether they get the next depends on it. Of news for staff
    only the number counts.
    """
    together, told, met = list[Ids](), list[Told](), set[str | int | None]()
    for group, mails in found:
        people = [one.notice.person for one in mails or () if not one.notice.person.is_staff or one.mailing.replies]
        once = [*(fold(person.email) for person in people), *{one.ticket for one in mails or ()}]
        waits = len(set(once)) < len(once) or not met.isdisjoint(once)
        # Also where it has to wait: what comes after it on its ticket, or to its people, must not overtake it.
        met.update(once)
        if mails is None or waits:
            continue
        together.append(group)
        told += mails
    return together, told
