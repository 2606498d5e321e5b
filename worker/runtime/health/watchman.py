"""The watchman: looks at the desk twice a minute and tells the admins once of each trouble, and once of its end."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from desk.notices.events import Alert, AlertKey
from desk.reports.health.findings import MAIL_IS_BROKEN, Problem, title_of
from mail.outbound.catalogue import Said, in_english, said, together
from models.events.rows import add_alert
from models.reports.alarms import EndedAlarm, begin_alarm, end_alarm, take_turn
from worker.runtime.health.look import Look, look
from worker.runtime.health.page import page
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watchman saw, whom he had to tell of what began, and of what is over."""

    problems: tuple[Problem, ...]
    began: tuple[Problem, ...]
    ended: tuple[EndedAlarm, ...]


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
    pages = [*(map(_words, began) if broken else ()), *(_over(one) for one in ended if one.paged)]
    for one in began:
        logger.error("Alarm: %s", _words(one))
    for over in ended:
        logger.warning("%s", _over(over))
    if pages and command:
        page(command, f"{services.settings.desk.name}: {' '.join(pages)}")
    return Watched(seen.problems, began, ended)


def _is_news(session: Session, one: Problem, *, paged: bool) -> bool:
    if not begin_alarm(session, (one.kind, one.about), paged=paged):
        return False
    advice = together(one.advice, said("alarms.section", name=str(one.kind)))
    add_alert(session, Alert(AlertKey.ALARM, one.title, one.sentence, advice, (one.kind, one.about)))
    return True


def _end(session: Session, seen: Look) -> Sequence[EndedAlarm]:
    lasting = {(one.kind, one.about) for one in seen.problems}
    ended = []
    for name in seen.since.keys() - lasting:
        over = end_alarm(session, name)
        if over:
            title = _title(over)
            sentence = said("alarms.over", since=over.since, until=seen.health.at)
            add_alert(session, Alert(AlertKey.ALL_CLEAR, title, sentence, said("alarms.over_advice"), name))
            ended.append(over)
    return ended


def _title(over: EndedAlarm) -> Said:
    return said("alarms.over_title", title=title_of(over.kind, over.about))


def _words(one: Problem) -> str:
    return f"{in_english(one.title)}. {in_english(together(one.sentence, one.advice))}"


def _over(over: EndedAlarm) -> str:
    return f"{in_english(_title(over))}."
