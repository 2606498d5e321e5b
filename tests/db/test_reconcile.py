"""Reconciliation on a real IMAP server: each gap is named in a sentence, and filled once where that is asked for."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from click.testing import CliRunner

from desk.ticket import Role
from mail.imap import Mailbox, open_mailbox
from mail.server import Security, Server
from models.mailboxes import take_lease
from seed.mailserver import MailServer
from tests.offices import SECRET, a_raw_mail, an_office, hire, rows, run
from worker import reconcile as reconciling
from worker.announce import announce_due
from worker.cli.main import main
from worker.intake import receive_due
from worker.office import Office
from worker.poll import poll_mailbox
from worker.reconcile import Compared, Lack, overdue_mails, reconcile_mailbox, reconcile_to_the_end
from worker.reconcile_daily import reconcile_daily
from worker.transaction import transaction

BOXES = count(1)
OpenOffice = Callable[..., Office]


@pytest.fixture
def server(mail_server: MailServer) -> Server:
    """A mailbox of its own for each test."""
    user = f"reconcile{next(BOXES)}@desk.example"
    return Server(mail_server.host, mail_server.imap_port, Security.PLAIN, user, mail_server.password)


@pytest.fixture
def open_office(fresh_database: str, server: Server) -> Iterator[OpenOffice]:
    opened: list[Office] = []

    def make(**further: str) -> Office:
        place = {"HOST": server.host, "PORT": str(server.port), "USER": server.user} | further
        settings = {f"MAILBOX__SUPPORT__{name}": value for name, value in place.items() if "__" not in name}
        settings |= {name: value for name, value in place.items() if "__" in name}
        opened.append(an_office(fresh_database, **settings))
        return opened[-1]

    yield make
    for office in opened:
        office.engine.dispose()


@pytest.fixture
def office(open_office: OpenOffice, server: Server) -> Office:
    """A desk that has polled two mails from before its time, which are not ours, and three that are."""
    append(server, "long before", "before")
    office = open_office()
    poll_mailbox(office, "support")
    append(server, "one", "two", "three")
    poll_mailbox(office, "support")
    return office


def append(server: Server, *bodies: str) -> None:
    with open_mailbox(server) as mailbox:
        for body in bodies:
            sender = f"{body.replace(' ', '.')}@customer.example"
            mailbox.append(
                "INBOX", a_raw_mail(body, message_id=f"<{body.replace(' ', '')}@x>", subject=body, **{"from": sender})
            )


def uids(server: Server) -> list[int]:
    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        return mailbox.all_uids()


def ours(server: Server) -> list[int]:
    """The UIDs from the baseline on: the last that is not ours, and those that are."""
    return uids(server)[1:]


def lose(office: Office, uid: int) -> None:
    raw = "DELETE FROM mail.raw_chunk WHERE ledger_id IN (SELECT id FROM mail.ledger WHERE uid = :uid)"
    run(office, raw, "DELETE FROM mail.ledger WHERE uid = :uid", uid=uid)


def make_stub(office: Office, uid: int) -> None:
    """Leave of a row what the poller leaves of a mail that it could not fetch."""
    raw = "DELETE FROM mail.raw_chunk WHERE ledger_id IN (SELECT id FROM mail.ledger WHERE uid = :uid)"
    bare = """UPDATE mail.ledger SET fate = 'quarantined', reason = 'it could not be taken', decided_at = now(),
        reported_at = now(), server_done_at = now(), size = 0, fingerprint = '', message_id = NULL,
        message_id_hash = NULL, stored_at = now() - interval '3 days', due_at = now() - interval '3 days'
        WHERE uid = :uid"""
    run(office, raw, bare, uid=uid)


def titles(office: Office) -> list[str]:
    while receive_due(office).done:
        pass
    return [row["title"] for row in rows(office, 'SELECT title FROM "Ticket" ORDER BY title')]


def lacks(compared: Compared) -> list[tuple[Lack, int | None, bool]]:
    return [(gap.lack, gap.uid, gap.repaired) for gap in compared.gaps]


def ledger(office: Office) -> list[dict[str, object]]:
    return rows(office, "SELECT uid, fate FROM mail.ledger WHERE fate IS DISTINCT FROM 'baseline' ORDER BY uid")


def test_where_nothing_is_missing_nothing_is_named(office: Office) -> None:
    compared = reconcile_mailbox(office, "support")

    assert compared == Compared("support", there=3)


def test_a_mail_that_the_ledger_lost_is_named_and_left_where_nobody_asks_for_more(
    office: Office, server: Server
) -> None:
    lost = ours(server)[2]
    lose(office, lost)

    compared = reconcile_mailbox(office, "support")

    assert [gap.sentence for gap in compared.gaps] == [
        f"UID {lost} of support (INBOX) is on the server and not in the ledger."
    ]
    assert len(ledger(office)) == 2


def test_a_mail_that_the_ledger_lost_becomes_a_ticket_exactly_once(office: Office, server: Server) -> None:
    lost = ours(server)[2]
    lose(office, lost)

    compared = reconcile_mailbox(office, "support", repair=True)

    assert lacks(compared) == [(Lack.MISSING, lost, True)]
    assert titles(office) == ["one", "three", "two"]


def test_a_second_repair_finds_nothing_more_and_makes_nothing_more(office: Office, server: Server) -> None:
    lose(office, ours(server)[2])
    reconcile_mailbox(office, "support", repair=True)
    made = titles(office)

    again = reconcile_mailbox(office, "support", repair=True)
    polled = poll_mailbox(office, "support")

    assert (again.gaps, polled.stored) == ((), 0)
    assert titles(office) == made


def test_several_gaps_are_filled_in_their_order(office: Office, server: Server) -> None:
    append(server, "four", "five")
    poll_mailbox(office, "support")
    for lost in ours(server)[1:5:2]:
        lose(office, lost)

    compared = reconcile_mailbox(office, "support", repair=True)

    assert [gap.uid for gap in compared.gaps] == ours(server)[1:5:2]
    assert titles(office) == ["five", "four", "one", "three", "two"]


def test_a_mail_from_before_the_first_sight_is_never_taken(office: Office, server: Server) -> None:
    reconcile_mailbox(office, "support", repair=True)

    assert {row["uid"] for row in ledger(office)} == set(uids(server)[2:])
    assert titles(office) == ["one", "three", "two"]


def test_a_mail_that_is_still_to_be_polled_is_no_gap(office: Office, server: Server) -> None:
    append(server, "new")

    compared = reconcile_mailbox(office, "support", repair=True)

    assert (compared.gaps, compared.waiting) == ((), 1)
    assert poll_mailbox(office, "support").stored == 1


def test_a_mail_that_left_the_server_is_counted_and_no_gap(office: Office, server: Server) -> None:
    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        mailbox.move(ours(server)[1:2], "Elsewhere")

    compared = reconcile_mailbox(office, "support")

    assert (compared.gaps, compared.gone, compared.there) == ((), 1, 2)


def test_a_stub_is_named_and_gets_its_bytes_and_becomes_a_ticket(office: Office, server: Server) -> None:
    stub = ours(server)[2]
    make_stub(office, stub)
    number = rows(office, "SELECT id FROM mail.ledger WHERE uid = :uid", uid=stub)[0]["id"]

    compared = reconcile_mailbox(office, "support", repair=True)

    assert lacks(compared) == [(Lack.STUB, stub, True)]
    assert compared.gaps[0].sentence == (
        f"Mail {number} (UID {stub} of support) is in quarantine without its bytes, and the server has them."
    )
    assert titles(office) == ["one", "three", "two"]
    assert [row["id"] for row in rows(office, "SELECT id FROM mail.ledger WHERE uid = :uid", uid=stub)] == [number]
    assert reconcile_mailbox(office, "support").gaps == ()


def test_a_filled_stub_has_what_a_poll_would_have_stored(office: Office, server: Server) -> None:
    columns = "SELECT l.*, content FROM mail.ledger l JOIN mail.raw_chunk ON ledger_id = l.id WHERE uid = :uid"
    differing = {"stored_at": None, "due_at": None, "server_done_at": None}
    stub = ours(server)[2]
    before = rows(office, columns, uid=stub)[0] | differing
    make_stub(office, stub)

    reconcile_mailbox(office, "support", repair=True)

    filled = rows(office, columns, uid=stub)[0]
    assert filled | differing == before
    # On the server it still lacks its flag.
    assert filled["server_done_at"] is None


def test_a_stub_whose_mail_left_the_server_is_no_gap_that_could_be_filled(office: Office, server: Server) -> None:
    stub = ours(server)[2]
    make_stub(office, stub)
    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        mailbox.move([stub], "Elsewhere")

    compared = reconcile_mailbox(office, "support", repair=True)

    assert compared.gaps == ()


def test_a_gap_that_cannot_be_fetched_stays_named(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, stub = ours(server)[1:3]
    lose(office, lost)
    make_stub(office, stub)
    refuse = Mailbox._unfetched
    monkeypatch.setattr(Mailbox, "_fetched", lambda box, uid, _mail: refuse(box, uid, "no"))

    compared = reconcile_mailbox(office, "support", repair=True)

    assert lacks(compared) == [(Lack.MISSING, lost, False), (Lack.STUB, stub, False)]


def test_a_mail_whose_flag_was_never_set_is_named_after_a_day(office: Office, server: Server) -> None:
    late = ours(server)[1]
    age = "UPDATE mail.ledger SET server_done_at = NULL, stored_at = now() - CAST(:age AS interval) WHERE uid = :uid"
    run(office, age, uid=late, age="23 hours")
    assert reconcile_mailbox(office, "support").gaps == ()

    run(office, age, uid=late, age="25 hours")

    assert lacks(reconcile_mailbox(office, "support")) == [(Lack.UNFINISHED, late, False)]


def test_a_mail_that_is_undecided_is_named_after_an_hour(office: Office, server: Server) -> None:
    run(office, "UPDATE mail.ledger SET due_at = now() - interval '61 minutes' WHERE uid = :uid", uid=ours(server)[1])

    compared = reconcile_mailbox(office, "support")

    assert [gap.sentence.partition(" of ")[2] for gap in compared.gaps] == [
        "support has been undecided for more than an hour."
    ]


def test_an_outgoing_mail_is_named_when_it_is_overdue(office: Office) -> None:
    hire(office, "ada@desk.example", Role.ADMIN)
    titles(office)
    announce_due(office)
    assert overdue_mails(office) == ()

    run(office, "UPDATE mail.outbox SET due_at = now() - interval '61 minutes' WHERE id = 1")

    assert [gap.sentence for gap in overdue_mails(office)] == ["Outgoing mail 1 has been due for more than an hour."]


def test_a_mail_that_is_too_large_is_listed_and_no_gap(open_office: OpenOffice, server: Server) -> None:
    office = open_office(FROM_START="true", LIMITS__LARGEST_MAIL_MEGABYTES="1")
    with open_mailbox(server) as mailbox:
        mailbox.append("INBOX", a_raw_mail("word " * 250_000))
    poll_mailbox(office, "support")

    compared = reconcile_mailbox(office, "support", repair=True)

    assert (compared.gaps, compared.partial) == ((), tuple(uids(server)))


def test_a_mailbox_that_a_poller_has_is_not_touched(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "PATIENCE_SECONDS", 0)
    lose(office, ours(server)[2])
    with transaction(office.engine) as session:
        take_lease(session, 1, timedelta(minutes=5))

    compared = reconcile_mailbox(office, "support", repair=True)

    assert compared.trouble == "another poller has the mailbox"
    assert len(ledger(office)) == 2


def test_a_poller_waits_while_a_mailbox_is_reconciled(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled: list[str | None] = []
    real = Mailbox.uids_after

    def look(mailbox: Mailbox, uid: int) -> list[int]:
        polled.append(poll_mailbox(office, "support").trouble)
        return real(mailbox, uid)

    monkeypatch.setattr(Mailbox, "uids_after", look)
    reconcile_mailbox(office, "support")

    assert polled == ["another poller has the mailbox"]
    assert rows(office, "SELECT lease_token FROM mail.mailbox") == [{"lease_token": None}]


def test_who_lost_the_lease_repairs_nothing(office: Office, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    lost, stub = ours(server)[1:3]
    lose(office, lost)
    make_stub(office, stub)
    real = Mailbox.uids_after

    def slow(mailbox: Mailbox, uid: int) -> list[int]:
        run(office, "UPDATE mail.mailbox SET lease_token = gen_random_uuid()")
        return real(mailbox, uid)

    monkeypatch.setattr(Mailbox, "uids_after", slow)
    compared = reconcile_mailbox(office, "support", repair=True)

    assert [gap.repaired for gap in compared.gaps] == [False, False]
    assert compared.trouble == "a poller took the mailbox over"


def test_a_folder_that_was_never_polled_is_said_so(open_office: OpenOffice, server: Server) -> None:
    append(server, "old")
    office = open_office()

    compared = reconcile_mailbox(office, "support", repair=True)

    assert compared.trouble == "the folder was never polled under its present UIDVALIDITY"
    assert ledger(office) == []


def test_a_repair_that_runs_out_of_time_is_taken_up_again(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = ours(server)[1:3]
    for uid in lost:
        lose(office, uid)
    monkeypatch.setattr("worker.poll_store.CHUNK", 1)
    monkeypatch.setattr("worker.poll_store.Watch.is_over", True)

    compared = reconcile_to_the_end(office, "support", repair=True)

    assert lacks(compared) == [(Lack.MISSING, lost[0], True), (Lack.MISSING, lost[1], True)]
    assert not compared.more


def test_the_daily_run_repairs_and_tells_the_admins_once(office: Office, server: Server) -> None:
    lose(office, ours(server)[2])
    rung: list[int] = []

    told = [reconcile_daily(office, after_chunk=lambda: rung.append(len(ledger(office)))) for _ in range(2)]
    lose(office, ours(server)[2])
    again = reconcile_daily(office)

    alerts = rows(office, "SELECT details FROM mail.event WHERE kind = 'alert'")
    assert (told, again, rung) == ([True, False], False, [3])
    assert len(alerts) == 1
    assert "is on the server and not in the ledger. It was repaired." in str(alerts[0]["details"])


def test_the_alert_reaches_the_admins_as_a_mail(office: Office, server: Server) -> None:
    hire(office, "ada@desk.example", Role.ADMIN)
    lose(office, ours(server)[2])
    reconcile_daily(office)

    announce_due(office)

    mails = rows(office, "SELECT recipient, subject FROM mail.outbox WHERE template = 'alert'")
    assert [mail["recipient"] for mail in mails] == ["ada@desk.example"]
    assert mails[0]["subject"].endswith("reconciliation found 1 gap, 0 left")


def test_the_daily_run_says_nothing_where_nothing_is_missing(office: Office) -> None:
    told = reconcile_daily(office)

    assert not told
    assert rows(office, "SELECT 1 FROM mail.event WHERE kind = 'alert'") == []
    assert rows(office, "SELECT name, figures FROM mail.report_run") == [
        {"name": "reconcile", "figures": {"gaps": 0, "repaired": 0}}
    ]


@pytest.fixture
def command(office: Office, server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run `supportdesk reconcile` on the office's database."""
    place = {"HOST": server.host, "PORT": str(server.port), "USER": server.user, "PASSWORD": server.password}
    for name, value in place.items():
        monkeypatch.setenv(f"SUPPORTDESK_MAILBOX__SUPPORT__{name}", value)
    monkeypatch.setenv("SUPPORTDESK_DESK__SECRET_KEY", SECRET)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("DATABASE_URL", office.settings.database.url.get_secret_value())

    def call(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["reconcile", *words])
        return done.exit_code, done.output

    return call


