"""Which mails come in at all: from how many tickets and bytes on a sender's mails are parked, and whose never are."""

from typing import Any

import pytest

from desk.facts import Flood, LesserTwin
from desk.intake.admission import outdoes
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, KeepNote, OpenTicket, Quarantine
from desk.limits import USUAL
from desk.ticket import Person
from desk.tokens import ReplyKind
from desk.trust.judge import Power, Proof, Shown, Standing, Trust
from mail.auth.results import AuthOutcome
from mail.inbound.message import MailKind
from tests.support.values.builders import (
    ANN,
    BOB,
    CAT,
    DAN,
    NOW,
    POLICY,
    SUPPORT,
    TOKEN,
    a_delivered_mail,
    a_grant,
    a_mail,
    address_of,
    dmarc_results,
    some_facts,
)

MOST_BYTES = USUAL.megabytes_from_address_a_day * 1024**2
MOST_ON_TICKET = USUAL.mails_to_ticket_an_hour
MOST_REFUTED = USUAL.denied_mails_an_hour
MOST_TICKETS_OF_ADDRESS = USUAL.tickets_from_address_an_hour
MOST_TICKETS_OF_DOMAIN = USUAL.tickets_from_domain_an_hour

QUIET = Flood(0, 0, 0)
ROBOT: dict[str, Any] = {"automatic": "Auto-Submitted says 'auto-replied'.", "kind": MailKind.AUTOMATIC}
TAG: dict[str, Any] = {"subject": "Re: [SD-1042] Printer"}
SPAM = Flood(1000, 1000, 10 * MOST_BYTES)

TICKETS: list[tuple[Flood, type[Decision], str]] = [
    (QUIET, OpenTicket, ""),
    (Flood(29, 199, MOST_BYTES), OpenTicket, ""),
    (Flood(30, 30, 0), Quarantine, "dan@customer.example opened 30 tickets within an hour"),
    (Flood(0, 200, 0), Quarantine, "customer.example opened 200 tickets within an hour"),
    (Flood(0, 0, MOST_BYTES + 1), Quarantine, "dan@customer.example sent more than 500 MB within a day"),
]


def claimed(flood: Flood) -> dict[str, Flood]:
    """A flood of mails that only claim their sender, as the mails in this file do."""
    return {Proof.CLAIMED: flood}


@pytest.mark.parametrize(("flood", "outcome", "reason"), TICKETS)
def test_a_flood_is_parked_from_its_cap_on(flood: Flood, outcome: type[Decision], reason: str) -> None:
    _, decision = decide(a_mail(sender=DAN.email), some_facts(DAN, floods=claimed(flood)), POLICY)

    assert isinstance(decision, outcome)
    assert reason in decision.reason


@pytest.mark.parametrize("proof", [Proof.PROVEN, Proof.REFUTED])
def test_a_flood_of_mails_of_another_class_parks_nothing(proof: Proof) -> None:
    _, decision = decide(a_mail(sender=DAN.email), some_facts(DAN, floods={proof: SPAM}), POLICY)

    assert isinstance(decision, OpenTicket)


def test_the_caps_are_those_of_the_security_rules() -> None:
    assert (MOST_TICKETS_OF_ADDRESS, MOST_TICKETS_OF_DOMAIN) == (30, 200)


# Who writes what while their address is over every cap, or over those of tickets alone.
WHOSE: list[tuple[Person | None, dict[str, Any], Flood, str, type[Decision]]] = [
    (None, {}, SPAM, "too_many_bytes", Quarantine),
    (ANN, {}, SPAM, "too_many_bytes", Quarantine),
    (ANN, TAG, SPAM, "too_many_bytes", Quarantine),
    # Words on a ticket open none, however many of them there are.
    (ANN, TAG, Flood(1000, 1000, 0), "customer_on_ticket", Act),
    (DAN, {"to": (address_of(a_grant(ANN)),)}, Flood(1000, 1000, 0), "only_a_note", KeepNote),
    (DAN, {}, Flood(1000, 1000, 0), "too_many_tickets", Quarantine),
    # Staff never, whatever the facts say.
    (BOB, {"to": (address_of(a_grant(BOB)),)}, SPAM, "staff_on_ticket", Act),
]


@pytest.mark.parametrize(("sender", "shows", "flood", "rule", "outcome"), WHOSE)
def test_floods_keep_out_what_fills_the_desk_and_never_staff(
    sender: Person | None, shows: dict[str, Any], flood: Flood, rule: str, outcome: type[Decision]
) -> None:
    mail = a_mail(sender=sender.email if sender else "who@elsewhere.example", **{"to": (SUPPORT,)} | shows)
    facts = some_facts(sender, (a_grant(ANN), a_grant(BOB)), floods=claimed(flood))

    found, decision = decide(mail, facts, POLICY)

    assert (found, type(decision)) == (rule, outcome)


def test_what_staff_wrote_of_their_own_accord_and_confirmed_is_never_parked() -> None:
    rule, decision = decide(a_mail(sender=BOB.email), some_facts(BOB, floods=claimed(SPAM), confirmed=True), POLICY)

    assert (rule, type(decision)) == ("new_ticket", OpenTicket)


