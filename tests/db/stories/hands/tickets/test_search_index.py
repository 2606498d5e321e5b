"""The index of the search: whoever changes a word, it is found soon, and what is gone is not kept."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from desk.reports.search.terms import read_line
from desk.ticket import Status
from models.removal.archive.choose import OldEnough
from models.removal.archive.restore import restore
from models.reports.search import reach
from models.reports.search.deadline import in_time
from models.reports.search.find import SearchFor, search_tickets
from tests.support.database.services import AGENT, Supportdesk, execute, process, query
from tests.support.database.services import a_raw_mail as mail
from tests.support.values.replies import answer, last_mail
from worker.admin import search_index
from worker.admin.archive import archive_old
from worker.admin.search_index import index_changes, keep_index, rebuild_index
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(AGENT)
BOB = "bob@desk.example"
CODES = ("de", "en")
QUIET = "SELECT set_config('supportdesk.quiet', 'on', true)"
# What another program does, quietly too, and a word that is found by it afterwards.
CHANGES = {
    "titled": """UPDATE "Ticket" SET title = 'Titled'""",
    "described": """UPDATE "Ticket" SET description = 'Described'""",
    "answered": """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'c', 'Answered', id, "createdById", now() FROM "Ticket" """,
    "edited": """UPDATE "Comment" SET content = 'Edited'""",
    "noted": "INSERT INTO mail.note (ticket_number, text, reason) SELECT number, 'Noted', '' FROM mail.ticket",
    "mended": "UPDATE mail.note SET text = 'Mended'",
    "named": """UPDATE "User" SET name = 'Named' WHERE email LIKE 'ann@%'""",
    "os@ene": """UPDATE "User" SET email = 'keros@ene.example' WHERE email LIKE 'ann@%'""",
}
# What takes a word away.
REMOVALS = {
    "model": "UPDATE mail.note SET accepted_at = now()",
    "drum": """UPDATE "Comment" SET content = 'Drill'""",
    "drill": """DELETE FROM "Comment" """,
    "customer.example": """UPDATE "User" SET name = 'X', email = 'x@y.example' WHERE email LIKE 'ann@%'""",
    "printer": """UPDATE "Ticket" SET title = 'Scanner'""",
    "scanner": """DELETE FROM "Ticket" """,
}
OLD = OldEnough(datetime(2099, 1, 1, tzinfo=UTC), (Status.CLOSED,))
COUNT = "SELECT count(*) AS n FROM {}"


@pytest.fixture
def talk(services: Services) -> int:
    """An indexed ticket with words in each of its texts; its number."""
    opened = process(services, mail("It smokes.", subject="Printer"))
    answer(services, last_mail(services, BOB), "Turn the drum.")
    answer(services, last_mail(services, BOB), "She has the new model.\n\n#note")
    index_changes(services.engine, 30)
    return int(opened["ticket_number"])


def found(services: Services, line: str) -> list[int]:
    with transaction(services.engine) as session, in_time(session, 30):
        page = search_tickets(session, SearchFor(wanted=read_line(line), notes=True))
    return [one.number for one in page.tickets]


def rows(services: Services, table: str) -> int:
    return int(query(services, COUNT.format(table))[0]["n"])


def test_what_any_program_writes_is_found(services: Services, talk: int) -> None:
    for word, change in CHANGES.items():
        before = found(services, word)
        execute(services, QUIET, change)
        keep_index(services.engine, CODES, 5)

        assert (word, before, found(services, word)) == (word, [], [talk])
        assert rows(services, "mail.search_due") == 0


def test_what_any_program_takes_away_is_not_found(services: Services, talk: int) -> None:
    for word, change in REMOVALS.items():
        before = found(services, word)
        execute(services, QUIET, change)
        keep_index(services.engine, CODES, 5)

        assert (word, before, found(services, word)) == (word, [talk], [])


def test_of_a_ticket_that_is_deleted_no_word_is_kept_for_a_moment(services: Services, talk: int) -> None:
    execute(services, """DELETE FROM "Ticket" """)

    assert rows(services, "mail.search") == 0


def test_a_person_who_is_deleted_is_not_kept_for_a_moment(services: Services, talk: int) -> None:
    execute(services, """DELETE FROM "User" WHERE email LIKE 'ann@%'""")

    assert query(services, "SELECT * FROM mail.search_person WHERE letters LIKE '%ann%'") == []


def test_a_change_is_only_marked_and_costs_the_mail_no_more(services: Services, talk: int) -> None:
    before = query(services, "SELECT indexed_at FROM mail.search")
    execute(services, """UPDATE "Ticket" SET status = 'closed', priority = 'high'""")
    nothing = rows(services, "mail.search_due")

    execute(services, """UPDATE "Ticket" SET title = 'Other'""")

    assert nothing == 0
    assert query(services, "SELECT ticket_number FROM mail.search_due") == [{"ticket_number": talk}]
    assert query(services, "SELECT indexed_at FROM mail.search") == before


def test_what_goes_into_the_archive_leaves_the_index_and_comes_back_with_it(services: Services, talk: int) -> None:
    old = """UPDATE "Ticket" SET status = 'closed', "updatedAt" = now() - interval '9 years'"""
    done = "UPDATE mail.event SET fate = 'announced'"
    execute(services, QUIET, old, done, "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE fate IS NULL")

    archive_old(services.engine, OLD, lambda *_: None)
    away = rows(services, "mail.search")
    with transaction(services.engine) as session:
        restore(session, talk, datetime.now(UTC))
    keep_index(services.engine, CODES, 5)

    assert away == 0
    assert found(services, "drum model printer") == [talk]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f" w{n:05}" for n in range(200_000)), id="different words"),
        pytest.param("x" * 2_000_000, id="one word"),
        pytest.param("".join(chr(0x4E00 + n % 20_000) for n in range(500_000)), id="signs"),
        pytest.param("".join(f" {chr(0x1D400 + n % 700)}{n}" for n in range(200_000)), id="letters of four bytes"),
    ],
)
def test_of_a_text_of_megabytes_the_beginning_is_indexed(services: Services, talk: int, text: str) -> None:
    comment = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'c', :text, id, "createdById", now() FROM "Ticket" """
    execute(services, QUIET, comment, text=f"Kerosene {text}")
    keep_index(services.engine, CODES, 5)

    assert found(services, "kerosene printer") == [talk]


