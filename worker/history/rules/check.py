"""The routing rules of a settings file, checked by themselves and against the staff list."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from desk.routing.reach import Colleague, Fault, RuleFinding, find_faults, find_nobody
from desk.routing.rules import compile_rules
from models.db.clock import read_clock
from models.people.roster import read_absences
from models.people.staff import list_staff
from worker.settings.origins.rules import RuleFile

DEFAULT = "[routing] default"


@dataclass(frozen=True, slots=True)
class NamedFault:
    """Something wrong with a rule, with the file and the line of its table; `line` is None where that is not known."""

    file: str
    line: int | None
    rule: str
    fault: Fault
    sentence: str


def check_conditions(file: RuleFile) -> list[NamedFault]:
    """The rules that cannot be read, never match, or have no effect, in the order of their lines."""
    unreadable = [
        NamedFault(str(file.file), one.line, one.name, Fault.UNREADABLE, one.sentence) for one in file.unusable
    ]
    book = compile_rules(file.settings.rule)
    found = find_faults(book, (box.name for box in file.settings.mailbox))
    return in_order([*unreadable, *(_named(file, one) for one in found)])


def check_people(session: Session, file: RuleFile) -> list[NamedFault]:
    """The rules that name people who are not staff, or assign to nobody; the default counts where the file names it."""
    absences = read_absences(session)
    staff = [Colleague(one.email, one.role, one.in_force, absences.get(one.number)) for one in list_staff(session)]
    default = file.settings.routing.default if file.default_line else None
    found = find_nobody(file.settings.rule, default, staff, read_clock(session))
    return in_order([_named(file, one) for one in found])


def in_order(faults: list[NamedFault]) -> list[NamedFault]:
    """The same by their lines; what has none comes last."""
    return sorted(faults, key=lambda one: (one.line is None, one.line or 0))


def _named(file: RuleFile, found: RuleFinding) -> NamedFault:
    if found.place is None:
        return NamedFault(str(file.file), file.default_line, DEFAULT, found.fault, found.sentence)
    name, line = file.settings.rule[found.place].name, file.lines[found.place]
    return NamedFault(str(file.file), line, name, found.fault, found.sentence)
