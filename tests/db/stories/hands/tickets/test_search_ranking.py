"""What a search finds for whom, in which order, page by page."""

import json
from dataclasses import replace

import pytest

from desk.reports.search.terms import read_line
from desk.ticket import Person, Role
from models.people.rows import find_person
from models.reports.search.deadline import in_time
from models.reports.search.find import SearchEnd, SearchFor, SearchPage, search_tickets
from models.reports.search.tables import BLOCK
from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, Supportdesk, execute, query
from tests.support.values.replies import write_mail
from worker.admin.search_index import index_changes
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(ADMIN, AGENT, SECOND_AGENT)
ADA, BOB, CAT, ANN = "ada@desk.example", "bob@desk.example", "cat@desk.example", "ann@customer.example"
TICKETS = """
INSERT INTO "Ticket" (id, title, description, category, "createdById", "assignedToId", "updatedAt")
SELECT 't' || n, title, text, 'billing', c.id, a.id, now()
FROM (VALUES {rows}) AS given (n, title, text, customer, assignee)
LEFT JOIN "User" c ON c.email = customer LEFT JOIN "User" a ON a.email = assignee ORDER BY n
"""
PEOPLE = """
INSERT INTO "User" (id, email, name, "updatedAt")
VALUES ('ann', 'ann@customer.example', 'Ann Weber', now()), ('dan', 'hansmueller@mill.example', 'Dan', now())
"""
NOTE = "INSERT INTO mail.note (ticket_number, text, reason) VALUES (:number, :text, '')"
DAN = "hansmueller@mill.example"
SHOWN = {ADA: {6, 5, 4, 3, 2, 1}, BOB: {4, 2, 1}, CAT: {6, 5, 4, 3}, ANN: {6, 5, 2, 1}, DAN: {4, 3}}
# Title, text, customer, assignee; they get the numbers from 1001 on.
ROWS = (
    ("Invoice", "Nothing of it.", ANN, BOB),
    ("Hello", "The invoices are wrong.", ANN, BOB),
    ("Hello", "The invoice is wrong.", DAN, CAT),
    ("Hello again", "A lamp, and no bill.", DAN, ""),
    ("An invoice once more", "Zwei Häuser, ein Gehäuse.", ANN, CAT),
    ("Hello", "The Mueller invoice is right.", ANN, CAT),
)


@pytest.fixture
def desk(services: Services) -> Services:
    """Six indexed tickets, from 1001 on."""
    rows = ", ".join(
        f"({n}, '{title}', '{text}', '{customer}', '{owner}')" for n, (title, text, customer, owner) in enumerate(ROWS)
    )
    execute(services, "SELECT set_config('supportdesk.quiet', 'on', true)", PEOPLE, TICKETS.format(rows=rows))
    index_changes(services.engine, 30)
    return services


def search(services: Services, line: str, **asked: object) -> SearchPage:
    wanted = replace(SearchFor(wanted=read_line(line), notes=True), **asked)  # type: ignore[arg-type]
    with transaction(services.engine) as session, in_time(session, 30):
        return search_tickets(session, wanted)


def found(services: Services, line: str, **asked: object) -> list[int]:
    return [one.number - 1000 for one in search(services, line, **asked).tickets]


def person(services: Services, email: str) -> Person:
    with transaction(services.engine) as session:
        someone = find_person(session, email)
    assert someone
    return someone


# First where it is the title, then where it stands so, then where it stands by its stem; of each the newest.
FOUND = {
    "invoice": [5, 1, 6, 3, 2],
    "invoices": [2, 6, 5, 3, 1],
    "INVOICE wrong": [3, 2],
    "the invoice": [6, 3, 5, 2, 1],
    '"the invoice"': [3],
    '"invoice the"': [],
    "invoice -wrong": [5, 1, 6],
    "invoice -hello": [5, 1],
    "lamp or häuser": [5, 4],
    "haus": [5],
    "haeuser": [5],
    "Hauser": [5],
    "gehaeuse": [5],
    "weber invoice": [5, 1, 6, 2],
    "mueller": [4, 3, 6],
    "müller": [6],
    "smuell": [4, 3],
    "mill.example invoice": [3],
    "ann@customer": [6, 5, 2, 1],
    "SD-1004": [4],
    "SD-1004 lamp": [4],
    "SD-1004 invoice": [],
    "1004 or SD-1001": [4, 1],
    "invoice lamp": [],
    "kerosene": [],
    "the a of": [],
    "%": [],
    "_": [],
    ".*": [],
    "' | ''": [],
    "-invoice": [],
    "i" * 10_000: [],
    "invoice " * 2_000: [5, 1, 6, 3, 2],
    "invoice\\' & !<->:*": [5, 1, 6, 3, 2],
    "invoice\x07\u202e": [5, 1, 6, 3, 2],
    "is": [6, 3],
    "no": [4],
}


