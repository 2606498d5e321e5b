"""`#undo`: which mails take something back, why one may not, and what is kept of a mail for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.commands.arguments.macros import Macro
from desk.commands.command import Changes, Circle, Effect, Setting, Undo
from desk.commands.each.away import Away
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.table import TABLE
from desk.commands.taking_back import (
    DEEDS,
    MINUTES,
    ChangeKind,
    LastMail,
    UndoLine,
    answer,
    why_not,
    why_not_on,
)
from desk.commands.values_before import Written, before_of, kept_of
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, Hold, KeepNote, TakeBack
from desk.ticket import Category, Person, Priority, Status
from desk.tokens import Grant, ReplyKind
from mail.outbound.catalogue import said
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    BOTH,
    CANDIDATES,
    CAT,
    DAN,
    TOKEN,
    a_delivered_mail,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    dmarc_results,
    some_facts,
)
from tests.support.values.words import ENGLISH, GERMAN, plain, sentences_of
from worker.intake.effects.table import EFFECTS
from worker.intake.taking_back.kinds import UNDO

BOBS, ANNS, DANS = a_grant(BOB), a_grant(ANN), a_grant(DAN)
LAST = LastMail(1, 41, BOB.number, 1042, timedelta(minutes=1), undone=False, owner=BOB.number, before={})


def decided(text: str, who: Person, grant: Grant, **facts: Any) -> tuple[str, Decision]:
    return decide(a_mail(text, who.email, [address_of(grant)]), some_facts(who, (grant,), **facts), TOKEN)


@pytest.mark.parametrize(("who", "grant"), [(BOB, BOBS), (BOB, replace(BOBS, kind=ReplyKind.NOTE)), (ANN, ANNS)])
@pytest.mark.parametrize("text", ["#undo", "#UNDO", "\n#undo\n\n", "\uff03undo"])
def test_alone_in_a_mail_it_takes_the_last_mail_on_the_ticket_back(who: Person, grant: Grant, text: str) -> None:
    rule, decision = decided(text, who, grant)

    assert rule == "taking_back"
    assert isinstance(decision, TakeBack)
    assert (decision.person, decision.tickets) == (who, (1042,))


def test_a_ticket_that_was_merged_by_the_last_mail_is_looked_at_as_well() -> None:
    grant = replace(BOBS, ticket=7)

    _, decision = decided("#undo", BOB, grant, merged={7: 1042})

    assert isinstance(decision, TakeBack)
    assert set(decision.tickets) == {1042, 7}


@pytest.mark.parametrize("kind", [ReplyKind.NONE])
def test_in_answer_to_what_takes_none_it_is_the_last_mail_at_all(kind: ReplyKind) -> None:
    _, decision = decided("#undo", BOB, replace(BOBS, kind=kind))

    assert isinstance(decision, TakeBack)
    assert decision.tickets == ()


@pytest.mark.parametrize(
    "text",
    ["#undo\nHello Ann.", "Hello Ann.\n#undo", "#undo\n#resolve", "#resolve\n#undo", "#undo all", "#undo\n#undo"],
)
def test_beside_other_words_a_mail_of_staff_is_held_whole(text: str) -> None:
    _, decision = decided(text, BOB, BOBS)

    assert isinstance(decision, Hold)


@pytest.mark.parametrize("text", ["It works.\n#undo", "#undo\nIt works."])
def test_beside_words_of_a_customer_nothing_is_taken_back_and_the_words_stay(text: str) -> None:
    _, decision = decided(text, ANN, ANNS)

    assert isinstance(decision, Act)
    assert decision.text == "It works."
    assert [one.done for one in decision.outcomes] == [False]


def test_a_guest_takes_nothing_back() -> None:
    _, decision = decided("#undo", DAN, DANS)

    assert not isinstance(decision, TakeBack)


ABOVE = {one.email: [dmarc_results(one.email, "pass")] for one in (ANN, BOB, CAT)}
# Who writes with which right and what above it, none of which may take anything back.
REFUSED: list[tuple[Person, Grant, dict[str, Any]]] = [
    (BOB, BOBS, {}),
    (BOB, BOBS, {"above": [dmarc_results(BOB.email, "fail")]}),
    (BOB, BOBS, {"above": ABOVE[BOB.email], "auto_submitted": "auto-replied"}),
    (BOB, replace(BOBS, spent=True), {"above": ABOVE[BOB.email]}),
    (BOB, a_grant(CAT), {"above": ABOVE[BOB.email]}),
    (ANN, ANNS, {"above": [dmarc_results(ANN.email, "fail")]}),
    (ANN, a_grant(BOB), {"above": ABOVE[ANN.email]}),
]


@pytest.mark.parametrize(("who", "grant", "head"), REFUSED)
def test_nothing_is_taken_back_without_proof_or_by_a_robot(who: Person, grant: Grant, head: dict[str, Any]) -> None:
    mail = a_delivered_mail("#undo", who.email, [address_of(grant)], **head)

    _, decision = decide(mail, some_facts(who, (grant,)), BOTH)

    assert isinstance(decision, Hold | KeepNote | Act)
    assert not isinstance(decision, Act) or decision.changes == Changes()


@pytest.mark.parametrize("text", ["> #undo", "Hello Ann.\n\n> #undo", "-- \n#undo"])
def test_in_a_quote_or_signature_it_counts_for_nothing(text: str) -> None:
    _, decision = decided(text, BOB, BOBS)

    assert not isinstance(decision, TakeBack)


@pytest.mark.parametrize(
    ("changes", "person", "key"),
    [
        ({}, BOB, None),
        ({"age": timedelta(minutes=MINUTES)}, BOB, None),
        ({"age": timedelta(minutes=MINUTES, seconds=1)}, BOB, "undo.too_old"),
        ({"undone": True}, BOB, "undo.twice"),
        ({"undone": True, "age": timedelta(days=1)}, BOB, "undo.twice"),
        ({"person": CAT.number}, BOB, "undo.of_another"),
        ({"person": BOB.number}, ANN, "undo.nothing"),
    ],
)
def test_why_a_mail_is_too_late(changes: dict[str, Any], person: Person, key: str | None) -> None:
    reason = why_not(replace(LAST, **changes), person, "Cat")

    assert (reason.key if reason else None) == key


@pytest.mark.parametrize(
    ("person", "owner", "owner_then", "may"),
    [
        (BOB, BOB, BOB, True),
        # It was given away by that very mail, or had the same owner all the time.
        (BOB, CAT, CAT, True),
        (BOB, CAT, BOB, False),
        (BOB, None, BOB, False),
        (BOB, None, None, True),
        (ADA, CAT, BOB, True),
        (ANN, CAT, BOB, True),
        (DAN, CAT, CAT, False),
    ],
)
def test_whose_ticket_it_is_now(person: Person, owner: Person | None, owner_then: Person | None, may: bool) -> None:
    last = replace(LAST, person=person.number, owner=owner_then.number if owner_then else None)

    assert (why_not_on(last, person, a_ticket(assignee=owner)) is None) is may


@pytest.mark.parametrize(("before", "may"), [({"watch": []}, True), ({"watch": [], "priority": {}}, False)])
def test_who_watched_a_ticket_takes_that_back_whosever_it_is(before: dict[str, Any], may: bool) -> None:
    last = replace(LAST, before=before)

    assert (why_not_on(last, BOB, a_ticket(assignee=CAT)) is None) is may


@pytest.mark.parametrize(
    ("done", "key"),
    [((True, True), "undo.done"), ((True, False), "undo.partly"), ((False,), "undo.nothing_done"), ((), "undo.done")],
)
def test_the_answer_says_how_much_was_taken_back(done: tuple[bool, ...], key: str) -> None:
    told = answer("#undo", LAST, [UndoLine(one, plain(str(one)), "words" if one else "") for one in done])

    assert told.sentence.key == key
    assert [one.key for one in told.detail] == ["formats.plain"] * (len(done) + sum(done))


@pytest.mark.parametrize(
    ("changes", "key"),
    [({"undone": True}, "undo.twice_off_ticket"), ({"age": timedelta(days=1)}, "undo.too_old_off_ticket")],
)
def test_off_a_ticket_no_ticket_is_named(changes: dict[str, Any], key: str) -> None:
    last = replace(LAST, ticket=None)

    reason = why_not(replace(last, **changes), BOB, "Bob")

    assert reason is not None
    assert (reason.key, answer("#undo", last, []).sentence.key) == (key, "undo.done_off_ticket")


def test_what_was_done_last_is_taken_back_first() -> None:
    last = replace(LAST, before={"watch": [1, 2], "priority": "low"})

    assert [last.values(kind) for kind in (ChangeKind.WATCH, ChangeKind.PRIORITY, ChangeKind.CC)] == [
        (2, 1),
        ("low",),
        (),
    ]


def test_waits_of_one_mail_are_kept_as_one() -> None:
    waits = [(ChangeKind.WAIT, {"was": None, "is": day}) for day in ("tue", "wed")]

    assert kept_of([*waits, (ChangeKind.TELL, {})]) == {"wait": [{"was": None, "is": "wed"}], "tell": [{}]}


WORDS = Written(comment="c1")
ALL_DEEDS: dict[str, Any] = {str(kind): [{}] for kind in DEEDS}
# By whom, what changes, what is written, who has the ticket afterwards, and what is kept of it.
KEPT: list[tuple[Person, Changes, Written, int | None, dict[str, Any]]] = [
    (BOB, Changes(), Written(), BOB.number, {}),
    (BOB, Changes(), WORDS, BOB.number, {"comment": "c1"}),
    (BOB, Changes(note=True), Written(note=7), BOB.number, {"note": 7}),
    (
        BOB, Changes(status=Status.RESOLVED), Written(), BOB.number,
        {"status": {"was": "open", "is": "resolved", "by_words": "open"}},
    ),
    (
        BOB, Changes(status=Status.RESOLVED), WORDS, BOB.number,
        {"status": {"was": "open", "is": "resolved", "by_words": "in_progress"}, "comment": "c1"},
    ),
    (BOB, Changes(priority=Priority.HIGH), Written(), BOB.number, {"priority": {"was": "medium", "is": "high"}}),
    (BOB, Changes(priority=Priority.MEDIUM), Written(), BOB.number, {}),
    (
        BOB, Changes(category=Category.BILLING), Written(), BOB.number,
        {"category": {"was": "technical_issue", "is": "billing"}},
    ),
    (BOB, Changes(assignee=0), Written(), None, {"assignee": {"was": BOB.number, "is": None}}),
    (BOB, Changes(), Written(people=True), BOB.number, {"people": True}),
    (BOB, Changes(accept=True), Written(accepted=True, sender=True), BOB.number, {"accepted": True, "sender": True}),
    # What a merge closes stays closed while it stays.
    (BOB, Changes(status=Status.CLOSED, merge_into=9), WORDS, BOB.number,
     {"comment": "c1", "merge": {"into": 9, "was": "open"}}),
    (BOB, Changes(), Written(deeds=ALL_DEEDS), BOB.number, ALL_DEEDS),
    # A customer's words are read at once.
    (ANN, Changes(), WORDS, BOB.number, {}),
    (ANN, Changes(status=Status.CLOSED), WORDS, BOB.number,
     {"comment": "c1", "status": {"was": "open", "is": "closed", "by_words": "open"}}),
]  # fmt: skip


@pytest.mark.parametrize(("author", "changes", "written", "owner", "kept"), KEPT)
def test_what_is_kept_of_a_mail(
    author: Person, changes: Changes, written: Written, owner: int | None, kept: dict[str, Any]
) -> None:
    assert before_of(a_ticket(), author, changes, written, owner) == kept


# A line for each command whose values are put back, and what is kept of it.
PUT_BACK = {
    "resolve": ("#resolve", "status"),
    "close": ("#close", "status"),
    "reopen": ("#reopen", "status"),
    "status": ("#status in progress", "status"),
    "assign": ("#assign cat", "assignee"),
    "priority": ("#priority high", "priority"),
    "category": ("#category billing", "category"),
    "note": ("#note Ask them.", "note"),
    "say": ("#say refund", "status"),
    "merge": ("#merge SD-1043", "merge"),
    "cc": ("#cc +dora@other.example", "cc"),
    "wait": ("#wait 3d", "wait"),
    "watch": ("#watch", "watch"),
    "unwatch": ("#unwatch", "watch"),
    "away": ("#away until 2026-12-24", "away"),
    "back": ("#back", "away"),
}


def kind_of(effect: Effect) -> str:
    """As what an effect is kept."""
    return str(ChangeKind.AWAY if isinstance(effect, Away) else EFFECTS[type(effect)].kind)


@pytest.mark.parametrize("name", PUT_BACK)
def test_what_a_command_changes_is_kept_so_that_it_can_be_put_back(name: str) -> None:
    line, kind = PUT_BACK[name]
    ticket = a_ticket(status=Status.CLOSED if name == "reopen" else Status.OPEN)

    setting = Setting(
        BOB,
        ticket,
        CANDIDATES,
        tickets={1043: a_ticket(number=1043, ticket_id="t1043")},
        now=datetime(2026, 12, 1, tzinfo=UTC),
        circle=Circle(room=3),
        macros={"refund": Macro("Here it is.", status=Status.RESOLVED)},
        alone=name in {"away", "back"},
    )
    changes, _ = obey(parse_reply(line, staff=True).orders, setting)

    owner = BOB.number if changes.assignee is None else changes.assignee
    deeds: dict[str, Any] = {kind_of(one): [{}] for one in changes.effects}
    written = Written(note=7 if changes.note else None, deeds=deeds)
    assert set(before_of(ticket, BOB, changes, written, owner)) == {kind}


def test_each_command_whose_values_are_put_back_stands_in_the_table_above() -> None:
    assert set(PUT_BACK) == {command.name for command in TABLE if command.undo is Undo.VALUES}


def test_each_kind_of_change_has_its_way_back() -> None:
    assert set(UNDO) == set(ChangeKind)


def test_each_kind_of_change_is_kept_of_some_mail() -> None:
    assert {kind for *_, kept in KEPT for kind in kept} == set(ChangeKind)


def test_no_kind_of_change_is_ever_called_otherwise() -> None:
    assert sorted(ChangeKind) == [
        "accepted", "assignee", "away", "category", "cc", "comment", "for", "merge", "note", "people", "priority",
        "quarantine", "sender", "split", "status", "tell", "wait", "watch",
    ]  # fmt: skip


@pytest.mark.parametrize("key", sorted(key for key in sentences_of("en") if key.startswith("undo.")))
def test_each_sentence_is_said_in_both_languages(key: str) -> None:
    given: dict[str, Any] = {
        "tag": "SD-12",
        "target": "SD-15",
        "name": "Cat",
        "words": "dora@other.example",
        "names": "dora@other.example",
        "email": "dora@other.example",
        "day": "2026-12-24",
        "number": "12",
        "count": 2,
    }
    given |= {"status": said("labels.status_open"), "value": said("labels.priority_high")}
    for noun in ("ticket", "request"):
        sentence = said(key, **given | ({} if key == "undo.people" else {"noun": noun}))
        said_in = [words.say(sentence) for words in (ENGLISH, GERMAN)]

        assert said_in[0] != said_in[1]
        assert not any("{" in one for one in said_in)
