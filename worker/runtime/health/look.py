"""How the desk of these settings is: the facts from the database, and since when each trouble lasts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from desk.reports.health.facts import AlarmKind, Health
from desk.reports.health.findings import Problem, find_problems
from models.ledger.access_tokens import TokenEntry, list_tokens
from models.reports.health.alarms import open_alarms
from models.reports.health.certificates import certificates_of
from models.reports.health.gather import gather_health
from worker.runtime.services import Services
from worker.runtime.transaction import transaction


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the desk: what is known, what is wrong with it, and since when, where that was seen before."""

    health: Health
    problems: tuple[Problem, ...]
    since: Mapping[tuple[AlarmKind, str], datetime]


def look(session: Session, services: Services, *, whole: bool = False) -> Look:
    """Look at the desk now; `whole` is for people, and reads more."""
    names = [box.name for box in services.settings.mailbox]
    tokens = _tokens(session, services)
    consents = {one.mailbox: one.ends_at for one in tokens if one.ends_at}
    health = gather_health(session, names, consents, whole=whole)
    every = {box.name: timedelta(seconds=box.poll_every_seconds) for box in services.settings.mailbox}
    health = replace(
        health,
        mailboxes=tuple(replace(one, polled_every=every[one.name]) for one in health.mailboxes),
        access_tokens={one.mailbox: one.expires_at for one in tokens if one.expires_at},
        outgoing=certificates_of(session, _outgoing_servers(services)),
        limits=services.policy.limits,
    )
    return Look(health, find_problems(health), open_alarms(session))


def look_once(services: Services, *, whole: bool = False) -> Look:
    """The same in a transaction of its own."""
    with transaction(services.engine, quiet=True) as session:
        return look(session, services, whole=whole)


def _outgoing_servers(services: Services) -> list[str]:
    """The outgoing servers of the settings, by host and port."""
    settings = services.settings
    every = (settings.smtp, *(box.smtp for box in settings.mailbox if box.smtp))
    return list(dict.fromkeys(f"{one.host}:{one.port}" for one in every))


def _tokens(session: Session, services: Services) -> tuple[TokenEntry, ...]:
    """The tokens of the mailboxes that are opened by one."""
    names = {box.name for box in services.settings.mailbox if box.oauth}
    return tuple(one for one in list_tokens(session) if one.mailbox in names) if names else ()
