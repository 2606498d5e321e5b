"""Attacks, each named after what it tries, on mails as a server delivers them, and what is answered.

The list is in docs/security.md#attacks-and-the-tests-that-hold.
"""

from dataclasses import replace
from typing import Any

import pytest

from desk.facts import KnownTicket, Policy
from desk.intake.decision import Act, Decision, Hold, KeepNote, OpenTicket
from desk.ticket import Person, Role, Status
from desk.tokens import Grant
from desk.trust.threads import grants_to_spend
from tests.support.values.builders import (
    ANN,
    BOB,
    BOTH,
    BY_OTHERS,
    CAT,
    DAN,
    EVE,
    SUPPORT,
    TOKEN,
    a_delivered_mail,
    a_grant,
    a_ticket,
    address_of,
    decide_on,
    dmarc_results,
    id_of,
    some_facts,
)

FRIEND = "friend@elsewhere.example"
BOBS, ANNS, CATS = a_grant(BOB), a_grant(ANN), a_grant(CAT)
PASS = {one.email: [dmarc_results(one.email, "pass")] for one in (ANN, BOB, CAT, DAN, EVE)}
GOOD = dmarc_results(BOB.email, "pass")
TAG: dict[str, str] = {"subject": "Re: [SD-1042] Printer"}


def has_power(decision: Decision) -> bool:
    return isinstance(decision, Act) and decision.changes.status is Status.CLOSED


def results(text: str) -> str:
    return f"Authentication-Results: {text}"


# What stands above our server's Received, and below it.
FORGED: dict[str, tuple[list[str], list[str]]] = {
    "nowhere": ([], []),
    "below another's Received": ([], [BY_OTHERS, GOOD]),
    "below our own fail": ([dmarc_results(BOB.email, "fail")], [GOOD]),
    "below our own none": ([results("mx.desk.example; none")], [GOOD]),
    "below what of ours cannot be read": ([results("mx.desk.example; (broken")], [GOOD]),
    "under another server's id": ([dmarc_results(BOB.email, "pass", "mx.evil.example")], []),
    "under an id that begins like ours": ([dmarc_results(BOB.email, "pass", "mx.desk.example.evil.example")], []),
    "under an id in a comment": ([results("(mx.desk.example) x; dmarc=pass header.from=desk.example")], []),
    "in a quoted string": (
        [results('mx.desk.example; spf=none reason="; dmarc=pass header.from=desk.example"')], []
    ),
    "in a comment": ([results("mx.desk.example; spf=none (; dmarc=pass header.from=desk.example)")], []),
    "for another domain": ([dmarc_results(EVE.email, "pass")], []),
    "for two domains": ([f"{GOOD}; dmarc=pass header.from=elsewhere.example"], []),
    "for a domain that is signed by another": ([results("mx.desk.example; dkim=pass header.d=evil.example")], []),
    "in a header without end": ([GOOD + " x" * 40_000], []),
    "in a header of another name": ([GOOD.replace("Auth", "X-Auth", 1), GOOD.replace("Auth", "ARC-Auth", 1)], []),
    "in the id of the mail": ([], [f"X-Note: {GOOD}", f"Comments: a\r\n {GOOD}"]),
}  # fmt: skip


@pytest.mark.parametrize("place", list(FORGED))
def test_forged_results_give_staff_no_power_in_any_place(place: str) -> None:
    above, below = FORGED[place]
    mail = a_delivered_mail("#close", BOB.email, [address_of(BOBS)], above=above, below=below)

    decision = decide_on(mail, BOB, BOBS)

    assert isinstance(decision, Hold)
    assert decision.confirm


def test_the_results_of_our_server_give_staff_power_with_their_token() -> None:
    mail = a_delivered_mail("#close", BOB.email, [address_of(BOBS)], above=[GOOD], below=[BY_OTHERS])

    assert has_power(decide_on(mail, BOB, BOBS))


@pytest.mark.parametrize("to", [[FRIEND], []])
def test_a_signed_mail_of_staff_to_others_that_is_passed_along_to_us_has_no_power(to: list[str]) -> None:
    mail = a_delivered_mail(
        "#close", BOB.email, to, above=[f"Delivered-To: {address_of(BOBS)}", GOOD], in_reply_to=f"<{id_of(BOBS)}>"
    )

    assert isinstance(decide_on(mail, BOB, BOBS), Hold)


