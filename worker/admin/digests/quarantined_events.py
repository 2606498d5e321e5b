"""What admins do with changes that could not be announced: they are told of the new ones, and have them tried again."""

import logging
from collections.abc import Sequence

from sqlalchemy import Engine

from desk.notices.events import Alert, AlertKey
from mail.outbound.catalogue import said
from models.events.quarantine import (
    QuarantinedEvent,
    give_back_events,
    read_quarantined_events,
    set_events_reported,
    take_unreported_events,
)
from models.events.rows import add_alert
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

MOST_IN_ALERT = 50
TITLE = said("admins.changes_title")
ADVICE = said("admins.changes_advice")


def tell_of_events(services: Services) -> int:
    """Tell the admins of events in quarantine that they were not told of, in one alert; returns how many.

    The alert and the mark on the events commit together, and the events are locked meanwhile, so that each is told of
    once however often this runs.
    """
    with transaction(services.engine) as session:
        events = take_unreported_events(session, MOST_IN_ALERT)
        if events:
            names = "; ".join(f"{event_name(one)}, {one.reason}" for one in events)
            sentence = said("admins.changes", count=len(events), names=names)
            add_alert(session, Alert(AlertKey.CHANGES, TITLE, sentence, ADVICE))
            set_events_reported(session, [one.number for one in events])
    return len(events)


def event_name(one: QuarantinedEvent) -> str:
    """An event by its number, its kind and its ticket, without anybody's words."""
    kind = f"{one.kind} ({one.field})" if one.field else str(one.kind)
    return f"event-{one.number}: {kind}{f' of SD-{one.ticket}' if one.ticket else ''}"


def announce_again(engine: Engine, numbers: Sequence[int] | None) -> list[QuarantinedEvent]:
    """Give events in quarantine back to be announced, all of them where `numbers` is None; as they were before.

    With each go all others of its transaction on its ticket, for they are told in one mail.
    """
    with transaction(engine) as session:
        before = {one.number: one for one in read_quarantined_events(session)}
        wanted = sorted(before) if numbers is None else list(numbers)
        again = [before[number] for number in give_back_events(session, wanted) if number in before]
    for one in again:
        logger.info("Event %s is tried again; it was in quarantine: %s", one.number, one.reason)
    return again
