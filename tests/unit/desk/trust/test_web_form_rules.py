"""Listed web forms: whom their mail is taken from, that it proves nothing of them, and every way to misuse that."""

from dataclasses import replace
from typing import Any

import pytest

from desk.facts import Policy
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, Hold, KeepNote, OpenTicket
from desk.ticket import Person
from desk.tokens import Grant, ReplyKind
from desk.trust.judge import Power, Proof, Shown, judge
from desk.trust.threads import Void, find_thread
from desk.trust.web_forms import NO_ONE, NOT_VOUCHED, OUR_OWN, resolve_author
from mail.auth.results import AuthOutcome
from mail.inbound.message import InboundMail
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    BOTH,
    BY_OTHERS,
    DAN,
    POLICY,
    SUPPORT,
    TOKEN,
    a_delivered_mail,
    a_grant,
    address_of,
    dmarc_results,
    some_facts,
)

FORM = "forms@site.example"
LISTED = {"support": frozenset({FORM})}
OPEN, PINNED, STRICT = (replace(policy, web_forms=LISTED) for policy in (POLICY, TOKEN, BOTH))
PASSED, FAILED = (dmarc_results(FORM, word) for word in ("pass", "fail"))
# The word of our server about the address in Reply-To: it cannot say it of a mail with another From.
FORGED = dmarc_results(ANN.email, "pass")


def a_form_mail(
    reply_to: str = ANN.email, text: str = "Hello.", sender: str = FORM, above: tuple[str, ...] = (PASSED,), **more: Any
) -> InboundMail:
    """A mail of the web form as our server stores it."""
    return a_delivered_mail(text, sender, above=above, reply_to=reply_to, **more)


BELIEVED = [
    (OPEN, a_form_mail(above=())),
    (OPEN, a_form_mail(above=(FAILED,))),
    (PINNED, a_form_mail()),
    (STRICT, a_form_mail()),
    (STRICT, a_form_mail(f"Ann <{ANN.email}>")),
    (STRICT, a_form_mail(ANN.email.upper())),
    (STRICT, a_form_mail(sender="The site <Forms@SITE.example>")),
    (STRICT, a_form_mail(f"{ANN.email}, {ANN.email}")),
]


@pytest.mark.parametrize(("policy", "mail"), BELIEVED)
def test_a_mail_of_a_listed_form_is_taken_as_written_by_its_reply_to(policy: Policy, mail: InboundMail) -> None:
    taken, _ = resolve_author(mail, "support", policy)

    assert [one.email for one in taken.senders] == [ANN.email]


IGNORED = [
    # No form is listed, or another one, or at another mailbox only.
    (BOTH, a_form_mail(), None),
    (STRICT, a_form_mail(sender="form@site.example"), None),
    (STRICT, a_form_mail(sender="forms@site.example.elsewhere.example"), None),
    (STRICT, a_form_mail(sender="forms+1@site.example"), None),
    (STRICT, a_form_mail(sender=f'"{FORM}" <eve@elsewhere.example>'), None),
    (replace(BOTH, web_forms={"sales": frozenset({FORM})}), a_form_mail(), None),
    # Somebody else beside the form.
    (STRICT, a_form_mail(sender=f"{FORM}, eve@elsewhere.example"), None),
    (STRICT, a_delivered_mail(sender=FORM, above=(PASSED,), below=("From: eve@x.example",), reply_to=ANN.email), None),
    # Several in Reply-To, in one header or two; nobody; a group; no address.
    (STRICT, a_form_mail(f"{ANN.email}, {BOB.email}"), NO_ONE),
    (STRICT, a_form_mail(below=(f"Reply-To: {BOB.email}",)), NO_ONE),
    (STRICT, a_form_mail(below=(f"Reply-To: {ANN.email}",)), NO_ONE),
    (STRICT, a_delivered_mail(sender=FORM, above=(PASSED,)), NO_ONE),
    (STRICT, a_form_mail("undisclosed-recipients:;"), NO_ONE),
    (STRICT, a_form_mail("ann"), NO_ONE),
    (STRICT, a_form_mail(""), NO_ONE),
    # The desk itself, also by a signed address.
    (STRICT, a_form_mail(SUPPORT), OUR_OWN),
    (STRICT, a_form_mail(address_of(a_grant(ANN))), OUR_OWN),
    (OPEN, a_form_mail(SUPPORT), OUR_OWN),
    # Where a server is pinned, a forged From of the form is not believed.
    (PINNED, a_form_mail(above=()), NOT_VOUCHED),
    (STRICT, a_form_mail(above=()), NOT_VOUCHED),
    (STRICT, a_form_mail(above=(FAILED,)), NOT_VOUCHED),
    (STRICT, a_form_mail(above=(FORGED,)), NOT_VOUCHED),
    (STRICT, a_form_mail(above=(), below=(BY_OTHERS, PASSED)), NOT_VOUCHED),
    (STRICT, a_form_mail(above=(dmarc_results(FORM, "pass", "mx.elsewhere.example"),)), NOT_VOUCHED),
]


@pytest.mark.parametrize(("policy", "mail", "why"), IGNORED)
def test_reply_to_is_ignored_in_every_other_mail(policy: Policy, mail: InboundMail, why: str | None) -> None:
    taken, form = resolve_author(mail, "support", policy)

    assert taken is mail
    assert form is None if why is None else form and form.author is None and why in form.evidence


def test_a_form_at_an_address_of_the_desk_is_none() -> None:
    policy = replace(STRICT, web_forms={"support": frozenset({SUPPORT})})

    _, form = resolve_author(a_form_mail(sender=SUPPORT, above=(dmarc_results(SUPPORT, "pass"),)), "support", policy)

    assert form is None


