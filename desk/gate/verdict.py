"""The send gate's verdict: whether a mail may go out, asked when it is written and again when it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.facts import Deliver
from desk.gate import caps
from desk.limits import USUAL, Limits
from desk.ticket import Person
from desk.tokens import is_ours
from desk.trust.judge import Proof


@dataclass(frozen=True, slots=True)
class Send:
    """The mail may be sent."""


@dataclass(frozen=True, slots=True)
class Defer:
    """The mail may be sent, but not before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Withhold:
    """The mail must not be sent; `reason` is a sentence for people.

    With `opens` the loop breaker of the recipient opens for mails that follow from those of the class `proof`, with
    `stops_strangers` the one for addresses never seen before; the admins are told of both, and of the `limit`.
    """

    reason: str
    opens: bool = False
    proof: Proof = Proof.PROVEN
    stops_strangers: bool = False
    limit: caps.Limit | None = None


# How the reasons of an open breaker begin or end, by which a reset finds what it held.
STRANGERS_STOPPED = "Addresses never seen before are not answered at the moment: "
TOO_MANY_STRANGERS = " would answer addresses that were never seen before."
LOOP_STOPPED = "The loop breaker is open: "
IN_A_LOOP = " went back and forth."
# Nothing looks for this reason: what was held in a trial stays held until somebody releases it.
TRIAL = 'The desk is on trial (outbox.deliver is "staff"), so that customers get nothing.'

Objection = Defer | Withhold
Verdict = Send | Objection


@dataclass(frozen=True, slots=True)
class GateFacts:
    """A mail that is to be sent, with what the database knows at this moment.

    `person` is the recipient as they are now, None where they were deleted; `suppressed` is the reason that stands in
    the suppression list; `answers_robot` says that the mail which caused it was automatic, `replies` that it answers
    its recipient's own mail by itself.

    `proof` is how well it is known who sent the mail that caused it, None where no mail did. Only what is of the same
    `proof_class` limits it: `breaker` is the reason of the recipient's open loop breaker, `send_times` are the times
    of other mails to this recipient, sent or still to be sent, `send_tickets` what tickets these are about and `ticket`
    the one of this mail, `loop_times` those of mails in either direction that count as a loop; the latest first. A
    breaker that opened after a mail was written, which was within the caps, is not among that mail's facts.
    `was_answered` says that the same template went to this recipient within a day.

    `is_written` says that the mail is in the outbox already, `gone` what it tells of and was deleted since: a ticket
    or a comment. `strangers` are the times of the latest acknowledgements to addresses never seen before, None where
    this mail is no such acknowledgement; `strangers_stopped` is the reason of the open breaker of these.
    `confirmations` are the times of other questions whether a mail is the recipient's for which this one waits, the
    latest first; empty where this mail is no such question. `at_once` says that it is one about a mail with a live
    token, `often` one about a mail with a spent one.
    `to_owner` says that it is an alert for the owner of the desk.
    """

    recipient: str
    person: Person | None
    to_staff: bool
    automatic: bool
    answers_robot: bool
    suppressed: str | None
    own_addresses: frozenset[str]
    now: datetime
    replies: bool = False
    breaker: str | None = None
    send_times: tuple[datetime, ...] = ()
    loop_times: tuple[datetime, ...] = ()
    is_written: bool = False
    gone: str | None = None
    proof: Proof | None = None
    was_answered: bool = False
    strangers: tuple[datetime, ...] | None = None
    strangers_stopped: str | None = None
    confirmations: tuple[datetime, ...] = ()
    at_once: bool = False
    often: bool = False
    ticket: int | None = None
    send_tickets: tuple[int | None, ...] = ()
    to_owner: bool = False
    limits: Limits = USUAL

    @property
    def proof_class(self) -> Proof:
        """The class that it is counted in; what no mail caused, staff or the web application stand behind."""
        return Proof.PROVEN if self.proof is None else self.proof

    @property
    def acknowledges(self) -> bool:
        """True for an automatic answer to the mail of somebody who is not staff."""
        return self.replies and not self.reaches_staff

    @property
    def reaches_staff(self) -> bool:
        """True where the recipient is staff now."""
        return self.person is not None and self.person.is_staff


