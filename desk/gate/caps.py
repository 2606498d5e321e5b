"""How many mails in how much time are too many: the caps of one recipient, and the loop breaker's windows."""

import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from desk.limits import Limits

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` mails within `window`."""

    most: int
    window: timedelta

    def __str__(self) -> str:
        minutes = int(self.window.total_seconds()) // 60
        span = f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"
        return f"{self.most} mails in {span}"


BEGINNING = datetime.min.replace(tzinfo=UTC)
TEN_MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)

# Questions of one class to one of staff whether a mail is theirs (docs/security.md#what-a-mail-may-do). Where a mail
# server vouches for the mails, or they show a spent token, which few can know, they are asked about each at once; a
# robot that answers questions is still cut off.
QUESTIONS = (Limit(1, HOUR),)
OFTEN_QUESTIONS = (Limit(10, HOUR),)


def caps_of(limits: Limits, *, staff: bool) -> tuple[Limit, ...]:
    """Of all mails to one address that followed from mails of one proof class, whoever wrote them.

    Staff work on many tickets and get notices of each.
    """
    an_hour, a_day = limits.mails_to_staff if staff else limits.mails_to_customer
    return Limit(an_hour, HOUR), Limit(a_day, DAY)


def loops_of(limits: Limits, *, staff: bool) -> tuple[Limit, ...]:
    """Of mails in and automatic mails out, counted together, those of each proof class apart.

    Those of staff are higher: to work by mail is no loop.
    """
    soon, an_hour, a_day = limits.loop_of_staff if staff else limits.loop_of_customer
    return Limit(soon, TEN_MINUTES), Limit(an_hour, HOUR), Limit(a_day, DAY)


def of_strangers(limits: Limits) -> tuple[Limit, ...]:
    """Of acknowledgements to addresses never seen before, for which nothing vouches: a mail bomb consists of these."""
    return (Limit(limits.strangers_answered_an_hour, HOUR),)


def most_counted(limits: Sequence[Limit]) -> int:
    """How many of the latest times are needed to judge by these limits."""
    return max(limit.most for limit in limits)


def full_limits(times: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> tuple[Limit, ...]:
    """The limits that leave no room at this moment; `times` are those of earlier mails, the latest first."""
    return tuple(limit for limit in limits if _frees_at(times, limit) > now)


def fair_times(
    times: Sequence[datetime], tickets: Sequence[int | None], ticket: int | None, since: datetime
) -> tuple[datetime, ...]:
    """Those of the times after `since` that a mail about a ticket has to count; `tickets` are those of the mails.

    A ticket that was heard of more often than this one counts as if it had been heard of once more than this one, so
    that none uses up the room of all others. Mails about no ticket count as if each were about one of its own.
    """
    lately = [pair for pair in zip_longest(times, tickets[: len(times)]) if pair[0] > since]
    own = sum(about == ticket for _, about in lately) if ticket is not None else 0
    counted, heard_of = list[datetime](), Counter[int]()
    for time, about in lately:
        if about is not None:
            heard_of[about] += 1
        if about is None or heard_of[about] <= own + 1:
            counted.append(time)
    return tuple(counted)


def free_at(times: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> datetime:
    """The first moment, now or later, at which one more mail breaks no limit."""
    return max(now, *(_frees_at(times, limit) for limit in limits))


def _frees_at(times: Sequence[datetime], limit: Limit) -> datetime:
    """When the mail that fills the limit leaves its window; BEGINNING where the limit is not reached."""
    if len(times) < limit.most:
        return BEGINNING
    return times[limit.most - 1] + limit.window


def fold(address: str) -> str:
    """One form for all spellings of an address that usually reach one person: without dots and plus tag.

    For counting only, never for knowing somebody (docs/security.md#who-is-who): at many providers these are
    different people.
    """
    local, _, domain = address.translate(_LOWER).rpartition("@")
    bare = local.partition("+")[0].replace(".", "")
    return f"{bare or local}@{domain}"
