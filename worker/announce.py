"""Announcing: events of any program's changes become mails in the outbox."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from desk.events import EventKind, Happening
from desk.notices import notices
from models.claims import Claimed, lock
from models.events import EVENTS, Claims, claim_events, park_old_events, settle_events
from models.happenings import read_happening
from worker import queue_run
from worker.clock import now
from worker.office import Office
from worker.ownership import give_owner
from worker.queue_run import Run
from worker.transaction import transaction
from worker.writing import write_notice

logger = logging.getLogger(__name__)

BATCH = 20
GONE = "The ticket was deleted before it could be announced."
ABOUT_TICKETS = frozenset(
    {EventKind.TICKET_OPENED, EventKind.TICKET_CHANGED, EventKind.COMMENT_ADDED, EventKind.NOTE_ADDED}
)


@dataclass(frozen=True, slots=True)
class Group:
    """All events of one transaction on one ticket, under one claim."""

    claims: Claims
    events: tuple[int, ...]

    @property
    def claimed(self) -> Claimed:
        """The claim of this group alone."""
        return Claimed(self.claims.claimed.token, self.events, self.claims.claimed.tries)


def announce_due(office: Office, seconds: float = queue_run.RUN_SECONDS) -> Run:
    """Announce what is due for about so many seconds; what nobody announced for days is parked."""
    with transaction(office.engine) as session:
        parked = park_old_events(session, now() - timedelta(days=office.settings.desk.announce_within_days))
    if parked:
        logger.warning("%s events were too old to be announced and are parked", parked)
    return queue_run.in_time(_claims(office), lambda claims: _announce_claimed(office, claims), seconds)


def _claims(office: Office) -> Iterator[Claims]:
    lease = office.post(EVENTS).lease
    while True:
        with transaction(office.engine) as session:
            claims = claim_events(session, lease, BATCH)
            claims = claims if claims.groups else claim_events(session, lease, 1, alone=True)
        if not claims.groups:
            return
        yield claims


def _announce_claimed(office: Office, claims: Claims) -> int:
    return sum(_announce(office, Group(claims, group)) for group in claims.groups)


def _announce(office: Office, group: Group) -> int:
    if group.claimed.is_worn_out:
        return _give_up(office, group, "It ended its process three times.")
    first = group.events[0]
    # Trouble gives back all that was claimed together, the groups that are still to come as well.
    whole = group.claims.claimed
    tries = queue_run.guarded(office.post(EVENTS), whole, first, lambda: announce_group(office, group))
    if tries is not None and queue_run.is_worn_out(tries):
        return _give_up(office, group, "It raised an error three times.")
    return 1


def announce_group(office: Office, group: Group) -> None:
    """Write the mails of one happening; nothing happens where its events are no longer ours."""
    with transaction(office.engine) as session:
        if not all(lock(session, EVENTS, group.claimed, event) for event in group.events):
            return
        happening = give_owner(session, office, read_happening(session, group.events))
        if happening.ticket is None and _is_about_ticket(happening):
            settle_events(session, group.events, "dropped", GONE)
            return
        _write_all(session, office, happening)
        settle_events(session, group.events, "announced")


def _is_about_ticket(happening: Happening) -> bool:
    return all(event.kind in ABOUT_TICKETS for event in happening.events)


def _write_all(session: Session, office: Office, happening: Happening) -> None:
    for notice in notices(happening):
        write_notice(session, office, notice, happening)


def _give_up(office: Office, group: Group, reason: str) -> int:
    with transaction(office.engine) as session:
        settle_events(session, group.events, "quarantined", reason)
    logger.error("Events %s are in quarantine: %s", group.events, reason)
    return 1
