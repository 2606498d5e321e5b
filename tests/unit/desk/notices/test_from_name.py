"""From names the member of staff who wrote the mail, nobody else, and never something that looks like an address."""

from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.notices.from_name import from_name
from desk.notices.recipients import BY_TEMPLATE, Notice, notices
from desk.ticket import Person
from mail.outbound.compose import compose
from tests.support.values.builders import ANN, BOB, CAT, DAN, a_change_set, a_comment, a_note, a_ticket
from tests.support.values.outgoing_mails import PLAIN
from worker.settings.types import USUAL_FROM_NAME

FIRED = replace(BOB, number=9, staff_role=None)
DESK = "Acme Help"
UNHURRIED = settings(deadline=None)


def named(author: Person | None, name: str, template: str = "comment-to-customer") -> str:
    writer = replace(author, name=name) if author else None
    event = a_comment(writer) if writer else a_note(None)
    return from_name(Notice(BY_TEMPLATE[template], ANN, event), DESK, USUAL_FROM_NAME)


def shown(name: str) -> list[tuple[str, str]]:
    """The names and addresses in From as a mail program reads them."""
    message = message_from_bytes(compose(replace(PLAIN, sender_name=name, sender="support@desk.example")))
    assert message.keys().count("From") == 1
    return [(str(make_header(decode_header(text))), address) for text, address in getaddresses([message["From"]])]


NAMES = [
    "Carol Mendes",
    "Mendes, Carol",
    "Carol 'CJ' Mendes",
    "Carol (second line) Mendes",
    "J.R. Smith-Jones",
    "Tomasz Zając",
    "Łukasz Øgård",
    "山田 太郎",
    "محمد علي",
    "{desk}",
    "=?utf-8?q?Carol?=",
]


@pytest.mark.parametrize("name", NAMES)
def test_what_staff_wrote_is_from_them_at_the_desk(name: str) -> None:
    if name.startswith("=?"):
        # What looks like an encoded word is shown as it stands, or not at all.
        assert [address for _, address in shown(named(CAT, name))] == ["support@desk.example"]
        return

    assert named(CAT, name) == f"{name} (Acme Help)"
    assert shown(named(CAT, name)) == [(f"{name} (Acme Help)", "support@desk.example")]


IMITATIONS = [
    "ceo@bank.example",
    "Carol <ceo@bank.example>",
    'Carol" <ceo@bank.example>, "x',
    "ceo\uff20bank.example",
    "ceo\ufe6bbank.example",
    "Carol \uff1cceo",
    "https://bank.example",
    "Carol\r\nBcc: victim@else.example",
    "Carol\nX: y",
    "Carol\x00",
    "\u202eloraC",
    "Ca\u200brol",
    "Carol\u2028Mendes",
    "",
    "   ",
    "123",
    "C" * 61,
    "\u3164",
]


@pytest.mark.parametrize("name", IMITATIONS)
def test_a_name_that_imitates_an_address_or_hides_something_is_left_out(name: str) -> None:
    if name == "\u3164":
        # A filler counts as a letter, and shows nothing; the desk's name and the address stand beside it.
        assert shown(named(CAT, name))[0][1] == "support@desk.example"
        return

    assert named(CAT, name) == DESK


@pytest.mark.parametrize("author", [ANN, DAN, FIRED, None])
def test_nobody_but_staff_gives_a_mail_their_name(author: Person | None) -> None:
    templates = ("comment-to-customer", "comment-to-agent", "note-to-agent")

    assert {named(author, "Carol Mendes", template) for template in templates} == {DESK}


def test_a_mail_that_only_tells_of_a_change_is_from_the_desk() -> None:
    assert {
        named(CAT, "Cat", name) for name in BY_TEMPLATE if name.startswith(("status-", "ticket-", "alert", "mail-"))
    } == {DESK}


def test_a_note_of_staff_is_from_them_to_a_colleague() -> None:
    change_set = a_change_set(a_note(CAT), ticket=a_ticket(assignee=BOB))

    (notice,) = notices(change_set)

    assert from_name(notice, DESK, USUAL_FROM_NAME) == "Cat (Acme Help)"


PATTERNS = [
    ("{author} ({desk})", "Cat (Acme Help)"),
    ("{author} at Acme Billing", "Cat at Acme Billing"),
    ("{desk}", DESK),
    ("The team", "The team"),
]


@pytest.mark.parametrize(("pattern", "name"), PATTERNS)
def test_the_pattern_is_the_operators(pattern: str, name: str) -> None:
    notice = Notice(BY_TEMPLATE["comment-to-customer"], ANN, a_comment(CAT))

    assert from_name(notice, DESK, pattern) == name


@UNHURRIED
@given(st.text(max_size=80))
def test_whatever_the_name_is_from_holds_one_address_and_it_is_ours(name: str) -> None:
    assert [address for _, address in shown(named(CAT, name))] == ["support@desk.example"]
