"""What the archive looks at before it deletes or gives back a row, and what it never takes from somebody else."""

import pytest
from alembic.util import CommandError

from bench.hands.old_tickets import add_old_tickets, live_rows
from tests.support.database.services import AGENT, Supportdesk, execute, query
from worker.admin import migrate
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
RUN = ("archive", "run", "--older-than", "2y")
AWAY = "SELECT number FROM mail.archive ORDER BY number"
LATELY = """UPDATE "Ticket" SET "updatedAt" = now() FROM mail.ticket n WHERE n.ticket_id = id AND n.number > 1001"""
QUIET = "SELECT set_config('supportdesk.quiet', 'on', true)"
# Somebody writes to a row that is packed already, in the first so many transactions.
DISTURBED = (
    "CREATE SEQUENCE mail.disturbed",
    """CREATE FUNCTION mail.disturb() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('mail.disturbed') <= {} THEN UPDATE mail.note SET text = 'Meanwhile.'; END IF;
        RETURN NEW;
    END $$""",
    "CREATE TRIGGER disturb BEFORE INSERT ON mail.archive FOR EACH ROW EXECUTE FUNCTION mail.disturb()",
)
# What is stored is not what was packed, as on a disk that lies.
ALTERED = (
    """CREATE FUNCTION mail.alter_part() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.content = overlay(NEW.content PLACING '\\x00' FROM 100); RETURN NEW;
    END $$""",
    "CREATE TRIGGER alter_part BEFORE INSERT ON mail.archive_part FOR EACH ROW EXECUTE FUNCTION mail.alter_part()",
)
FORMS = ("extra_float_digits = -3", "bytea_output = escape", "IntervalStyle = iso_8601")
ON_DATABASE = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {}', current_database()); END $$"


def away(services: Services) -> list[int]:
    return [row["number"] for row in query(services, AWAY)]


@pytest.fixture
def old(services: Services) -> Services:
    """Services with SD-1001 and SD-1002, which are old."""
    add_old_tickets(services.engine, 2)
    return services


def test_what_changes_while_it_is_packed_is_packed_anew(old: Services, supportdesk: Supportdesk) -> None:
    execute(old, *(one.format(2) for one in DISTURBED))

    run = supportdesk(*RUN)
    left = query(old, "SELECT count(*) AS n FROM mail.note WHERE text <> ''")
    execute(old, "DROP TRIGGER disturb ON mail.archive")
    supportdesk("archive", "restore", 1001)

    assert (run.output, left) == ("2 tickets were archived.\n", [{"n": 0}])
    assert query(old, "SELECT text FROM mail.note WHERE ticket_number = 1001") == [{"text": "He is angry."}]


def test_what_changes_each_time_stays_and_is_said(old: Services, supportdesk: Supportdesk) -> None:
    execute(old, *(one.format(99) for one in DISTURBED))
    before = live_rows(old.engine)

    run = supportdesk(*RUN)

    assert run.exit_code == 2
    assert "was changed each time while it was being packed. It stays as it is" in run.output
    assert (live_rows(old.engine), away(old)) == (before, [])


def test_nothing_is_deleted_where_what_was_stored_is_not_what_was_read(old: Services, supportdesk: Supportdesk) -> None:
    execute(old, *ALTERED)
    before = live_rows(old.engine)

    run = supportdesk(*RUN)

    assert run.exit_code == 2
    assert run.output.startswith(
        "What was stored of some ticket above SD-0 is not what was read, so it stays as it is."
    )
    assert (live_rows(old.engine), away(old)) == (before, [])


def test_a_file_that_a_mail_of_ours_about_another_ticket_has_stays(old: Services, supportdesk: Supportdesk) -> None:
    sent = """INSERT INTO mail.outbox_file (outbox_id, position, filename, sha256)
        SELECT o.id, 0, 'photo.jpg', a.sha256 FROM mail.outbox o, mail.attachment a
        WHERE o.ticket_number = 1002 AND a.ticket_number = 1001"""
    execute(old, QUIET, LATELY, sent)

    run = supportdesk(*RUN)

    assert (run.output, away(old)) == ("1 ticket was archived.\n", [1001])
    assert query(old, "SELECT count(*) AS n FROM mail.outbox_file JOIN mail.blob USING (sha256)") == [{"n": 1}]


