"""What waits to be indexed, and how far the index reaches: who writes it goes on where the last one stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from models.db.statement import Statement
from models.reports.search.fill import index_people, index_tickets

# So many rows are indexed in a transaction. A person's is short.
TICKETS_AT_ONCE: Final = 100
PEOPLE_AT_ONCE: Final = 1000

_REACH = Statement("SELECT tickets_from, people_from, languages FROM mail.search_reach")
_HOLD = Statement("SELECT tickets_from, people_from, languages FROM mail.search_reach FOR UPDATE")
_TRY_TO_HOLD = Statement("SELECT tickets_from, people_from, languages FROM mail.search_reach FOR UPDATE SKIP LOCKED")
_BEGIN = Statement("""
UPDATE mail.search_reach SET begun_at = now(), languages = CAST(:languages AS text[]),
    tickets_from = coalesce((SELECT max(number) + 1 FROM mail.ticket), 0),
    people_from = coalesce((SELECT max(number) + 1 FROM mail.person), 0)
""")
_SET = Statement("UPDATE mail.search_reach SET tickets_from = :tickets_from, people_from = :people_from")
_TAKE_DUE = Statement("""
DELETE FROM mail.search_due WHERE id = ANY(ARRAY(SELECT id FROM mail.search_due ORDER BY id LIMIT :most))
RETURNING ticket_number, person_number
""")
_NEXT_TICKETS = Statement("""
SELECT number FROM mail.ticket WHERE number < :below ORDER BY number DESC LIMIT :most
""")
_NEXT_PEOPLE = Statement("""
SELECT number FROM mail.person WHERE number < :below ORDER BY number DESC LIMIT :most
""")
_TAKE_OUT_DUE: Final = (
    Statement("DELETE FROM mail.search s USING mail.search_due d WHERE d.ticket_number = s.number"),
    Statement("DELETE FROM mail.search_person s USING mail.search_due d WHERE d.person_number = s.number"),
)
_COUNT_BELOW = Statement("SELECT count(*) AS tickets FROM mail.ticket WHERE number < :below")
_COUNT_DUE = Statement("SELECT EXISTS (SELECT FROM mail.search_due) AS waits")


@dataclass(frozen=True, slots=True)
class Reach:
    """From which number of tickets and of people on the index holds them, in which languages of PostgreSQL."""

    tickets_from: int
    people_from: int
    languages: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """True where no ticket is missing but what changed just now."""
        return not self.tickets_from and not self.people_from


def read_reach(session: Session) -> Reach:
    """How far the index reaches."""
    return _reach(_REACH.one(session))


def hold_index(session: Session, *, wait: bool = True) -> Reach | None:
    """Let nobody else write the index until this transaction ends; None where somebody does and we do not `wait`."""
    row = (_HOLD if wait else _TRY_TO_HOLD).one(session)
    return _reach(row) if row else None


def begin_anew(session: Session, languages: Sequence[str]) -> None:
    """Let all tickets and people be indexed once more, from the newest on; the caller holds the index.

    What is indexed stays, and is found until it is written anew.
    """
    _BEGIN.write(session, {"languages": list(languages)})


def index_due(session: Session, reach: Reach, most: int = 0) -> int:
    """Index what was changed, a hundred changes at most; how many there were. The caller holds the index.

    Of each ticket `most` characters are read, 0 for as many as surely fit. Raises TooMuchText.
    """
    rows = _TAKE_DUE.rows(session, {"most": TICKETS_AT_ONCE})
    if tickets := [row.ticket_number for row in rows if row.ticket_number is not None]:
        index_tickets(session, tickets, reach.languages, most)
    if people := [row.person_number for row in rows if row.person_number is not None]:
        index_people(session, people)
    return len(rows)


def count_missing(session: Session) -> int:
    """How many tickets the index does not reach yet."""
    return int(_COUNT_BELOW.one(session, {"below": read_reach(session).tickets_from}).tickets)


def take_out_changed(session: Session) -> None:
    """Take out of the index what was changed, in this transaction too, until it is indexed as it is now."""
    hold_index(session)
    for statement in _TAKE_OUT_DUE:
        statement.rows(session)


def is_waiting(session: Session) -> bool:
    """True where something was changed that is not indexed yet."""
    return bool(_COUNT_DUE.one(session).waits)


def index_further(session: Session, reach: Reach, most: int = 0) -> Reach:
    """Index the next people, or the next hundred tickets, below those that are; how far it reaches then.

    The caller holds the index. For `most`, and what is raised, see `index_due`.
    """
    if reach.people_from:
        people = [row.number for row in _NEXT_PEOPLE.rows(session, _below(reach.people_from, PEOPLE_AT_ONCE))]
        index_people(session, people)
        further = Reach(reach.tickets_from, _lowest(people, PEOPLE_AT_ONCE), reach.languages)
    else:
        tickets = [row.number for row in _NEXT_TICKETS.rows(session, _below(reach.tickets_from, TICKETS_AT_ONCE))]
        index_tickets(session, tickets, reach.languages, most)
        further = Reach(_lowest(tickets, TICKETS_AT_ONCE), 0, reach.languages)
    _SET.write(session, {"tickets_from": further.tickets_from, "people_from": further.people_from})
    return further


def _below(number: int, most: int) -> dict[str, int]:
    return {"below": number, "most": most}


def _lowest(numbers: Sequence[int], most: int) -> int:
    """The number from which on all are indexed now; 0 where there were no more."""
    return numbers[-1] if len(numbers) == most else 0


def _reach(row: Any) -> Reach:
    return Reach(row.tickets_from, row.people_from, tuple(row.languages))