@pytest.mark.parametrize("policy", [BOTH, TOKEN])
@pytest.mark.parametrize("shows", [{"to": [address_of(BOBS)]}, {"in_reply_to": f"<{id_of(BOBS)}>"}])
def test_reply_all_leak_of_an_agents_token_gives_others_nothing(shows: dict[str, Any], policy: Policy) -> None:
    answer = a_delivered_mail("Hello.", BOB.email, above=[GOOD], cc=FRIEND, **shows)
    forged = a_delivered_mail("#close", BOB.email, **shows)

    seen = grants_to_spend(answer, some_facts(BOB, (BOBS,)), policy)

    assert seen == (BOBS.id,)
    assert isinstance(decide_on(forged, BOB, replace(BOBS, spent=True), policy=policy), Hold)


def test_reply_all_leak_of_a_customers_token_closes_nothing() -> None:
    mail = a_delivered_mail("#close", ANN.email, [address_of(ANNS)])

    decision = decide_on(mail, ANN, replace(ANNS, spent=True))

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.status, decision.proven) == ("#close", None, False)


TRICKS = [(None, "noreply@service.example"), (DAN, DAN.email), (EVE, EVE.email)]


@pytest.mark.parametrize("dmarc", ["pass", "fail", "none"])
@pytest.mark.parametrize("grant", [ANNS, BOBS])
@pytest.mark.parametrize(("sender", "email"), TRICKS)
def test_ticket_trick_a_mail_to_anothers_signed_address_is_only_a_note(
    sender: Person | None, email: str, grant: Grant, dmarc: str
) -> None:
    mail = a_delivered_mail("Your code is 1234.", email, [address_of(grant)], above=[dmarc_results(email, dmarc)])

    decision = decide_on(mail, sender, grant)

    assert isinstance(decision, KeepNote)
    assert "given to somebody else" in decision.reason


GUEST = {1042: KnownTicket(a_ticket(), frozenset({ANN.number, DAN.number}))}
CROWD = ", ".join(f"p{number}@elsewhere.example" for number in range(30))
LIST = {"list_id": "<all.lists.example>", "precedence": "list"}
RELAYS: list[tuple[Person, dict[str, Any], int]] = [
    (ANN, {}, 0),
    (ANN, TAG, 0),
    (ANN, {"to": [address_of(ANNS)]}, 0),
    (ANN, {"above": PASS[ANN.email]}, 10),
    (ANN, {"above": PASS[ANN.email]} | TAG, 9),
    (ANN, {"above": [dmarc_results(ANN.email, "fail")]} | TAG, 0),
    (ANN, {"above": PASS[ANN.email]} | LIST, 0),
    # Who only takes part adds nobody; to a request of one's own, also beside another's number, one may.
    (DAN, {"above": PASS[DAN.email]} | TAG, 0),
    (EVE, {"above": PASS[EVE.email]} | TAG, 10),
    (BOB, {"above": PASS[BOB.email], "to": [address_of(BOBS)]}, 9),
]


@pytest.mark.parametrize(("sender", "headers", "most"), RELAYS)
def test_cc_relay_reaches_only_whom_a_proven_owner_or_staff_name_and_ten_at_most(
    sender: Person, headers: dict[str, Any], most: int
) -> None:
    mail = a_delivered_mail("Hello.", sender.email, cc=CROWD, **({"to": [SUPPORT]} | headers))

    decision = decide_on(mail, sender, ANNS, BOBS, tickets=GUEST)

    assert len(getattr(decision, "cc", ())) == most


def test_cc_never_adds_our_own_addresses_staff_or_the_sender() -> None:
    named = f"{SUPPORT}, {address_of(ANNS)}, {BOB.email}, {CAT.email}, {ANN.email.upper()}, {FRIEND}"
    mail = a_delivered_mail("Hello.", ANN.email, cc=named, above=PASS[ANN.email])

    decision = decide_on(mail, ANN)

    assert isinstance(decision, OpenTicket)
    assert [one.email for one in decision.cc] == [FRIEND]


QUOTE = "\r\n\r\nOn Mon, 2 Nov 2026 at 10:01, Desk <support@desk.example> wrote:\r\n> "
FORWARD = "\r\n\r\n---------- Forwarded message ---------\r\nFrom: eve@elsewhere.example\r\nSubject: x\r\n\r\n"
HIDDEN = "<p>Hello.</p><{tag} style='{style}'>#close</{tag}>"
HTML = {"content_type": "text/html; charset=utf-8"}
AS_COMMANDS: dict[str, tuple[str, dict[str, str], frozenset[str]]] = {
    "quoted": (f"Hello.{QUOTE}#close", {}, frozenset()),
    "quoted behind our bar": (f"Hello.{QUOTE}| #close", {}, frozenset()),
    "below the quote": (f"Hello.{QUOTE}words\r\n\r\n#close", {}, frozenset()),
    "in a forward": (f"Hello.{FORWARD}#close", {"subject": "Fwd: x"}, frozenset()),
    "hidden by display": (HIDDEN.format(tag="div", style="display:none"), HTML, frozenset()),
    "hidden by size": (HIDDEN.format(tag="p", style="font-size:0"), HTML, frozenset()),
    "in a line that stands in the ticket": ("Hello.\r\n\r\n#close", {}, frozenset({"#close"})),
}


