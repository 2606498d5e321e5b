"""`supportdesk archive`: old tickets leave `public` with all that is theirs, and come back as they were."""

import json

import pytest

from bench.hands.old_tickets import add_old_tickets, live_rows, make_old
from models.reports.history.decided import WhichMails, read_decided
from tests.support.database.merged_tickets import BOB, CAT, MERGE_SETTINGS, merge, two_requests
from tests.support.database.personal_data import leave_personal_data_everywhere, personal_data_settings
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
)
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

STAYS = " As old, and staying, since something about them or one merged with them is not done yet: 1.\n"
QUIET = "SELECT set_config('supportdesk.quiet', 'on', true)"
AWAY = "SELECT number FROM mail.archive ORDER BY number"
PACKED = {
    "bytes of mails": "SELECT count(*) AS n FROM mail.raw_chunk c JOIN mail.ledger l ON l.id = c.ledger_id"
    " WHERE l.ticket_number IS NOT NULL",
    "files": "SELECT count(*) AS n FROM mail.blob b WHERE NOT EXISTS (SELECT FROM mail.attachment a"
    " WHERE a.sha256 = b.sha256) AND NOT EXISTS (SELECT FROM mail.outbox_file f WHERE f.sha256 = b.sha256)",
    "notes": "SELECT count(*) AS n FROM mail.note WHERE text <> '' OR reason <> ''",
    "readings": "SELECT count(*) AS n FROM mail.reading",
    "mails of ours": "SELECT count(*) AS n FROM mail.outbox WHERE ticket_number IS NOT NULL AND text || html <> ''",
    "tickets": 'SELECT count(*) AS n FROM public."Ticket"',
    "comments": 'SELECT count(*) AS n FROM public."Comment"',
    "activities": 'SELECT count(*) AS n FROM public."TicketActivity"',
}


@pytest.fixture
def old_services(make_services: MakeServices) -> Services:
    """Services whose tickets have rows of every kind, and are closed for three years."""
    services = make_services(ADMIN, AGENT, **personal_data_settings())
    leave_personal_data_everywhere(services)
    add_old_tickets(services.engine, 30)
    return services


@pytest.fixture
def one_old(services: Services) -> Services:
    """Services with one ticket, which is old."""
    process(services, a_raw_mail())
    make_old(services.engine)
    return services


def away(services: Services) -> list[int]:
    return [row["number"] for row in query(services, AWAY)]


def counts(services: Services) -> dict[str, int]:
    return {name: query(services, statement)[0]["n"] for name, statement in PACKED.items()}


def test_every_row_comes_back_as_it_was(old_services: Services, supportdesk: Supportdesk) -> None:
    before = live_rows(old_services.engine)

    run = supportdesk("archive", "run", "--older-than", "2y")
    gone, left = away(old_services), counts(old_services)
    back = [supportdesk("archive", "restore", number).output for number in gone]

    assert run.output == "33 tickets were archived.\n"
    assert (len(gone), left) == (33, dict.fromkeys(PACKED, 0))
    assert back[0] == "SD-1001 is back, and nobody was told.\n"
    assert live_rows(old_services.engine) == before
    assert away(old_services) == []


def test_a_ticket_in_the_archive_is_shown_as_it_was(old_services: Services, supportdesk: Supportdesk) -> None:
    numbers = [row["number"] for row in query(old_services, "SELECT number FROM mail.ticket ORDER BY number")]
    before = [json.loads(supportdesk("ticket", "show", number, "--json").output)[0] for number in numbers]

    supportdesk("archive", "run", "--older-than", "2y")
    results = [supportdesk("ticket", "show", number, "--json") for number in numbers]
    assert [one.exception for one in results if one.exception] == []
    shown = [json.loads(one.output)[0] for one in results]

    assert [one["archived_at"] is None for one in shown] == [False] * len(numbers)
    assert [one | {"archived_at": None} for one in shown] == before
    assert ", archived since 20" in supportdesk("ticket", "show", numbers[0]).output


def test_the_bytes_of_its_mails_are_read_in_the_archive(
    services: Services, supportdesk: Supportdesk, tmp_path: object
) -> None:
    raw = a_raw_mail("All of it. " * 200_000)
    row = process(services, raw)["id"]
    make_old(services.engine)
    supportdesk("archive", "run", "--older-than", "2y")

    exported = supportdesk("mail", "export", row, "mail.eml")

    assert exported.output == f"{len(raw)} bytes are in mail.eml.\n"
    assert "Printer" in supportdesk("mail", "show", row).output
    assert f"SD-{1001}" in supportdesk("explain", row).output


