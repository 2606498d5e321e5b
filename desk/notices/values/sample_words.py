"""The sentences of ours in the sample values, by which these are said in another language; people's words stay."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from desk.notices.values.buttons import SAMPLES as BUTTON_SAMPLES
from desk.notices.values.buttons import offered
from mail.outbound.catalogue import Catalogue, Said, in_english, said, together
from mail.quoting.labels import DELIMITER, delimiter_in

NAME, TAG, ROBOT = "Ben Castellanos", "SD-1042", "robot@billing.example"
LABELS = (
    *("status_open", "status_in_progress", "status_resolved", "status_closed"),
    *("priority_low", "priority_medium", "priority_high", "now_high"),
    *("category_technical_issue", "category_billing", "category_feature_request", "category_general_inquiry"),
)
REASONS = ("yours", "opened", "assigned", "was_yours", "waits", "came", "under_your_address", "admin", "owner")
AGES = ("age_today", "age_days", "age_week", "age_weeks")
TIMES = (
    *(datetime(2026, 11, 20, 10, minute, tzinfo=UTC) for minute in (1, 14)),
    *(datetime(2026, 11, 22, *at, tzinfo=UTC) for at in ((9, 14), (9, 15), (8, 34), (8, 35))),
)
DAY = date(2026, 11, 21)
NOT_SHOWN = said("held.why_not_shown")
ANOTHERS = said("held.why_anothers")
WHY_HELD = together(said("held.names_by_tag", tag=TAG), NOT_SHOWN)
TAKES_NO_ANSWER, CONFIRM_IT = said("held.takes_no_answer"), said("held.confirm_it")
ANSWER_A_NOTIFICATION = said("held.answer_a_notification")
WARNING = together(said("unproven.this_mail", domain="okafor-design.example"), said("unproven.how_to_accept"))
NOW_WITH = said("labels.now_with", noun="ticket", name=NAME)
NOW_RESOLVED = said("labels.now_resolved", noun="request")
NOW_IN_PROGRESS = said("labels.now_in_progress", noun="ticket")
USED = said("earlier.used", place=1)
ASSIGNED_TO = said("commands.assigned", name=NAME)
STATUSES = said("commands.statuses", words="open, in progress, resolved, closed")
HELPED = said("commands.introduction")
HELP = (
    said("commands.help", usage="#resolve", does=said("commands.does_resolve", noun="ticket")),
    said("commands.help", usage="#note", does=said("commands.does_note")),
)
LIST = said("lists.unassigned")
HOW_TO_ACT, GOES_ON = said("lists.how_to_act", noun="ticket"), said("lists.goes_on")
HOW_TO_ACT_IN_TEXT = said("lists.how_to_act_by_number", noun="ticket", number="1044")
WAITING = said("subjects.waiting", what="Re: [SD-1042] The invoice for October shows the wr…")
# The title stands behind what was done.
PARTLY_DONE = said(
    "formats.two_sentences",
    first="[SD-1042]",
    second=said("subjects.partly_done", what="#priority, #assign, #status, #help · The invoice for O…"),
)
CUSTOMER_WROTE = said("labels.customer_wrote", at=datetime(2026, 11, 21, 16, 40, tzinfo=UTC), author="Maria Okafor")
LOOP_TITLE = said("admins.loop_title", address=ROBOT)
LOOP = together(
    said("admins.loop_limit", mails=20, span=said("formats.minutes", count=10)),
    said("admins.loop_proven", address=ROBOT),
)
LOOP_ADVICE = said("admins.loop_advice", argument=ROBOT)
NO_STAFF_TITLE, NO_STAFF_ADVICE = said("admins.no_staff_title"), said("admins.no_staff_advice")
NO_STAFF = together(said("admins.no_staff"), said("admins.no_staff_open", count=3))
CHART = said(
    "reports.chart", count=30, opened="431", resolved="420", now=said("reports.chart_now", agents=f"{NAME} 11")
)
SPANS = tuple(
    together(said("formats.short_hours", count=hours), said("formats.short_minutes", count=minutes))
    for hours, minutes in ((1, 20), (9, 5))
)
SIZES = (
    *(said("formats.characters", count=count) for count in (96_400, 48)),
    *(said("formats.days", count=2), said("formats.minutes", count=40)),
)


def _sentences() -> Iterable[Said]:
    yield from (Said(f"labels.{name}") for name in LABELS)
    yield from (Said(f"reasons.{name}") for name in REASONS)
    yield from (Said(f"reports.{name}") for name in AGES)
    yield from (said("formats.plain", text=time) for time in TIMES)
    yield from (button.label for occasion in BUTTON_SAMPLES for button in offered(occasion))
    yield from (*SPANS, *SIZES, *HELP)
    yield from (one for one in globals().values() if isinstance(one, Said))


@cache
def sentences() -> dict[str, Said]:
    """Each sentence of ours in the samples by its English text."""
    return {in_english(one): one for one in _sentences()}


def in_words(value: Any, words: Catalogue) -> Any:
    """A sample value with the sentences of ours said in these words; of a text of several lines, each line."""
    match value:
        case str():
            ours = sentences()
            whole = _apart(value, words) or (words.say(ours[value]) if value in ours else None)
            return whole or "\n".join(words.say(ours[line]) if line in ours else line for line in value.split("\n"))
        case tuple():
            return tuple(in_words(one, words) for one in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            names = (field.name for field in fields(value))
            return replace(value, **{name: in_words(getattr(value, name), words) for name in names})
        case _:
            return value


def _apart(value: str, words: Catalogue) -> str | None:
    """What is no sentence of the catalogues: the day of the report, and the line above which one answers."""
    if value == DELIMITER:
        return delimiter_in(words.language)
    return words.day(DAY) if value == "Saturday, 21 November 2026" else None
