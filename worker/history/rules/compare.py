"""Stored mails routed by the rules that are in force and by others: what would have come of them."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from desk.facts import Policy
from desk.intake.assessment import as_persons
from desk.intake.rule_names import RuleName
from desk.routing.route import Candidate
from desk.trust.web_forms import resolve_author
from mail.inbound.parse import parse
from models.db.clock import read_now
from models.people.roster import candidates
from models.reports.history.openings import OpeningMail, read_openings
from worker.history.rules.routing import Routed, bare_facts, judge_stored, routed
from worker.runtime.services import Services

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TriedMail:
    """One stored mail as the rules in force route it today, and as the others would; both None where it has no bytes.

    `ticket` is the number of the ticket that it opened, None where a rule dropped it.
    """

    mail: int
    ticket: int | None
    sender: str
    subject: str
    was: Routed | None
    would: Routed | None

    @property
    def differs(self) -> bool:
        """True where something else would have come of it; the sentences may differ, and so may which rule said it."""
        return _outcome(self.was) != _outcome(self.would)


def try_rules(session: Session, services: Services, changed: Policy, most: int) -> Iterator[TriedMail]:
    """The newest `most` mails that opened a ticket, or that a rule dropped, each routed by both policies.

    Both see the same mail, sender and staff, as they are today, so what differs comes of the rules alone. A mail is
    read once for both, and one is in memory at a time.
    """
    staff = candidates(session, read_now(session))
    for stored in read_openings(session, most):
        yield _try(stored, services.policy, changed, staff)


def _try(stored: OpeningMail, policy: Policy, changed: Policy, staff: tuple[Candidate, ...]) -> TriedMail:
    tried = TriedMail(stored.row, stored.ticket, stored.address, "", None, None)
    if not stored.raw:
        return tried
    try:
        parsed = parse(stored.raw)
    except Exception:
        # What could once be read may be beyond this process, which must not end the other mails.
        logger.exception("Mail %s cannot be read", stored.row)
        return tried
    parsed = as_persons(parsed) if stored.restored else parsed
    mail, _ = resolve_author(parsed, stored.mailbox, policy)
    if not mail.senders:
        return tried
    facts = bare_facts(stored.decided_at, stored.mailbox, stored.sender, staff, stored.last_agent)
    passed_on = stored.rule == RuleName.PASSED_ON
    is_staff = stored.sender is not None and stored.sender.is_staff
    may_drop = not (is_staff or stored.is_answer or stored.restored)
    was, would = (
        routed(
            judge_stored(mail, facts, one, is_answer=stored.is_answer, passed_on=passed_on),
            facts,
            one,
            may_drop=may_drop,
        )
        for one in (policy, changed)
    )
    return replace(tried, sender=mail.senders[0].email, subject=mail.subject, was=was, would=would)


def _outcome(one: Routed | None) -> tuple[object, ...]:
    if one is None or one.dropped_by:
        return (one is None,)
    return one.category, one.priority, one.owner
