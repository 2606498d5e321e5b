"""Which answers of staff wait beside the answer of a colleague, and whose word about them counts."""

from dataclasses import replace
from typing import Any

import pytest

from desk.commands.waiting import Wish, Word
from desk.facts import AnsweredNotice, KnownTicket, LaterWords
from desk.intake.decide import decide
from desk.intake.decision import Act, EndWait, Hold, NotApplied, Wait
from desk.ticket import Person
from desk.tokens import Grant, ReplyKind
from mail.inbound.message import MailKind
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    BOTH,
    CAT,
    NOW,
    TOKEN,
    a_delivered_mail,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    decide_on,
    dmarc_results,
    some_facts,
)

BOBS = a_grant(BOB)
NOTE = replace(BOBS, kind=ReplyKind.NOTE)
CATS, OWN = LaterWords("cats", 1042, CAT.number), LaterWords("own", 1042, BOB.number)
ASKED = LaterWords(None, 1042, BOB.number)
STAFFS_TICKET = {1042: KnownTicket(a_ticket(customer=CAT), frozenset({CAT.number}))}
# What staff wrote since, the text of Bob's answer, the right that it shows, further facts, and of what he is told.
CLASHES: list[tuple[tuple[LaterWords, ...], str, Grant, dict[str, Any], tuple[str, ...]]] = [
    ((CATS,), "Hello Ann.", BOBS, {}, ("cats",)),
    ((CATS, replace(CATS, comment="2", author=ADA.number)), "Hello Ann.", BOBS, {}, ("cats", "2")),
    ((CATS,), "#resolve\nHello Ann.", BOBS, {}, ("cats",)),
    ((), "Hello Ann.", BOBS, {}, ()),
    # Nothing of it goes to the customer.
    ((CATS,), "Hello Cat.", NOTE, {}, ()),
    ((CATS,), "#note\nHello Cat.", BOBS, {}, ()),
    ((CATS,), "#note Hello Cat.", BOBS, {}, ()),
    ((CATS,), "#priority high\n#resolve", BOBS, {}, ()),
    # He wrote himself after it, or was asked about it.
    ((OWN,), "Hello Ann.", BOBS, {}, ()),
    ((CATS, OWN), "Hello Ann.", BOBS, {}, ()),
    ((OWN, CATS), "Hello Ann.", BOBS, {}, ("cats",)),
    ((CATS, ASKED), "Hello Ann.", BOBS, {}, ()),
    ((CATS, ASKED, replace(CATS, comment="2")), "Hello Ann.", BOBS, {}, ("2",)),
    # It waits once.
    ((CATS,), "Hello Ann.", BOBS, {"waited": True}, ()),
    ((CATS,), "Hello Ann.", replace(BOBS, spent=True), {"waited": True}, ()),
    # What is on another ticket is no answer on this one; where this one was merged, both count.
    ((replace(CATS, ticket=1043),), "Hello Ann.", BOBS, {}, ()),
    ((replace(CATS, ticket=7), CATS), "Hello Ann.", replace(BOBS, ticket=7), {"merged": {7: 1042}}, ("cats", "cats")),
    # Staff who are the customer of the ticket wrote as such.
    ((CATS,), "Hello Cat, it is done.", BOBS, {"tickets": STAFFS_TICKET}, ()),
]


@pytest.mark.parametrize(("later", "text", "grant", "facts", "told"), CLASHES)
def test_an_answer_waits_where_its_author_is_not_told_of_a_colleagues(
    later: tuple[LaterWords, ...], text: str, grant: Grant, facts: dict[str, Any], told: tuple[str, ...]
) -> None:
    mail = a_mail(text, BOB.email, [address_of(grant)])
    known = {"answered": {grant.id: AnsweredNotice(None, NOW, later=later)}, **facts}

    decision = decide_on(mail, BOB, grant, policy=TOKEN, **known)

    if told:
        assert isinstance(decision, Wait)
        assert (decision.person, decision.ticket, decision.comments) == (BOB, 1042, told)
    else:
        assert isinstance(decision, Act)


def test_what_has_an_objection_is_held_and_does_not_wait_first() -> None:
    mail = a_mail("/resolve", BOB.email, [address_of(BOBS)])

    decision = decide_on(mail, BOB, BOBS, policy=TOKEN, answered={BOBS.id: AnsweredNotice(None, NOW, later=(CATS,))})

    assert isinstance(decision, Hold)


WAITING = a_grant(BOB, kind=ReplyKind.WAITING, id=88)
PENDING = AnsweredNotice(41, NOW, pending=True)


