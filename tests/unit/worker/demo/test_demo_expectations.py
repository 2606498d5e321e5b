"""What the demo calls "everything arrived": a whole day has nothing missing, and each gap in it is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import count

import pytest
from rich.console import Console

from desk.notices.events import EventKind
from desk.ticket import Priority, Status
from models.reports.daybook import Daybook, DaybookMail, DaybookNotice, DaybookTicket
from seed.story.correspondents import Delivered, Inbox
from seed.story.day import BOB, CUSTOMER, DAY, EXPECTED_REPORTS, OWNER, Adds, Alters, DayMail, Opens, Passes, Reads
from seed.story.letters import FilledMail
from worker.demo.expectations import counts, missing
from worker.demo.lines import lines
from worker.demo.scene import Scene, SentLetter
from worker.demo.view import Printer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBERS = {
    letter.word: number for number, letter in enumerate((one for one in DAY if isinstance(one.effect, Opens)), 1001)
}


def message_id(letter: DayMail) -> str:
    return f"{letter.again or letter.word}@story.example"


def address(role: str, letter: DayMail) -> str:
    customer = next((one.by for one in DAY if one.word == letter.ticket), "")
    return {CUSTOMER: customer, OWNER: BOB}.get(role, role)


def received(row: int, letter: DayMail) -> DaybookMail:
    passes = letter.effect.reason if isinstance(letter.effect, Passes) else None
    about = None if isinstance(letter.effect, Reads) else NUMBERS.get(letter.ticket)
    fate, ticket = ("not_applied", None) if passes else ("applied", about)
    kind = EventKind.TICKET_OPENED if isinstance(letter.effect, Opens) else EventKind.COMMENT_ADDED
    moment = NOON + timedelta(seconds=row)
    changes = ((kind, ""),) if ticket else ()
    return DaybookMail(row, moment, message_id(letter), address(letter.by, letter), fate, passes or "", ticket, changes)


def filed(opener: DayMail) -> DaybookTicket:
    assert isinstance(opener.effect, Opens)
    status, priority, written = Status.OPEN, opener.effect.priority, [0, 0]
    for effect in (letter.effect for letter in DAY if letter.ticket == opener.word):
        if isinstance(effect, Adds | Alters):
            status, priority = effect.status or status, effect.priority or priority
        if isinstance(effect, Adds):
            written[effect.note] += 1
    return DaybookTicket(
        NUMBERS[opener.word],
        opener.word,
        status,
        priority,
        opener.effect.category,
        BOB,
        "Bob",
        written[0],
        written[1],
        0,
    )


def posted() -> list[DaybookNotice]:
    rows = count(1)
    told = [
        (address(role, letter), name, None if isinstance(letter.effect, Reads) else NUMBERS.get(letter.ticket))
        for letter in DAY
        for role, name in letter.notices
    ]
    told += [(role, name, None) for role, name in EXPECTED_REPORTS]
    return [
        DaybookNotice(
            row, NOON + timedelta(seconds=100 + row), f"{row}@desk.example", name, to, "About it", "sent", "", ticket
        )
        for row, (to, name, ticket) in zip(rows, told, strict=False)
    ]


def whole_day() -> Scene:
    sent = {
        letter.word: SentLetter(
            letter, FilledMail(b"", address(letter.by, letter), "", letter.word, message_id(letter)), NOON
        )
        for letter in DAY
    }
    mails = posted()
    inboxes = {one: Inbox(one) for one in {address(letter.by, letter) for letter in DAY}}
    for mail in mails:
        inbox = inboxes.setdefault(mail.recipient, Inbox(mail.recipient))
        inbox.mails.append(Delivered(mail.message_id, b"", has_picture=True))
    rows = tuple(received(row, letter) for row, letter in enumerate(DAY, 1))
    tickets = tuple(filed(letter) for letter in DAY if letter.word in NUMBERS)
    return Scene(sent, Daybook(rows, tickets, tuple(mails), 0), inboxes)


def with_book(scene: Scene, **changed: object) -> Scene:
    return replace(scene, book=replace(scene.book, **changed))  # type: ignore[arg-type]


def with_ticket(scene: Scene, **changed: object) -> Scene:
    first, *rest = scene.book.tickets
    return with_book(scene, tickets=(replace(first, **changed), *rest))  # type: ignore[arg-type]


def with_first_row(scene: Scene, **changed: object) -> Scene:
    first, *rest = scene.book.mails
    return with_book(scene, mails=(replace(first, **changed), *rest))  # type: ignore[arg-type]


def without_a_letter(scene: Scene) -> Scene:
    return replace(scene, sent={word: sent for word, sent in scene.sent.items() if word != "charged-twice-final"})


def with_an_empty_inbox(scene: Scene) -> Scene:
    return replace(scene, inboxes={**scene.inboxes, "tom@homelab.example": Inbox("tom@homelab.example")})


def with_an_answered_robot(scene: Scene) -> Scene:
    answer = DaybookNotice(
        99, NOON, "99@desk.example", "ticket-opened", "greta@partner.example", "Hello", "sent", "", None
    )
    inbox = Inbox("greta@partner.example", [Delivered(answer.message_id, b"", has_picture=False)])
    scene = with_book(scene, notices=(*scene.book.notices, answer))
    return replace(scene, inboxes={**scene.inboxes, inbox.address: inbox})


def with_a_stranger_in_an_inbox(scene: Scene) -> Scene:
    inbox = Inbox("greta@partner.example", [Delivered("who@elsewhere.example", b"", has_picture=False)])
    return replace(scene, inboxes={**scene.inboxes, inbox.address: inbox})


def without_pictures(scene: Scene) -> Scene:
    bare = {
        name: Inbox(name, [replace(mail, has_picture=False) for mail in inbox.mails])
        for name, inbox in scene.inboxes.items()
    }
    return replace(scene, inboxes=bare)


def with_a_held_mail(scene: Scene) -> Scene:
    first, *rest = scene.book.notices
    return with_book(scene, notices=(replace(first, fate="held", reason="No."), *rest))


def test_a_day_on_which_everything_arrived_misses_nothing() -> None:
    assert missing(whole_day()) == []


@pytest.mark.parametrize(
    ("damaged", "sentence"),
    [
        (without_a_letter(whole_day()), "The mail “charged-twice-final” was not written"),
        (with_an_empty_inbox(whole_day()), "The mail “ticket-opened” about SD-1003 is not in the inbox of tom@"),
        (with_an_answered_robot(whole_day()), "The mail “ticket-opened” is in the inbox of greta@partner.example and"),
        (with_a_stranger_in_an_inbox(whole_day()), "The inbox of greta@partner.example holds 1 mails that the outbox"),
        (without_pictures(whole_day()), "The report in the inbox of ada@desk.example came without its picture."),
        (with_a_held_mail(whole_day()), "The mail “About it” to dora@acme.example is held: No."),
        (with_book(whole_day(), unannounced=2), "2 events are not announced."),
        (with_book(whole_day(), mails=whole_day().book.mails[1:]), "The desk has not seen “charged-twice” from"),
        (with_first_row(whole_day(), fate=None), "The desk has not decided on “charged-twice” from"),
        (with_first_row(whole_day(), fate="quarantined"), "The mail “charged-twice” should be applied and is quaran"),
        (with_ticket(whole_day(), status=Status.OPEN), "SD-1001 “charged-twice”: the status is open and should be re"),
        (with_ticket(whole_day(), priority=Priority.LOW), "SD-1001 “charged-twice”: the priority is low and should"),
        (with_ticket(whole_day(), quoting=1), "SD-1001 “charged-twice”: the number of comments with quoted lines is 1"),
        (with_ticket(whole_day(), comments=9), "SD-1001 “charged-twice”: the number of comments is 9 and should be"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_each_gap_in_the_day_is_named(damaged: Scene, sentence: str) -> None:
    assert any(said.startswith(sentence) for said in missing(damaged))


def test_the_day_is_counted_where_its_mails_lie() -> None:
    found = counts(with_an_empty_inbox(whole_day()))

    assert found["mails_written"] == len(DAY)
    assert found["tickets"] == len(NUMBERS)
    assert found["notices_in_inboxes"] == found["notices_sent"] - 1


def test_a_second_delivery_of_one_mail_has_the_second_row() -> None:
    scene = whole_day()

    first, second = scene.received("wish"), scene.received("wish-twice")

    assert first
    assert second
    assert (first.fate, second.fate) == ("applied", "not_applied")


def test_a_subject_is_printed_as_text_and_never_obeyed() -> None:
    scene = with_ticket(whole_day(), title="unused")
    letter = scene.sent["charged-twice"]
    evil = replace(letter, mail=replace(letter.mail, subject="[link=http://evil]pay\x1b[2J"))
    console = Console(record=True, width=200, file=StringIO())

    Printer(console).show(replace(scene, sent={"charged-twice": evil}))

    assert "[link=http://evil]pay\N{REPLACEMENT CHARACTER}[2J" in console.export_text()


def test_a_mail_is_printed_once_and_only_when_it_is_known_what_became_of_it() -> None:
    console = Console(record=True, width=200, file=StringIO())
    printer, waiting = Printer(console), with_first_row(whole_day(), fate=None)

    printer.show(waiting)
    printer.show(whole_day())
    printer.show(whole_day())

    assert len(console.export_text().splitlines()) == len(lines(whole_day()))
