"""A worker whose clock is wrong by days does what the others do: each age and each time is the database's."""

import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    make_staff,
    query,
    report_is_due,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.admin.doctor.run import clock, look_over
from worker.admin.forget import forget
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.poll.reconcile_daily import reconcile_daily
from worker.runtime.clock import CLOCK_LOG
from worker.runtime.services import Services

ANN, BOB, GONE = "ann@customer.example", "bob@desk.example", "gone@customer.example"
OFF = [timedelta(days=days) for days in (-400, 4, 6)]
FAR = [timedelta(days=-400), timedelta(days=400)]
# Every column of every table that holds a time.
TIMES = """
SELECT format('%I.%I', table_schema, table_name) AS "table", quote_ident(column_name) AS "column"
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema IN ('public', 'mail') AND table_type = 'BASE TABLE' AND data_type LIKE 'timestamp%'
"""
# The reconciliation is dated by its day. Signed addresses hold for 180 days, and nothing is dated further ahead.
STRANGE = "NOT {column} BETWEEN now() - interval '25 hours' AND now() + interval '181 days'"
CLOSED = """UPDATE "Ticket" SET status = 'closed', "updatedAt" = now()"""
DUE = "UPDATE mail.event SET due_at = now() WHERE fate IS NULL"


class Sink:
    """An SMTP server that has no room for Ann and knows nobody of the name `gone`."""

    async def handle_RCPT(  # noqa: N802  aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answers = {ANN: "451 come back later", GONE: "550 5.1.1 no such user"}
        if address not in answers:
            envelope.rcpt_tos.append(address)
        return answers.get(address, "250 fine")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "250 taken"


@pytest.fixture
def services(make_services: MakeServices) -> Iterator[Services]:
    """Services with a server to send to, whose report is due, with one ticket that was announced."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port, server_hostname="sink.example")
    controller.start()
    smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(port)}
    yield make_services(ADMIN, AGENT, a_raw_mail(), **smtp, **report_is_due())
    controller.stop()


def off_by(off: timedelta) -> time_machine.travel:
    """This process's clock wrong by so much, for as long as the block runs."""
    return time_machine.travel(datetime.now(UTC) + off)


@pytest.mark.parametrize("off", OFF)
def test_a_wrong_clock_parks_no_event(services: Services, off: timedelta) -> None:
    execute(services, CLOSED, DUE)

    with off_by(off):
        announce_due(services)

    assert query(services, "SELECT DISTINCT fate FROM mail.event") == [{"fate": "announced"}]


@pytest.mark.parametrize("off", OFF)
def test_what_is_old_by_the_database_is_parked_whatever_the_worker_thinks(services: Services, off: timedelta) -> None:
    execute(services, CLOSED, "UPDATE mail.event SET happened_at = now() - interval '4 days' WHERE fate IS NULL")

    with off_by(off):
        announce_due(services)

    assert query(services, "SELECT fate FROM mail.event WHERE field = 'status'") == [{"fate": "parked"}]


@pytest.mark.parametrize("off", OFF)
def test_a_wrong_clock_fails_no_mail_at_its_first_refusal_for_now(services: Services, off: timedelta) -> None:
    with off_by(off):
        deliver_due(services)

    waits = query(services, "SELECT fate, due_at - now() AS wait FROM mail.outbox WHERE recipient = :ann", ann=ANN)
    assert [mail["fate"] for mail in waits] == [None]
    assert 30 < waits[0]["wait"].total_seconds() <= 60


@pytest.mark.parametrize("off", OFF)
def test_what_was_tried_for_five_days_by_the_database_is_given_up(services: Services, off: timedelta) -> None:
    execute(services, "UPDATE mail.outbox SET written_at = now() - interval '6 days'")

    with off_by(off):
        deliver_due(services)

    assert {mail["fate"] for mail in mails_to(services, ANN)} == {"failed"}


@pytest.mark.parametrize("off", OFF)
def test_a_live_token_counts_under_a_wrong_clock(services: Services, off: timedelta) -> None:
    with off_by(off):
        answer(services, last_mail(services, BOB), "Try this.\n\n#resolve", subject="Re:")

    assert query(services, 'SELECT status FROM "Ticket"') == [{"status": "resolved"}]


@pytest.mark.parametrize("off", OFF)
def test_a_token_given_under_a_wrong_clock_lives_as_long_as_any(services: Services, off: timedelta) -> None:
    # Its signature covers its end, so that must be right when it is written.
    with off_by(off):
        write_mail(services, ANN, "Another.", subject="Another", message_id="<2@customer>")
    asked = last_mail(services, BOB, "ticket-assigned")

    lives = query(services, "SELECT token_expires_at - now() AS lives FROM mail.outbox WHERE id = :id", id=asked["id"])

    assert timedelta(days=179) < lives[0]["lives"] <= timedelta(days=180)


@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(days=2), timedelta(days=-2)])
def test_a_cap_holds_under_a_wrong_clock(services: Services, off: timedelta) -> None:
    execute(
        services,
        """INSERT INTO mail.outbox (template, kind, mailbox, person_number, role, recipient, recipient_name, sender,
            sender_name, subject, text, html, message_id, dated, token_expires_at, auto_submitted, fate, sent_at)
        SELECT template, kind, mailbox, person_number, role, recipient, recipient_name, sender, sender_name, subject,
            text, html, 'old' || n, dated, token_expires_at, auto_submitted, 'sent', now()
        FROM mail.outbox, generate_series(1, 30) n WHERE recipient = :ann""",
        ann=ANN,
    )

    with off_by(off):
        answer(services, last_mail(services, BOB), "Try this.", subject="Re:")

    told = last_mail(services, ANN, "comment-to-customer")
    waits = query(services, "SELECT due_at - now() AS wait FROM mail.outbox WHERE id = :id", id=told["id"])[0]["wait"]
    assert timedelta(minutes=30) < waits <= timedelta(hours=1)


