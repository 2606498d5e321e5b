"""What a reading command asks for; it is read when its answer is written, as its reader may see it by then."""

from dataclasses import dataclass
from enum import StrEnum

# The lists and conversations of a mail; the pages of what is longer come by `#more`.
ROWS = 20


class View(StrEnum):
    """What is shown."""

    LIST = "list"
    SHOW = "show"
    SEARCH = "search"
    HISTORY = "history"
    QUARANTINE = "quarantine"
    QUARANTINED = "quarantined"


# These are about no tickets.
OF_QUARANTINE = frozenset({View.QUARANTINE, View.QUARANTINED})


class Scope(StrEnum):
    """Which tickets a list holds, of those that its reader may see at all.

    All but `all` leave out what is over. `waiting` are those on which nobody of staff wrote the last word, `owned`
    those of one person of staff.
    """

    MINE = "mine"
    OPEN = "open"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    OWNED = "owned"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: `person` is the owner of an `owned` list by number, `ticket` the one to show.

    `mail` is the one in quarantine. `words` are looked for, as they were written. Behind `after` it goes on, empty for
    the beginning: what that means is the business of who reads it.
    """

    view: View
    scope: Scope | None = None
    person: int | None = None
    ticket: int | None = None
    words: str = ""
    after: str = ""
    mail: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What a mail of ours showed: these tickets by number, in order, and how it goes on; None where that was all.

    `mails` are those in quarantine that it showed. `is_old` says that the right that the mail gave has ended.
    """

    tickets: tuple[int, ...] = ()
    more: Ask | None = None
    is_old: bool = False
    mails: tuple[int, ...] = ()
