"""Mails that only ask to read: whose are answered, what a subject may say, and what is no question."""

from typing import Any

import pytest

from desk.commands.reading.ask import Ask, Listed, Scope, View
from desk.commands.reading.found import PAGE, ShownWords, page_of
from desk.facts import AnsweredNotice
from desk.intake.decide import decide
from desk.intake.decision import Decision, Hold, Personal
from desk.ticket import Person
from desk.tokens import ReplyKind
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    BOTH,
    DAN,
    NOW,
    a_delivered_mail,
    a_grant,
    address_of,
    dmarc_results,
    some_facts,
)
from tests.support.values.words import english

MINE, ALL = Ask(View.LIST, Scope.MINE), Ask(View.LIST, Scope.ALL)
FORWARD = "#list\n\n---------- Forwarded message ---------\nFrom: eve@elsewhere.example\nSubject: Q\n\n#show 1042\n"


def decided(
    text: str, who: Person, result: str = "pass", *, known: bool = True, to: tuple[str, ...] = (), **headers: Any
) -> tuple[str, Decision]:
    """The rule and the decision on a mail that is about no ticket."""
    above = (dmarc_results(who.email, result),) if result else ()
    mail = a_delivered_mail(text, who.email, *((to,) if to else ()), above=above, **headers)
    return decide(mail, some_facts(who if known else None, tickets={}, known={}), BOTH)


def asks(decision: Decision) -> list[Ask | None]:
    """What a decision asks for, command by command."""
    assert isinstance(decision, Personal)
    return [one.ask for one in decision.outcomes]


QUESTIONS: list[tuple[Person, str, list[Ask | None]]] = [
    (BOB, "#list", [MINE]),
    (BOB, "#list\n#show 7\n#search a b", [MINE, Ask(View.SHOW, ticket=7), Ask(View.SEARCH, words="a b")]),
    (ADA, "#list bob", [Ask(View.LIST, Scope.OWNED, person=BOB.number)]),
    (ADA, "#list b", [Ask(View.LIST, Scope.OWNED, person=BOB.number)]),
    (BOB, "#help\n#list", [None, MINE]),
    (BOB, "#list\n\n-- \nBob\nThe desk", [MINE]),
    (ANN, "#list", [ALL]),
    (ANN, "#list open\n#more", [Ask(View.LIST, Scope.OPEN), None]),
    (ANN, "#show SD-1042\n\nSent from my iPhone", [Ask(View.SHOW, ticket=1042)]),
]


@pytest.mark.parametrize(("who", "text", "wanted"), QUESTIONS)
def test_a_mail_of_nothing_but_questions_is_answered(who: Person, text: str, wanted: list[Ask | None]) -> None:
    rule, decision = decided(text, who)

    assert rule == ("personal_commands" if who.is_staff else "customers_questions")
    assert asks(decision) == wanted


# What a customer or stranger writes that only looks like a question, or proves nothing.
NO_QUESTIONS: list[tuple[Person, str, str, bool]] = [
    (ANN, "#list", "", True),
    (ANN, "#list", "fail", True),
    (ANN, "#list", "pass", False),
    (ANN, "#list", "", False),
    (ANN, "#list my things, please", "pass", True),
    (ANN, "#show me the invoice", "pass", True),
    (ANN, "#list\nWhere is my parcel?", "pass", True),
    (ANN, "#search invoice", "pass", True),
    (ANN, "#history 1042", "pass", True),
    (ANN, "#help", "pass", True),
    (ANN, FORWARD, "pass", True),
    (ANN, "> #list", "pass", True),
]


@pytest.mark.parametrize(("who", "text", "result", "known"), NO_QUESTIONS)
def test_of_everybody_else_it_is_a_request_like_any_other(who: Person, text: str, result: str, known: bool) -> None:
    assert decided(text, who, result, known=known)[0] == "new_ticket"


def test_what_nothing_proves_is_decided_alike_whether_its_sender_is_known_here() -> None:
    known, unknown = (decided("#list", ANN, "", known=one)[1] for one in (True, False))

    assert known == unknown


# With a pass and no token: what is no command asks for nothing, and changes nothing.
NO_COMMANDS = [
    ("#xyzzy", "personal_commands"),
    ("#release 12", "personal_commands"),
    ("#xyzzy\n#list", "personal_commands"),
    ("#lsit\n#list\n#help", "personal_commands"),
    ("#xyzzy\n#resolve", "staff_without_power"),
    ("#xyzzy\n#back for cat", "staff_without_power"),
]


@pytest.mark.parametrize(("text", "rule"), NO_COMMANDS)
def test_a_word_that_is_no_command_needs_no_more_than_those_beside_it(text: str, rule: str) -> None:
    assert decided(text, BOB)[0] == rule
    assert decided(text, ADA)[0] == rule
    assert decided(text, BOB, "")[0] == "staff_without_power"


def test_staff_without_a_pass_are_asked_first() -> None:
    assert decided("#list", BOB, "")[0] == "staff_without_power"


MISTYPED = {
    "#lisst": ["There is no command #lisst; did you mean #list?"],
    "#histroy\n#list": ["There is no command #histroy; did you mean #history?", "Your tickets that are not over"],
}


@pytest.mark.parametrize("text", MISTYPED)
def test_a_word_of_staff_that_is_no_command_is_answered(text: str) -> None:
    _, decision = decided(text, BOB)

    assert isinstance(decision, Personal)
    said = [english(one.sentence) for one in decision.outcomes]
    assert [one.startswith(words) for one, words in zip(said, MISTYPED[text], strict=True)] == [True] * len(said)