SEARCHES: tuple[tuple[tuple[str, ...], list[int]], ...] = (
    (("printer",), [1001]),
    (("SD-1001",), [1001]),
    (("#1002",), [1002]),
    (("ann@customer.example",), [1001, 1002]),
    (("Dan@Customer.example",), [1002]),
    (("customer.example", "fire"), [1002]),
    (("100%",), []),
    (("_rinter",), []),
    (("nobody@customer.example",), []),
    (("1003",), []),
)


def test_it_is_found_by_number_address_and_title(services: Services, supportdesk: Supportdesk) -> None:
    process(services, a_raw_mail())
    process(
        services, a_raw_mail("It burns.", subject="Fire", cc="Dan <dan@customer.example>", message_id="<2@customer>")
    )
    make_old(services.engine)
    supportdesk("archive", "run", "--older-than", "2y")

    for words, found in SEARCHES:
        listed = json.loads(supportdesk("archive", "search", *words, "--json").output)
        assert sorted(one["number"] for one in listed) == found, words


def test_a_list_goes_on_page_by_page(old_services: Services, supportdesk: Supportdesk) -> None:
    supportdesk("archive", "run", "--older-than", "2y")

    first = supportdesk("archive", "list", "--most", "20")
    last = first.output.rsplit("--before SD-", 1)[1].split(" ", 1)[0]
    second = supportdesk("archive", "list", "--before", last, "--most", "20")

    assert first.output.count("SD-") == 21
    assert second.output.count("SD-") == 13
    assert supportdesk("archive", "list", "--before", "SD-1001").output == "There are no further tickets.\n"


UNDER_WAY = {
    "a mail that is undecided": "UPDATE mail.ledger SET fate = NULL",
    "a mail in quarantine": "UPDATE mail.ledger SET fate = 'quarantined'",
    "a change that nobody was told of": "UPDATE mail.event SET fate = NULL",
    "a change in quarantine": "UPDATE mail.event SET fate = 'quarantined'",
    "a mail of ours that has not gone": "UPDATE mail.outbox SET fate = NULL",
}


def test_it_stays_while_something_is_under_way(one_old: Services, supportdesk: Supportdesk) -> None:
    for what, change in UNDER_WAY.items():
        execute(one_old, change)

        dry = supportdesk("archive", "run", "--older-than", "2y", "--dry-run")
        run = supportdesk("archive", "run", "--older-than", "2y")

        assert dry.output == f"0 tickets would be archived; nothing was changed.{STAYS}", what
        assert run.output == f"0 tickets were archived.{STAYS}", what
        assert away(one_old) == []
        execute(one_old, *DONE)


DONE = (
    "UPDATE mail.ledger SET fate = 'applied'",
    "UPDATE mail.event SET fate = 'announced'",
    "UPDATE mail.outbox SET fate = 'sent'",
)
NOT_OLD = {
    "changed lately": """UPDATE "Ticket" SET "updatedAt" = now() - interval '1 year'""",
    "open": """UPDATE "Ticket" SET status = 'open', "closedAt" = NULL""",
    "resolved": """UPDATE "Ticket" SET status = 'resolved'""",
    "restored lately": "UPDATE mail.ticket SET restored_at = now() - interval '29 days'",
}


def test_it_stays_where_it_is_not_old_and_closed(one_old: Services, supportdesk: Supportdesk) -> None:
    for what, change in NOT_OLD.items():
        execute(one_old, QUIET, change)

        assert supportdesk("archive", "run", "--older-than", "2y").output == "0 tickets were archived.\n", what
        make_old(one_old.engine)
        execute(one_old, "UPDATE mail.ticket SET restored_at = NULL")


def test_a_resolved_one_goes_where_that_is_asked_for(one_old: Services, supportdesk: Supportdesk) -> None:
    execute(one_old, QUIET, NOT_OLD["resolved"])

    dry = supportdesk("archive", "run", "--older-than", "2y", "--resolved", "--dry-run")

    assert dry.output == "1 ticket would be archived; nothing was changed.\n"
    assert away(one_old) == []
    assert supportdesk("archive", "run", "--older-than", "2y", "--resolved").output == "1 ticket was archived.\n"


