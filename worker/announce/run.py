"""Announcing: events of any program's changes become mails in the outbox."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from desk.gate.caps import fold
from desk.gate.verdict import Withhold
from desk.notices.audience import ends_silence, ends_wait
from desk.notices.events import ChangeSet, EventKind
from desk.notices.recipients import notices
from desk.ticket import Ticket
from models.announce.change_set import read_change_set, read_change_sets
from models.db.claims import Claimed, lock, lock_all
from models.events.rows import EVENTS, Claims, claim_events, park_old_events, settle_events
from models.events.ticket_waits import end_waits
from models.tickets.participants import end_silence
from worker.announce.parts.draft import Announcement
from worker.announce.route import give_owner
from worker.announce.welcome import welcome_guests
from worker.announce.write import write_notices
from worker.runtime import queue_run
from worker.runtime.logs import log_fate
from worker.runtime.queue_run import Run
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

BATCH = 20
GONE = "The ticket was deleted before it could be announced."

ABOUT_TICKETS = frozenset(
    {
        EventKind.TICKET_OPENED,
        EventKind.TICKET_CHANGED,
        EventKind.COMMENT_ADDED,
        EventKind.NOTE_ADDED,
        EventKind.ANSWER_WAITS,
        EventKind.WAIT_OVER,
        EventKind.CUSTOMER_TOLD,
    }
)
# Of these kinds are the events that can be announced together with those of other tickets.
TOGETHER = ABOUT_TICKETS | {EventKind.COMMAND_ANSWERED}

# The ids of the events of one transaction on one ticket.
Ids = tuple[int, ...]


class BreakerOpens(Exception):
    """A mail opens a breaker that the mails after it must meet."""


@dataclass(frozen=True, slots=True)
class Group:
    """All events of one transaction on one ticket, under one claim."""

    claims: Claims
    events: Ids

    @property
    def claimed(self) -> Claimed:
        """The claim of this group alone."""
        return Claimed(self.claims.claimed.token, self.events, self.claims.claimed.tries)


def announce_due(services: Services, seconds: float = queue_run.RUN_SECONDS) -> Run:
    """Announce what is due for about so many seconds; what nobody announced for days is parked."""
    with transaction(services.engine) as session:
        parked = park_old_events(session, timedelta(days=services.settings.desk.announce_within_days))
    if parked:
        logger.warning("%s events were too old to be announced and are parked", parked)
    return queue_run.run_for(seconds, _claims(services), lambda claims: announce_claimed(services, claims))


def _claims(services: Services) -> Iterator[Claims]:
    lease = services.queue(EVENTS).lease
    while True:
        with transaction(services.engine) as session:
            claims = claim_events(session, lease, BATCH)
            queue_run.check_process(claims.claimed, services.policy.keys)
            claims = claims if claims.groups else claim_events(session, lease, 1, alone=True)
        if not claims.groups:
            return
        yield claims


def announce_claimed(services: Services, claims: Claims) -> int:
    """Announce most groups in one transaction, then those that are left one by one; returns how many groups there were.

    All are left where one of them raises: which one it is shows then, and no other is charged for it.
    """
    left = claims.groups
    if len(claims.groups) > 1 and not claims.claimed.tries:
        try:
            left = announce_groups(services, claims)
        except BreakerOpens:
            logger.info("A breaker opens among %s groups of events; they are announced one by one", len(left))
        except Exception as error:
            queue_run.stop_at_trouble(services.queue(EVENTS), claims.claimed, error)
            logger.exception("Together %s groups of events raised; they are announced one by one", len(left))
    return len(claims.groups) - len(left) + sum(_announce_alone(services, Group(claims, group)) for group in left)


def announce_groups(services: Services, claims: Claims) -> tuple[Ids, ...]:
    """Write the mails of several change sets in one transaction; the groups that are to be announced alone.

    Raises BreakerOpens, and writes nothing, where mails of one would change what the gate says of the next.
    """
    with transaction(services.engine) as session:
        if not lock_all(session, EVENTS, claims.claimed):
            return claims.groups
        change_sets = welcome_guests(session, read_change_sets(session, claims.groups))
        tickets = dict(zip(claims.groups, (one.ticket for one in change_sets), strict=True))
        by_group = dict(zip(claims.groups, change_sets, strict=True))
        together, announcements = choose_together(
            zip(claims.groups, map(_announcements_unless_alone, change_sets), strict=True)
        )
        for verdict in write_notices(session, services, announcements):
            if isinstance(verdict, Withhold) and (verdict.opens or verdict.stops_strangers):
                raise BreakerOpens
        _end_marks(session, [by_group[group] for group in together])
        settle_events(session, [event for group in together for event in group], "announced")
    for group in together:
        _log_fate(group, "announced", tickets[group])
    return tuple(group for group in claims.groups if group not in set(together))


def _end_marks(session: Session, change_sets: Sequence[ChangeSet]) -> None:
    """End the waits, and the silence towards customers, that end with what is announced."""
    end_waits(session, [one.ticket.number for one in change_sets if one.ticket and ends_wait(one)])
    end_silence(session, [one.ticket.number for one in change_sets if one.ticket and ends_silence(one)])


def _announcements_unless_alone(change_set: ChangeSet) -> list[Announcement] | None:
    plain = all(event.kind in TOGETHER for event in change_set.events)
    # A ticket without an owner is routed when it is announced.
    if not plain or change_set.ticket is None or change_set.ticket.assignee is None:
        return None
    return [Announcement(notice, change_set) for notice in notices(change_set)]


def choose_together(
    change_sets: Iterable[tuple[Ids, list[Announcement] | None]],
) -> tuple[list[Ids], list[Announcement]]:
    """The groups that can be announced in one transaction, and their mails; None as mails: announced alone in any case.

    None may change what the gate says of the next. So there is one of them for each ticket at most, since the mails of
    the next go on from its own. Whoever is not staff, or whose own mail is answered, gets one mail at most, for whether
    they get the next depends on it. Of news for staff only the number counts.
    """
    groups, announcements, used = list[Ids](), list[Announcement](), set[str | int | None]()
    for group, mails in change_sets:
        people = [one.notice.person for one in mails or () if not one.notice.person.is_staff or one.mailing.replies]
        once = [*(fold(person.email) for person in people), *{one.ticket for one in mails or ()}]
        waits = len(set(once)) < len(once) or not used.isdisjoint(once)
        # Also where it has to wait: what comes after it on its ticket, or to its people, must not overtake it.
        used.update(once)
        if mails is None or waits:
            continue
        groups.append(group)
        announcements += mails
    return groups, announcements


def _announce_alone(services: Services, group: Group) -> int:
    if group.claimed.is_worn_out:
        return _give_up(services, group, "It ended its process three times.")
    # Trouble gives back all that was claimed together, the groups that are still to come as well.
    whole = group.claims.claimed
    announce = partial(announce_group, services, group)
    failed_last_try = queue_run.try_rows(services.queue(EVENTS), whole, group.events, announce)
    if failed_last_try:
        return _give_up(services, group, "It raised an error three times.")
    return 1


def announce_group(services: Services, group: Group) -> None:
    """Write the mails of one change set; nothing happens where its events are no longer ours."""
    with transaction(services.engine) as session:
        if not all(lock(session, EVENTS, group.claimed, event) for event in group.events):
            return
        change_set = give_owner(session, services, read_change_set(session, group.events))
        about_tickets = all(event.kind in ABOUT_TICKETS for event in change_set.events)
        if change_set.ticket is None and about_tickets:
            fate = "dropped"
        else:
            fate = "announced"
            # One after the other: the second may be held because of the first.
            change_set = welcome_guests(session, [change_set])[0]
            for notice in notices(change_set):
                write_notices(session, services, [Announcement(notice, change_set)])
            _end_marks(session, [change_set])
        settle_events(session, group.events, fate, GONE if fate == "dropped" else None)
    _log_fate(group.events, fate, change_set.ticket)


def _log_fate(events: Ids, fate: str, ticket: Ticket | None) -> None:
    number = ticket.number if ticket else None
    log_fate(logger, f"Events {', '.join(map(str, events))}", fate, number, event_ids=list(events))


def _give_up(services: Services, group: Group, reason: str) -> int:
    with transaction(services.engine) as session:
        settle_events(session, group.events, "quarantined", reason)
    logger.error("Events %s are in quarantine: %s", group.events, reason)
    return 1
