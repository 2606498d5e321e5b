"""Tickets that wait: those that came while nobody was staff, and those that staff put off until a moment."""

from models.db.clock import read_now
from models.events.ticket_waits import wake_due
from models.people.roster import candidates
from models.tickets.unowned import route_again
from worker.runtime.services import Services
from worker.runtime.transaction import transaction


def wake_tickets(services: Services) -> int:
    """Let the tickets come back to their owners that waited until now; returns how many."""
    with transaction(services.engine) as session:
        return wake_due(session)


def route_waiting(services: Services) -> int:
    """Have the tickets routed that wait for somebody to be staff, where somebody is; returns how many."""
    with transaction(services.engine) as session:
        return route_again(session, candidates(session, read_now(session)))