def test_a_file_that_came_again_meanwhile_is_that_of_both(old: Services, supportdesk: Supportdesk) -> None:
    blobs = query(old, "SELECT * FROM mail.blob")
    before = live_rows(old.engine)
    supportdesk(*RUN)
    for blob in blobs:
        execute(old, "INSERT INTO mail.blob VALUES (:sha256, :size, :content, :stored_at)", **blob)

    back = [supportdesk("archive", "restore", number) for number in (1001, 1002)]

    assert [one.exit_code for one in back] == [0, 0], back[0].output
    assert live_rows(old.engine) == before


def test_values_are_packed_in_one_form_whatever_the_database_is_told(old: Services, supportdesk: Supportdesk) -> None:
    execute(
        old,
        "ALTER TABLE \"Ticket\" ADD took interval DEFAULT '1 day 2 hours', ADD ratio float DEFAULT 0.12345678901234567",
    )
    before = live_rows(old.engine)
    execute(old, *(ON_DATABASE.format(f"SET {form}") for form in FORMS))
    old.engine.dispose()
    supportdesk(*RUN)
    gone = away(old)
    execute(old, *(ON_DATABASE.format(f"RESET {form.partition(' ')[0]}") for form in FORMS))
    old.engine.dispose()

    for number in gone:
        supportdesk("archive", "restore", number)

    assert (gone, live_rows(old.engine) == before) == ([1001, 1002], True)


def test_one_that_came_back_stays_for_thirty_days(old: Services, supportdesk: Supportdesk) -> None:
    supportdesk(*RUN)
    supportdesk("archive", "restore", 1001)

    lately = supportdesk(*RUN).output
    execute(old, "UPDATE mail.ticket SET restored_at = restored_at - interval '30 days'")

    assert (lately, supportdesk(*RUN).output) == ("0 tickets were archived.\n", "1 ticket was archived.\n")


def test_one_that_does_not_get_its_number_back_stays_in_the_archive(old: Services, supportdesk: Supportdesk) -> None:
    supportdesk(*RUN)
    # A comment alone would have its ticket numbered.
    execute(old, *(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL' for table in ("Ticket", "Comment")))

    result = supportdesk("archive", "restore", 1001)

    assert (result.exit_code, away(old)) == (2, [1001, 1002])
    assert result.output == "SD-1001 did not get its number back. Run `supportdesk db repair`, then try again.\n"
    assert query(old, 'SELECT count(*) AS n FROM "Ticket"') == [{"n": 0}]


def test_only_the_archived_ticket_itself_gets_its_number(old: Services, supportdesk: Supportdesk) -> None:
    """Another row that is written in the same transaction gets a new one, as ever."""
    supportdesk(*RUN)
    another = """INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt")
        SELECT 'another', '', '', 'billing', id, now() FROM "User" LIMIT 1"""

    execute(old, "SELECT set_config('supportdesk.restores', 'on', true)", another)

    assert query(old, "SELECT number FROM mail.ticket WHERE ticket_id IS NOT NULL") == [{"number": 1003}]


def test_an_older_program_is_refused_while_tickets_are_in_the_archive(old: Services, supportdesk: Supportdesk) -> None:
    supportdesk(*RUN)

    with pytest.raises(CommandError, match=r"^2 tickets are in the archive, and would be lost. Restore them first.$"):
        migrate.downgrade(old.engine, "0024")

    assert away(old) == [1001, 1002]


# Where somebody is named besides the words of a ticket.
NAMED = {
    "a guest": "INSERT INTO mail.guest (ticket_number, address, name, added_by) SELECT 1001, 'c9@many.example', '',"
    " number FROM mail.person LIMIT 1",
    "in Cc": "UPDATE mail.ledger SET recipients = '{c9@many.example}' WHERE ticket_number = 1001",
    "a participant": "INSERT INTO mail.participant (ticket_number, person_number)"
    " SELECT 1001, number FROM mail.person WHERE user_id = 'u-9'",
    "told by a mail of ours": "UPDATE mail.outbox SET recipient = 'c9@many.example' WHERE ticket_number = 1001",
    "who did something": """UPDATE "TicketActivity" SET "userId" = 'u-9' WHERE "ticketId" = 'old-1'""",
}


@pytest.mark.parametrize("statement", NAMED.values(), ids=NAMED)
def test_forgetting_reaches_whoever_is_named_beside_the_words(
    old: Services, supportdesk: Supportdesk, statement: str
) -> None:
    execute(old, QUIET, statement)
    supportdesk(*RUN)

    result = supportdesk("user", "forget", "c9@many.example", "--yes")

    assert (result.exit_code, away(old)) == (0, [1002]), result.output
