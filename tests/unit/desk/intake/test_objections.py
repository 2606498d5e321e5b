"""An answer of staff: what becomes of its words and commands, and what holds it."""

from dataclasses import replace
from typing import Any

import pytest

from desk.commands.command import Changes
from desk.facts import AnsweredNotice, KnownTicket
from desk.intake.assessment import assess
from desk.intake.decide import decide
from desk.intake.decision import Accepted, Act, Decision, Hold
from desk.intake.objections import OBJECTIONS, SEND_AGAIN, objection, own_words
from desk.ticket import UNPROVEN_SENDERS, Category, Priority, Status
from desk.tokens import Keys, ReplyKind, reference
from mail.inbound.message import Attachment
from mail.inbound.parse import parse
from mail.mime.addresses import Address
from mail.outbound.catalogue import said
from mail.quoting.labels import DELIMITER, DELIMITERS
from tests.support.values.builders import (
    ANN,
    BOB,
    CAT,
    KEYS,
    NOW,
    POLICY,
    a_file,
    a_grant,
    a_mail,
    a_ticket,
    address_of,
    some_facts,
)


def answered(
    text: str, *, kind: ReplyKind = ReplyKind.PUBLIC, status: Status = Status.OPEN, **changes: Any
) -> Decision:
    """What becomes of Bob's answer, with his own token, to a mail about SD-1042."""
    grant = a_grant(BOB, kind=kind)
    tickets = {1042: KnownTicket(a_ticket(status=status), frozenset({ANN.number}))}
    mail = a_mail(text, sender=BOB.email, to=(address_of(grant),), **changes)
    return decide(mail, some_facts(BOB, (grant,), tickets=tickets), POLICY)[1]


# The mail, and: the comment, what changes, and how many commands are answered.
ANSWERS = [
    ("Try this.", "Try this.", Changes(Status.IN_PROGRESS), 0),
    ("#resolve\nDone.", "Done.", Changes(Status.RESOLVED), 1),
    ("Done.\n\n#resolve", "Done.", Changes(Status.RESOLVED), 1),
    ("#priority high\n\nHi Ann.\n\n#close", "Hi Ann.", Changes(Status.CLOSED, Priority.HIGH), 2),
    ("#status in progress", "", Changes(Status.IN_PROGRESS), 1),
    ("#category billing\nHi Ann.", "Hi Ann.", Changes(Status.IN_PROGRESS, category=Category.BILLING), 1),
    ("#assign me", "", Changes(assignee=BOB.number), 1),
    ("#assign none", "", Changes(assignee=0), 1),
    ("#assign cat", "", Changes(assignee=CAT.number), 1),
    ("#assign nobody-here", "", Changes(), 1),
    ("#note\nShe is angry.", "She is angry.", Changes(note=True), 1),
    ("She is angry.\n#note", "She is angry.", Changes(note=True), 1),
    ("#note She is angry.", "She is angry.", Changes(note=True), 1),
    ("#note She is angry.\nBe kind.", "She is angry.\nBe kind.", Changes(note=True), 1),
    ("#note\n#assign cat\nYours.", "Yours.", Changes(assignee=CAT.number, note=True), 2),
    ("#NOTE\nInternal.", "Internal.", Changes(note=True), 1),
    ("\u200b#note\nInternal.", "Internal.", Changes(note=True), 1),
    ("\uff03note\nInternal.", "Internal.", Changes(note=True), 1),
    ("#1 is the answer.", "#1 is the answer.", Changes(Status.IN_PROGRESS), 0),
    ("> #close\nNo.", "> #close\nNo.", Changes(Status.IN_PROGRESS), 0),
]


@pytest.mark.parametrize(("text", "comment", "changes", "outcomes"), ANSWERS)
def test_an_answer_becomes_a_comment_and_changes(text: str, comment: str, changes: Changes, outcomes: int) -> None:
    decision = answered(text)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes, len(decision.outcomes)) == (comment, changes, outcomes)


AFTER_ANSWER = [
    (Status.OPEN, Status.IN_PROGRESS),
    (Status.IN_PROGRESS, None),
    (Status.RESOLVED, None),
    (Status.CLOSED, None),
]


@pytest.mark.parametrize(("before", "after"), AFTER_ANSWER)
def test_a_public_answer_moves_an_open_ticket_on_and_no_other(before: Status, after: Status | None) -> None:
    decision = answered("Try this.", status=before)

    assert isinstance(decision, Act)
    assert decision.changes.status == after


