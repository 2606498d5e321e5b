"""The send gate's verdict: whether a mail may go out, asked when it is written and again when it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.ticket import Person
from desk.tokens import is_ours


@dataclass(frozen=True, slots=True)
class Send:
    """It may go."""


@dataclass(frozen=True, slots=True)
class Hold:
    """It must not go; a person can read why."""

    reason: str


Verdict = Send | Hold


@dataclass(frozen=True, slots=True)
class Sending:
    """A mail that wants to go out, with what the database knows at this moment.

    `person` is the recipient as they are now, None where they were deleted; `suppressed` is the reason that stands in
    the suppression list; `answers_robot` says that the mail which caused it was automatic.
    """

    recipient: str
    person: Person | None
    to_staff: bool
    automatic: bool
    answers_robot: bool
    suppressed: str | None
    own_addresses: frozenset[str]


def recipient_gone(sending: Sending) -> str | None:
    """A person who was deleted, or has another address by now, is not written to at the old one."""
    if sending.person is None:
        return "The recipient was deleted."
    return None if sending.person.email == sending.recipient else "The recipient has another address by now."


def our_own_address(sending: Sending) -> str | None:
    """The desk never writes to itself."""
    return (
        "The recipient is an address of the desk itself." if is_ours(sending.recipient, sending.own_addresses) else None
    )


def suppressed(sending: Sending) -> str | None:
    """An address on the suppression list gets nothing."""
    return None if sending.suppressed is None else f"The address is suppressed: {sending.suppressed}"


def no_longer_staff(sending: Sending) -> str | None:
    """Staff mail goes to nobody who is not staff now."""
    if not sending.to_staff or (sending.person and sending.person.is_staff):
        return None
    return "The recipient is not staff, and this mail is for staff."


def robot_answers_robot(sending: Sending) -> str | None:
    """An automatic mail never answers an automatic one (RFC 3834, section 2)."""
    if sending.automatic and sending.answers_robot and not sending.to_staff:
        return "It would answer an automatic mail."
    return None


RULES: tuple[Callable[[Sending], str | None], ...] = (
    recipient_gone,
    our_own_address,
    suppressed,
    no_longer_staff,
    robot_answers_robot,
)


def verdict(sending: Sending) -> Verdict:
    """Send, or Hold with the reason of the first rule that objects."""
    reasons = (rule(sending) for rule in RULES)
    reason = next((reason for reason in reasons if reason), None)
    return Hold(reason) if reason else Send()


# SMTP's own retry times (RFC 5321, 4.5.4.1): soon at first, then every eight hours until the fifth day.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480))
GIVE_UP_AFTER = timedelta(days=5)


def next_attempt(attempts: int, written_at: datetime, now: datetime) -> datetime | None:
    """When to try again after so many attempts, one at least; None when it is time to give up."""
    if now - written_at >= GIVE_UP_AFTER:
        return None
    return now + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
