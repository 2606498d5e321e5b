"""Bounces that end a delivery: a server that gives up is told from one that still tries, and From may be unusable."""

from dataclasses import replace

import pytest

from desk.facts import AnsweredNotice, Oversize, Reported
from desk.intake.admission import no_single_sender
from desk.intake.decide import decide
from desk.intake.decision import Decision, FileBounce, NotApplied, Quarantine
from desk.tokens import Grant, envelope_address
from mail.bounce.failure import Bounce, BouncedRecipient, Failure
from mail.bounce.read import read_bounce
from mail.inbound.message import InboundMail, MailKind
from mail.mime.addresses import Address
from tests.support.values.builders import ANN, KEYS, NOW, POLICY, SUPPORT, a_grant, a_mail, id_of, some_facts

TO_ANN = a_grant(ANN)
DAEMON = (Address("", "mailer-daemon@mx.customer.example"),)


def a_report(action: str, status: str) -> bytes:
    """A delivery report on a mail to Ann."""
    fields = f"Final-Recipient: rfc822; {ANN.email}\nAction: {action}\nStatus: {status}\n"
    head = 'From: mailer-daemon@mx.example\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"'
    return f"{head}\n\n--b\n\nSorry.\n\n--b\nContent-Type: message/delivery-status\n\n{fields}\n--b--\n".encode()


def a_bounce(
    *, permanent: bool, gave_up: bool, failure: Failure = Failure.TRANSIENT, senders: tuple[Address, ...] = DAEMON
) -> InboundMail:
    """A report on our mail to Ann, of which its envelope sender and its Message-ID show our signature."""
    recipient = BouncedRecipient(ANN.email, "4.4.7", permanent, "", failure, gave_up)
    bounce = Bounce((recipient,), permanent, "4.4.7", id_of(TO_ANN), gave_up)
    to = (envelope_address(KEYS, TO_ANN, SUPPORT),)
    mail = a_mail("It did not arrive.", to=to, kind=MailKind.BOUNCE, automatic="It is a bounce.", bounce=bounce)
    return replace(mail, senders=senders)


def decided(mail: InboundMail, *earlier: Reported, grants: tuple[Grant, ...] = (TO_ANN,)) -> Decision:
    facts = some_facts(None, grants, answered={TO_ANN.id: AnsweredNotice(None, NOW)}, bounces=earlier)
    return decide(mail, facts, POLICY)[1]


@pytest.mark.parametrize(
    ("action", "status", "permanent", "final"),
    [
        ("failed", "5.1.1", True, True),
        ("failed", "4.4.7", False, True),
        ("expired", "4.4.7", False, True),
        ("delayed", "4.4.7", False, False),
        ("delayed", "5.0.0", False, False),
        ("", "4.4.7", False, False),
    ],
)
def test_a_report_tells_a_mail_that_is_given_up_from_one_that_is_late(
    action: str, status: str, permanent: bool, final: bool
) -> None:
    bounce = read_bounce(a_report(action, status))

    assert bounce is not None
    assert (bounce.permanent, bounce.final) == (permanent, final)


@pytest.mark.parametrize(
    ("words", "final"),
    [
        ("Connection timed out. I have given up.", True),
        ("451 mailbox busy. The message could not be delivered.", True),
        ("It could not be delivered for 4 hours. Attempts to deliver the message will continue.", False),
        ("550 no such user; it could not be delivered.", True),
    ],
)
def test_a_notice_without_a_report_is_final_unless_it_says_that_the_server_still_tries(words: str, final: bool) -> None:
    head = "From: MAILER-DAEMON@mx.example\nSubject: Mail delivery problem\n"

    bounce = read_bounce(f"{head}\n<{ANN.email}>:\n{words}\n".encode())

    assert bounce is not None
    assert bounce.final is final


def test_a_mail_that_a_server_gave_up_is_a_failure_that_is_told_and_no_fault_of_the_address() -> None:
    decision = decided(a_bounce(permanent=False, gave_up=True, failure=Failure.MAILBOX_FULL))

    assert isinstance(decision, FileBounce)
    assert (decision.tells, decision.permanent, decision.failure) == (True, True, Failure.TRANSIENT)
    assert decision.suppress is None
    assert "could not be delivered" in decision.text


def test_a_delay_is_a_note_that_nobody_is_told_of() -> None:
    decision = decided(a_bounce(permanent=False, gave_up=False))

    assert isinstance(decision, FileBounce)
    assert (decision.tells, decision.permanent) == (False, False)
    assert "is delayed" in decision.text


@pytest.mark.parametrize(("gave_up", "outcome"), [(True, FileBounce), (False, NotApplied)])
def test_giving_up_is_news_after_a_delay(gave_up: bool, outcome: type[Decision]) -> None:
    late = Reported(TO_ANN.id, ANN.email, Failure.TRANSIENT, permanent=False, at=NOW)

    decision = decided(a_bounce(permanent=False, gave_up=gave_up), late)

    assert isinstance(decision, outcome)


UNUSABLE = {
    "nobody": (),
    "two": (Address("", "a@mx.example"), Address("", "b@mx.example")),
    "a name without a domain": (Address("", "mailer-daemon"),),
    "the desk itself": (Address("", SUPPORT),),
}


@pytest.mark.parametrize("named", UNUSABLE)
def test_a_bounce_with_our_signature_is_filed_whatever_from_says(named: str) -> None:
    decision = decided(a_bounce(permanent=True, gave_up=True, senders=UNUSABLE[named]))

    assert isinstance(decision, FileBounce)


@pytest.mark.parametrize("named", UNUSABLE)
def test_a_bounce_without_our_signature_waits_for_an_admin_where_from_is_unusable(named: str) -> None:
    decision = decided(a_bounce(permanent=True, gave_up=True, senders=UNUSABLE[named]), grants=())

    assert isinstance(decision, Quarantine)


def test_a_bounce_of_which_only_the_headers_were_taken_counts_for_nothing() -> None:
    facts = some_facts(None, (TO_ANN,), answered={TO_ANN.id: AnsweredNotice(None, NOW)}, oversize=Oversize(10**8))

    rule, decision = decide(a_bounce(permanent=True, gave_up=True), facts, POLICY)

    assert (rule, type(decision)) == ("too_large", NotApplied)


def test_a_sender_without_a_domain_is_nobody() -> None:
    mail = replace(a_mail(), senders=UNUSABLE["a name without a domain"])

    rule, decision = decide(mail, some_facts(None), POLICY)

    assert (rule, decision.reason) == (
        no_single_sender.__name__, "From holds no address; a mail needs exactly one sender."
    )  # fmt: skip