@pytest.mark.parametrize("text", ["Words.", "#priority high\nWords.", "Words.\n#resolve"])
def test_an_answer_to_a_note_address_stays_a_note(text: str) -> None:
    decision = answered(text, kind=ReplyKind.NOTE)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.note) == ("Words.", True)


def test_a_note_does_not_move_the_ticket_on() -> None:
    decision = answered("Words.", kind=ReplyKind.NOTE)

    assert isinstance(decision, Act)
    assert decision.changes.status is None


HELD = [
    ("#reslove\nDone.", "There is no command #reslove; did you mean #resolve?"),
    ("#resolve\n#xyzzy\nDone.", "There is no command #xyzzy; #help lists them."),
    ("Done.\n#resovle", "There is no command #resovle; did you mean #resolve?"),
    ("#note: she is angry", "There is no command #note:; did you mean #note?"),
    ("#resolve it is done", "#resolve takes nothing after it"),
    ("Done.\n#close the door", "#close takes nothing after it"),
    ("Hi.\n\n#note\n\nShe is angry.", "The command #note stands amid the text"),
    ("/resolve\nDone.", "Its line “/resolve” looks like a command"),
    ("Done.\n\n# resolve", "Write #resolve, or put"),
    ("#priority high\nresolve\nDone.", "Write #resolve, or put"),
    ("assign cat\nPlease take it.", "Write #assign cat, or put"),
    ("resolve", "Write #resolve, or put"),
    ("#assign cat\nCat, please take it.", "to the customer, or a note?"),
    ("Cat, please take it.\n\n#assign cat", "to the customer, or a note?"),
    ("#assign cat\nHello Cat,\nplease take it.", "to the customer, or a note?"),
    ("#assign cat\nHello,\nplease take it.", "to the customer, or a note?"),
    ("#priority high\nShe is angry.", "It holds more than the command #priority high"),
    ("#category billing\n#resolve\nDone.", "add #note on a line of its own"),
    ("#merge SD-7\nThe same again.", "to the customer, or a note?"),
    ("Done.\n#resolve\nBob", "The command #resolve stands amid the text"),
    (f"Done.\n> {DELIMITER}\n> Hello", "the line above which answers stand"),
    ("Done.\n> please  write your answer\nabove this line", "the line above which answers stand"),
    (f"Erledigt.\n> {DELIMITERS['de']}\n> Guten Tag", "the line above which answers stand"),
]


@pytest.mark.parametrize(("text", "reason"), HELD)
def test_what_may_not_go_to_the_customer_as_it_stands_is_held(text: str, reason: str) -> None:
    decision = answered(text)

    assert isinstance(decision, Hold)
    assert reason in decision.reason
    assert (decision.person, decision.advice) == (BOB, SEND_AGAIN)


def test_a_mistyped_command_is_told_once_however_often_it_stands_there() -> None:
    decision = answered("#xyzzy\n" * 1000)

    assert isinstance(decision, Hold)
    assert decision.reason.split().count("#xyzzy;") == 1


def test_a_file_beside_an_internal_command_is_asked_about_as_words_are() -> None:
    decision = answered("#assign cat", attachments=(a_file(),))

    assert isinstance(decision, Hold)
    assert "to the customer, or a note?" in decision.reason


@pytest.mark.parametrize("text", ["#assign cat\nPlease.", "#priority high\nPlease."])
def test_in_an_answer_to_an_internal_mail_nothing_is_asked(text: str) -> None:
    decision = answered(text, kind=ReplyKind.NOTE)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.note) == ("Please.", True)


@pytest.mark.parametrize("confidence", [0.2, 0.5])
@pytest.mark.parametrize("text", ["See:\n\n#close", "#close\nSee.", "Mail:\n#assign none\nBye", "#reslove\nx"])
def test_commands_beside_a_forwarded_or_untrimmed_mail_hold_it(text: str, confidence: float) -> None:
    decision = answered(text, confidence=confidence)

    assert isinstance(decision, Hold)
    assert "they may be somebody else's" in decision.reason


def test_a_forward_without_commands_is_an_answer_with_all_its_words() -> None:
    decision = answered("See:\n> hello\nBye", confidence=0.5)

    assert isinstance(decision, Act)
    assert (decision.text, decision.outcomes) == ("See:\n> hello\nBye", ())