def test_the_command_names_gaps_and_ends_with_status_2_until_they_are_filled(
    command: Callable[..., tuple[int, str]], office: Office, server: Server
) -> None:
    lost = ours(server)[2]
    lose(office, lost)

    said = [command(), command("support", "--repair"), command()]

    sentence = f"UID {lost} of support (INBOX) is on the server and not in the ledger."
    counts = "3 mails on the server, 0 no longer there."
    assert said == [
        (2, f"{sentence}\nsupport: 1 gap, 1 left; {counts}\n"),
        (0, f"{sentence} It was repaired.\nsupport: 1 gap, 0 left; {counts}\n"),
        (0, f"support: no gaps; {counts}\n"),
    ]


def test_the_command_says_the_same_for_scripts(
    command: Callable[..., tuple[int, str]], office: Office, server: Server
) -> None:
    lost = ours(server)[2]
    lose(office, lost)

    status, said = command("--json")

    gap = json.loads(said)["mailboxes"][0]["gaps"][0]
    assert (status, gap["lack"], gap["uid"], gap["repaired"]) == (2, "missing", lost, False)


def test_a_mailbox_that_the_settings_lack_is_said_so(command: Callable[..., tuple[int, str]]) -> None:
    status, said = command("nowhere")

    assert (status, said) == (2, "There is no mailbox nowhere; the settings name support.\n")
