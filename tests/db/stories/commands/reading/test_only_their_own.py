"""Over 500 tickets of five customers: no answer to one of them holds a note, or a word of another customer."""

import re

import pytest

from desk.commands.reading.ask import Ask, Scope, View
from models.people.rows import find_person
from models.reports.reading import find
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, query
from tests.support.values.readings import asked
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

CUSTOMERS = [f"c{number}@customer{number}.example" for number in range(5)]
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")
# Every word of a customer holds their number, every note `nq`. Others take part and wrote comments, and so did staff.
FILL = (
    """INSERT INTO "User" (id, name, email, "updatedAt")
    SELECT 'c' || n, 'Customer zq' || n || 'z', 'c' || n || '@customer' || n || '.example', now()
    FROM generate_series(0, 4) n""",
    """INSERT INTO "Ticket" (id, title, description, category, status, "createdById", "assignedToId", "updatedAt")
    SELECT 't' || n, 'Title zq' || n % 5 || 'z', 'Request zq' || n % 5 || 'z of n' || n, 'billing',
        (ARRAY['open', 'in_progress', 'resolved', 'closed'])[n / 5 % 4 + 1]::"TicketStatus", 'c' || n % 5,
        CASE WHEN n % 3 = 0 THEN (SELECT id FROM "User" WHERE email LIKE 'bob@%') END, now()
    FROM generate_series(0, 499) n""",
    """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
    SELECT 'own' || n, 'Again zq' || n % 5 || 'z', 't' || n, 'c' || n % 5, now() FROM generate_series(0, 499) n
    UNION ALL
    SELECT 'guest' || n, 'Between zq' || (n + 1) % 5 || 'z', 't' || n, 'c' || (n + 1) % 5, now()
    FROM generate_series(0, 499) n
    UNION ALL
    SELECT 'staff' || n, 'Answer of the desk for zq' || n % 5 || 'z', 't' || n,
        (SELECT id FROM "User" WHERE email LIKE 'bob@%'), now() FROM generate_series(0, 499) n""",
    """INSERT INTO mail.note (ticket_number, person_number, text, reason)
    SELECT t.number, p.number, 'nq this is a secret of staff about ' || t.ticket_id, 'x'
    FROM mail.ticket t, mail.person p JOIN "User" u ON u.id = p.user_id
    WHERE t.ticket_id LIKE 't%' AND u.email LIKE 'bob@%'""",
    "UPDATE mail.event SET fate = 'announced', decided_at = now() WHERE fate IS NULL",
)


def numbers_of(services: Services, customer: int) -> list[int]:
    found = """SELECT n.number FROM mail.ticket n JOIN "Ticket" t ON t.id = n.ticket_id
        WHERE t."createdById" = :customer ORDER BY n.number"""
    return [row["number"] for row in query(services, found, customer=f"c{customer}")]


def test_nothing_of_a_note_or_of_another_customer_is_in_an_answer(services: Services) -> None:
    execute(services, *FILL)
    numbers = [numbers_of(services, customer) for customer in range(5)]

    for customer, email in enumerate(CUSTOMERS):
        theirs, others = numbers[customer], [number for one in range(5) if one != customer for number in numbers[one]]
        lines = ["#list", "#list open", *(f"#show {number}" for number in (*theirs[::50], *others[::80]))]
        mail = asked(services, email, "\n".join(lines))
        shown = f"{mail['subject']}\n{mail['text']}\n{mail['html']}"

        assert mail["listed"]["tickets"]
        assert set(mail["listed"]["tickets"]) <= set(theirs)
        assert set(re.findall(r"zq(\d)z", shown)) == {str(customer)}
        assert "nq" not in re.sub(r"[+.][0-9a-z.]{20,}@", "", shown)
        assert "Answer of the desk" in shown
        assert shown.count("You have no request") == 2 * len(others[::80])


def test_each_of_the_500_is_shown_to_its_customer_alone(services: Services) -> None:
    execute(services, *FILL)
    numbers = [numbers_of(services, customer) for customer in range(5)]

    with transaction(services.engine) as session:
        people = [find_person(session, email) for email in CUSTOMERS]
        for customer, person in enumerate(people):
            assert person is not None
            seen, ask = list[int](), Ask(View.LIST, Scope.ALL)
            while True:
                page = find(session, person, ask, lambda *_: None)
                seen += page.numbers
                if page.more is None:
                    break
                ask = page.more
            assert sorted(seen) == numbers[customer]
            for number in (number for one in numbers for number in one[::20]):
                answer = find(session, person, Ask(View.SHOW, ticket=number), lambda *_: None)
                assert answer.done is (number in numbers[customer])
                words = " ".join(one.text for one in answer.ticket.words) if answer.ticket else ""
                assert set(re.findall(r"zq(\d)z", words)) <= {str(customer)}
                assert "nq" not in words
