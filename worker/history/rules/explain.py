"""A mail in a file, as the routing rules would judge it: which takes it, and why each other does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from desk.facts import Facts
from desk.intake.assessment import questions
from desk.intake.decide import decide
from desk.intake.decision import OpenTicket
from desk.routing.rules import Judgement, Rule, Strategy
from desk.trust.web_forms import resolve_author
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from mail.mime.message_ids import peek
from models.db.clock import read_now
from models.intake.facts import gather
from models.ledger.mails import LedgerMail
from worker.history.rules.routing import Routed, bare_facts, judge_stored, routed
from worker.runtime.services import Services
from worker.settings.origins.rules import RuleFile

# Routing asks no clock; without a database there is none that counts.
NO_CLOCK = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """What one rule said: whether it matched, with the values that it read, and what it sets where it matches."""

    rule: str
    line: int | None
    matched: bool
    sentence: str
    sets: str


@dataclass(frozen=True, slots=True)
class RoutedMail:
    """A mail in a file with the answer of each rule, and what comes of it.

    `decided_by` is the rule of intake that would decide on it and `reason` its sentence: only `new_ticket` and
    `passed_on` ask the routing rules. Both are empty where no database was asked.
    """

    file: str
    mailbox: str
    sender: str
    subject: str
    decided_by: str
    reason: str
    opens: bool | None
    rules: tuple[RuleAnswer, ...]
    routed: Routed
    category_reason: str
    priority_reason: str


def route_file(
    services: Services, file: RuleFile, name: str, raw: bytes, mailbox: str | None, session: Session | None
) -> RoutedMail | None:
    """Judge the mail in these bytes by the rules of the file; None where From names nobody.

    Without a session nobody is known, and nobody is staff. Nothing is written: what is read is not changed.
    """
    policy, parsed = services.policy, parse(raw)
    box = mailbox or mailbox_of(services, parsed)
    mail, form = resolve_author(parsed, box, policy)
    if not mail.senders:
        return None
    decided_by = reason = ""
    opens = None
    facts = bare_facts(NO_CLOCK, box, None, ())
    if session is not None:
        facts = _facts(session, services, mail, raw, box)
        rule, decision = decide(mail, facts, policy, form)
        decided_by, reason, opens = str(rule), decision.reason, isinstance(decision, OpenTicket)
    opening = judge_stored(mail, facts, policy, is_answer=False, passed_on=decided_by == "passed_on")
    return RoutedMail(
        file=name,
        mailbox=box,
        sender=mail.senders[0].email,
        subject=mail.subject,
        decided_by=decided_by,
        reason=reason,
        opens=opens,
        rules=tuple(_answers(file, opening.judgement)),
        routed=routed(opening, facts, policy, may_drop=facts.sender is None or not facts.sender.is_staff),
        category_reason=opening.classification.category_reason,
        priority_reason=opening.classification.priority_reason,
    )


def _answers(file: RuleFile, judgement: Judgement) -> Iterator[RuleAnswer]:
    """What each rule says, with its line in the file and what it sets."""
    lines = dict(zip((rule.name for rule in file.settings.rule), file.lines, strict=True))
    sets = {rule.name: _sets(rule) for rule in file.settings.rule}
    for step in judgement.trace:
        yield RuleAnswer(step.rule, lines[step.rule], step.matched, step.sentence, sets[step.rule])


def mailbox_of(services: Services, mail: InboundMail) -> str:
    """The name of the mailbox that a mail was sent to; the first one of the settings where it names none."""
    named = {address.email for address in (*mail.to, *mail.cc)} | set(mail.delivered_to)
    boxes = services.settings.mailbox
    return next((box.name for box in boxes if box.address in named), boxes[0].name)


def _facts(session: Session, services: Services, mail: InboundMail, raw: bytes, mailbox: str) -> Facts:
    now = read_now(session)
    as_stored = LedgerMail(
        row=0,
        mailbox=mailbox,
        fingerprint=peek(raw).fingerprint,
        size=len(raw),
        partial=False,
        confirmed=False,
        restored=False,
        raw=raw,
        arrived_at=now,
        now=now,
    )
    return gather(session, as_stored, questions(mail, services.policy), None, now)


def _sets(rule: Rule) -> str:
    """What a rule sets, in words."""
    then = rule.then
    if then.drop:
        return "drops the mail"
    parts = [f"priority {then.priority}"] if then.priority else []
    parts += [f"category {then.category}"] if then.category else []
    if then.assign is not None and then.assign.strategy is Strategy.NONE:
        parts.append("no owner")
    elif then.assign is not None:
        among = f" among {', '.join(then.assign.among)}" if then.assign.among else ""
        parts.append(f"an owner{among} ({then.assign.role or 'staff'}, {then.assign.strategy})")
    return f"sets {' and '.join(parts)}"