def test_the_best_come_first_and_of_these_the_newest(desk: Services) -> None:
    assert {line: found(desk, line) for line in FOUND} == FOUND


def test_pages_follow_one_another_without_a_gap_and_without_a_double(desk: Services) -> None:
    execute(desk, f"UPDATE mail.ticket SET number = number + {BLOCK} * 3 WHERE number > 1003")
    execute(desk, "INSERT INTO mail.search_due (ticket_number) SELECT number FROM mail.ticket UNION SELECT 1004"
            " UNION SELECT 1005 UNION SELECT 1006")  # fmt: skip
    index_changes(desk.engine, 30)
    asked = [(line, most) for line in ("invoice", "hello or invoice", "the", "an") for most in (1, 2, 4)]
    whole = {(line, most): [one.number for one in search(desk, line).tickets] for line, most in asked}

    assert {(line, most): pages(desk, line, most) for line, most in asked} == whole
    assert all(whole.values())


def pages(services: Services, line: str, most: int) -> list[int]:
    """What all pages have, one after the other."""
    numbers, end = list[int](), SearchEnd(0, 10**9)
    for _ in range(20):
        page = search(services, line, most=most, after=end)
        numbers += [one.number for one in page.tickets]
        if page.end is None:
            break
        end = page.end
    return numbers


def test_the_command_goes_on_after_the_last_ticket_of_a_page(desk: Services, supportdesk: Supportdesk) -> None:
    first = supportdesk("ticket", "search", "invoice", "--most", 2)
    second = json.loads(supportdesk("ticket", "search", "invoice", "--most", 2, "--before", "SD-1001", "--json").output)
    third = json.loads(supportdesk("ticket", "search", "invoice", "--before", "SD-1003", "--json").output)

    assert "add --before SD-1001 for the next page" in first.output
    assert [one["number"] for one in second] == [1006, 1003]
    assert [one["number"] for one in third] == [1002]


def test_everybody_finds_what_supportdesk_shows_them(desk: Services) -> None:
    people = [person(desk, email) for email in SHOWN]

    shown = {one.email: set(found(desk, "hello or invoice", viewer=one, notes=one.is_staff)) for one in people}

    assert shown == SHOWN


def test_what_was_assigned_just_now_is_judged_as_it_is_and_not_as_it_was_indexed(desk: Services) -> None:
    execute(desk, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :cat)
        WHERE id = 't1'""", cat=CAT)  # fmt: skip
    not_indexed = found(desk, "invoice", viewer=person(desk, BOB), most=1)
    index_changes(desk.engine, 30)

    assert not_indexed == [1]
    assert found(desk, "wrong", viewer=person(desk, BOB)) == []
    assert found(desk, "wrong", viewer=person(desk, CAT)) == [3, 2]


def test_no_note_is_found_or_shown_where_notes_do_not_count(desk: Services) -> None:
    for number in (1001, 1003):
        execute(desk, NOTE, number=number, text="A kerosene lamp of an invoice")
    index_changes(desk.engine, 30)
    ann = person(desk, ANN)

    hidden = [
        found(desk, line, viewer=ann, notes=False) for line in ("kerosene", "kerosene invoice", '"kerosene lamp"')
    ]
    page = search(desk, "-kerosene invoice", viewer=ann, notes=False)

    assert hidden == [[], [], []]
    assert [one.number for one in page.tickets] == [1005, 1001, 1006, 1002]
    assert "kerosene" not in "".join(one.excerpt for one in page.tickets)
    assert found(desk, "kerosene") == [3, 1]
    assert found(desk, "-kerosene invoice") == [5, 6, 2]


def test_a_word_of_a_note_and_one_of_the_title_are_one_find(desk: Services) -> None:
    execute(desk, NOTE, number=1001, text="A kerosene lamp")
    index_changes(desk.engine, 30)

    (one,) = search(desk, '"kerosene lamp" invoice').tickets

    assert (one.number, one.place, one.excerpt) == (1001, "title", "Invoice")
    assert search(desk, "kerosene").tickets[0].place == "note"


def test_the_snippet_shows_the_word_by_its_stem_too(desk: Services) -> None:
    (one,) = search(desk, "haus").tickets

    assert (one.place, one.excerpt) == ("description", "Zwei Häuser, ein Gehäuse.")


def test_who_is_nobody_or_customer_by_the_web_alone_finds_only_what_is_theirs(services: Services) -> None:
    write_mail(services, "eve@x.example", "An invoice.")
    execute(services, """UPDATE "User" SET role = 'admin' WHERE email = 'eve@x.example'""")
    write_mail(services, ANN, "An invoice, too.")
    index_changes(services.engine, 30)
    eve = person(services, "eve@x.example")

    assert eve.role is Role.ADMIN
    assert len(search(services, "invoice", viewer=eve, notes=False).tickets) == 1
    assert len(query(services, "SELECT number FROM mail.search")) == 2
