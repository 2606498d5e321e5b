"""The lists of the studio: one page after the other has every line once, and each says what the database holds."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from desk.ticket import Status
from models.ledger.rows import LedgerRow
from models.reports.studio.mails import UNDECIDED, MailWanted, list_mails, list_sent
from models.reports.studio.paging import read_page
from models.reports.studio.staff import list_colleagues
from models.reports.studio.tickets import find_titles, read_events, read_workload
from tests.support.database.services import ADMIN, AGENT, Supportdesk, a_raw_mail, execute, process, query
from worker.cli.studio.views import tickets as view
from worker.cli.studio.views.listed import Asked
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(ADMIN, AGENT)
BOB = AGENT[0]
FIVE = "FROM generate_series(1, 5) AS n"
FILLED = (
    "INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example') ON CONFLICT DO NOTHING",
    """INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate)
    SELECT id, 'INBOX', 1, n, 9, 'x', (ARRAY['applied', NULL, 'baseline', 'dropped', 'applied'])[n]
    FROM mail.mailbox, generate_series(1, 5) AS n""",
    f"""INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject,
        text, html, message_id, dated, token_expires_at, fate)
    SELECT 't', 'none', 'support', 'customer', 'ann@customer.example', '', 'support@desk.example', '', 's', 't', 'h',
        'm' || n, now(), now(), (ARRAY['sent', NULL, 'held', 'sent', 'sent'])[n] {FIVE}""",
    """INSERT INTO public."User" (id, email, "updatedAt") VALUES ('u', 'ann@customer.example', now())""",
    f"""INSERT INTO public."Ticket" (id, title, description, category, "createdById", "createdAt", "updatedAt")
    SELECT 't' || n, '100% of ' || n, '', 'billing', 'u', now(), now() {FIVE}""",
)


@pytest.fixture
def filled(services: Services) -> Services:
    """Services with five rows in each list, the newest last; one of the mails is the mark of a folder."""
    execute(services, *FILLED)
    return services


def pages(read: Callable[[int | None], tuple[list[int], int | None]]) -> list[list[int]]:
    """The numbers on each page, until none goes on."""
    found, before = list[list[int]](), None
    while len(found) < 9:
        numbers, before = read(before)
        found.append(numbers)
        if before is None:
            break
    return found


def test_pages_of_mails_follow_one_another(filled: Services) -> None:
    with transaction(filled.engine) as session:

        def read(listing: Any, wanted: MailWanted) -> list[list[int]]:
            def page(before: int | None) -> tuple[list[int], int | None]:
                rows, how = listing(session, wanted, 2, before)
                return [row.number for row in rows], how.below

            return pages(page)

        assert read(list_mails, MailWanted()) == [[5, 4], [2, 1]]
        assert read(list_sent, MailWanted()) == [[5, 4], [3, 2], [1]]
        assert read(list_mails, MailWanted(fate=UNDECIDED)) == read(list_sent, MailWanted(fate=UNDECIDED)) == [[2]]
        assert read(list_mails, MailWanted(fate="applied")) == [[5, 1]]


def test_a_page_looks_no_further_than_it_may_and_the_next_goes_on(filled: Services) -> None:
    with transaction(filled.engine) as session:

        def page(before: int | None) -> tuple[list[int], int | None]:
            found = read_page(session, select(LedgerRow.id), LedgerRow.id, 9, before, 2)
            return [row.id for row in found.rows], found.below

        assert pages(page) == [[5, 4], [3, 2], [1]]


def test_pages_of_tickets_and_of_titles_follow_one_another(filled: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOST_ON_PAGE", 2)
    with transaction(filled.engine) as session:

        def page(before: int | None) -> tuple[list[int], int | None]:
            found = view.Tickets().read_list(session, Asked("", {}, before))
            return [row.number for row in found.rows], found.below

        assert pages(page) == [[1005, 1004], [1003, 1002], [1001]]
        numbers, first = find_titles(session, "100% OF", 2)
        assert (numbers, find_titles(session, "100% of", 9, first.below)[0]) == ([1005, 1004], [1003, 1002, 1001])
        assert find_titles(session, "100_ of", 9)[0] == []


def test_staff_are_listed_with_what_they_have_to_do(services: Services, supportdesk: Supportdesk) -> None:
    ticket = process(services, a_raw_mail())["ticket_number"]
    ended = "now() - interval '1 day'"
    execute(services, f"""INSERT INTO mail.absence (person_number, until, reason)
        SELECT person_number, {ended}, 'over' FROM mail.staff""")  # fmt: skip

    def bob() -> tuple[int, str | None]:
        with transaction(services.engine) as session:
            (found,) = [one for one in list_colleagues(session) if one.email == BOB]
            return found.open_tickets, found.away_because if found.away_until else None

    had = bob()
    execute(services, "UPDATE mail.absence SET until = now() + interval '1 day'")
    supportdesk("ticket", "status", ticket, Status.RESOLVED, "--as", BOB)

    assert (had, bob()) == ((1, None), (0, "over"))


def test_work_and_news_say_what_the_database_holds(services: Services, supportdesk: Supportdesk) -> None:
    ticket = process(services, a_raw_mail())["ticket_number"]
    supportdesk("ticket", "assign", ticket, ADMIN[0], "--as", BOB)
    process(services, a_raw_mail("Lamp.", message_id="<2@customer>", subject="Lamp"))
    execute(
        services,
        "UPDATE mail.outbox SET fate = 'held'",
        'UPDATE "Ticket" SET "assignedToId" = NULL WHERE title = \'Lamp\'',
    )

    with transaction(services.engine) as session:
        work, events = read_workload(session), read_events(session, ticket, 9)

    assert (work.opened, work.begun, work.unowned) == (2, 0, 1)
    assert work.held == len(query(services, "SELECT id FROM mail.outbox"))
    assert next((one.old, one.new) for one in events if one.field == "assignee") == (BOB, ADMIN[0])