@pytest.mark.parametrize("sender", [ANN, DAN, CAT])
def test_what_robots_send_is_recorded_and_never_parked(sender: Person) -> None:
    rule, _ = decide(a_mail(sender=sender.email, **ROBOT), some_facts(sender, floods=claimed(SPAM)), POLICY)

    assert rule == "automatic_mail"


def test_an_answer_to_a_mail_that_takes_none_is_no_way_round_the_caps() -> None:
    grant = a_grant(DAN, kind=ReplyKind.NONE, ticket=None, expires_at=int(NOW.timestamp()) + 60)

    rule, _ = decide(
        a_mail(sender=DAN.email, to=(address_of(grant),)), some_facts(DAN, (grant,), floods=claimed(SPAM)), POLICY
    )

    assert rule == "too_many_bytes"


ON_TICKET = Flood(0, 0, 0, {1042: MOST_ON_TICKET})
OF_STAFF: dict[str, Any] = {"to": (address_of(a_grant(BOB)),)}

# Who writes what to a ticket on which their address is at the cap, and by which rule it is decided.
NOISE: list[tuple[Person | None, dict[str, Any], Flood, str]] = [
    (ANN, TAG, ON_TICKET, "too_many_on_ticket"),
    (ANN, TAG, Flood(0, 0, 0, {1042: MOST_ON_TICKET - 1}), "customer_on_ticket"),
    (ANN, TAG, Flood(0, 0, 0, {1043: MOST_ON_TICKET}), "customer_on_ticket"),
    (ANN, {}, ON_TICKET, "new_ticket"),
    (ANN, TAG | ROBOT, ON_TICKET, "too_many_on_ticket"),
    (None, {"to": (address_of(a_grant(ANN)),)}, ON_TICKET, "too_many_on_ticket"),
    (None, {"to": (address_of(a_grant(ANN)),)} | ROBOT, ON_TICKET, "too_many_on_ticket"),
    # A stranger who only names the ticket does not get on it.
    (None, TAG, ON_TICKET, "new_ticket"),
    (None, TAG | ROBOT, ON_TICKET, "automatic_mail"),
    (BOB, OF_STAFF, ON_TICKET, "staff_on_ticket"),
    (BOB, TAG, ON_TICKET, "staff_without_power"),
]


@pytest.mark.parametrize(("sender", "shows", "flood", "rule"), NOISE)
def test_noise_on_a_ticket_keeps_out_what_would_be_written_there_and_never_staff(
    sender: Person | None, shows: dict[str, Any], flood: Flood, rule: str
) -> None:
    mail = a_mail(sender=sender.email if sender else "who@elsewhere.example", **{"to": (SUPPORT,)} | shows)
    facts = some_facts(sender, (a_grant(ANN), a_grant(BOB)), floods={Proof.CLAIMED: flood, Proof.PROVEN: flood})

    found, _ = decide(mail, facts, POLICY)

    assert found == rule


# What our server says of a mail, how many refuted ones came, and the rule that decides.
REFUTED = [
    ("fail", MOST_REFUTED, "too_many_refuted"),
    ("fail", MOST_REFUTED - 1, "new_ticket"),
    ("pass", MOST_REFUTED, "new_ticket"),
    ("none", MOST_REFUTED, "new_ticket"),
]


@pytest.mark.parametrize(("dmarc", "number", "rule"), REFUTED)
def test_the_number_of_refuted_mails_in_all_parks_refuted_mail_alone(dmarc: str, number: int, rule: str) -> None:
    mail = a_delivered_mail(sender=DAN.email, above=[dmarc_results(DAN.email, dmarc)])
    floods = {proof: Flood(0, 0, 0, in_all=number) for proof in Proof}

    found, _ = decide(mail, some_facts(DAN, floods=floods), TOKEN)

    assert found == rule


# What a mail's server says of it and what the mail may do, what its twin proved and whether that is held, and whether
# the mail proves more.
OUTDONE = [
    (AuthOutcome.PASS, Power.FULL, Proof.CLAIMED, False, True),
    (AuthOutcome.PASS, Power.FULL, Proof.REFUTED, False, True),
    (AuthOutcome.NONE, Power.CLAIMED, Proof.REFUTED, False, True),
    (AuthOutcome.PASS, Power.FULL, Proof.PROVEN, False, False),
    (AuthOutcome.PASS, Power.FULL, Proof.PROVEN, True, True),
    (AuthOutcome.PASS, Power.READ, Proof.PROVEN, True, False),
    (AuthOutcome.PASS, Power.READ, Proof.CLAIMED, True, True),
    (AuthOutcome.NONE, Power.HELD, Proof.CLAIMED, True, False),
    (AuthOutcome.FAIL, Power.HELD, Proof.CLAIMED, True, False),
    (AuthOutcome.FAIL, Power.NOTE, Proof.REFUTED, False, False),
]


@pytest.mark.parametrize(("outcome", "power", "proof", "held", "more"), OUTDONE)
def test_a_copy_proves_more_by_its_proof_or_by_the_power_that_the_first_was_held_for_want_of(
    outcome: AuthOutcome, power: Power, proof: Proof, held: bool, more: bool
) -> None:
    trust = Trust(Standing.CUSTOMER, Shown.NONE, outcome, power, "")

    found = outdoes(trust, LesserTwin(41, proof, held))

    assert found == more
