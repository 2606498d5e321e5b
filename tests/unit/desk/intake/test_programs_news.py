"""What a program sends of itself, what may be a bounce, and what a person writes at their own signed address."""

from typing import Any

import pytest

from desk.facts import AnsweredNotice
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, FileBounce, KeepNote, NotApplied, OpenTicket
from desk.ticket import Person
from desk.tokens import envelope_address
from mail.bounce.failure import Bounce
from mail.bounce.signs import Sign
from mail.inbound.message import InboundMail, MailKind
from mail.inbound.parse import parse
from tests.support.values.builders import (
    ANN,
    BOB,
    DAN,
    KEYS,
    NOW,
    POLICY,
    SUPPORT,
    a_grant,
    a_mail,
    address_of,
    some_facts,
)

ALARM: dict[str, Any] = {
    "kind": MailKind.GENERATED,
    "automatic": "Auto-Submitted says 'auto-generated'.",
    "signs": (Sign(6, "Auto-Submitted says 'auto-generated'."),),
}
TO_ANN = a_grant(ANN)


@pytest.mark.parametrize("who", [None, ANN])
def test_a_programs_own_news_open_a_ticket_without_acknowledgement(who: Person | None) -> None:
    mail = a_mail("Disk full.", who.email if who else "monitor@ops.example", **ALARM)

    rule, decision = decide(mail, some_facts(who), POLICY)

    assert rule == "new_ticket"
    assert isinstance(decision, OpenTicket)
    assert decision.unanswered == "A program wrote it, which is not answered by a program."
    assert decision.why["signs"] == "Auto-Submitted says 'auto-generated'. (+6) In all 6: is not acknowledged."


WHERE: list[tuple[Person, dict[str, Any], type[Decision]]] = [
    (ANN, {"subject": "Re: [SD-1042] Printer"}, KeepNote),
    (ANN, {"to": (address_of(TO_ANN),)}, KeepNote),
    (BOB, {}, NotApplied),
    (DAN, {"to": (address_of(TO_ANN),)}, KeepNote),
]


@pytest.mark.parametrize(("who", "shows", "outcome"), WHERE)
def test_on_a_ticket_news_are_a_note_and_never_a_command(
    who: Person, shows: dict[str, Any], outcome: type[Decision]
) -> None:
    mail = a_mail("#close", who.email, **(ALARM | shows))

    rule, decision = decide(mail, some_facts(who, (TO_ANN,)), POLICY)

    assert (rule, type(decision)) == ("automatic_mail", outcome)


def notice(to: str, **changes: Any) -> InboundMail:
    signs = (Sign(3, "From is postmaster.", machine=False), Sign(8, "The words are those of a notice.", machine=False))
    given: dict[str, Any] = {
        "kind": MailKind.BOUNCE,
        "automatic": "It reports.",
        "bounce": Bounce((), True, None, None),
        "signs": signs,
    }
    return a_mail("It was rejected.", ANN.email, (to,), **(given | changes))


def test_a_mail_at_the_signed_address_of_its_sender_is_theirs_whatever_it_looks_like() -> None:
    _, decision = decide(notice(address_of(TO_ANN)), some_facts(ANN, (TO_ANN,)), POLICY)

    assert isinstance(decision, Act)
    assert decision.text == "It was rejected."


@pytest.mark.parametrize(
    ("to", "signs"),
    [(SUPPORT, ()), (address_of(a_grant(DAN)), ()), (address_of(TO_ANN), (Sign(6, "The envelope has no sender."),))],
)
def test_elsewhere_or_with_a_programs_part_it_is_none(to: str, signs: tuple[Sign, ...]) -> None:
    _, decision = decide(notice(to, signs=signs or notice(to).signs), some_facts(ANN, (TO_ANN, a_grant(DAN))), POLICY)

    assert not isinstance(decision, Act)


def test_what_may_be_a_bounce_counts_at_our_signed_envelope_address_and_else_opens_a_ticket() -> None:
    doubtful: dict[str, Any] = {"kind": MailKind.GENERATED, "automatic": "It may report a mail that did not arrive."}
    facts = some_facts(None, (TO_ANN,), answered={TO_ANN.id: AnsweredNotice(None, NOW)})

    ours = decide(notice(envelope_address(KEYS, TO_ANN, SUPPORT), **doubtful), facts, POLICY)[1]
    others = decide(notice(SUPPORT, **doubtful), facts, POLICY)[1]

    assert isinstance(ours, FileBounce)
    assert isinstance(others, OpenTicket)
    assert others.unanswered


def test_an_alarm_as_it_arrives_opens_a_ticket() -> None:
    raw = b"From: monitor@ops.example\nTo: support@desk.example\nAuto-Submitted: auto-generated\nSubject: Disk\n\n99%\n"

    assert isinstance(decide(parse(raw), some_facts(None), POLICY)[1], OpenTicket)