@pytest.mark.parametrize("who", [BOB, ANN])
@pytest.mark.parametrize("place", list(AS_COMMANDS))
def test_a_customers_text_is_no_command_of_who_answers_it(place: str, who: Person) -> None:
    text, headers, commands = AS_COMMANDS[place]
    known = {1042: KnownTicket(a_ticket(), frozenset({ANN.number}), commands=commands)}
    mail = a_delivered_mail(text, who.email, [address_of(a_grant(who))], above=PASS[who.email], **headers)

    decision = decide_on(mail, who, BOBS, ANNS, tickets=known)

    assert isinstance(decision, Act | Hold)
    assert not has_power(decision)


SELF_MADE = [
    ("a row that calls itself admin", EVE),
    ("a row that calls itself agent", replace(EVE, role=Role.AGENT)),
    ("demoted in the web application", replace(EVE, role=Role.CUSTOMER, staff_role=Role.AGENT)),
]


@pytest.mark.parametrize("shows", [{"to": [address_of(a_grant(EVE, role="agent"))]}, TAG, {}])
@pytest.mark.parametrize(("how", "who"), SELF_MADE)
def test_a_demoted_agent_and_a_self_made_agent_row_have_no_power(how: str, who: Person, shows: dict[str, Any]) -> None:
    passed = f"#close{FORWARD}How?"
    mail = a_delivered_mail(passed, who.email, above=PASS[EVE.email], **({"to": [SUPPORT]} | shows))

    decision = decide_on(mail, who, a_grant(EVE, role="agent"))

    assert isinstance(decision, OpenTicket)
    assert (decision.sender.email, decision.by) == (EVE.email, None)


LOOKALIKES = [
    "b\u043eb@desk.example", "bob@d\u0435sk.example", "bob@des\u212a.example", "\uff42ob@desk.example",
    "bob@desk.example.evil.example", "bob@desk.exampl\u0435", '"bob@desk.example" <eve@evil.example>',
    "bob@desk.example <eve@evil.example>", "=?utf-8?q?bob=40desk.example?= <eve@evil.example>",
    '"Bob <bob@desk.example>" <eve@evil.example>', "eve@evil.example (bob@desk.example)",
]  # fmt: skip


@pytest.mark.parametrize("sender", LOOKALIKES)
def test_a_homograph_or_a_display_name_is_not_who_it_looks_like(sender: str) -> None:
    mail = a_delivered_mail(sender=sender)

    assert BOB.email not in {one.email for one in mail.senders}


@pytest.mark.parametrize("sender", ["BOB@DESK.EXAMPLE", "Bob <bOb@Desk.Example>", "<bob@desk.example.>"])
def test_letter_case_makes_nobody_somebody_else(sender: str) -> None:
    mail = a_delivered_mail(sender=sender)

    assert [one.email for one in mail.senders] == [BOB.email]


ALSO = [{"reply_to": BOB.email}, {"sender_": BOB.email}, {"resent_from": BOB.email}, {"return_path": BOB.email}]


@pytest.mark.parametrize("also", ALSO)
@pytest.mark.parametrize(("who", "grant"), [(ANN, ANNS), (EVE, BOBS), (BOB, BOBS)])
def test_reply_to_and_its_like_change_nothing(who: Person, grant: Grant, also: dict[str, str]) -> None:
    named = {name.rstrip("_"): value for name, value in also.items()}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    plain, with_it = (a_delivered_mail("#close", who.email, [address_of(grant)], below=more) for more in ([], lines))

    decisions = [decide_on(mail, who, grant) for mail in (plain, with_it)]

    assert decisions[0] == decisions[1]


@pytest.mark.parametrize(
    ("dmarc", "proven", "text"), [("fail", False, "#close"), ("pass", True, ""), ("none", True, "")]
)
def test_a_refuted_mail_with_a_live_token_proves_no_address_and_commands_nothing(
    dmarc: str, proven: bool, text: str
) -> None:
    mail = a_delivered_mail("#close", ANN.email, [address_of(ANNS)], above=[dmarc_results(ANN.email, dmarc)])

    decision = decide_on(mail, ANN, ANNS)

    assert isinstance(decision, Act)
    assert (decision.proven, decision.text, has_power(decision)) == (proven, text, proven)