@pytest.mark.parametrize("text", ["", "\n\n", "-- \nBob Smith\nThe desk", "Best wishes\nBob", "Sent from my iPhone"])
@pytest.mark.parametrize("subject", ["#list", "  #list ", "#LIST mine"])
def test_a_subject_may_ask_where_the_mail_has_no_words(subject: str, text: str) -> None:
    rule, decision = decided(text, BOB, subject=subject)

    assert (rule, asks(decision)) == ("personal_commands", [MINE])


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("#list", "Where is the printer?"),
        ("#list", "> quoted words\n> and more"),
        ("#list", "---------- Forwarded message ---------\nFrom: eve@elsewhere.example\nSubject: Q\n\nHow?\n"),
        ("Re: #list", ""),
        ("Fwd: #list", ""),
        ("#resolve", ""),
        ("#away until 2026-11-20", ""),
        ("#lists of things", ""),
        ("Printer", ""),
    ],
)
def test_no_other_subject_does(subject: str, text: str) -> None:
    assert decided(text, BOB, subject=subject)[0] != "personal_commands"


def test_a_subject_of_a_customer_asks_nothing() -> None:
    assert decided("", ANN, subject="#list")[0] == "new_ticket"


def more_of(listed: Listed | None, who: Person = BOB, **grant: Any) -> tuple[list[Ask | None], str]:
    """What `#more` asks for in answer to a mail that listed this, and the sentence on it."""
    given = a_grant(who, ticket=None, kind=ReplyKind.NOTE, **grant)
    mail = a_delivered_mail("#more", who.email, (address_of(given),), above=(dmarc_results(who.email, "pass"),))
    answered = {given.id: AnsweredNotice(None, NOW, reading=listed)}
    decision = decide(mail, some_facts(who, [given], answered=answered, tickets={}, known={}), BOTH)[1]
    assert isinstance(decision, Personal)
    return asks(decision), english(decision.outcomes[0].sentence)


@pytest.mark.parametrize(
    ("tickets", "advised"), [((1042, 7), "such as 12 #resolve"), ((), "its reply address is your key")]
)
def test_a_change_in_answer_to_a_list_is_told_how_to_name_its_ticket(tickets: tuple[int, ...], advised: str) -> None:
    given = a_grant(BOB, ticket=None, kind=ReplyKind.NOTE)
    mail = a_delivered_mail("#resolve", BOB.email, (address_of(given),), above=(dmarc_results(BOB.email, "pass"),))
    answered = {given.id: AnsweredNotice(None, NOW, reading=Listed(tickets))}

    decision = decide(mail, some_facts(BOB, [given], answered=answered, tickets={}, known={}), BOTH)[1]

    assert isinstance(decision, Hold)
    assert advised in english(decision.advice)


@pytest.mark.parametrize("who", [BOB, ANN])
def test_more_goes_on_from_the_answered_mail(who: Person) -> None:
    rest = Ask(View.LIST, Scope.MINE, after="1020")

    assert more_of(Listed((1042,), rest), who)[0] == [rest]


@pytest.mark.parametrize(
    ("listed", "grant", "sentence"),
    [
        (None, {}, "needs an answer to a mail that shows one"),
        (Listed((1042,)), {}, "There is no more"),
        (Listed((1042,), MINE), {"expires_at": int(NOW.timestamp())}, "That mail is too old to go on from it."),
    ],
)
@pytest.mark.parametrize("who", [BOB, ANN])
def test_more_says_why_it_cannot(who: Person, listed: Listed | None, grant: dict[str, Any], sentence: str) -> None:
    asked, told = more_of(listed, who, **grant)

    assert asked == [None]
    assert sentence in told


def test_more_goes_on_from_no_mail_of_somebody_else() -> None:
    given = a_grant(DAN, ticket=None, kind=ReplyKind.NOTE)
    answered = {given.id: AnsweredNotice(None, NOW, reading=Listed((1042,), MINE))}
    mail = a_delivered_mail("#more", ANN.email, (address_of(given),), above=(dmarc_results(ANN.email, "pass"),))

    decision = decide(mail, some_facts(ANN, [given], answered=answered, tickets={}, known={}), BOTH)[1]

    assert not isinstance(decision, Personal) or asks(decision) == [None]


def some_words(*lengths: int) -> tuple[ShownWords, ...]:
    return tuple(
        ShownWords(author="Ann", at=NOW, text=f"{number} " * (length // 2), is_note=False)
        for number, length in enumerate(lengths)
    )


@pytest.mark.parametrize(
    "lengths", [(), (1,), (10, 20, 30), (PAGE * 3,), (PAGE, PAGE, PAGE), (10, PAGE * 2 + 7, 10), (PAGE - 10, 500, 500)]
)
def test_the_pages_of_a_conversation_hold_each_word_once(lengths: tuple[int, ...]) -> None:
    words, after, shown, pages = some_words(*lengths), "", list[tuple[int, str]](), 0
    while True:
        page, after = page_of(words, after)
        shown += [(len(one.text), one.text.split()[0]) for one in page if one.text.strip()]
        pages += 1
        assert sum(len(one.text) for one in page) <= PAGE
        if not after:
            break

    assert sum(length for length, _ in shown) == sum(len(one.text) for one in words)
    assert [name for _, name in shown] == sorted((name for _, name in shown), reverse=True)
    assert pages <= sum(lengths) // (PAGE // 3) + 2


def test_a_place_behind_words_that_were_deleted_since_ends_the_conversation() -> None:
    assert page_of((), "7:12") == ((), "")
    assert page_of(some_words(10), "0:9999")[1] == ""