@pytest.mark.parametrize("word", Word)
def test_the_word_of_its_author_ends_the_wait(word: Word) -> None:
    mail = a_mail(word, BOB.email, [address_of(WAITING)])
    facts = some_facts(BOB, (WAITING,), answered={WAITING.id: PENDING})

    rule, decision = decide(mail, facts, TOKEN)

    assert rule == "waiting_answer"
    assert isinstance(decision, EndWait)
    assert (decision.person, decision.ticket, decision.row, decision.wish) == (BOB, 1042, 41, Wish(word))


QUOTE = "\r\n\r\nOn Mon, 2 Nov 2026 at 10:01, Desk <support@desk.example> wrote:\r\n> "
PASS = {one.email: [dmarc_results(one.email, "pass")] for one in (ANN, BOB, CAT)}
# None of these ends a wait: who answers our mail to Bob with what, and which right that mail gave.
REFUSED: list[tuple[str, Person | None, Grant, dict[str, Any]]] = [
    ("#drop", BOB, WAITING, {}),
    ("#drop", BOB, WAITING, {"above": [dmarc_results(BOB.email, "fail")]}),
    ("#drop", BOB, WAITING, {"above": PASS[BOB.email], "auto_submitted": "auto-replied"}),
    ("#drop", BOB, WAITING, {"above": PASS[BOB.email], "list_id": "<all.lists.example>", "precedence": "list"}),
    ("#drop", CAT, WAITING, {"above": PASS[CAT.email]}),
    ("#drop", ANN, WAITING, {"above": PASS[ANN.email]}),
    ("#drop", None, WAITING, {}),
    ("#drop", BOB, replace(WAITING, spent=True), {"above": PASS[BOB.email]}),
    ("#drop", BOB, replace(WAITING, expires_at=int(NOW.timestamp())), {"above": PASS[BOB.email]}),
    ("#drop", BOB, replace(WAITING, role="admin"), {"above": PASS[BOB.email]}),
    ("#drop", BOB, replace(WAITING, kind=ReplyKind.PUBLIC), {"above": PASS[BOB.email]}),
    ("#drop", BOB, replace(WAITING, kind=ReplyKind.CONFIRM), {"above": PASS[BOB.email]}),
    ("Yes.\r\n#drop", BOB, WAITING, {"above": PASS[BOB.email]}),
    (f"No.{QUOTE}#drop", BOB, WAITING, {"above": PASS[BOB.email]}),
    ("", BOB, WAITING, {"above": PASS[BOB.email]}),
]


@pytest.mark.parametrize(("text", "who", "grant", "headers"), REFUSED)
def test_no_word_of_others_of_robots_or_without_proof_ends_a_wait(
    text: str, who: Person | None, grant: Grant, headers: dict[str, Any]
) -> None:
    sender = who.email if who else "eve@elsewhere.example"
    mail = a_delivered_mail(text, sender, [address_of(grant)], **headers)

    decision = decide_on(mail, who, grant, policy=BOTH, answered={grant.id: PENDING})

    assert not isinstance(decision, EndWait)


def test_a_word_that_a_colleague_confirmed_ends_no_wait_of_another() -> None:
    mail = a_mail("#drop", CAT.email, [address_of(WAITING)])

    decision = decide_on(mail, CAT, WAITING, confirmed=True, answered={WAITING.id: PENDING})

    assert isinstance(decision, Hold)


ENDED: list[tuple[AnsweredNotice | None, str]] = [
    (AnsweredNotice(41, NOW, applied=True), "it was sent."),
    (AnsweredNotice(41, NOW), "it was not sent."),
    (AnsweredNotice(None, NOW), "it was not sent."),
    (None, "it was not sent."),
]


@pytest.mark.parametrize("text", ["#drop", "#send", "Thank you, Cat."])
@pytest.mark.parametrize(("answered", "became"), ENDED)
def test_after_the_wait_its_author_is_told_what_became_of_it(
    answered: AnsweredNotice | None, became: str, text: str
) -> None:
    mail = a_mail(text, BOB.email, [address_of(WAITING)])

    decision = decide_on(mail, BOB, WAITING, policy=TOKEN, answered={WAITING.id: answered} if answered else {})

    assert isinstance(decision, Hold)
    assert became in decision.reason


def test_a_copy_of_an_answer_that_has_waited_and_was_applied_is_the_same_mail() -> None:
    mail = a_mail("Hello Ann.", BOB.email, [address_of(BOBS)], kind=MailKind.PERSON)

    decision = decide_on(mail, BOB, BOBS, policy=TOKEN, waited=True, twin=17)

    assert isinstance(decision, NotApplied)
