"""How the routing rules of a policy judge a mail as the first of a ticket: for `rules explain` and `test`."""

from dataclasses import dataclass, replace
from datetime import datetime

from desk.facts import Facts, Policy
from desk.intake.new_ticket import JudgedOpening, judge_opening, passed_on_mail
from desk.routing.route import Candidate, Choice, route
from desk.ticket import Person
from mail.inbound.message import InboundMail
from mail.quoting.forward import read_forward


@dataclass(frozen=True, slots=True)
class Routed:
    """What comes of a mail by the rules; `owner` is an address, empty for nobody. `dropped_by` is empty where it opens.

    `priority_by` and `category_by` are the rules that set them, empty where the words of the mail did.
    """

    category: str
    priority: str
    owner: str
    owner_reason: str
    dropped_by: str
    category_by: str = ""
    priority_by: str = ""


def bare_facts(
    now: datetime, mailbox: str, sender: Person | None, staff: tuple[Candidate, ...], served_before: int | None = None
) -> Facts:
    """The facts that routing asks for, without any of threads and trust."""
    return Facts(now, mailbox, None, sender, {}, {}, {}, staff, served_before)


def judge_stored(mail: InboundMail, facts: Facts, policy: Policy, *, is_answer: bool, passed_on: bool) -> JudgedOpening:
    """A mail as the first of its ticket; of one that staff passed on, the mail in it counts, and nothing of staff."""
    forward = read_forward(mail.text, mail.subject) if passed_on else None
    if forward is None:
        return judge_opening(mail, facts, policy, is_answer=is_answer)
    return judge_opening(
        passed_on_mail(mail, forward), replace(facts, sender=None, served_before=None), policy, is_answer=False
    )


def routed(opening: JudgedOpening, facts: Facts, policy: Policy, *, may_drop: bool) -> Routed:
    """What comes of a judged mail; `may_drop` is false of what no rule drops, such as mail of staff."""
    judgement, words = opening.judgement, opening.classification
    owner = route(judgement, policy.default_assign, facts.candidates, facts.served_before)
    matched = {step.rule for step in judgement.trace if step.matched}
    setting = [rule for rule, _ in policy.rules.entries if rule.name in matched]
    return Routed(
        category=str(judgement.category or words.category),
        priority=str(judgement.priority or words.priority),
        owner=_address(owner, facts.candidates),
        owner_reason=owner.sentence,
        dropped_by=(judgement.dropped_by or "") if may_drop else "",
        category_by=next((rule.name for rule in reversed(setting) if rule.then.category), ""),
        priority_by=next((rule.name for rule in reversed(setting) if rule.then.priority), ""),
    )


def _address(owner: Choice, staff: tuple[Candidate, ...]) -> str:
    return next((one.email for one in staff if one.number == owner.number), "")
