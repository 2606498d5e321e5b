"""Absences of colleagues, of which an admin tells."""

from desk.commands.each.away import AwayFor
from desk.ticket import Person, Ticket
from models.people.roster import read_absence, set_absence
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def set_absence_of(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: AwayFor) -> Deed:
    """Record until when a colleague is away, in place of what was recorded before, whoever said that."""
    was = read_absence(transaction.session, effect.person)
    set_absence(transaction.session, effect.person, effect.away)
    before = {"was": was.isoformat() if was else None, "is": effect.away.until.isoformat()}
    return Deed(before={**before, "who": effect.person, "name": effect.name})