def decided(
    sender: Person | None, *grants: Grant, policy: Policy = STRICT, facts: dict[str, Any] | None = None, **mail: Any
) -> Decision:
    """What becomes of a form's mail for this person, who holds these rights."""
    author = sender.email if sender else "who@elsewhere.example"
    written, form = resolve_author(a_form_mail(author, **mail), "support", policy)
    return decide(written, some_facts(sender, grants, **(facts or {})), policy, form)[1]


ANNS, DANS, BOBS = (a_grant(one) for one in (ANN, DAN, BOB))
POLICIES = [OPEN, PINNED, STRICT]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("sender", [ANN, BOB, ADA, DAN])
@pytest.mark.parametrize("shows", ["nothing", "own", "tag"])
def test_a_form_never_proves_more_than_a_claim(policy: Policy, sender: Person, shows: str) -> None:
    own = a_grant(sender)
    to = (address_of(own),) if shows == "own" else (SUPPORT,)
    mail, _ = resolve_author(
        a_form_mail(sender.email, to=to, subject="[SD-1042]" if shows == "tag" else "Hello"), "support", policy
    )
    facts = some_facts(sender, (own,), by_form=True)

    trust = judge(mail, facts, policy, find_thread(mail, facts, policy))

    assert (trust.proof, trust.shown, trust.outcome) == (Proof.CLAIMED, Shown.NONE, AuthOutcome.NONE)
    assert trust.power is (Power.HELD if sender.is_staff else trust.power)
    assert trust.power in {Power.HELD, Power.CLAIMED, Power.CAPPED}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_word_for_a_form_is_no_word_for_whom_it_names_at_the_same_domain(policy: Policy) -> None:
    site = "forms@customer.example"
    policy = replace(policy, web_forms={"support": frozenset({site})})
    mail = a_form_mail(sender=site, above=(dmarc_results(site, "pass"),), subject="[SD-1042] Printer", text="#close")

    written, form = resolve_author(mail, "support", policy)

    decision = decide(written, some_facts(ANN), policy, form)[1]

    assert isinstance(decision, Act)
    assert (decision.why["proof"], decision.text, decision.changes.status) == ("claimed", "#close", None)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_stranger_by_a_form_opens_a_ticket_within_the_caps(policy: Policy) -> None:
    decision = decided(None, policy=policy)

    assert isinstance(decision, OpenTicket)
    assert (decision.sender.email, decision.cc, decision.why["proof"]) == ("who@elsewhere.example", (), "claimed")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("to", [SUPPORT, address_of(BOBS), address_of(replace(BOBS, kind=ReplyKind.CONFIRM))])
@pytest.mark.parametrize("text", ["#close", "#confirm", "#back", "Try this."])
def test_a_form_in_the_name_of_staff_has_no_power_whatever_it_shows(policy: Policy, to: str, text: str) -> None:
    grant = replace(BOBS, kind=ReplyKind.CONFIRM) if to not in {SUPPORT, address_of(BOBS)} else BOBS

    decision = decided(BOB, grant, policy=policy, text=text, to=(to,))

    assert isinstance(decision, Hold)


@pytest.mark.parametrize("shows", [{"to": (address_of(ANNS),)}, {"subject": "Re: [SD-1042] Printer"}])
def test_the_customer_by_a_form_comments_and_neither_commands_nor_adds_anybody(shows: dict[str, Any]) -> None:
    decision = decided(ANN, ANNS, text="It burns.\n#close", cc="pal@customer.example", **shows)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.status, decision.cc, decision.proven) == (
        "It burns.\n#close",
        None,
        (),
        False,
    )


def test_a_form_with_somebody_elses_signed_address_leaves_a_note() -> None:
    decision = decided(None, ANNS, to=(address_of(ANNS),))

    assert isinstance(decision, KeepNote)


def test_a_form_gets_nobody_into_anothers_ticket() -> None:
    decision = decided(DAN, DANS, subject="[SD-1042] Printer", to=(SUPPORT, address_of(DANS)))

    assert isinstance(decision, OpenTicket)
    assert decision.continues is None


def test_a_right_shown_by_a_form_is_void_and_the_reason_says_so() -> None:
    mail, _ = resolve_author(a_form_mail(to=(address_of(ANNS),)), "support", STRICT)

    thread = find_thread(mail, some_facts(ANN, (ANNS,), by_form=True), STRICT)

    assert (thread.void, thread.fits) == (Void.BY_FORM, True)
    assert "but a web form proves nothing of who filled it in" in thread.sentence


@pytest.mark.parametrize(
    ("above", "sentence"),
    [
        ((PASSED,), f"The web form {FORM} names {ANN.email} in Reply-To, which proves nothing of them."),
        ((FAILED,), f"{FORM} is a web form, but {NOT_VOUCHED}, so Reply-To counts for nothing."),
    ],
)
def test_the_evidence_says_what_was_made_of_the_form(above: tuple[str, ...], sentence: str) -> None:
    decision = decided(ANN, above=above)

    assert decision.why["form"] == sentence


def test_mail_of_nobody_listed_has_no_word_of_forms_in_its_evidence() -> None:
    mail, form = resolve_author(a_form_mail(sender=DAN.email), "support", STRICT)

    decision = decide(mail, some_facts(DAN), STRICT, form)[1]

    assert "form" not in decision.why


def test_the_form_itself_is_the_sender_where_it_is_not_believed() -> None:
    mail, form = resolve_author(a_form_mail(above=(FAILED,)), "support", STRICT)

    decision = decide(mail, some_facts(None), STRICT, form)[1]

    assert isinstance(decision, OpenTicket)
    assert (decision.sender.email, decision.unanswered is not None, decision.why["proof"]) == (FORM, True, "refuted")
