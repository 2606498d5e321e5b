"""The watchman: looks at the desk twice a minute and tells the admins once of each trouble, and once of its end."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from desk.notices.events import Alert, AlertKey
from desk.reports.health.facts import AlarmKind
from desk.reports.health.findings import MAIL_IS_BROKEN, Problem, title_of
from mail.outbound.catalogue import Said, in_english, said, together
from models.events.rows import add_alert
from models.reports.alarms import EndedAlarm, begin_alarm, end_alarm, take_turn
from worker.runtime.health.look import Look, look
from worker.runtime.health.page import page
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)


# What can be found only where a mailbox is polled.
OF_POLLS = frozenset({AlarmKind.MAILBOX_REFUSED, AlarmKind.MAILBOX_SILENT})


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watchman saw, whom he had to tell of what began, and of what is over; and a sentence on each pause."""

    problems: tuple[Problem, ...]
    began: tuple[Problem, ...]
    ended: tuple[EndedAlarm, ...]
    pauses: tuple[str, ...] = ()


def watch_over(services: Services) -> Watched:
    """Look at the desk, and tell of what began and of what is over since the last look.

    What is told commits with the alarm that keeps it from being told again; of two watchmen the second waits for the
    first. Where our mail is broken, the program of the settings is run once for all of it; one that fails is not run
    again for the same, as it may have told somebody before it failed.
    """
    command = services.settings.alarm.run
    with transaction(services.engine) as session:
        take_turn(session)
        seen = look(session, services)
        broken = bool(command) and any(one.kind in MAIL_IS_BROKEN for one in seen.problems)
        began = tuple(one for one in seen.problems if not one.follows and _is_news(session, one, paged=broken))
        ended = tuple(_end(session, seen))
    pages = [*(map(_words, began) if broken else ()), *(_over(title) for one, title in ended if one.paged)]
    for one in began:
        logger.error("Alarm: %s", _words(one))
    for _, title in ended:
        logger.warning("%s", _over(title))
    if pages and command:
        page(command, f"{services.settings.desk.name}: {' '.join(pages)}")
    pauses = tuple(one.pause for one in seen.health.mailboxes if one.pause)
    return Watched(seen.problems, began, tuple(one for one, _ in ended), pauses)


def _is_news(session: Session, one: Problem, *, paged: bool) -> bool:
    if not begin_alarm(session, (one.kind, one.about), paged=paged):
        return False
    advice = together(one.advice, said("alarms.section", name=str(one.kind)))
    add_alert(session, Alert(AlertKey.ALARM, one.title, one.sentence, advice, (one.kind, one.about)))
    return True


def _end(session: Session, seen: Look) -> Sequence[tuple[EndedAlarm, Said]]:
    """End the alarms of what is over; each with its title."""
    lasting = {(one.kind, one.about) for one in seen.problems}
    paused = {one.name for one in seen.health.mailboxes if one.paused_at}
    ended = []
    for name in seen.since.keys() - lasting:
        over = end_alarm(session, name)
        if over:
            alert = _all_clear(over, seen, is_paused=over.kind in OF_POLLS and over.about in paused)
            add_alert(session, alert)
            ended.append((over, alert.title))
    return ended


def _all_clear(over: EndedAlarm, seen: Look, *, is_paused: bool) -> Alert:
    """A pause mends nothing: nobody is told then that the mailbox is read again."""
    name, title, times = (over.kind, over.about), title_of(over.kind, over.about), (over.since, seen.health.at)
    if is_paused:
        return Alert(
            AlertKey.ALL_CLEAR,
            said("alarms.over_paused_title", title=title),
            said("alarms.over_paused", since=times[0], until=times[1]),
            said("alarms.over_paused_advice", about=over.about),
            name,
        )
    sentence = said("alarms.over", since=times[0], until=times[1])
    return Alert(AlertKey.ALL_CLEAR, said("alarms.over_title", title=title), sentence, said("alarms.over_advice"), name)


def _words(one: Problem) -> str:
    return f"{in_english(one.title)}. {in_english(together(one.sentence, one.advice))}"


def _over(title: Said) -> str:
    return f"{in_english(title)}."
