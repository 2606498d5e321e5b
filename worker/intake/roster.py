"""The staff as routing sees them, read once for the mails of one claim and kept true as they are given tickets."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from desk.commands.obey import Changes
from desk.intake.decision import Act, Decision, OpenTicket, Personal
from desk.routing.route import Candidate
from models.people.roster import candidates


class Roster:
    """Who may get a ticket, and how much each has; what other workers give meanwhile is seen with the next claim."""

    def __init__(self) -> None:
        self._staff: tuple[Candidate, ...] | None = None

    def read(self, session: Session, now: datetime) -> tuple[Candidate, ...]:
        """Everybody, asked of the database at first use and where something changed."""
        if self._staff is None:
            self._staff = candidates(session, now)
        return self._staff

    def learn(self, decision: Decision, now: datetime) -> None:
        """Take in what a mail brought about, once it is committed."""
        if isinstance(decision, OpenTicket):
            given = decision.owner.number
            self._staff = (
                tuple(
                    replace(one, open_tickets=one.open_tickets + 1, last_assigned_at=now)
                    if one.number == given
                    else one
                    for one in self._staff or ()
                )
                or None
            )
        elif isinstance(decision, Personal) or (isinstance(decision, Act) and decision.changes != Changes()):
            self._staff = None
