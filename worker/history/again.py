"""Mails that had their fate, and no effect, are given back to intake: which may be, and what that would mean."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from desk.intake.rule_names import RuleName
from mail.inbound.parse import read_heading
from models.reports.history.standings import MailStanding, make_fresh, read_standings
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

OPENING = frozenset({RuleName.NEW_TICKET, RuleName.PASSED_ON})
# What comes of a mail that is decided again, by the rule that decided on it.
MAY_COME = {
    RuleName.STAFF_WITHOUT_POWER: "Its sender is asked again whether it is theirs.",
    RuleName.SAME_MAIL_TWICE: "It ends as before while the same mail has its effect.",
}
OTHERWISE = "It ends as before unless the program, the settings or what is known of it are others by now."
OF_A_PROGRAM = "It is read anew; `supportdesk mail restore {}` would take it for a person's whatever it shows."
AS_NEW = "It is taken as if it had come now."


@dataclass(frozen=True, slots=True)
class DecidedAgain:
    """A mail that can be decided again: what was, and what may come of it."""

    mail: int
    sender: str
    subject: str
    fate: str
    rule: str
    reason: str
    may_come: str


def look(engine: Engine, numbers: Sequence[int]) -> tuple[list[tuple[MailStanding, DecidedAgain]], list[str]]:
    """The mails among these that can be decided again, and for each of the others a sentence why not."""
    with transaction(engine) as session:
        standings = read_standings(session, numbers)
    able: list[tuple[MailStanding, DecidedAgain]] = []
    refused: list[str] = []
    for number in dict.fromkeys(numbers):
        standing = standings.get(number)
        why_not = f"No mail {number} came." if standing is None else _why_not(standing)
        if standing is None or why_not:
            refused.append(why_not)
        else:
            able.append((standing, _shown(standing)))
    return able, refused


def decide_again(engine: Engine, standings: Sequence[MailStanding]) -> tuple[list[int], list[int]]:
    """Give mails back to intake, each in a transaction of its own; those that are, and those that changed meanwhile."""
    given: list[int] = []
    changed: list[int] = []
    for standing in standings:
        with transaction(engine) as session:
            done = make_fresh(session, standing)
        (given if done else changed).append(standing.row)
        if done:
            logger.info("Ledger row %s is decided again by command", standing.row, extra={"ledger_id": standing.row})
    return given, changed


def _why_not(standing: MailStanding) -> str:
    number = standing.row
    if standing.fate == "applied":
        return _what_would_double(standing)
    if standing.fate is None:
        return f"Mail {number} is not decided yet; it waits for a worker."
    if standing.fate == "baseline":
        return f"Mail {number} was there before the desk and was never fetched; only its place is known."
    if standing.head is None:
        # Erased, or deleted after a while; a stub's are on the server still.
        return f"Mail {number} has no bytes here any more, or not yet, so there is nothing to decide on."
    too_large = f"Mail {number} was too large: only its headers are here, and nothing else can come of them."
    return too_large if standing.partial else ""


def _what_would_double(standing: MailStanding) -> str:
    number, ticket = standing.row, standing.ticket
    if standing.rule in OPENING:
        return f"Mail {number} opened SD-{ticket}: decided again it would open a second ticket, with its mails."
    if ticket is not None:
        return f"Mail {number} is on SD-{ticket}: decided again its words and commands would be there twice."
    return f"Mail {number} had its effect ({standing.rule}), which would come twice."


def _shown(standing: MailStanding) -> DecidedAgain:
    heading = read_heading(standing.head or b"")
    if standing.fate == "quarantined" or not standing.rule:
        may_come = AS_NEW
    elif standing.drop:
        may_come = OF_A_PROGRAM.format(standing.row)
    else:
        may_come = MAY_COME.get(RuleName(standing.rule), OTHERWISE)
    sender = standing.sender or heading.sender
    fate = (standing.fate or "").replace("_", " ")
    return DecidedAgain(standing.row, sender, heading.subject, fate, standing.rule, standing.reason, may_come)
