"""What a template is given for a notice, and the words it is given in."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from desk.commands.command import CommandAnswer
from desk.commands.each.help import INTRODUCTION
from desk.commands.table import COMMANDS
from desk.notices.context import ANOTHERS_REQUEST, YOUR_REQUEST, context, ticket_view
from desk.notices.events import ChangeSet, Event, EventKind, Field, Remark
from desk.notices.files import ChosenFile
from desk.notices.held import HeldMail
from desk.notices.labels import category_label, change_sentence, priority_label, status_label
from desk.notices.recipients import Notice, notices
from desk.notices.samples import SAMPLES
from desk.notices.values.template_values import (
    CommentView,
    DeskView,
    FileView,
    HeldView,
    OutcomeView,
    PersonView,
    TicketView,
)
from desk.ticket import Category, Person, Priority, Status, TicketFile
from mail.outbound.catalogue import Said, said
from mail.quoting.labels import DELIMITER
from tests.support.values.builders import (
    ANN,
    BOB,
    CAT,
    DAN,
    EVE,
    a_change,
    a_change_set,
    a_comment,
    a_note,
    a_ticket,
)
from tests.support.values.words import ENGLISH, READER, english, plain

HELPED = tuple(COMMANDS[name].help_line("ticket") for name in ("resolve", "help"))
DESK = DeskView("The desk", "support@desk.example")
FILES = (
    ChosenFile(TicketFile("log.txt", "text/plain", 2048, b"1"), sent=True),
    ChosenFile(TicketFile("page.html", "text/html", 10, b"2"), sent=False),
)


def given(event: Event, **around: Any) -> Mapping[str, object]:
    """What the template of the first notice of this event is given."""
    change_set = a_change_set(event, **around)
    return context(notices(change_set)[0], change_set, DESK, FILES, READER)


def test_a_ticket_is_told_in_words() -> None:
    ticket = a_ticket(status=Status.IN_PROGRESS, priority=Priority.HIGH, category=Category.GENERAL_INQUIRY)

    view = ticket_view(ticket, ENGLISH)

    assert view == TicketView(
        number=1042,
        tag="SD-1042",
        title="Printer",
        description="It burns.",
        status="In progress",
        priority="High",
        category="General inquiry",
        customer_name="Ann",
        customer_email="ann@customer.example",
        assignee_name="Bob",
    )


def test_a_ticket_that_nobody_has_names_nobody() -> None:
    view = ticket_view(a_ticket(assignee=None), ENGLISH)

    assert view.assignee_name == ""


def test_a_template_is_given_all_that_it_may_name() -> None:
    values = given(a_comment(CAT))

    assert values == {
        "desk": DESK,
        "recipient": PersonView("Bob"),
        "ticket": ticket_view(a_ticket(), ENGLISH),
        "comment": CommentView("Cat", "Words.", from_staff=True),
        "change": "",
        "changed_by": "",
        "history": None,
        "signature": None,
        "answered": None,
        "earlier": None,
        "draft": None,
        "written": "",
        "also": (),
        "files": (FileView("log.txt", "2 KB", sent=True), FileView("page.html", "10 bytes", sent=False)),
        "outcomes": (),
        "receipt": None,
        "headline": "",
        "held": None,
        "waits": None,
        "too_large": None,
        "quarantined": (),
        "dropped": (),
        "unnamed": 0,
        "alert": None,
        "delimiter": DELIMITER,
        "first": False,
        "to_guest": False,
        "by_mail": False,
        "reference": "",
        "note_address": "",
        "buttons": (),
        "reason": "You get this mail because the ticket is assigned to you. Your answer goes to the customer.",
        "warning": "",
    }


# The figures and the picture of a report come from the database, and stand beside what every mail is given.
OF_A_REPORT = {"report", "chart"}


@pytest.mark.parametrize("name", list(SAMPLES))
def test_a_sample_names_nothing_that_a_mail_is_not_given(name: str) -> None:
    values = {*given(a_comment(CAT)), *(OF_A_REPORT if name == "daily-report" else ())}

    assert SAMPLES[name].keys() <= values


AUTHORS: list[tuple[Person | None, str, bool]] = [
    (CAT, "Cat", True),
    (ANN, "Ann", False),
    (EVE, "Eve", False),
    (None, "somebody@elsewhere.example", False),
]


@pytest.mark.parametrize(("author", "name", "from_staff"), AUTHORS)
def test_words_are_told_with_who_wrote_them_and_whether_they_are_staff(
    author: Person | None, name: str, from_staff: bool
) -> None:
    values = given(a_note(author))

    assert values["comment"] == CommentView(name, "Words.", from_staff)


def test_a_customers_words_reach_the_template_as_they_are() -> None:
    text = "#close\n{{ ticket }}\n<b>bold</b>"

    values = given(Event(1, EventKind.COMMENT_ADDED, remark=Remark(ANN, "Ann", text)))

    assert values["comment"] == CommentView("Ann", text, from_staff=False)


def test_the_mail_about_an_answer_with_a_command_tells_both() -> None:
    change_set = a_change_set(a_comment(BOB), a_change(Field.STATUS, "open", "resolved"), actor=BOB)

    values = context(notices(change_set)[0], change_set, DESK, (), READER)

    assert values["also"] == ("The request is now open.",)


CHANGED = [
    (a_change(Field.STATUS, "open", "resolved"), CAT, "The ticket is now open.", "Cat"),
    (a_change(Field.STATUS, "open", "resolved"), ANN, "The ticket is now open.", "Ann"),
    (a_change(Field.TITLE), CAT, "The title is now “Printer”.", "Cat"),
    (a_change(Field.DESCRIPTION), None, "The description was changed.", ""),
]


@pytest.mark.parametrize(("event", "actor", "sentence", "name"), CHANGED)
def test_a_mail_about_a_change_tells_staff_what_was_changed_and_by_whom(
    event: Event, actor: Person | None, sentence: str, name: str
) -> None:
    change_set = a_change_set(event, actor=actor)
    (notice,) = (one for one in notices(change_set) if one.person == BOB)

    values = context(notice, change_set, DESK, (), READER)

    assert (values["change"], values["changed_by"]) == (sentence, name)


def test_no_customer_is_given_who_changed_it() -> None:
    change_set = a_change_set(a_change(Field.STATUS, "open", "resolved"), actor=CAT)
    (notice,) = (one for one in notices(change_set) if one.person == ANN)

    values = context(notice, change_set, DESK, (), READER)

    assert (values["change"], values["changed_by"]) == ("", "")


def test_each_command_is_told_with_what_became_of_it() -> None:
    outcomes = (
        CommandAnswer(
            "#help",
            done=True,
            sentence=INTRODUCTION,
            detail=HELPED,
        ),
        CommandAnswer("#x", done=False, sentence=said("commands.unknown", name="x")),
    )

    values = given(Event(1, EventKind.COMMAND_ANSWERED, person=BOB, outcomes=outcomes))

    assert values["outcomes"] == (
        OutcomeView(
            line="#help",
            done=True,
            sentence="You can write, each on a line of its own:",
            detail="#resolve: the ticket is solved\n#help: these lines",
        ),
        OutcomeView(line="#x", done=False, sentence="There is no command #x; #help lists them."),
    )


def test_a_held_mail_is_told_with_its_reason_and_advice_and_no_ticket() -> None:
    event = Event(1, EventKind.MAIL_HELD, person=BOB, held=HeldMail("Re: Printer", plain("Why."), plain("What to do.")))

    values = given(event, ticket=None)

    assert (values["held"], values["ticket"]) == (HeldView("Re: Printer", "Why.", "What to do."), None)


LABELS: list[tuple[Callable[[Any], Said], type]] = [
    (status_label, Status),
    (priority_label, Priority),
    (category_label, Category),
]


@pytest.mark.parametrize(("label", "values"), LABELS)
def test_every_value_has_a_label(label: Callable[[Any], Said], values: Any) -> None:
    assert len({english(label(value)) for value in values}) == len(set(values))


SENTENCES = [
    (a_change(Field.STATUS), "The ticket is now open."),
    (a_change(Field.PRIORITY), "The priority is now medium."),
    (a_change(Field.CATEGORY), "The category is now technical issue."),
    (a_change(Field.ASSIGNEE), "The ticket is now with Bob."),
    (a_change(Field.TITLE), "The title is now “Printer”."),
    (a_change(Field.DESCRIPTION), "The description was changed."),
    (a_comment(BOB), None),
    (a_note(BOB), None),
    (Event(1, EventKind.TICKET_CHANGED), None),
]


@pytest.mark.parametrize(("event", "sentence"), SENTENCES)
def test_a_change_is_told_in_a_sentence(event: Event, sentence: str | None) -> None:
    told = change_sentence(event, a_ticket())

    assert (english(told) if told else None) == sentence


def test_a_ticket_that_nobody_has_any_more_gets_no_sentence_about_its_owner() -> None:
    told = change_sentence(a_change(Field.ASSIGNEE), a_ticket(assignee=None))

    assert told is None


def test_the_reader_is_the_one_who_is_written_to() -> None:
    change_set: ChangeSet = a_change_set(a_comment(BOB))
    notice: Notice = notices(change_set)[0]

    values = context(notice, change_set, DESK, (), READER)

    assert (notice.person, values["recipient"]) == (ANN, PersonView("Ann"))


def told_to(person: Person, **how: Any) -> Mapping[str, object]:
    """What the template is given for the mail to this person about a public answer of Bob's."""
    change_set = a_change_set(a_comment(BOB), actor=BOB, participants=(ANN, DAN))
    notice = next(notice for notice in notices(change_set) if notice.person == person)
    return context(notice, change_set, DESK, (), replace(READER, **how))


