"""A desk that works goes on beside an import: what came by the server is the same mail, and no figure is flooded."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bench.hands.letters import WRITERS, old_letters
from desk.reports.schedule import Period
from models.announce.thread_context import read_correspondence
from models.intake.imports import begin_import, end_import
from models.ledger.mails import latest_heads
from models.reports.fates import Counted, begin_reading, read_fates
from models.reports.figures import gather_figures
from tests.db.stories.hands.imports.conftest import Bring
from tests.db.stories.hands.imports.test_import_trust import BOB, COMMENTS, DATE, TICKET, old
from tests.support.database.services import AGENT, SECOND_AGENT, Supportdesk, a_raw_mail, execute, process, query
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction

pytestmark = pytest.mark.services(AGENT)
TICKETS = 'SELECT count(*) FROM "Ticket"'
LAST = "SELECT * FROM mail.ledger ORDER BY id DESC LIMIT 1"


@pytest.mark.parametrize("kind", ["eml", "mbox"])
def test_what_came_by_the_server_is_not_taken_again(
    services: Services, bring: Bring, tmp_path: Path, kind: str
) -> None:
    raw = a_raw_mail("From here on\n\nFrom there.", date=DATE)
    process(services, raw.replace(b"\n", b"\r\n"))
    file = tmp_path / "one"
    file.write_bytes(
        raw if kind == "eml" else b"From a Mon Mar 04 08:30:00 2019\n" + raw.replace(b"\nFrom ", b"\n>From ")
    )

    assert "1 was there already." in bring(kind, file).output
    assert query(services, TICKETS) == [{"count": 1}]


def test_the_mark_of_a_folder_is_no_mail(services: Services, bring: Bring, tmp_path: Path) -> None:
    """Whatever stands in the row that says up to where a folder is not ours."""
    file = old(tmp_path)
    process(services, file.read_bytes().replace(b"\n", b"\r\n"))
    execute(services, "UPDATE mail.ledger SET fate = 'baseline', ticket_number = NULL")

    assert "1 was there already." not in bring("eml", file).output
    assert query(services, TICKETS) == [{"count": 2}]


@pytest.mark.parametrize(
    "headers", [{}, {"precedence": "list", "list_id": "<a.example>"}, {"auto_submitted": "auto-generated"}]
)
def test_what_the_server_shows_later_makes_no_second_ticket(
    services: Services, bring: Bring, tmp_path: Path, headers: dict[str, str]
) -> None:
    file = old(tmp_path, **headers)
    bring("eml", file)

    row = process(services, file.read_bytes().replace(b"\n", b"\r\n"))

    assert (row["fate"], row["evidence"]["rule"]) == ("not_applied", "same_mail_twice")
    # Nothing is left to do on a server for what came from a file.
    done = "SELECT server_done_at IS NOT NULL AS done FROM mail.ledger WHERE imported_at IS NOT NULL"
    assert query(services, done) == [{"done": True}]
    assert query(services, TICKETS) == [{"count": 1}]
    assert query(services, "SELECT count(*) FROM mail.outbox") == [{"count": 0}]


def test_an_answer_of_today_to_an_old_ticket_opens_one_that_goes_on_from_it(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    bring("eml", old(tmp_path))

    row = process(services, a_raw_mail("Again!", message_id="<new@customer>", in_reply_to="<one@old.example>"))

    assert query(services, "SELECT continues IS NOT NULL AS so FROM mail.ticket WHERE number = :number",
                 number=row["ticket_number"]) == [{"so": True}]  # fmt: skip
    assert query(services, "SELECT count(*) FROM mail.outbox WHERE recipient = 'ann@customer.example'") == [
        {"count": 1}
    ]


def test_an_old_mail_of_a_thread_of_today_joins_it_and_changes_nothing_else(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    number = process(services, a_raw_mail(references="<one@old.example>"))["ticket_number"]
    execute(services, 'UPDATE "Ticket" SET status = \'resolved\', "resolvedAt" = now()')
    announce_due(services)
    before, mails = query(services, TICKET, number=number), query(services, "SELECT count(*) FROM mail.outbox")

    bring("eml", old(tmp_path, "It began so."), "--staff-answers")

    announce_due(services)
    assert query(services, TICKET, number=number) == before
    assert query(services, "SELECT count(*) FROM mail.outbox") == mails
    assert query(services, 'SELECT content, "createdAt"::date::text AS day FROM "Comment"') == [
        {"content": "It began so.", "day": "2019-03-04"}
    ]


def test_our_mails_go_on_from_the_latest_and_not_from_what_came_along_last(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    row = process(services, a_raw_mail(references="<one@old.example>"))
    bring("eml", old(tmp_path, "It began so."))
    about = row["ticket_number"], row["person_number"]

    with transaction(services.engine) as session:
        thread = read_correspondence(session, [about]).threads[about]

    assert list(thread)[:2] == ["one@old.example", "1@customer"]


def test_tickets_may_stay_open_and_are_nobodys(services: Services, bring: Bring, tmp_path: Path) -> None:
    bring("eml", old(tmp_path), "--status", "open")

    receive_due(services)
    announce_due(services)

    (row,) = query(services, 'SELECT status, "assignedToId", "closedAt" FROM "Ticket"')
    assert row == {"status": "open", "assignedToId": None, "closedAt": None}
    assert query(services, "SELECT count(*) FROM mail.event") == [{"count": 0}]


CAT = "Cat <cat@desk.example>"
OWNER = 'SELECT u.email FROM "Ticket" t JOIN "User" u ON u.id = t."assignedToId"'
ANSWERS = {"in_reply_to": "<one@old.example>"}


@pytest.mark.services(AGENT, SECOND_AGENT)
def test_who_answered_last_has_it_in_whatever_order_answers_come_along(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    of_cat = old(tmp_path, "By Cat.", "two", date="Wed, 06 Mar 2019 08:30:00 +0000", **{"from": CAT}, **ANSWERS)
    of_bob = old(tmp_path, "By Bob.", "three", date="Tue, 05 Mar 2019 08:30:00 +0000", **{"from": BOB}, **ANSWERS)

    bring("eml", old(tmp_path), of_cat, "--staff-answers")
    bring("eml", of_bob, "--staff-answers")

    assert query(services, OWNER) == [{"email": "cat@desk.example"}]
    assert len(query(services, COMMENTS)) == 2


@pytest.mark.services(AGENT, SECOND_AGENT)
def test_whose_it_is_stays_where_somebody_has_said_so_since(
    services: Services, supportdesk: Supportdesk, bring: Bring, tmp_path: Path
) -> None:
    bring("eml", old(tmp_path), "--status", "open")
    (ticket,) = query(services, "SELECT number FROM mail.ticket")
    given = supportdesk("ticket", "assign", ticket["number"], "cat@desk.example", "--as", AGENT[0])

    bring("eml", old(tmp_path, "By Bob.", "two", **{"from": BOB}, **ANSWERS), "--staff-answers", "--status", "open")

    assert (given.exit_code, query(services, OWNER)) == (0, [{"email": "cat@desk.example"}]), given.output
    assert len(query(services, COMMENTS)) == 1


def test_no_figure_is_flooded(services: Services, bring: Bring, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with transaction(services.engine) as session:
        mark = begin_reading(session, Counted.MAILS)
    # As many as are parked today, and of this very hour.
    files = [
        old(tmp_path, f"Number {number}.", f"m{number}", date=format_datetime(now - timedelta(minutes=number)))
        for number in range(1, 41)
    ]
    bring("eml", *files)
    execute(services, "UPDATE mail.ledger SET stored_at = now() - interval '1 minute', size = 600 * 1024 * 1024")

    with transaction(services.engine) as session:
        counted, _ = read_fates(session, Counted.MAILS, mark)
        heads = latest_heads(session, "support", 10, timedelta(days=1))
        rows = gather_figures(session, Period(now - timedelta(days=1), now, "UTC"), now)
    row = process(services, a_raw_mail("Of today.", message_id="<today@customer>"))

    assert {(one.fate, one.seconds, one.is_bounce) for one in counted} == {("imported", None, False)}
    assert heads == []
    assert len(rows.tickets) == 40
    assert (row["fate"], row["evidence"]["rule"]) == ("applied", "new_ticket"), row["reason"]


def test_figures_of_today_know_nothing_of_old_tickets(services: Services, bring: Bring, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    bring("eml", old(tmp_path), old(tmp_path, "Answer", "two", **{"from": BOB, "in_reply_to": "<one@old.example>"}),
          "--staff-answers")  # fmt: skip

    with transaction(services.engine) as session:
        rows = gather_figures(session, Period(now - timedelta(days=1), now, "UTC"), now)

    assert rows.tickets == ()
    assert query(services, COMMENTS)


def test_two_imports_at_once_are_refused_in_a_sentence(services: Services, bring: Bring, tmp_path: Path) -> None:
    file = old(tmp_path)
    bring("eml", file)
    (box,) = query(services, "SELECT id FROM mail.mailbox")

    with autocommit(services.engine) as session:
        assert begin_import(session, box["id"])
        refused = bring("eml", old(tmp_path, name="two"))
        end_import(session, box["id"])

    assert refused.exit_code == 2
    assert "Another import into mailbox support is running: wait until it has ended" in refused.output
    assert query(services, TICKETS) == [{"count": 1}]


def test_whoever_decides_such_a_mail_again_is_as_quiet(services: Services, bring: Bring, tmp_path: Path) -> None:
    bring("eml", old(tmp_path, auto_submitted="auto-replied"))
    execute(services, "UPDATE mail.ledger SET fate = NULL, evidence = '{}', decided_at = NULL, restored_at = now()")

    receive_due(services)
    announce_due(services)

    assert query(services, 'SELECT status, "createdAt"::date::text AS day FROM "Ticket"') == [
        {"status": "closed", "day": "2019-03-04"}
    ]
    assert query(services, "SELECT count(*) FROM mail.outbox") == [{"count": 0}]
    assert query(services, "SELECT count(*) FROM mail.event") == [{"count": 0}]


def test_a_replay_of_old_mails_finds_nothing_changed(services: Services, bring: Bring, tmp_path: Path) -> None:
    bring("eml", *WRITERS["eml"](tmp_path, old_letters(40)), "--staff-answers")

    replayed = bring("replay")

    assert replayed.exit_code == 0, replayed.output
    assert replayed.output == "40 mails read again: 0 differ.\n"


def test_an_old_mail_is_explained_exported_and_forgotten_like_others(
    services: Services, bring: Bring, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    file = old(tmp_path)
    bring("eml", file)
    number = query(services, LAST)[0]["id"]

    explained = supportdesk("explain", f"mail-{number}")
    exported = supportdesk("mail", "export", number, tmp_path / "out.eml")
    forgotten = supportdesk("user", "forget", "ann@customer.example", "--yes")

    assert "brought along from a file" in explained.output
    assert exported.exit_code == 0
    assert (tmp_path / "out.eml").read_bytes() == file.read_bytes()
    assert forgotten.exit_code == 0, forgotten.output
    assert query(services, "SELECT * FROM mail.raw_chunk") == []
    assert query(services, "SELECT sender FROM mail.ledger") != [{"sender": "ann@customer.example"}]
    assert query(services, "SELECT description FROM \"Ticket\" WHERE description LIKE '%Old words%'") == []


def test_a_file_is_no_folder_of_its_mailbox(
    services: Services, bring: Bring, supportdesk: Supportdesk, tmp_path: Path
) -> None:
    process(services, a_raw_mail())
    bring("eml", old(tmp_path))

    listed = json.loads(supportdesk("mailbox", "list", "--json").stdout)

    assert [one["folders"] for one in listed] == [["INBOX"]]
