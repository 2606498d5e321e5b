"""Every answer to a command is said in German, with no English word in it but those that a command takes."""

import re
from dataclasses import replace

import pytest

from desk.commands.arguments.macros import Macro
from desk.commands.command import CommandAnswer, Setting
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import answer_mistyped, obey
from desk.commands.table import COMMANDS, TABLE
from desk.facts import KnownTicket
from desk.intake.decide import decide
from desk.intake.decision import ActOnMany, Personal
from desk.ticket import UNPROVEN_SENDERS, Category, Priority, Status, Ticket
from desk.tokens import ReplyKind
from mail.auth.results import Pin
from mail.mime.headers import Headers
from mail.outbound.catalogue import Said, said
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    CANDIDATES,
    CAT,
    DAN,
    POLICY,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    some_facts,
)
from tests.support.values.words import ENGLISH, GERMAN, sentences_of

NOBODY = replace(ANN, user_id=UNPROVEN_SENDERS)
TICKETS = {
    1042: a_ticket(),
    7: a_ticket(number=7),
    9: a_ticket(),
    10: a_ticket(number=10, assignee=CAT),
    11: a_ticket(number=11, customer=DAN),
    12: a_ticket(number=12, status=Status.CLOSED),
    13: a_ticket(number=13, customer=NOBODY, unproven="pat@stone.example"),
}
MERGES = [f"#merge {words}" for words in ("", "SD-7", "SD-9", "SD-10", "SD-11", "SD-12", "SD-13", "SD-99", "SD-1042")]
WORDS = {"status": Status, "priority": Priority, "category": Category}
LINES = [
    *(f"#{name}" for name in COMMANDS),
    *(f"#{name} {word}" for name, words in WORDS.items() for word in (*words, "purple")),
    *("#assign me", "#assign none", "#assign cat", "#reslove", "#xyzzy", "#merge SD-7\n#resolve"),
    *MERGES,
]
PASS = Headers((("authentication-results", b"mx.desk.example; dmarc=pass header.from=desk.example"),))
PINNED = replace(POLICY, pins={"support": Pin("mx.desk.example")})
PERSONAL = ("#away", "#away until 2026-11-20", "#back", "#help")
# These stand in the mail around the answers, or tell what became of the mail itself, or are kept on tickets.
AROUND = {
    *("became", "became_on", "became_of_mail", "done", "refused", "ask_for_help"),
    *("your_mail", "sent", "kept", "opened", "opened_for", "mend_here"),
    *("answer_sent", "answer_dropped", "answer_too_late", "further_words"),
    *("went_to_others", "they_have_seen", "others_have_seen", "next_time"),
    *("merge_pointer", "merge_note"),
}
# A command as its author writes it, with what stands behind it in an example.
TYPED = re.compile(r"#[a-z]+(?: (?:until|SD|in|high|me|\d|[+-])[\w.@-]*(?: progress)?)*")
PLACE = re.compile(r"{\w+}")
# Words that both languages have.
SHARED = {"ticket", "tickets", "mail", "mails", "admin", "admins", "status", "text", "in", "an", "was"}


def outcomes() -> set[Said]:
    """Each sentence that answers a command of somebody about some ticket, with the lines of its detail."""
    tickets: list[Ticket | None] = [a_ticket(status=status) for status in Status]
    tickets.append(None)
    tickets.append(a_ticket(unproven="pat@stone.example"))
    answers = [
        answer
        for person in (ADA, BOB, ANN, DAN)
        for ticket in tickets
        for answers_note in (True, False)
        for line in LINES
        for answer in answers_to(line, Setting(person, ticket, CANDIDATES, answers_note, TICKETS))
    ]
    cal = replace(CANDIDATES[1], number=9, email="cal@desk.example", name="Cal")
    answers += answers_to("#assign ca", Setting(BOB, a_ticket(), (*CANDIDATES, cal)))
    texts = Setting(BOB, a_ticket(), CANDIDATES, macros={"bye": Macro("Bye."), "broken": None})
    answers += [answer for word in ("", "bye", "broken", "gone") for answer in answers_to(f"#say {word}", texts)]
    answers += answer_mistyped(parse_reply("#close now", staff=True).orders)
    answers += answers_by_number()
    answers += answers_to("#help\n" * 60, Setting(BOB, a_ticket(), CANDIDATES))[-1:]
    for line in PERSONAL:
        _, decision = decide(a_mail(line, sender=BOB.email, headers=PASS), some_facts(BOB), PINNED)
        assert isinstance(decision, Personal)
        answers += decision.outcomes
    # An empty line stands between the groups of the help.
    return {sentence for answer in answers for sentence in (answer.sentence, *answer.detail) if ENGLISH.say(sentence)}


def answers_by_number() -> tuple[CommandAnswer, ...]:
    """The answers to lines about many tickets."""
    lines = [*(f"{number} #resolve" for number in (7, 9, 10, 12, 14)), "7 #stop", "7 #close it"]
    grant = a_grant(BOB, ticket=None, kind=ReplyKind.NONE)
    tickets = {number: KnownTicket(ticket, frozenset()) for number, ticket in TICKETS.items() if number != 9}
    facts = some_facts(BOB, (grant,), tickets=tickets, known={}, merged={9: 1042}, put_away=frozenset({14}))
    _, decision = decide(a_mail("\n".join(lines), BOB.email, (address_of(grant),)), facts, POLICY)
    assert isinstance(decision, ActOnMany)
    return tuple(answer for part in decision.parts for answer in part.outcomes)


def answers_to(line: str, setting: Setting) -> tuple[CommandAnswer, ...]:
    return obey(parse_reply(line, staff=True).orders, setting)[1]


OUTCOMES = outcomes()


def test_the_answers_are_all_that_the_catalogue_has() -> None:
    reached = {sentence.key for sentence in OUTCOMES}
    does = {f"commands.does_{one.name}" for one in TABLE}

    keys = {key for key in sentences_of("en") if key.startswith("commands.")}
    assert keys - reached - does == {f"commands.{name}" for name in AROUND}


@pytest.mark.parametrize("sentence", sorted(OUTCOMES, key=repr), ids=lambda one: one.key)
def test_no_english_word_stands_in_an_answer_in_german(sentence: Said) -> None:
    typed = {word for _, value in sentence.values if isinstance(value, str) for word in words_of(value)}

    german = words_of(TYPED.sub("", GERMAN.say(without_usage(sentence))))
    assert german
    assert german & ENGLISH_WORDS - SHARED - typed == set()


@pytest.mark.parametrize("name", sorted(AROUND))
def test_no_english_word_stands_around_the_answers(name: str) -> None:
    for form in sentences_of("de")[f"commands.{name}"]:
        assert words_of(PLACE.sub("", TYPED.sub("", form))) & ENGLISH_WORDS - SHARED == set()


def test_a_command_is_the_same_word_in_both_languages() -> None:
    for sentence in OUTCOMES:
        assert set(re.findall(r"#[a-z]+", GERMAN.say(sentence))) >= set(re.findall(r"#[a-z]+", ENGLISH.say(sentence)))


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.lower()))


def without_usage(sentence: Said) -> Said:
    """A line of help with its explanation alone: how a command is written is the same in every language."""
    values = dict(sentence.values)
    return said(sentence.key, **{**values, "usage": "", "example": ""}) if "usage" in values else sentence


ENGLISH_WORDS = {
    word
    for key, forms in sentences_of("en").items()
    if key.partition(".")[0] in {"commands", "labels"}
    for form in forms
    for word in words_of(PLACE.sub("", TYPED.sub("", form)))
}
