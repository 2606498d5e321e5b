"""The archived tickets in which a person is named; to be forgotten there, they come back first."""

from sqlalchemy.orm import Session

from models.db.clock import read_now
from models.db.statement import Statement
from models.removal.archive.restore import NotArchived, restore
from models.removal.privacy.find import DataSubject

_OF_PERSON = Statement("""
SELECT number FROM mail.archive
WHERE people && CAST(:numbers AS bigint[]) OR addresses && CAST(:addresses AS text[]) ORDER BY number
""")


def restore_of_subject(session: Session, person: DataSubject) -> tuple[int, ...]:
    """Bring back all archived tickets in which somebody is named, by number or by address; their numbers.

    They stay, and are archived again when they may. Raises models.removal.archive.restore.CannotRestore, and then the
    transaction must be rolled back.
    """
    values = {"numbers": list(person.numbers), "addresses": list(person.addresses)}
    back: set[int] = set()
    for row in _OF_PERSON.rows(session, values):
        if row.number in back:
            continue
        try:
            back.update(restore(session, row.number, read_now(session)).numbers)
        except NotArchived:
            # Somebody else brought it back meanwhile.
            continue
    return tuple(sorted(back))
