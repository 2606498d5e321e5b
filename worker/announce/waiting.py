"""Tickets that came while nobody was staff: they are routed once somebody is."""

from models.db.clock import read_now
from models.people.roster import candidates
from models.tickets.unowned import route_again
from worker.runtime.services import Services
from worker.runtime.transaction import transaction


def route_waiting(services: Services) -> int:
    """Have the tickets routed that wait for somebody to be staff, where somebody is; returns how many."""
    with transaction(services.engine) as session:
        return route_again(session, candidates(session, read_now(session)))
