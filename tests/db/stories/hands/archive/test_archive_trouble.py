"""The archive in trouble: wrong words, damage, people who are gone, a disk that is full; nothing is half done."""

from dataclasses import replace
from unittest.mock import Mock

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from bench.hands.old_tickets import add_old_tickets, live_rows, make_old
from desk.ticket import UNPROVEN_SENDERS
from models.removal.archive.take import archive as move
from models.reports.studio.mails import MailWanted, list_mails
from tests.support.database.personal_data import ANN, WORD, leave_one_mail, personal_data_settings, tables_naming
from tests.support.database.services import ADMIN, AGENT, MakeServices, Supportdesk, execute, query
from tests.support.values.replies import answer, last_mail
from worker.admin import archive as archiving
from worker.cli.studio.views.mails import subject_of
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

RUN = ("archive", "run", "--older-than", "2y")
AWAY = "SELECT number FROM mail.archive ORDER BY number"


@pytest.fixture
def gone(services: Services, supportdesk: Supportdesk) -> Services:
    """Services with two tickets, SD-1001 and SD-1002, which are in the archive."""
    add_old_tickets(services.engine, 2)
    assert supportdesk(*RUN).output == "2 tickets were archived.\n"
    return services


NOT_THERE = {
    "SD-9": "SD-9 is not in the archive. `supportdesk archive list` shows which are.",
    "SD-999999999999999999": "SD-999999999999999999 is not in the archive.",
    "printer": "printer is no ticket.",
}


def test_a_number_that_is_not_archived_is_said(supportdesk: Supportdesk) -> None:
    for number, sentence in NOT_THERE.items():
        result = supportdesk("archive", "restore", number)

        assert result.exit_code == 2
        assert sentence in " ".join(result.output.replace("│", " ").split())


def test_a_second_restore_says_that_it_is_here(gone: Services, supportdesk: Supportdesk) -> None:
    first, second = (supportdesk("archive", "restore", "SD-1001") for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 2)
    assert second.output == "SD-1001 is not in the archive: it is here. `supportdesk ticket show SD-1001`.\n"


def test_explain_says_that_it_is_in_the_archive(gone: Services, supportdesk: Supportdesk) -> None:
    explained = supportdesk("explain", "SD-1001")

    assert explained.output.startswith("SD-1001 “Old question 1” is closed, and in the archive since 2")


def test_the_studio_says_that_their_bytes_are_in_the_archive(gone: Services) -> None:
    with transaction(gone.engine) as session:
        mails, _ = list_mails(session, MailWanted(), 10)

    assert {subject_of(mail) for mail in mails} == {"Its bytes are in the archive, with its ticket."}
    assert subject_of(replace(mails[0], archived=False)) == "Its bytes are not stored any more."
    assert subject_of(replace(mails[0], archived=False, fate="quarantined")) == "Its bytes are still on the server."


DAMAGE = (
    "UPDATE mail.archive_part SET content = overlay(content PLACING '\\x00' FROM 100)",
    """UPDATE mail.archive SET rows = rows || '{"Comment": 4}'""",
    "DELETE FROM mail.archive_part",
)


def test_a_damaged_archive_is_said_and_nothing_is_changed(gone: Services, supportdesk: Supportdesk) -> None:
    before = live_rows(gone.engine)
    for damage in DAMAGE:
        execute(gone, damage)

        restored, shown = (supportdesk(*words, "SD-1001") for words in (("archive", "restore"), ("ticket", "show")))

        assert (restored.exit_code, shown.exit_code) in {(2, 2), (2, 0)}
        assert restored.output.startswith("The archive of SD-1001 is damaged: what is stored is not what was packed. N")
        assert live_rows(gone.engine) == before
        assert len(query(gone, AWAY)) == 2


def test_a_customer_whom_the_web_application_deleted_becomes_nobody(gone: Services, supportdesk: Supportdesk) -> None:
    execute(gone, """DELETE FROM "User" WHERE id = 'u-2'""")

    result = supportdesk("archive", "restore", "SD-1001")

    assert result.output == (
        "SD-1001 is back, and nobody was told.\n"
        "Its customer's account is gone: it stands in nobody's name now.\n"
        "The account of somebody who wrote there is gone: their words stand in nobody's name now.\n"
    )
    owners = query(gone, 'SELECT DISTINCT "createdById" AS id FROM "Ticket"')
    assert owners == [{"id": UNPROVEN_SENDERS}]


def test_who_it_was_assigned_to_may_be_gone(services: Services, supportdesk: Supportdesk) -> None:
    add_old_tickets(services.engine, 1)
    execute(services, """UPDATE "Ticket" SET "assignedToId" = 'u-9'""", "UPDATE mail.event SET fate = 'announced'")
    supportdesk(*RUN)
    execute(services, """DELETE FROM "User" WHERE id = 'u-9'""")

    result = supportdesk("archive", "restore", "SD-1001")

    assert result.output.endswith("The account of who it was assigned to is gone: it is nobody's now.\n")