@pytest.mark.parametrize(("until", "is_back"), [("+ interval '2 days'", False), ("- interval '2 days'", True)])
@pytest.mark.parametrize("off", FAR)
def test_who_is_away_by_the_database_gets_no_ticket(
    services: Services, off: timedelta, until: str, is_back: bool
) -> None:
    make_staff(services, "cat@desk.example")
    execute(
        services,
        "INSERT INTO mail.absence (person_number, reason, until)"
        f" SELECT person_number, 'test', now() {until} FROM mail.staff WHERE email = :bob",
        bob=BOB,
    )

    with off_by(off):
        for subject in ("Chair", "Door", "Window"):
            write_mail(services, ANN, "Broken.", subject=subject)

    assert (len(mails_to(services, BOB, "ticket-assigned")) > 1) is is_back


@pytest.mark.parametrize("off", FAR)
def test_no_column_of_any_table_holds_a_time_of_a_wrong_clock(
    services: Services, supportdesk: Supportdesk, off: timedelta
) -> None:
    with off_by(off):
        a_day_at_the_desk(services, supportdesk)

    strange = [
        (column["table"], column["column"])
        for column in query(services, TIMES)
        if query(services, f"SELECT 1 FROM {column['table']} WHERE " + STRANGE.format(column=column["column"]))
    ]
    assert strange == []
    assert {mail["fate"] for mail in mails_to(services, ANN)} == {None}
    assert len(query(services, "SELECT 1 FROM mail.suppression")) == 2


def a_day_at_the_desk(services: Services, supportdesk: Supportdesk) -> None:
    """Tickets, answers, commands, a question, a routed ticket, a report, a reconciliation, refusals, and an admin."""
    answer(services, last_mail(services, BOB), "Hello Ann,\n\ntry this.\n\n#resolve\n#priority high", subject="Re:")
    write_mail(services, GONE, "Broken.", subject="Chair")
    write_mail(services, BOB, "Without proof.", subject="Re: [SD-1001] Printer")
    write_mail(services, "Eve <eve@elsewhere.example>", "I know.", subject="[SD-1001] Printer")
    execute(services, 'UPDATE "Ticket" SET "assignedToId" = NULL, "updatedAt" = now() WHERE status = \'open\'', DUE)
    start_due_reports(services)
    reconcile_daily(services)
    announce_due(services)
    deliver_due(services)
    announce_due(services)
    supportdesk("user", "staff", "add", "new@desk.example", "--role", "agent")
    supportdesk("user", "staff", "remove", "new@desk.example")
    supportdesk("suppression", "add", "x@y.example", "--reason", "asked", "--days", 3)
    write_mail(services, "dan@customer.example", "Mine.", subject="Door")
    execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE recipient LIKE 'dan@%'")
    forget(services.engine, "dan@customer.example")


@pytest.mark.parametrize("off", FAR)
def test_a_report_is_started_when_the_database_says_so(services: Services, off: timedelta) -> None:
    with off_by(off):
        first = start_due_reports(services)
        again = start_due_reports(services)

    assert (first, again) == (1, 0)
    due = query(services, "SELECT now() - due_at AS late FROM mail.report_run")
    assert [timedelta(0) < run["late"] < timedelta(hours=1) for run in due] == [True]


@pytest.mark.parametrize(
    ("off", "trouble"),
    [
        (timedelta(days=4), "4 days, 0:00:00 ahead of"),
        (timedelta(days=-6), "6 days, 0:00:00 behind"),
        (timedelta(seconds=90), "0:01:30 ahead of"),
        (timedelta(seconds=30), ""),
        (timedelta(0), ""),
    ],
)
def test_the_doctor_measures_the_clock(services: Services, off: timedelta, trouble: str) -> None:
    with off_by(off):
        finding = next(look_over(services, (clock,)))

    assert (finding.part, trouble in finding.trouble, bool(finding.trouble)) == ("clock", True, bool(trouble))


@pytest.mark.parametrize("sweep", [receive_due, announce_due, deliver_due])
def test_a_process_with_a_wrong_clock_says_so_once_an_hour(
    services: Services, sweep: object, caplog: pytest.LogCaptureFixture
) -> None:
    CLOCK_LOG.logged_at = None
    with off_by(timedelta(minutes=2)), caplog.at_level(logging.WARNING):
        sweep(services)  # type: ignore[operator]
        sweep(services)  # type: ignore[operator]
        once = [record for record in caplog.records if "clock" in record.getMessage()]
        CLOCK_LOG.logged_at = (CLOCK_LOG.logged_at or 0) - 3601
        sweep(services)  # type: ignore[operator]

    assert (len(once), sum("clock" in record.getMessage() for record in caplog.records)) == (1, 2)


def test_a_process_whose_clock_is_right_says_nothing_of_it(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    CLOCK_LOG.logged_at = None
    store_in_ledger(services, a_raw_mail("Another.", message_id="<2@customer>"))

    receive_due(services)

    assert [record for record in caplog.records if "clock" in record.getMessage()] == []