def recipient_gone(facts: GateFacts) -> Objection | None:
    """Nothing goes to the old address of a person who was deleted or has another address by now."""
    if facts.person is None:
        return Withhold("The recipient was deleted.")
    return None if facts.person.email == facts.recipient else Withhold("The recipient has another address by now.")


def news_gone(facts: GateFacts) -> Objection | None:
    """News of a ticket or comment that was deleted since is told to nobody: whoever deleted it meant it."""
    return Withhold(f"The {facts.gone} that it tells of was deleted.") if facts.gone else None


def our_own_address(facts: GateFacts) -> Objection | None:
    """The desk never writes to itself."""
    ours = is_ours(facts.recipient, facts.own_addresses)
    return Withhold("The recipient is an address of the desk itself.") if ours else None


def suppressed(facts: GateFacts) -> Objection | None:
    """An address on the suppression list gets nothing."""
    return None if facts.suppressed is None else Withhold(f"The address is suppressed: {facts.suppressed}")


def no_longer_staff(facts: GateFacts) -> Objection | None:
    """Staff mail goes to nobody who is not staff now."""
    if not facts.to_staff or facts.reaches_staff:
        return None
    return Withhold("The recipient is not staff, and this mail is for staff.")


def robot_answers_robot(facts: GateFacts) -> Objection | None:
    """An automatic mail never answers an automatic one (RFC 3834, section 2)."""
    if facts.automatic and facts.answers_robot and not facts.to_staff:
        return Withhold("It would answer an automatic mail.")
    return None


def answers_a_forgery(facts: GateFacts) -> Objection | None:
    """Nothing answers a refuted mail: the owner of the address did not write it."""
    if facts.acknowledges and facts.proof is Proof.REFUTED:
        return Withhold("The mail server of the sender says that the mail which it answers is not theirs.")
    return None


def answered_within_a_day(facts: GateFacts) -> Objection | None:
    """An address that is only claimed is answered once a day, or anybody could fill a mailbox with our answers."""
    if facts.acknowledges and facts.proof is Proof.CLAIMED and facts.was_answered:
        return Withhold("The address was answered within a day already, and nothing shows that the mail is its own.")
    return None


def too_many_strangers(facts: GateFacts) -> Objection | None:
    """Addresses never seen before and only claimed are answered up to a cap; then an admin has to look."""
    if not facts.acknowledges or facts.proof is not Proof.CLAIMED or facts.strangers is None:
        return None
    if facts.strangers_stopped is not None:
        return Withhold(f"{STRANGERS_STOPPED}{facts.strangers_stopped}")
    full = caps.full_limits(facts.strangers, caps.of_strangers(facts.limits), facts.now)
    if not full:
        return None
    return Withhold(f"More than {full[0]}{TOO_MANY_STRANGERS}", stops_strangers=True, limit=full[0])


def mails_in_a_loop(facts: GateFacts) -> Objection | None:
    """No automatic mail goes to somebody with whom mails went back and forth too fast, until an admin resets it.

    Of mails to staff only those count that answer their own: news of tickets are no half of a loop.
    """
    if not (facts.replies if facts.reaches_staff else facts.automatic):
        return None
    if facts.breaker is not None:
        return Withhold(f"{LOOP_STOPPED}{facts.breaker}")
    limits = caps.loops_of(facts.limits, staff=facts.reaches_staff)
    full = caps.full_limits(facts.loop_times, limits, facts.now)
    if not full:
        return None
    return Withhold(f"More than {full[0]}{IN_A_LOOP}", opens=True, proof=facts.proof_class, limit=full[0])