BACK = "SD-1001 is back, and nobody was told.\n"
TEAM = """ALTER TABLE "Ticket" ADD team text {} DEFAULT 'a' REFERENCES "Team" """
# What the web application added, what it took away since, and what is said of it.
ANOTHER_SCHEMA = {
    "may be empty": (
        TEAM.format(""), 'DELETE FROM "Team"', 0,
        f"{BACK}What team referred to in Team is gone: it refers to nothing now.\n",
    ),
    "is needed": (
        TEAM.format("NOT NULL"), 'DELETE FROM "Team"', 2,
        "Rows need one of Team in team that is gone. Nothing was changed.\n",
    ),
    "is no column any longer": (
        TEAM.format(""), 'ALTER TABLE "Ticket" DROP team', 0,
        f"{BACK}The table Ticket has no column team any longer: what stood there is gone.\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("added", "taken", "status", "said"), ANOTHER_SCHEMA.values(), ids=ANOTHER_SCHEMA)
def test_what_a_column_of_the_web_application_refers_to_may_be_gone(
    services: Services, supportdesk: Supportdesk, added: str, taken: str, status: int, said: str
) -> None:
    add_old_tickets(services.engine, 1)
    execute(services, 'CREATE TABLE "Team" (id text PRIMARY KEY)', """INSERT INTO "Team" VALUES ('a')""", added)
    supportdesk(*RUN)
    execute(services, taken)

    result = supportdesk("archive", "restore", "SD-1001")

    assert (result.exit_code, result.output) == (status, said)
    assert len(query(services, AWAY)) == bool(status)


def test_a_column_that_is_needed_now_is_said(gone: Services, supportdesk: Supportdesk) -> None:
    execute(gone, 'ALTER TABLE "Ticket" ADD team text NOT NULL')

    result = supportdesk("archive", "restore", "SD-1001")

    assert result.exit_code == 2
    assert result.output.startswith("The rows of SD-1001 do not fit into the tables as they are now: null value in")
    assert len(query(gone, AWAY)) == 2


def test_forgetting_reaches_what_is_archived(make_services: MakeServices, supportdesk: Supportdesk) -> None:
    services = make_services(ADMIN, AGENT, **personal_data_settings())
    leave_one_mail(services)
    answer(services, last_mail(services, "bob@desk.example", "ticket-assigned"), f"{ANN} has none.")
    make_old(services.engine)
    supportdesk(*RUN)
    looked = supportdesk("user", "forget", ANN)
    still = query(services, AWAY)

    done = supportdesk("user", "forget", ANN, "--yes")

    assert "Tickets in which they are named that would come out of the archive for this, and stay: 1." in looked.output
    assert still == [{"number": 1001}]
    assert (done.exit_code, query(services, AWAY)) == (0, []), done.output
    assert tables_naming(services, ANN, WORD) == set()


def test_forgetting_staff_brings_nothing_back(make_services: MakeServices, supportdesk: Supportdesk) -> None:
    services = make_services(ADMIN, AGENT)
    add_old_tickets(services.engine, 1)
    execute(services, "INSERT INTO mail.participant (ticket_number, person_number) VALUES (1001, 1)")
    supportdesk(*RUN)

    result = supportdesk("user", "forget", "ada@desk.example", "--yes")

    assert result.exit_code == 2
    assert query(services, AWAY) == [{"number": 1001}]


def test_who_is_only_named_in_one_is_forgotten_there(gone: Services, supportdesk: Supportdesk) -> None:
    supportdesk("archive", "restore", "SD-1001")
    execute(
        gone, "SELECT set_config('supportdesk.quiet', 'on', true)", "UPDATE mail.ticket SET restored_at = NULL",
        """UPDATE "Ticket" SET description = 'Ask mailto:x=Eve@far.example, please'""",
    )  # fmt: skip
    supportdesk(*RUN)
    execute(gone, "INSERT INTO mail.suppression (address, reason, expires_at) VALUES ('eve@far.example', '', now())")

    supportdesk("user", "forget", "eve@far.example", "--yes")

    assert tables_naming(gone, "eve@far.example") == set()
    assert [row["number"] for row in query(gone, AWAY)] == [1002]


def test_without_a_database_one_sentence_is_said(supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "models.db.engine.make_engine",
        lambda *_, **__: Mock(connect=Mock(side_effect=OperationalError("", {}, psycopg.OperationalError("refused")))),
    )

    for words in (RUN, ("archive", "list"), ("archive", "search", "x"), ("archive", "restore", "1")):
        result = supportdesk(*words)
        assert result.exit_code == 2
        assert "cannot be reached: refused." in result.output


def test_a_full_disk_leaves_what_was_done(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_old_tickets(services.engine, 45)
    full = Mock(side_effect=[None, None, OperationalError("", {}, psycopg.errors.DiskFull("No space left on device"))])

    def until_full(*values: object) -> None:
        full()
        move(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(archiving, "archive", until_full)

    result = supportdesk(*RUN)

    assert result.exit_code == 2
    assert "40 tickets were archived till then. The same command goes on.\n" in result.output
    assert len(query(services, AWAY)) == 40
