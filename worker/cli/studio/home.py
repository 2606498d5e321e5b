"""The first page: how much work there is, what waits for somebody, and what is wrong with the desk."""

from collections.abc import Mapping
from typing import Any

from mail.outbound.catalogue import in_english
from models.reports.health import IN_QUARANTINE, gather_health
from models.reports.studio.tickets import read_workload
from models.tickets.listing import TicketFilter, list_tickets
from worker.cli.studio.window import Window
from worker.runtime.health.look import look

NEWEST = 8


def read_home(window: Window) -> Mapping[str, Any]:
    """The figures of the page, the newest tickets and, where there are settings, what is wrong."""
    with window.session() as session:
        workload = read_workload(session)
        seen = look(session, window.services) if window.services else None
        health = seen.health if seen else gather_health(session, (), {})
        newest = list_tickets(session, TicketFilter(), NEWEST)
    return {
        "title": "The desk now",
        "at": health.at,
        "workload": workload,
        "health": health,
        "quarantined": health.others[IN_QUARANTINE],
        "problems": [(in_english(one.title), in_english(one.sentence)) for one in seen.problems] if seen else None,
        "newest": newest,
    }