RAW = """From: bob@desk.example
To: {address}
Subject: Re: [SD-1042] Printer

{top}

On Mon, 2 Nov 2026 at 10:01, Desk <support@desk.example> wrote:
> {delimiter}
> | #close
> #assign none
#category billing
"""


@pytest.mark.parametrize("top", ["Hi.", "#note\nHi."])
def test_a_command_below_the_cut_never_counts(top: str) -> None:
    grant = a_grant(BOB)
    raw = RAW.format(address=address_of(grant), top=top, delimiter=DELIMITER).replace("#category billing\n", "")

    _, decision = decide(parse(raw.encode()), some_facts(BOB, (grant,)), POLICY)

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.assignee, decision.changes.category) == ("Hi.", None, None)
    assert decision.changes.status is not Status.CLOSED


def test_a_command_written_below_the_quoted_mail_holds_it() -> None:
    grant = a_grant(BOB)
    raw = RAW.format(address=address_of(grant), top="Hi.", delimiter=DELIMITER)

    _, decision = decide(parse(raw.encode()), some_facts(BOB, (grant,)), POLICY)

    assert isinstance(decision, Hold)


def test_a_customers_command_in_a_forward_of_staff_never_counts() -> None:
    grant = a_grant(BOB)
    raw = (
        f"From: bob@desk.example\nTo: {address_of(grant)}\nSubject: Fwd: Printer\n\nFYI\n\n"
        "---------- Forwarded message ---------\nFrom: eve@elsewhere.example\n\nPlease.\n\n#assign none\n"
    )

    _, decision = decide(parse(raw.encode()), some_facts(BOB, (grant,)), POLICY)

    assert isinstance(decision, Hold)


def test_an_answer_with_files_only_says_so() -> None:
    decision = answered("", attachments=(a_file(),))

    assert isinstance(decision, Act)
    assert decision.text == "(The mail has no text; 1 file is attached.)"


def test_a_command_with_a_file_tells_the_customer_of_the_file() -> None:
    decision = answered("#resolve", attachments=(a_file("invoice.pdf"),))

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.status) == ("(The mail has no text; 1 file is attached.)", Status.RESOLVED)


def test_a_note_on_the_line_of_its_command_is_kept_beside_a_file() -> None:
    decision = answered("#note She is angry.", attachments=(a_file(),))

    assert isinstance(decision, Act)
    assert (decision.text, decision.changes.note) == ("She is angry.", True)


def test_a_sound_answer_meets_no_objection() -> None:
    mail = replace(a_mail("#resolve\nDone."), confidence=0.6)

    reason = objection(assess(mail, some_facts(BOB), POLICY), own_words(mail, staff=True))

    assert reason is None
    assert len(OBJECTIONS) == 17


QUOTED = [("Angry.", ReplyKind.NOTE, True), ("Hi.", ReplyKind.PUBLIC, False), ("#note\nAngry.", ReplyKind.NOTE, False),
          ("#resolve", ReplyKind.NOTE, False)]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "held"), QUOTED)
def test_a_confirmed_answer_to_an_internal_mail_that_lost_its_address_is_held(
    text: str, kind: ReplyKind, held: bool
) -> None:
    grant = a_grant(BOB, kind=kind)
    quote = f"> [ref {reference(KEYS, grant)}]"
    mail = a_mail(text, BOB.email, removed=quote, subject="Re: [SD-1042] Printer")

    _, decision = decide(mail, some_facts(BOB, (grant,), confirmed=True), POLICY)

    assert isinstance(decision, Hold) is held


def test_the_same_answer_at_its_own_address_stays_internal() -> None:
    grant = a_grant(BOB, kind=ReplyKind.NOTE)
    mail = a_mail("Angry.", BOB.email, (address_of(grant),), removed=f"> [ref {reference(KEYS, grant)}]")

    _, decision = decide(mail, some_facts(BOB, (grant,)), POLICY)

    assert isinstance(decision, Act)
    assert decision.changes.note


STRANGERS = Address("Eve", "eve@elsewhere.example")
# What stands behind the mail that is answered, and: the note that is accepted, and whether the answer is internal.
ANSWERED_NOTICES: list[tuple[AnsweredNotice, int | None]] = [
    (AnsweredNotice(1, NOW, note=5, note_text="It is the toner.", note_sender=STRANGERS), 5),
    # A note of staff, of a program, or one that was accepted before.
    (AnsweredNotice(1, NOW, note=5, note_text="Angry.", note_sender=None), None),
    (AnsweredNotice(1, NOW), None),
]