READERS = [(ANN, False, "Printer", "Ann"), (ANN, True, YOUR_REQUEST, ""), (DAN, False, ANOTHERS_REQUEST, ""),
           (DAN, True, ANOTHERS_REQUEST, "")]  # fmt: skip


@pytest.mark.parametrize(("person", "first", "title", "name"), READERS)
def test_a_first_mail_and_one_to_a_guest_repeat_nothing_of_the_customer(
    person: Person, first: bool, title: str | Said, name: str
) -> None:
    values = told_to(person, first=first)

    ticket = values["ticket"]
    assert isinstance(ticket, TicketView)
    wanted = title if isinstance(title, str) else english(title)
    assert (ticket.title, values["recipient"]) == (wanted, PersonView(name))
    assert (ticket.description, ticket.customer_name) == (("It burns.", "Ann") if title == "Printer" else ("", ""))


def test_the_reference_is_told_as_it_was_signed() -> None:
    values = told_to(ANN, reference="1x.abc")

    assert values["reference"] == "1x.abc"


def test_a_note_from_outside_is_told_with_why_it_is_only_a_note() -> None:
    values = given(
        Event(1, EventKind.NOTE_ADDED, remark=Remark(None, "eve@elsewhere.example", "Words.", plain("Why.")))
    )

    assert values["comment"] == CommentView("eve@elsewhere.example", "Words.", from_staff=False, withheld="Why.")
