"""A spent token with a pass has no more power than a pass: each attack here would have it (decision 0024)."""

from dataclasses import replace

import pytest

from desk.facts import Facts
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, Hold
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from tests.support.values.builders import (
    BOB,
    BOTH,
    BY_OURS,
    SUPPORT,
    a_grant,
    address_of,
    dmarc_results,
    id_of,
    some_facts,
)

EVE = "eve@elsewhere.example"
OWN = a_grant(BOB)
ADDRESS, OUR_ID = address_of(OWN), f"<{id_of(OWN)}>"
DMARC = dmarc_results(BOB.email, "pass")
DKIM = DMARC.partition(";")[0] + "; dkim=pass header.d=desk.example"

# All that was signed is the agent's, or the signature is the domain's; none of it says who sent this mail to us.
ATTACKS = {
    "a colleague who was in Cc writes as the agent, at a server that signs for the whole domain": (
        DMARC,
        ("From: bob@desk.example", f"To: {ADDRESS}", "Message-ID: <mine@desk.example>"),
        "#close",
    ),
    "the same where no policy came to a result, and the key is the domain's": (
        DKIM,
        ("From: bob@desk.example", f"To: {ADDRESS}", "Message-ID: <mine@desk.example>"),
        "#close",
    ),
    "a program of the agent's company, let in to send newsletters, signs with the same domain": (
        DKIM,
        ("From: bob@desk.example", f"To: {SUPPORT}", f"In-Reply-To: {OUR_ID}", "Message-ID: <news@desk.example>"),
        "Hello Ann, send the money to another account.",
    ),
    "the agent's mail to Eve alone goes on to us, with a second To above the signed one": (
        DKIM,
        (
            f"To: {SUPPORT}",
            "From: bob@desk.example",
            f"To: {EVE}",
            f"References: {OUR_ID}",
            "Message-ID: <to-eve@desk.example>",
        ),
        "Between us: this customer is a nuisance.",
    ),
    "the agent's mail to Eve alone goes on to us with a Cc, which was not signed": (
        DKIM,
        (
            "From: bob@desk.example",
            f"To: {EVE}",
            f"Cc: {SUPPORT}",
            f"References: {OUR_ID}",
            "Message-ID: <to-eve@desk.example>",
        ),
        "Between us: this customer is a nuisance.",
    ),
    "the agent's answer comes again, under a Message-ID that was not signed": (
        DMARC,
        ("From: bob@desk.example", f"To: {ADDRESS}", f"Cc: {EVE}", "Message-ID: <again@elsewhere.example>"),
        "#reopen\n\nWe refund you 100.",
    ),
    "the agent's answer comes again with a command below its signed length (l=)": (
        DMARC,
        ("From: bob@desk.example", f"To: {ADDRESS}", f"Cc: {EVE}", "Message-ID: <again@desk.example>"),
        "Hello Ann, we refund you 100.\n\n#close",
    ),
}


def arrived(results: str, lines: tuple[str, ...], text: str) -> InboundMail:
    return parse("\r\n".join([results, BY_OURS, *lines, "Subject: Re: [SD-1042] Printer", "", text]).encode())


def decided(attack: str, facts: Facts) -> Decision:
    return decide(arrived(*ATTACKS[attack]), facts, BOTH)[1]


@pytest.mark.parametrize("attack", list(ATTACKS))
def test_what_others_can_make_of_a_spent_token_and_a_pass_is_held(attack: str) -> None:
    decision = decided(attack, some_facts(BOB, (replace(OWN, spent=True),)))

    assert isinstance(decision, Hold)
    assert decision.confirm


@pytest.mark.parametrize("attack", list(ATTACKS))
def test_the_same_mail_had_its_effect_if_the_token_counted(attack: str) -> None:
    decision = decided(attack, some_facts(BOB, (OWN,)))

    assert isinstance(decision, Act)
    assert decision.text or decision.changes.status