@pytest.mark.services(ADMIN, AGENT, **MERGE_SETTINGS)
def test_merged_tickets_go_and_come_back_together(services: Services, supportdesk: Supportdesk) -> None:
    two_requests(services)
    merge(services)
    make_old(services.engine)
    execute(
        services, QUIET,
        """UPDATE "Ticket" SET "updatedAt" = now() FROM mail.ticket n WHERE n.ticket_id = id AND n.number = 1001""",
    )  # fmt: skip
    stays = supportdesk("archive", "run", "--older-than", "2y").output
    make_old(services.engine)
    before = live_rows(services.engine)

    run = supportdesk("archive", "run", "--older-than", "2y").output
    gone = away(services)
    back = supportdesk("archive", "restore", "SD-1001").output

    assert (stays, run, gone) == (f"0 tickets were archived.{STAYS}", "2 tickets were archived.\n", [1001, 1002])
    assert back == "SD-1001, SD-1002 are back, and nobody was told.\n"
    assert live_rows(services.engine) == before


def test_columns_that_the_web_application_added_come_along(one_old: Services, supportdesk: Supportdesk) -> None:
    execute(
        one_old,
        """ALTER TABLE "Ticket" ADD "due" timestamp(3), ADD "Tags: all" text[] DEFAULT '{a,"b c"}',
        ADD weight double precision DEFAULT 0.1, ADD extra jsonb DEFAULT 'null', ADD raw bytea DEFAULT '\\x00ff',
        ADD price numeric(10,2) DEFAULT 12.5, ADD twice text GENERATED ALWAYS AS (title || title) STORED""",
        """UPDATE "Ticket" SET due = '2031-01-01 00:00:00.123'""",
    )
    before = live_rows(one_old.engine)

    supportdesk("archive", "run", "--older-than", "2y")
    assert away(one_old) == [1001]
    execute(one_old, """ALTER TABLE "Ticket" ADD "since" int DEFAULT 7""")
    supportdesk("archive", "restore", "1001")

    rows = live_rows(one_old.engine)
    assert [row.pop("since") for row in rows['"public"."Ticket"']] == [7]
    assert rows == before


def test_a_table_that_nobody_knows_keeps_all_tickets_here(one_old: Services, supportdesk: Supportdesk) -> None:
    execute(one_old, 'CREATE TABLE "Label" (id text PRIMARY KEY, ticket text REFERENCES "Ticket" ON DELETE CASCADE)')

    runs = [supportdesk("archive", "run", "--older-than", "2y", *more) for more in ((), ("--dry-run",))]

    sentence = (
        'Rows of "Label" refer to tickets, and the desk knows nothing of that table: what it holds would be lost with '
        "an archived ticket. Nothing more was archived.\n"
    )
    assert {(run.exit_code, run.output) for run in runs} == {(2, sentence)}
    assert away(one_old) == []


def test_a_file_that_others_have_too_stays(make_services: MakeServices, supportdesk: Supportdesk) -> None:
    services = make_services(ADMIN, AGENT)
    add_old_tickets(services.engine, 2)
    execute(services, "UPDATE mail.attachment SET sha256 = (SELECT min(sha256) FROM mail.attachment)")
    before = live_rows(services.engine)

    supportdesk("archive", "run", "--older-than", "2y")
    kept = query(services, "SELECT count(*) AS n FROM mail.attachment")
    supportdesk("archive", "restore", "1001")
    supportdesk("archive", "restore", "1002")

    assert kept == [{"n": 2}]
    assert live_rows(services.engine) == before


@pytest.mark.services(ADMIN, AGENT, SECOND_AGENT)
def test_changes_at_the_command_line_say_how_it_comes_back(one_old: Services, supportdesk: Supportdesk) -> None:
    supportdesk("archive", "run", "--older-than", "2y")

    refused = [
        supportdesk("ticket", *words, "--as", BOB)
        for words in (("comment", 1001, "Hi."), ("status", 1001, "open"), ("assign", 1001, CAT))
    ]

    assert {one.exit_code for one in refused} == {2}
    for one in refused:
        assert one.output.startswith("SD-1001 is in the archive since 20")
        assert "`supportdesk archive restore SD-1001` brings it back" in one.output
    assert away(one_old) == [1001]


def test_its_mails_are_not_replayed(one_old: Services, supportdesk: Supportdesk) -> None:
    with transaction(one_old.engine) as session:
        before = len(list(read_decided(session, WhichMails())))
    supportdesk("archive", "run", "--older-than", "2y")

    with transaction(one_old.engine) as session:
        assert (before, list(read_decided(session, WhichMails()))) == (1, [])


def test_no_mail_of_an_archived_ticket_is_sent_again(one_old: Services, supportdesk: Supportdesk) -> None:
    execute(one_old, "UPDATE mail.outbox SET fate = 'failed', sent_at = NULL")
    supportdesk("archive", "run", "--older-than", "2y")

    retried = supportdesk("outbox", "retry", "1")

    assert retried.output == "Mail 1 neither waits after an error nor failed, or its ticket is archived.\n"
