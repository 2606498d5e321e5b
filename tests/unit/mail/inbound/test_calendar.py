"""Calendar invitations are one readable line each, in text and reply."""

import time

import pytest

from mail.inbound.calendar import read_calendar
from mail.inbound.parse import parse

EVENT = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Review\\, part
  two
DTSTART;TZID="W. Europe Standard Time":20261102T090000
DTEND;TZID="W. Europe Standard Time":20261102T100000
LOCATION:Room 1
ORGANIZER;CN="Ann Lee":mailto:ann@shop.example
BEGIN:VALARM
SUMMARY:Reminder
END:VALARM
RRULE:FREQ=DAILY
END:VEVENT
END:VCALENDAR
"""
LINE = (
    "[Invitation: Review, part two; Mon 2026-11-02 09:00 to 10:00 (W. Europe Standard Time); at Room 1; "
    "organised by Ann Lee <ann@shop.example>; repeated]"
)


def event(*lines: str, method: str = "REQUEST") -> str:
    return "\r\n".join((f"METHOD:{method}", "BEGIN:VEVENT", "SUMMARY:Talk", *lines, "END:VEVENT"))


def test_an_invitation_says_what_when_where_and_who() -> None:
    assert read_calendar(EVENT) == [LINE]


def test_the_line_stands_in_text_and_reply_and_the_calendar_is_a_file() -> None:
    part = f"\n--x\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\n\n{EVENT}--x--\n"
    head = "From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\nCome!\n\n-- \nAnn"

    mail = parse((head + part).encode())

    assert mail.text == f"Come!\n\n-- \nAnn\n\n{LINE}"
    assert mail.reply == f"Come!\n\n{LINE}"
    assert [file.filename for file in mail.attachments] == ["attachment.ics"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (event("DTSTART:20261102T090000Z"), "[Invitation: Talk; Mon 2026-11-02 09:00 UTC]"),
        (event("DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261103"), "[Invitation: Talk; Mon 2026-11-02]"),
        (
            event("DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261105"),
            "[Invitation: Talk; Mon 2026-11-02 to Wed 2026-11-04]",
        ),
        (
            event("DTSTART:20261102T220000", "DTEND:20261103T010000"),
            "[Invitation: Talk; Mon 2026-11-02 22:00 to Tue 2026-11-03 01:00]",
        ),
        (event(method="CANCEL"), "[Invitation withdrawn: Talk]"),
        (
            event("ATTENDEE;PARTSTAT=DECLINED;CN=Bo:mailto:bo@shop.example", method="REPLY"),
            "[Answer to an invitation: Talk; declined by Bo <bo@shop.example>]",
        ),
        (event("DTSTART:20269902T990000"), "[Invitation: Talk]"),
        ("BEGIN:VEVENT\nSUMMARY:\x00\x1b]\u202e", "[Event: ]]"),
        ("BEGIN:VEVENT", "[Event: without a title]"),
        ("BEGIN:VEVENT\nSUMMARY:one\nSUMMARY:two", "[Event: one]"),
        ("BEGIN:VEVENT\nBEGIN:VALARM\nSUMMARY:no\nEND:VALARM\nSUMMARY:yes", "[Event: yes]"),
    ],
)
def test_each_kind_of_calendar_is_named(text: str, line: str) -> None:
    assert read_calendar(text) == [line]


@pytest.mark.parametrize("text", ["", "BEGIN:VCALENDAR\nEND:VCALENDAR", "\0\ud800"])
def test_what_holds_no_event_says_nothing(text: str) -> None:
    assert read_calendar(text) == []


@pytest.mark.parametrize("piece", ["BEGIN:VEVENT\n", "END:VEVENT\n", "A;B=", 'X;Y="', "\n ", "BEGIN:VALARM\n"])
def test_two_million_letters_of_calendar_take_a_second(piece: str) -> None:
    began = time.process_time()

    read_calendar("BEGIN:VEVENT\n" + piece * (2_000_000 // len(piece)))

    assert time.process_time() - began < 3