@pytest.mark.parametrize(("answered", "note"), ANSWERED_NOTICES)
def test_only_the_note_of_a_stranger_that_the_answered_mail_told_of_is_accepted(
    answered: AnsweredNotice, note: int | None
) -> None:
    grant = a_grant(BOB, kind=ReplyKind.NOTE)
    mail = a_mail("#accept\nShe knows.", BOB.email, (address_of(grant),))

    _, decision = decide(mail, some_facts(BOB, (grant,), answered={grant.id: answered}), POLICY)

    assert isinstance(decision, Act)
    assert decision.accepted == (Accepted(note, STRANGERS, "It is the toner.") if note else None)
    assert (decision.text, decision.changes.note) == ("She knows.", True)


NOBODY = replace(ANN, user_id=UNPROVEN_SENDERS)
TO_NOBODY = [
    ("Which bill?", ReplyKind.PUBLIC, Hold),
    ("#resolve\nWhich bill?", ReplyKind.PUBLIC, Hold),
    ("#accept\nWhich bill?", ReplyKind.PUBLIC, Act),
    ("#note\nWhich bill?", ReplyKind.PUBLIC, Act),
    ("Which bill?", ReplyKind.NOTE, Act),
    ("#resolve", ReplyKind.PUBLIC, Act),
    ("#accept", ReplyKind.PUBLIC, Act),
]


@pytest.mark.parametrize(("text", "kind", "becomes"), TO_NOBODY)
def test_an_answer_that_would_reach_nobody_is_held(text: str, kind: ReplyKind, becomes: type[Decision]) -> None:
    grant = a_grant(BOB, kind=kind)
    unproven = a_ticket(customer=NOBODY, unproven="pat@stone.example")
    mail = a_mail(text, sender=BOB.email, to=(address_of(grant),))

    decision = decide(mail, some_facts(BOB, (grant,), tickets={1042: KnownTicket(unproven, frozenset({1}))}), POLICY)[1]

    assert isinstance(decision, becomes)


def test_an_answer_of_files_alone_that_would_reach_nobody_is_held_too() -> None:
    grant = a_grant(BOB)
    unproven = a_ticket(customer=NOBODY, unproven="pat@stone.example")
    mail = a_mail("", sender=BOB.email, to=(address_of(grant),), attachments=(a_file(),))

    decision = decide(mail, some_facts(BOB, (grant,), tickets={1042: KnownTicket(unproven, frozenset({1}))}), POLICY)[1]

    assert isinstance(decision, Hold)


@pytest.mark.parametrize("kind", [ReplyKind.NOTE, ReplyKind.PUBLIC])
@pytest.mark.parametrize(("text", "goes_on"), [("She is angry.", False), ("#note\nShe is angry.", True)])
def test_a_confirmed_answer_at_an_address_that_cannot_be_checked_any_more_never_goes_to_the_customer(
    kind: ReplyKind, text: str, goes_on: bool
) -> None:
    """As after a signing key was retired: the address may have been one for notes."""
    grant = a_grant(BOB, kind=kind)
    elsewhere = replace(POLICY, keys=Keys((b"another key of at least 32 bytes long",)))
    mail = a_mail(text, sender=BOB.email, to=(address_of(grant),), subject="Re: [SD-1042] Printer")
    facts = some_facts(BOB, (grant,), tickets={1042: KnownTicket(a_ticket(), frozenset({ANN.number}))})

    decision = decide(mail, replace(facts, confirmed=True), elsewhere)[1]

    if goes_on:
        assert isinstance(decision, Act)
        assert decision.changes.note
    else:
        assert isinstance(decision, Hold)
        assert decision.told == said("held.address_unchecked")


LOGO = replace(a_file("logo.png", inline=True), of_signature=True)
WORDLESS = [((), True), ((LOGO,), True), ((a_file(),), False), ((a_file("photo.png", inline=True),), False)]


@pytest.mark.parametrize(("files", "is_held"), WORDLESS)
def test_an_answer_without_words_or_files_is_not_sent(files: tuple[Attachment, ...], is_held: bool) -> None:
    decision = answered("", attachments=files)

    told = decision.told if isinstance(decision, Hold) else None
    assert told == (said("held.nothing_written") if is_held else None)
