"""Who is told what: at most one mail a person for all that happened at once, and never what is not theirs to read."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.commands.command import CommandAnswer
from desk.notices.events import (
    Alert,
    AlertKey,
    AnswerWaits,
    ChangeSet,
    DraftAsked,
    DueReport,
    Event,
    EventKind,
    Field,
    Remark,
    TooLarge,
)
from desk.notices.held import HeldMail, Receipt
from desk.notices.recipients import BY_TEMPLATE, MAIL_TEMPLATES, RULES, notices
from desk.ticket import Person, Role, Status
from desk.tokens import ReplyKind
from mail.outbound.catalogue import Said
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    CAT,
    DAN,
    EVE,
    NOW,
    a_cause,
    a_change,
    a_change_set,
    a_comment,
    a_note,
    a_person,
    a_ticket,
)
from tests.support.values.words import english, plain

OPENED = Event(1, EventKind.TICKET_OPENED)
RESOLVED = a_change(Field.STATUS, "open", "resolved")
TAKEN_UP = a_change(Field.STATUS, "open", "in_progress")
CLOSED = a_change(Field.STATUS, "resolved", "closed")
REOPENED = a_change(Field.STATUS, "resolved", "open")
OPEN_AGAIN = a_change(Field.STATUS, "in_progress", "open")
GIVEN = a_change(Field.ASSIGNEE, None, "3")
TAKEN = replace(a_change(Field.ASSIGNEE, "4", "3"), former=CAT)
ANSWER = CommandAnswer("#resolve", done=True, sentence=Said("labels.now_resolved"))
DONE = Event(3, EventKind.COMMAND_ANSWERED, person=BOB, outcomes=(ANSWER,))
HELD = Event(4, EventKind.MAIL_HELD, person=BOB, held=HeldMail("Re:", plain("Why."), plain("What.")))
REPORT = Event(5, EventKind.REPORT_DUE, report=DueReport("daily", NOW))
DIGEST = Event(8, EventKind.QUARANTINE_DIGEST)
ALERT = Event(9, EventKind.ALERT, alert=Alert(AlertKey.LOOP, plain("It is so"), plain("Why."), plain("What.")))
DRAFT = Event(13, EventKind.COMMAND_ANSWERED, person=BOB, draft=DraftAsked(1, 7, "c"))
UNCONFIRMED = Event(10, EventKind.MAIL_UNCONFIRMED, person=BOB, held=HeldMail("Re:", plain("Why."), plain("What.")))
WAITS = Event(12, EventKind.ANSWER_WAITS, person=BOB, waits=AnswerWaits(NOW, (Remark(CAT, "Cat", "Words."),)))
TOLD_NOW = Event(14, EventKind.CUSTOMER_TOLD)
UNTOLD = {"ticket": a_ticket(untold=True)}
BACK = Event(13, EventKind.WAIT_OVER, person=BOB)
TOO_LARGE = Event(11, EventKind.MAIL_TOO_LARGE, person=ANN, too_large=TooLarge(size=52, largest=40))

BO2 = a_person(7, "bo@desk.example", Role.ADMIN, Role.ADMIN)
FIRED = replace(BOB, staff_role=None)
FREE = {"ticket": a_ticket(assignee=None)}
STAFFS_OWN = {"ticket": a_ticket(customer=CAT)}
PASSED_ON = replace(a_cause(BOB), unanswered="Staff passed it on.")
GIVEN_AWAY = "status-to-agent"
NEWS = {"Ann": "ticket-opened", "Bob": "ticket-assigned"}
BLANKS = ("", " ", "\n\t \r\n", "\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH NO-BREAK SPACE}\0")
ACCEPTED = {"Ann": "comment-to-customer"}
PUBLIC = a_comment(BOB)
ANNS = a_comment(ANN)


def told(change_set: ChangeSet) -> dict[str, str]:
    """Who is written to, and the template of their one mail."""
    found = notices(change_set)
    assert len({notice.person.number for notice in found}) == len(found)
    return {notice.person.name: notice.template.name for notice in found}


# What happened, around whom, and: who gets which mail.
TOLD: list[tuple[tuple[Event, ...], dict[str, Any], dict[str, str]]] = [
    # A new ticket: its customer is thanked, its owner told; staff get no thanks.
    ((OPENED,), {"actor": ANN}, {"Ann": "ticket-opened", "Bob": "ticket-assigned"}),
    # Who passed it on for somebody else may well be the one to answer it.
    ((OPENED,), {"actor": BOB}, {"Ann": "ticket-opened", "Bob": "ticket-assigned"}),
    ((OPENED, a_note(BOB)), {"actor": BOB, "cause": PASSED_ON}, {"Bob": "ticket-assigned"}),
    ((OPENED, a_note(CAT)), {"actor": CAT, "cause": PASSED_ON}, {"Bob": "ticket-assigned"}),
    ((OPENED,), {"ticket": a_ticket(customer=BOB), "actor": BOB}, {}),
    ((OPENED,), {"actor": ANN} | FREE, {"Ann": "ticket-opened", "Ada": "ticket-assigned"}),
    ((OPENED,), STAFFS_OWN | {"actor": CAT}, {"Bob": "ticket-assigned"}),
    ((OPENED,), {"ticket": a_ticket(customer=EVE)}, {"Eve": "ticket-opened", "Bob": "ticket-assigned"}),
    # Words of a customer go to the owner alone, words of staff to who takes part.
    ((ANNS,), {"actor": ANN, "participants": (ANN, DAN)}, {"Bob": "comment-to-agent"}),
    ((a_comment(DAN),), {"actor": DAN, "participants": (ANN, DAN)}, {"Bob": "comment-to-agent"}),
    ((a_comment(EVE),), {"participants": (ANN, EVE)}, {"Bob": "comment-to-agent"}),
    ((a_comment(FIRED),), {"ticket": a_ticket(assignee=CAT)}, {"Cat": "comment-to-agent"}),
    ((a_comment(None),), {}, {"Bob": "comment-to-agent"}),
    ((PUBLIC,), {"actor": BOB}, {"Ann": "comment-to-customer"}),
    ((PUBLIC,), {"participants": (ANN, DAN)}, {"Ann": "comment-to-customer", "Dan": "comment-to-customer"}),
    ((PUBLIC,), {"participants": (ANN, BOB)}, {"Ann": "comment-to-customer"}),
    ((a_comment(CAT),), {"actor": CAT}, {"Ann": "comment-to-customer", "Bob": "comment-to-agent"}),
    # What staff let be a comment is told to the customer too, and to no other guest.
    ((a_comment(DAN),), {"actor": BOB, "participants": (ANN, DAN, EVE)}, ACCEPTED | {"Bob": "comment-to-agent"}),
    ((a_comment(DAN), DONE), {"actor": BOB, "participants": (ANN, DAN)}, ACCEPTED | {"Bob": "command-answer"}),
    ((a_comment(DAN), a_note(BOB)), {"actor": CAT}, ACCEPTED | {"Bob": "comment-to-agent"}),
    ((ANNS,), {"actor": BOB, "participants": (ANN, DAN)}, {"Bob": "comment-to-agent"}),
    # A note never goes to a customer.
    ((a_note(CAT),), {"participants": (ANN, DAN)}, {"Bob": "note-to-agent"}),
    ((a_note(BOB),), {"participants": (ANN, DAN)}, {}),
    ((a_note(None),), {}, {"Bob": "note-to-agent"}),
    ((a_note(ANN),), {}, {"Bob": "note-to-agent"}),
    # It goes to all colleagues who wrote one on the ticket, but not to its author, and to the owner once.
    ((replace(a_note(CAT), colleagues=(BOB, CAT, ADA)),), {}, {"Bob": "note-to-agent", "Ada": "note-to-agent"}),
    ((replace(a_note(BOB), colleagues=(CAT,)),), {"participants": (ANN, DAN)}, {"Cat": "note-to-agent"}),
    ((replace(a_note(None), colleagues=(CAT,)),), {}, {"Bob": "note-to-agent", "Cat": "note-to-agent"}),
    # Without an owner who is staff the admins are told.
    ((ANNS,), FREE, {"Ada": "comment-to-agent"}),
    ((ANNS,), FREE | {"admins": (ADA, BO2)}, {"Ada": "comment-to-agent", "Bo": "comment-to-agent"}),
    ((a_note(CAT),), FREE, {"Ada": "note-to-agent"}),
    ((ANNS,), {"ticket": a_ticket(assignee=EVE)}, {"Ada": "comment-to-agent"}),
    ((ANNS,), {"ticket": a_ticket(assignee=FIRED)}, {"Ada": "comment-to-agent"}),
    ((a_comment(ADA),), FREE, {"Ann": "comment-to-customer"}),
    # A status: its customer always, also as the receipt for what they did; the owner unless it was they.
    ((RESOLVED,), {"actor": BOB}, {"Ann": "status-resolved"}),
    ((TOLD_NOW,), {"actor": BOB}, {"Ann": "ticket-opened"}),
    ((a_comment(BOB),), UNTOLD | {"actor": BOB}, {}),
    ((RESOLVED,), UNTOLD | {"actor": CAT}, {"Bob": "status-to-agent"}),
    ((a_comment(ANN), REOPENED), UNTOLD | {"actor": ANN}, {"Bob": "comment-to-agent", "Ann": "ticket-reopened"}),
    ((BACK,), {}, {"Bob": "status-to-agent"}),
    ((BACK,), FREE, {"Ada": "status-to-agent"}),
    ((BACK,), {"ticket": a_ticket(status=Status.RESOLVED)}, {}),
    ((TAKEN_UP,), {"actor": CAT}, {"Ann": "status-in-progress", "Bob": "status-to-agent"}),
    ((CLOSED,), {"actor": ANN}, {"Ann": "status-closed", "Bob": "status-to-agent"}),
    ((REOPENED,), {"actor": ANN}, {"Ann": "ticket-reopened", "Bob": "status-to-agent"}),
    ((a_change(Field.STATUS, "closed", "in_progress"),), {"actor": BOB}, {"Ann": "ticket-reopened"}),
    ((OPEN_AGAIN,), {"actor": BOB}, {"Ann": "status-open"}),
    ((RESOLVED,), FREE, {"Ann": "status-resolved", "Ada": "status-to-agent"}),
    # An assignment: the new owner, where they are staff and did not take it themselves.
    ((GIVEN,), {"actor": ADA}, {"Bob": "ticket-assigned"}),
    ((GIVEN,), {}, {"Bob": "ticket-assigned"}),
    ((GIVEN,), {"actor": BOB}, {}),
    ((GIVEN,), {"actor": ADA} | FREE, {}),
    # To somebody who is not staff: the admins hear it, whoever did it.
    ((GIVEN,), {"actor": ADA, "ticket": a_ticket(assignee=EVE)}, {"Ada": "status-to-agent"}),
    ((GIVEN,), {"ticket": a_ticket(assignee=FIRED), "admins": (ADA, BO2)}, dict.fromkeys(("Ada", "Bo"), GIVEN_AWAY)),
    # What another program makes ended is nothing new; what a mail opened is, whatever became of it since.
    ((OPENED,), {"actor": CAT, "ticket": a_ticket(status=Status.CLOSED)}, {}),
    ((OPENED,), {"ticket": a_ticket(status=Status.RESOLVED, assignee=None)}, {}),
    ((OPENED,), {"ticket": a_ticket(status=Status.RESOLVED), "actor": ANN, "cause": a_cause(ANN)}, NEWS),
    # A comment without words, or one that is gone, is told to nobody.
    *(((replace(PUBLIC, remark=Remark(BOB, "Bob", blank)),), {}, {}) for blank in BLANKS),
    *(((replace(ANNS, remark=Remark(ANN, "Ann", blank)),), {}, {}) for blank in BLANKS),
    ((replace(PUBLIC, remark=None),), {}, {}),
    # What is nobody's matter but the desk's.
    ((a_change(Field.PRIORITY, "low", "high"),), {}, {}),
    ((a_change(Field.CATEGORY),), {}, {}),
    # Words of the ticket that another program changed: the owner, unless it was they.
    ((a_change(Field.TITLE),), {}, {"Bob": "status-to-agent"}),
    ((a_change(Field.TITLE),), {"actor": CAT}, {"Bob": "status-to-agent"}),
    ((a_change(Field.TITLE),), {"actor": BOB}, {}),
    ((a_change(Field.TITLE),), FREE, {"Ada": "status-to-agent"}),
    ((a_change(Field.TITLE),), {"actor": ANN, "cause": a_cause(ANN)}, {}),
    ((OPENED, a_change(Field.TITLE)), {"actor": ANN, "ticket": a_ticket(status=Status.CLOSED)}, {}),
    ((a_change(Field.DESCRIPTION), a_change(Field.CATEGORY, number=3)), {}, {"Bob": "status-to-agent"}),
    # Who had a ticket hears that it was taken from them, unless they gave it away themselves or are staff no longer.
    ((TAKEN,), {"actor": ADA}, {"Cat": "ticket-unassigned", "Bob": "ticket-assigned"}),
    ((TAKEN,), {}, {"Cat": "ticket-unassigned", "Bob": "ticket-assigned"}),
    ((TAKEN,), {"actor": BOB}, {"Cat": "ticket-unassigned"}),
    ((TAKEN,), {"actor": CAT}, {"Bob": "ticket-assigned"}),
    ((TAKEN,), {"actor": ADA} | FREE, {"Cat": "ticket-unassigned"}),
    ((TAKEN,), {"actor": ADA, "ticket": a_ticket(assignee=CAT)}, {"Cat": "ticket-assigned"}),
    ((replace(TAKEN, former=FIRED),), {"actor": ADA}, {"Bob": "ticket-assigned"}),
    ((replace(TAKEN, former=ANN),), {"actor": ADA}, {"Bob": "ticket-assigned"}),
    ((TAKEN, a_note(ADA)), {"actor": ADA}, {"Cat": "ticket-unassigned", "Bob": "ticket-assigned"}),
    # What is no change of a ticket.
    ((DONE,), {}, {"Bob": "command-answer"}),
    ((DRAFT, DONE), {}, {"Bob": "answer-draft"}),
    ((PUBLIC, DRAFT, DONE), {"actor": BOB}, {"Ann": "comment-to-customer", "Bob": "answer-draft"}),
    ((replace(DONE, receipt=Receipt(public=True)),), {}, {"Bob": "mail-done"}),
    ((replace(DONE, receipt=Receipt(public=False)),), {}, {"Bob": "command-answer"}),
    ((HELD,), {"ticket": None}, {"Bob": "mail-held"}),
    ((UNCONFIRMED,), {"ticket": None}, {"Bob": "mail-unconfirmed"}),
    ((WAITS,), {"participants": (ANN, DAN)}, {"Bob": "answer-waits"}),
    ((TOO_LARGE,), {"ticket": None}, {"Ann": "mail-too-large"}),
    ((REPORT,), {"ticket": None, "admins": (ADA, BO2)}, {"Ada": "daily-report", "Bo": "daily-report"}),
    ((DIGEST,), {"ticket": None, "admins": (ADA, BO2)}, {"Ada": "quarantine-digest", "Bo": "quarantine-digest"}),
    ((ALERT,), {"ticket": None, "admins": (ADA, BO2)}, {"Ada": "alert", "Bo": "alert"}),
    # An alert with a person is for the owner of a desk without staff.
    ((replace(ALERT, person=EVE),), {"ticket": None, "admins": ()}, {"Eve": "alert-to-owner"}),
    # Several at once are one mail.
    ((PUBLIC, RESOLVED), {"actor": BOB}, {"Ann": "comment-to-customer"}),
    ((PUBLIC, RESOLVED, DONE), {"actor": BOB}, {"Ann": "comment-to-customer", "Bob": "command-answer"}),
    ((ANNS, REOPENED), {"actor": ANN}, {"Ann": "ticket-reopened", "Bob": "comment-to-agent"}),
    ((a_comment(CAT), GIVEN), {"actor": CAT}, {"Ann": "comment-to-customer", "Bob": "ticket-assigned"}),
    ((a_note(CAT), GIVEN), {"actor": CAT}, {"Bob": "ticket-assigned"}),
    ((OPENED, GIVEN, TAKEN_UP), {"actor": ANN}, {"Ann": "ticket-opened", "Bob": "ticket-assigned"}),
    ((HELD, DONE), {}, {"Bob": "mail-held"}),
]


def test_every_mail_is_told_to_somebody_in_the_table_above() -> None:
    assert {template for _, _, mails in TOLD for template in mails.values()} == BY_TEMPLATE.keys()


@pytest.mark.parametrize(("events", "around", "mails"), TOLD)
def test_who_is_told_what(events: tuple[Event, ...], around: dict[str, Any], mails: dict[str, str]) -> None:
    found = told(a_change_set(*events, **around))

    assert found == mails


# Who stood in To or Cc of staff's mail has its words already; all else they are still told. In others' mail they are
# claims.
RECIPIENTS: list[tuple[tuple[Event, ...], tuple[Person, ...], dict[str, str]]] = [
    ((PUBLIC,), (ANN,), {}),
    ((PUBLIC,), (DAN,), {"Ann": "comment-to-customer"}),
    ((a_comment(CAT),), (BOB,), {"Ann": "comment-to-customer"}),
    ((a_note(CAT),), (BOB,), {}),
    ((ANNS,), (BOB,), {"Bob": "comment-to-agent"}),
    ((a_comment(EVE),), (BOB,), {"Bob": "comment-to-agent"}),
    ((a_note(EVE),), (BOB,), {"Bob": "note-to-agent"}),
    ((PUBLIC, RESOLVED), (ANN,), {"Ann": "status-resolved"}),
    ((a_comment(CAT), REOPENED), (ANN, BOB), {"Ann": "ticket-reopened", "Bob": "status-to-agent"}),
    ((ANNS, REOPENED), (BOB,), {"Ann": "ticket-reopened", "Bob": "comment-to-agent"}),
    ((OPENED,), (ANN, BOB), {"Ann": "ticket-opened", "Bob": "ticket-assigned"}),
    ((GIVEN,), (BOB,), {"Bob": "ticket-assigned"}),
    ((DONE,), (BOB,), {"Bob": "command-answer"}),
]


@pytest.mark.parametrize(("events", "recipients", "mails"), RECIPIENTS)
def test_nobody_gets_the_words_of_a_mail_that_staff_sent_to_them(
    events: tuple[Event, ...], recipients: tuple[Person, ...], mails: dict[str, str]
) -> None:
    actor = events[0].remark.author if events[0].remark else ADA
    sender = actor or ADA

    found = told(a_change_set(*events, actor=actor, cause=a_cause(sender, *recipients)))

    assert found == mails


HIGH = a_change(Field.PRIORITY, "low", "high", number=7)
MOVED = a_change(Field.CATEGORY, number=8)
NAMED = a_change(Field.TITLE, number=9)
WITH_BOB = a_change(Field.ASSIGNEE, None, "3", number=10)

ALSO: list[tuple[tuple[Event, ...], str, tuple[str, ...]]] = [
    ((PUBLIC,), "Ann", ()),
    ((PUBLIC, RESOLVED), "Ann", ("The request is now open.",)),
    ((PUBLIC, RESOLVED, TAKEN_UP), "Ann", ("The request is now open.",)),
    # What the desk files a ticket under is its own matter.
    ((PUBLIC, HIGH, MOVED, NAMED, WITH_BOB, a_note(CAT, 12)), "Ann", ()),
    ((RESOLVED, HIGH), "Ann", ()),
    ((OPENED, RESOLVED), "Ann", ()),
    ((a_comment(CAT), HIGH, MOVED), "Bob", ("The priority is now medium.", "The category is now technical issue.")),
    ((a_comment(CAT), NAMED), "Bob", ("The title is now “Printer”.",)),
    ((a_comment(CAT), a_change(Field.DESCRIPTION)), "Bob", ("The description was changed.",)),
    ((WITH_BOB, RESOLVED), "Bob", ("The ticket is now open.",)),
    ((a_note(CAT), RESOLVED), "Bob", ("The ticket is now open.",)),
]


@pytest.mark.parametrize(("events", "name", "sentences"), ALSO)
def test_the_one_mail_tells_the_rest_that_its_reader_may_know(
    events: tuple[Event, ...], name: str, sentences: tuple[str, ...]
) -> None:
    change_set = a_change_set(*events, actor=CAT)

    found = {notice.person.name: tuple(map(english, notice.also)) for notice in notices(change_set)}

    assert found[name] == sentences


ALERTS = tuple(replace(ALERT, id=number) for number in (6, 7))


@pytest.mark.parametrize("events", [ALERTS, (REPORT, *ALERTS), (DIGEST, REPORT), (*ALERTS, DIGEST)])
def test_of_several_things_that_admins_should_know_each_is_a_mail_to_each(events: tuple[Event, ...]) -> None:
    found = notices(a_change_set(*events, ticket=None, admins=(ADA, BO2)))

    told = sorted((notice.event.id, notice.person.name) for notice in found)
    assert told == sorted((event.id, name) for event in events for name in ("Ada", "Bo"))


def test_every_kind_of_event_has_its_rule() -> None:
    assert set(RULES) == set(EventKind)


PEOPLE = (ANN, DAN, BOB, CAT, ADA, EVE, FIRED)
WORDS = st.builds(
    lambda author, note: a_note(author, 1) if note else a_comment(author, 1),
    st.none() | st.sampled_from(PEOPLE),
    st.booleans(),
)
CHANGES = st.sampled_from([TAKEN, RESOLVED, TAKEN_UP, REOPENED, GIVEN, HIGH, MOVED, NAMED, OPENED, DONE])
CHANGE_SETS = st.builds(
    lambda events, actor, owner, recipients: a_change_set(
        *events,
        actor=actor,
        ticket=a_ticket(assignee=owner),
        participants=(ANN, DAN, CAT),
        cause=a_cause(ANN, *recipients),
    ),
    st.lists(WORDS | CHANGES, min_size=1, max_size=5),
    st.none() | st.sampled_from(PEOPLE),
    st.none() | st.sampled_from(PEOPLE),
    st.lists(st.sampled_from(PEOPLE), max_size=3),
)


@given(CHANGE_SETS)
def test_nobody_gets_two_mails_and_nobody_who_is_not_staff_gets_staffs(change_set: ChangeSet) -> None:
    found = notices(change_set)

    assert len({notice.person.number for notice in found}) == len(found)
    assert all(notice.person.is_staff for notice in found if notice.template.to_staff)


@given(CHANGE_SETS)
def test_a_customer_is_never_shown_words_but_public_ones_that_staff_wrote_or_accepted(change_set: ChangeSet) -> None:
    found = [notice for notice in notices(change_set) if not notice.person.is_staff and notice.event.remark]

    words = [(notice.event.kind, notice.event.remark, notice.person) for notice in found]
    accepted = change_set.actor is not None and change_set.actor.is_staff
    assert all(kind is EventKind.COMMENT_ADDED for kind, _, _ in words)
    assert all(said and said.author and (said.author.is_staff or accepted) for _, said, _ in words)
    assert all(said and said.author and (said.author.is_staff or person == ANN) for _, said, person in words)


REASONS = [(ANN, "this request is yours"), (DAN, "#stop on a line of its own"), (CAT, "you take part in this ticket")]


@pytest.mark.parametrize(("person", "sentence"), REASONS)
def test_everybody_is_told_why_they_get_it_and_a_guest_how_to_stop(person: Person, sentence: str) -> None:
    found = {notice.person: notice for notice in notices(a_change_set(PUBLIC, actor=BOB, participants=(ANN, DAN, CAT)))}

    assert sentence in english(found[person].reason)
    assert found[person].to_guest is (person == DAN)


WHY = [
    ((RESOLVED,), {"actor": CAT}, "Bob", "the ticket is assigned to you"),
    ((RESOLVED,), FREE, "Ada", "the ticket has no owner and you are an admin"),
    ((ANNS,), {"ticket": a_ticket(assignee=EVE)}, "Ada", "the ticket has no owner and you are an admin"),
    ((OPENED,), FREE, "Ada", "the ticket has no owner and you are an admin"),
    ((TAKEN,), {}, "Cat", "the ticket was assigned to you until now"),
    ((a_note(CAT),), FREE, "Ada", "you work on this ticket"),
]


@pytest.mark.parametrize(("events", "around", "name", "why"), WHY)
def test_staff_are_told_why_they_get_it(events: tuple[Event, ...], around: dict[str, Any], name: str, why: str) -> None:
    found = {notice.person.name: english(notice.reason) for notice in notices(a_change_set(*events, **around))}

    assert why in found[name]


def test_a_guest_whose_command_was_answered_is_told_why_as_a_guest() -> None:
    (notice,) = notices(a_change_set(replace(DONE, person=DAN)))

    assert (notice.to_guest, "#stop" in english(notice.reason)) == (True, True)


@given(CHANGE_SETS)
def test_nobody_is_shown_their_own_words(change_set: ChangeSet) -> None:
    words = [(notice.person, notice.event.remark) for notice in notices(change_set)]

    own = [person for person, said in words if said and said.author and said.author.number == person.number]
    assert own == []


KINDS = [
    ("mail-held", ReplyKind.NONE, "auto-replied", True),
    ("answer-draft", ReplyKind.PUBLIC, "auto-replied", True),
    ("command-answer", ReplyKind.NOTE, "auto-replied", False),
    ("mail-done", ReplyKind.PUBLIC, "auto-replied", True),
    ("ticket-opened", ReplyKind.PUBLIC, "auto-replied", False),
    ("comment-to-customer", ReplyKind.PUBLIC, None, False),
    ("comment-to-agent", ReplyKind.PUBLIC, "auto-generated", True),
    ("note-to-agent", ReplyKind.NOTE, "auto-generated", True),
    ("mail-unconfirmed", ReplyKind.CONFIRM, "auto-replied", True),
    ("answer-waits", ReplyKind.WAITING, "auto-replied", True),
    ("ticket-assigned", ReplyKind.PUBLIC, "auto-generated", True),
    ("ticket-unassigned", ReplyKind.NOTE, "auto-generated", True),
    ("ticket-reopened", ReplyKind.PUBLIC, "auto-generated", False),
    ("status-open", ReplyKind.PUBLIC, "auto-generated", False),
    ("status-in-progress", ReplyKind.PUBLIC, "auto-generated", False),
    ("status-resolved", ReplyKind.PUBLIC, "auto-generated", False),
    ("status-closed", ReplyKind.PUBLIC, "auto-generated", False),
    ("status-to-agent", ReplyKind.PUBLIC, "auto-generated", True),
    ("mail-too-large", ReplyKind.NONE, "auto-replied", False),
    ("quarantine-digest", ReplyKind.NONE, "auto-generated", True),
    ("alert-to-owner", ReplyKind.NONE, "auto-generated", False),
    ("alert", ReplyKind.NONE, "auto-generated", True),
    ("daily-report", ReplyKind.NONE, "auto-generated", True),
]


def test_every_letter_has_its_row() -> None:
    assert sorted(template for template, *_ in KINDS) == sorted(template.name for template in MAIL_TEMPLATES)


@pytest.mark.parametrize(("name", "kind", "auto_submitted", "to_staff"), KINDS)
def test_a_letter_says_what_an_answer_to_it_becomes(
    name: str, kind: ReplyKind, auto_submitted: str | None, to_staff: bool
) -> None:
    template = BY_TEMPLATE[name]

    assert (template.kind, template.auto_submitted, template.to_staff) == (kind, auto_submitted, to_staff)


def test_only_what_a_person_wrote_goes_out_without_the_mark_of_a_robot() -> None:
    unmarked = [template.name for template in MAIL_TEMPLATES if template.auto_submitted is None]

    assert unmarked == ["comment-to-customer"]
