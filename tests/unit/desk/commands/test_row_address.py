"""The address of a row in a list: its reader writes on that ticket there, and nobody else gains by it."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from desk.facts import KnownTicket
from desk.gate.leaks import find_signatures, is_signed
from desk.intake.decision import Act, Hold, KeepNote, Personal
from desk.ticket import Person
from desk.tokens import Purpose, ReplyKind, RowClaims, note_address, read_address, row_address
from desk.trust.threads import Void, find_thread, grants_to_spend
from mail.mime.headers import Headers
from tests.support.values.builders import (
    ADA,
    ANN,
    BOB,
    BOTH,
    CAT,
    DAN,
    EVE,
    KEYS,
    NOW,
    SUPPORT,
    a_grant,
    a_mail,
    a_ticket,
    decide_on,
    some_facts,
)
from tests.support.values.words import english

# Bob's list shows two tickets, of which the mail itself is about none.
LIST = a_grant(BOB, ticket=None, kind=ReplyKind.NOTE, listed=(1042, 7))
ROW = row_address(KEYS, LIST, 1042, SUPPORT)
TICKETS = {
    1042: KnownTicket(a_ticket(), frozenset({ANN.number})),
    7: KnownTicket(a_ticket(number=7, customer=DAN), frozenset({DAN.number})),
}
PASSED = {
    person: Headers((("authentication-results", f"mx.desk.example; dmarc=pass header.from={host}".encode()),))
    for person in (ANN, BOB, CAT, ADA, DAN, EVE)
    for host in (person.email.partition("@")[2],)
}


def written(sender: Person | None, to: str, text: str = "Try this.", *, passed: bool = True, **changes: Any) -> Any:
    """What becomes of a mail to the address of a row."""
    headers = {"headers": PASSED[sender]} if passed and sender else {}
    mail = a_mail(text, (sender or EVE).email, (to,), **headers, **changes)
    return decide_on(mail, sender, LIST, tickets=TICKETS)


@pytest.mark.parametrize("ticket", [1042, 7])
def test_its_reader_answers_on_the_ticket_of_the_row_with_full_power(ticket: int) -> None:
    decision = written(BOB, row_address(KEYS, LIST, ticket, SUPPORT), "#resolve\nTry this.")

    assert isinstance(decision, Act)
    assert (decision.ticket, decision.text, decision.changes.note) == (ticket, "Try this.", False)
    assert decision.changes.status is not None


# Who else writes there, and what becomes of it: with a pass and without.
OTHERS: list[tuple[Person | None, type[Any]]] = [
    (CAT, Hold),
    (ADA, Hold),
    (ANN, KeepNote),
    (DAN, KeepNote),
    (EVE, KeepNote),
]


@pytest.mark.parametrize(("who", "wanted"), OTHERS)
@pytest.mark.parametrize("passed", [True, False])
def test_forwarded_to_somebody_else_it_gives_no_more_than_a_note(who: Person, wanted: type[Any], passed: bool) -> None:
    assert isinstance(written(who, ROW, "#resolve\nTry this.", passed=passed), wanted)


def test_its_own_reader_without_a_pass_is_asked() -> None:
    assert isinstance(written(BOB, ROW, passed=False), Hold)


def test_a_customer_writes_on_their_own_row_and_closes_it() -> None:
    grant = a_grant(ANN, ticket=None, kind=ReplyKind.NOTE, listed=(1042,))
    mail = a_mail("#close", ANN.email, (row_address(KEYS, grant, 1042, SUPPORT),))

    decision = decide_on(mail, ANN, grant)

    assert isinstance(decision, Act)
    assert decision.changes.status is not None


def test_it_is_signed_for_the_tickets_of_its_list_alone() -> None:
    other = row_address(KEYS, LIST, 8, SUPPORT)

    assert find_thread(a_mail("x", BOB.email, (other,)), some_facts(BOB, [LIST], tickets=TICKETS), BOTH).grant is None


@pytest.mark.parametrize(
    ("changes", "void"),
    [
        ({"expires_at": int(NOW.timestamp())}, Void.EXPIRED),
        ({"spent": True}, Void.SPENT),
        ({"role": "admin"}, Void.ROLE),
        ({"address": "bob@old.example"}, Void.ADDRESS),
    ],
)
def test_what_ends_the_right_of_the_list_ends_that_of_each_row(changes: dict[str, Any], void: Void) -> None:
    grant = replace(LIST, **changes)
    mail = a_mail("x", BOB.email, (row_address(KEYS, grant, 1042, SUPPORT),))

    assert find_thread(mail, some_facts(BOB, [grant], tickets=TICKETS), BOTH).void is void


def test_a_row_of_a_ticket_that_is_gone_does_nothing() -> None:
    decision = decide_on(a_mail("#resolve", BOB.email, (ROW,), headers=PASSED[BOB]), BOB, LIST, tickets={})

    assert isinstance(decision, Personal | Hold)


def test_shown_to_others_one_row_spends_the_whole_list() -> None:
    mail = a_mail("x", BOB.email, (ROW, ANN.email))

    assert grants_to_spend(mail, some_facts(BOB, [LIST], tickets=TICKETS), BOTH) == (LIST.id,)


@pytest.mark.parametrize("ticket", LIST.listed)
def test_the_check_for_leaks_knows_each_row_as_a_signature_of_ours(ticket: int) -> None:
    ((number, mac),) = find_signatures(f'<a href="mailto:{row_address(KEYS, LIST, ticket, SUPPORT)}?subject=x">')

    assert (number, is_signed(KEYS, mac, LIST)) == (LIST.id, True)
    assert not is_signed(KEYS, mac, replace(LIST, listed=()))


def test_which_ticket_is_meant_is_known_by_the_signature_alone() -> None:
    claims = tuple(
        claim
        for ticket, grant in product((1042, 7, 8), (LIST, replace(LIST, id=99)))
        if (claim := read_address(row_address(KEYS, grant, ticket, SUPPORT), frozenset({SUPPORT}), Purpose.ADDRESS))
    )

    assert RowClaims(KEYS, claims).ticket_of(LIST) == 1042
    assert RowClaims(KEYS, claims).ticket_of(replace(LIST, listed=(7,))) == 7
    assert RowClaims(KEYS, claims).ticket_of(replace(LIST, listed=())) is None


def test_no_note_address_of_a_list_is_the_address_of_a_row() -> None:
    public = replace(LIST, kind=ReplyKind.PUBLIC, ticket=1042)

    assert note_address(KEYS, public, SUPPORT) != row_address(KEYS, public, 1042, SUPPORT)


# Whose the ticket is since the list was sent, and whether the reader of the list still writes on it.
SINCE = [(BOB, BOB, True), (BOB, None, True), (BOB, CAT, False), (ADA, CAT, True)]


@pytest.mark.parametrize(("reader", "owner", "is_done"), SINCE)
@pytest.mark.parametrize(
    "text", ["Try this.", "#resolve", "#assign me", "#note\nIt is mine.", "#watch", "#cc +x@y.example"]
)
def test_a_row_gives_no_right_where_a_colleague_has_the_ticket_since(
    reader: Person, owner: Person | None, is_done: bool, text: str
) -> None:
    mine = a_grant(reader, ticket=None, kind=ReplyKind.NOTE, listed=(1042,))
    mail = a_mail(text, reader.email, (row_address(KEYS, mine, 1042, SUPPORT),), headers=PASSED[reader])
    tickets = {1042: KnownTicket(a_ticket(assignee=owner), frozenset({ANN.number}))}

    decision = decide_on(mail, reader, mine, tickets=tickets)

    if is_done:
        assert isinstance(decision, Act)
    else:
        assert isinstance(decision, Hold)
        assert english(decision.told).startswith("It answers a list, and SD-1042 belongs to a colleague")
