"""A merge that is taken back: the tickets are two again, and nobody takes part in what is not theirs."""

from datetime import datetime

import pytest

from models.tickets.merging import unmerge_ticket
from tests.support.database.merged_tickets import ANN, BOB, DAN, MERGE_SETTINGS, merge, ticket_row, two_requests
from tests.support.database.services import ADMIN, AGENT, execute, guests, participants, query
from tests.support.values.replies import answer, mails_to
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(ADMIN, AGENT, **MERGE_SETTINGS)
MERGED_AT = "SELECT happened_at FROM mail.event WHERE field = 'status' AND new = 'closed' ORDER BY id DESC LIMIT 1"
ADD_GUEST = """INSERT INTO mail.guest (ticket_number, address, name, added_by)
    SELECT 1001, 'kofi@ledger.example', 'Kofi', number FROM mail.person LIMIT 1"""


def undo(services: Services, number: int = 1001, target: int = 1002) -> bool:
    at: datetime = query(services, MERGED_AT)[0]["happened_at"]
    with transaction(services.engine) as session:
        return unmerge_ticket(session, number, target, at)


def test_the_tickets_are_two_again_and_each_has_its_people(services: Services) -> None:
    two_requests(services)
    execute(services, ADD_GUEST)
    merge(services)
    # Guests of the one are written to and take part in both by now.
    together = [participants(services, number) for number in (1001, 1002)]

    assert undo(services)

    after = [participants(services, number) | guests(services, number) for number in (1001, 1002)]
    all_of_them = {ANN, DAN, "kofi@ledger.example"}
    assert (together, after) == ([all_of_them, all_of_them], [all_of_them, {ANN}])
    assert ticket_row(services, 1001)["merged_into"] is None


def test_who_wrote_there_meanwhile_stays_there(services: Services) -> None:
    two_requests(services)
    merge(services)
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c1', 'Me too.', t.ticket_id, u.id, now(), now() FROM mail.ticket t, "User" u
        WHERE t.number = 1002 AND u.email = :dan""",
        dan=DAN,
    )

    assert undo(services)

    assert participants(services, 1002) == {ANN, DAN}


def test_who_watched_the_merged_ticket_watches_the_other_no_longer(services: Services) -> None:
    two_requests(services)
    watch = """INSERT INTO mail.watch (ticket_number, person_number)
        SELECT :ticket, number FROM mail.person ORDER BY number LIMIT 1 OFFSET :nth"""
    # The first watches both from the start, the second the merged one alone.
    for ticket, nth in ((1001, 0), (1002, 0), (1001, 1)):
        execute(services, watch, ticket=ticket, nth=nth)
    watched = "SELECT ticket_number, person_number FROM mail.watch ORDER BY 1, 2"
    before = query(services, watched)
    merge(services)
    assert len(query(services, watched)) == len(before) + 1

    assert undo(services)

    assert query(services, watched) == before


def test_mail_to_the_ticket_goes_to_it_again(services: Services) -> None:
    two_requests(services)
    merge(services)
    undo(services)
    execute(services, """UPDATE "Ticket" SET status = 'open' """)

    written = answer(services, mails_to(services, BOB, "ticket-assigned")[0], "Hello Ann, it is solved.")

    assert written["ticket_number"] in {1001, 1002}
    assert written["ticket_number"] == mails_to(services, BOB, "ticket-assigned")[0]["ticket_number"]


def test_nothing_is_taken_back_twice_nor_from_another_ticket(services: Services) -> None:
    two_requests(services)
    merge(services)

    assert (undo(services, target=1003), undo(services), undo(services)) == (False, True, False)