def one_question_an_hour(facts: GateFacts) -> Objection | None:
    """A member of staff is asked once an hour whether a mail of a class is theirs, however many come in their name.

    About mails for which a mail server vouches, or with a spent token, they are asked at once, up to a cap.
    """
    limits = caps.OFTEN_QUESTIONS if facts.proof is Proof.PROVEN or facts.often else caps.QUESTIONS
    full = caps.full_limits(facts.confirmations, limits, facts.now)
    if not full:
        return None
    until = caps.free_at(facts.confirmations, limits, facts.now)
    often = "once" if full[0].most == 1 else f"{full[0].most} times"
    return Defer(until, f"Its recipient is asked {often} an hour whether a mail is theirs.")


def above_the_cap(facts: GateFacts) -> Objection | None:
    """Above the caps of an address, automatic mails are held and all others wait.

    Notices for staff wait too, and so do mails that were within the caps when they were written. Only a question
    about a mail with a live token waits for nothing: whoever has the token is the person or reads their mail.
    """
    if facts.at_once:
        return None
    if facts.reaches_staff:
        return _above_the_cap_of_staff(facts)
    limits = caps.caps_of(facts.limits, staff=False)
    full = caps.full_limits(facts.send_times, limits, facts.now)
    if not full:
        return None
    reason = f"The recipient gets {full[0]}, and no more."
    if facts.automatic and not facts.is_written:
        return Withhold(reason)
    return Defer(caps.free_at(facts.send_times, limits, facts.now), reason)


def _above_the_cap_of_staff(facts: GateFacts) -> Objection | None:
    """Staff work on many tickets: one of which there is much news leaves room for the others, and waits first."""
    found: list[tuple[datetime, caps.Limit]] = []
    for limit in caps.caps_of(facts.limits, staff=True):
        times = caps.fair_times(facts.send_times, facts.send_tickets, facts.ticket, facts.now - limit.window)
        if caps.full_limits(times, (limit,), facts.now):
            found.append((caps.free_at(times, (limit,), facts.now), limit))
    if not found:
        return None
    return Defer(max(until for until, _ in found), f"The recipient gets {found[0][1]}, and no more.")


RULES: tuple[Callable[[GateFacts], Objection | None], ...] = (
    recipient_gone,
    news_gone,
    our_own_address,
    suppressed,
    no_longer_staff,
    robot_answers_robot,
    answers_a_forgery,
    mails_in_a_loop,
    answered_within_a_day,
    too_many_strangers,
    one_question_an_hour,
    above_the_cap,
)


def on_trial(facts: GateFacts, deliver: Deliver) -> Objection | None:
    """In a trial only staff and the owner of the desk get mails."""
    is_let_through = deliver is Deliver.ALL or facts.reaches_staff or facts.to_owner
    return None if is_let_through else Withhold(TRIAL)


def verdict(facts: GateFacts, deliver: Deliver = Deliver.ALL) -> Verdict:
    """That of a trial, which opens no breaker, and else the first objection of RULES; Send where there is none."""
    if objection := on_trial(facts, deliver):
        return objection
    objections = (rule(facts) for rule in RULES)
    return next((objection for objection in objections if objection), Send())


def was_stopped(reason: str) -> bool:
    """True of a reason with which a breaker held a mail, the loop breaker of its recipient or that of strangers."""
    return reason.startswith((STRANGERS_STOPPED, LOOP_STOPPED)) or reason.endswith((TOO_MANY_STRANGERS, IN_A_LOOP))


# SMTP's own retry times (RFC 5321, 4.5.4.1): soon at first, then every eight hours until `give_up_days`.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480))


def next_attempt(attempts: int, begun_at: datetime, now: datetime, limits: Limits) -> datetime | None:
    """When to try again after so many attempts, one at least; None when it is time to give up.

    `begun_at` is when the mail was written, or last sent again by hand.
    """
    if now - begun_at >= timedelta(days=limits.give_up_days):
        return None
    return now + BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