def test_more_words_than_a_tsvector_takes_are_indexed_in_part(
    services: Services, talk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.reports.search.fill.MOST_CHARACTERS", 9_000_000)
    text = "".join(f" w{n:05}" for n in range(300_000))
    execute(services, QUIET, """UPDATE "Ticket" SET description = :text""", text=f"Kerosene {text}")

    keep_index(services.engine, CODES, 5)

    assert found(services, "kerosene printer") == [talk]


def test_tickets_of_before_are_indexed_a_little_at_a_time_and_it_is_said_until_then(
    services: Services, supportdesk: Supportdesk, talk: int
) -> None:
    not_indexed_yet(services)
    before = supportdesk("ticket", "search", "drum")

    keep_index(services.engine, CODES, 5)
    after = supportdesk("ticket", "search", "drum")

    assert f"Tickets below SD-{talk + 1} are not indexed yet, so one may be missing here." in before.output
    assert "In no ticket do all these words stand." in before.output
    assert "not indexed" not in after.output
    assert f"SD-{talk}" in after.output
    assert found(services, "tomer.exam") == [talk]


def test_a_rebuild_that_is_broken_off_goes_on(
    services: Services, supportdesk: Supportdesk, talk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    process(services, mail("More.", message_id="<2@x>", subject="Second"))
    monkeypatch.setattr(reach, "TICKETS_AT_ONCE", 1)
    turns = iter((reach.index_further, reach.index_further))

    def interrupted(session: Session, held: reach.Reach, most: int) -> reach.Reach:
        step: Callable[..., reach.Reach] | None = next(turns, None)
        if step is None:
            raise KeyboardInterrupt
        return step(session, held, most)

    with monkeypatch.context() as patch:
        patch.setattr(search_index, "index_further", interrupted)
        broken = supportdesk("db", "index")
    half = query(services, "SELECT tickets_from FROM mail.search_reach")
    done: list[int] = []
    tickets = rebuild_index(services.engine, CODES, lambda count, _: done.append(count))

    assert broken.exit_code == 130
    assert "Stopped by Ctrl-C. 1 tickets were indexed. The same command goes on, and so does the desk." in broken.output
    assert half == [{"tickets_from": talk + 1}]
    assert (tickets, done[-1]) == (1, 1)
    assert found(services, "printer") == [talk]


def test_a_rebuild_of_a_whole_index_begins_anew(services: Services, supportdesk: Supportdesk, talk: int) -> None:
    execute(services, "DELETE FROM mail.search", "DELETE FROM mail.search_person")

    result = supportdesk("db", "index")

    assert result.output == "All 1 tickets are indexed.\n"
    assert found(services, "drum tomer.exam") == [talk]


def test_a_language_that_the_desk_learns_lets_all_be_indexed_anew(services: Services, talk: int) -> None:
    execute(services, QUIET, """UPDATE "Ticket" SET title = 'Les généraux'""")
    keep_index(services.engine, CODES, 5)
    before = found(services, "générale")

    keep_index(services.engine, (*CODES, "fr", "tlh"), 5)

    keep_index(services.engine, CODES, 5)

    assert before == []
    assert found(services, "générale") == found(services, "generale") == [talk]
    assert query(services, "SELECT languages FROM mail.search_reach")[0]["languages"] == ["english", "french", "german"]


def test_two_at_a_time_do_the_work_once_and_nobody_waits(
    services: Services, supportdesk: Supportdesk, talk: int
) -> None:
    execute(services, """UPDATE "Ticket" SET title = 'Other'""")
    with transaction(services.engine) as session:
        reach.hold_index(session)
        began = time.monotonic()
        keep_index(services.engine, CODES, 5)
        took = time.monotonic() - began
        left = rows(services, "mail.search_due")
        result = supportdesk("ticket", "search", "printer")

    assert left == 1
    assert "Some changes of the last moments are not indexed yet." in result.output
    assert took < 2


def not_indexed_yet(services: Services) -> None:
    """Leave the index as the migration leaves it on a desk that has tickets already."""
    execute(
        services,
        *(f"DELETE FROM mail.{name}" for name in ("search", "search_person", "search_due")),
        "UPDATE mail.search_reach SET tickets_from = (SELECT max(number) + 1 FROM mail.ticket),"
        " people_from = (SELECT max(number) + 1 FROM mail.person)",
    )
