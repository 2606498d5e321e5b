"""The operator's story on real servers and processes: from a bare folder to a second mailbox, a fault, a new key, a
backup that is restored, and a desk of the first version that is upgraded.

Nothing is waited for that can be moved: a beat sweeps every two seconds, each mail is polled for, the watchman
is asked as cron asks him, and the pulses of processes that were stopped are made older in the database.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from desk.tokens import fingerprint
from seed.stack.mailhost.server import MailServer, starting_mailserver
from tests.support.database.databases import drop_database, empty_database_anew, new_database
from tests.support.servers.installed_desk import InstalledDesk, an_installed_desk

pytestmark = pytest.mark.timeout(300)
ADA, ANN, CARL, SUPPORT, SALES = (
    "ada@desk.example",
    "ann@customer.example",
    "carl@customer.example",
    "support@desk.example",
    "sales@desk.example",
)
ALIASES = {"support+*@desk.example": SUPPORT, "sales+*@desk.example": SALES}
WRITES = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + chr(10))"
SECOND_MAILBOX = """
[[mailbox]]
name = "sales"
address = "{SALES}"
host = "{host}"
port = {port}
security = "plain"
user = "{SALES}"
password_file = "secrets/sales_password"
plus_addressing = true
poll_every_seconds = 5

[alarm]
run = ["{python}", "-c", "{writes}", "{paged}", "{{text}}"]
"""
TWO_MINUTES = 120
NEW_KEY = "the new key of the desk, 32 bytes long"
# What the web application had written before there was a desk with mail; the first migration made the tables.
FIRST_ROWS = """
INSERT INTO "User" (id, email, name, role, "createdAt", "updatedAt") VALUES
    ('u-ann', 'ann@customer.example', 'Ann', 'customer', '2026-03-01', '2026-03-01'),
    ('u-ada', 'ada@desk.example', 'Ada', 'admin', '2026-01-01', '2026-03-01');
INSERT INTO "Ticket" (id, title, description, category, status, "createdById", "createdAt", "updatedAt") VALUES
    ('t-old', 'Old printer', 'It never worked.', 'technical_issue', 'open', 'u-ann', '2026-03-01', '2026-03-01'),
    ('t-done', 'Older printer', 'It is gone.', 'technical_issue', 'closed', 'u-ann', '2026-02-01', '2026-03-01');
INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt") VALUES
    ('c-old', 'We ordered a part.', 't-old', 'u-ada', '2026-03-02', '2026-03-02')
"""
BY_WEB = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt") VALUES
    ('c-new', 'The part is here.', 't-old', 'u-ada', now(), now())
"""


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """A mail server with both mailboxes of the desk, whose plus addresses arrive."""
    folder = tmp_path_factory.mktemp("mail")
    with starting_mailserver(folder, aliases=ALIASES, addresses=(SUPPORT, SALES)) as server:
        yield server.ready()


@pytest.fixture
def desk(tmp_path: Path, mail: MailServer, postgres_url: str, redis_url: str) -> Iterator[InstalledDesk]:
    """A bare folder, and an empty database."""
    database = new_database(postgres_url, "template0")
    broker = redis_url.rpartition("/")[0] + "/7"
    with an_installed_desk(tmp_path, mail, database, broker) as desk:
        yield desk
    drop_database(postgres_url, database)


def test_the_story_of_an_operator(desk: InstalledDesk, postgres_url: str) -> None:
    _install(desk)
    _add_a_mailbox_with_a_wrong_password(desk)
    _mend_it(desk)
    address = _change_the_key(desk)
    _restore_a_backup_and_retire_the_old_key(desk, postgres_url)
    _write_to_an_address_of_the_retired_key(desk, address)
    _upgrade_a_desk_of_the_first_version(desk, postgres_url)


def _install(desk: InstalledDesk) -> None:
    """From a bare folder to the first ticket."""
    password = desk.folder / "password"
    password.write_text(f"{desk.mail.password}\n")
    imap = ("--imap-host", desk.mail.host, "--imap-port", str(desk.mail.imap_port), "--imap-security", "plain")
    smtp = ("--smtp-host", desk.mail.host, "--smtp-port", str(desk.mail.smtp_port), "--smtp-security", "plain")
    servers = ("--database-url", desk.database_url, "--broker-url", desk.redis_url)
    account = ("--name", "Desk", "--address", SUPPORT, "--password-file", str(password))
    said = desk.say("init", "--yes", *account, *imap, *smtp, *servers, "--plus-addressing", "--smtp-user", "-")
    assert "db upgrade" in said
    desk.say("db", "upgrade")
    desk.say("user", "staff", "add", ADA, "--role", "admin", "--name", "Ada")
    desk.environ["SUPPORTDESK_MAILBOX__SUPPORT__POLL_EVERY_SECONDS"] = "5"

    desk.start()
    _wait_for_polls(desk, "support")
    desk.send(f"Ann <{ANN}>", SUPPORT, "Printer", "My printer burns.")

    _wait_for_mails(desk, ANN, 1)
    assert _tickets(desk) == {"Printer": 1}


def _add_a_mailbox_with_a_wrong_password(desk: InstalledDesk) -> None:
    """Stop the desk, which the program of `[alarm]` tells; then the server of a new mailbox refuses us."""
    secret, paged = desk.folder / "secrets/sales_password", desk.folder / "paged"
    secret.write_text("wrong")
    secret.chmod(0o600)
    table = SECOND_MAILBOX.format(
        SALES=SALES, host=desk.mail.host, port=desk.mail.imap_port, python=sys.executable, writes=WRITES, paged=paged
    )
    desk.settings.write_text(f"{desk.settings.read_text()}\n{table}")
    # The first step of a change of keys is a start with both.
    _give_keys(desk, _first_key(desk), NEW_KEY)
    desk.stop()
    desk.ask("UPDATE mail.pulse SET beat_at = beat_at - interval '80 s'")
    for _ in range(2):
        assert "No beat." in desk.say("watchman", "--once", status=1)
    assert [line.startswith("Desk: No worker on the queue wire.") for line in paged.read_text().splitlines()] == [True]

    began = time.monotonic()
    desk.start()
    refused = "SELECT FROM mail.mailbox WHERE name = 'sales' AND refused_times > 0"
    desk.wait(lambda: desk.ask(refused), "the server refuses nobody")
    desk.say("watchman", "--once", status=1)
    desk.wait(lambda: _alerts(desk)["The server of mailbox sales refuses us"], "nobody is told of the password")
    assert time.monotonic() - began < TWO_MINUTES
    assert "(told now)" not in desk.say("watchman", "--once", status=1)
    assert [": All clear:" in line for line in paged.read_text().splitlines()] == [False, True]


def _mend_it(desk: InstalledDesk) -> None:
    """The password is right from now on: no process is started for it, and the admin hears of it once."""
    (desk.folder / "secrets/sales_password").write_text(desk.mail.password)
    _wait_for_polls(desk, "sales")
    for _ in range(2):
        assert desk.say("watchman", "--once").splitlines()[-1] == "The desk is fine."
    over = "All clear: The server of mailbox sales refuses us"
    desk.wait(lambda: _alerts(desk)[over], "nobody is told that it is over")

    desk.send(f"Carl <{CARL}>", SALES, "Offer", "What does a printer cost?")

    _wait_for_mails(desk, CARL, 1)
    alerts = _alerts(desk)
    assert set(alerts.values()) == {1}
    assert {one for one in alerts if "sales" in one} == {over, over.removeprefix("All clear: ")}


def _change_the_key(desk: InstalledDesk) -> str:
    """docs/security.md, "Changing the secret key": a signed address of the old key is known; returns that address."""
    (address,) = (str(mail["Reply-To"]) for mail in desk.inbox(ANN))
    _give_keys(desk, NEW_KEY, _first_key(desk))
    desk.say("db", "keys", "accept")
    desk.stop()
    desk.start("both", "beat")
    # Nothing but the signed address leads to the ticket.
    desk.send(f"Ann <{ANN}>", address, "Re: Printer", "It still burns.")

    desk.wait(lambda: "It still burns." in _comments(desk), "the old address is not known any more")
    assert _tickets(desk) == {"Printer": 1, "Offer": 1}
    return address


def _restore_a_backup_and_retire_the_old_key(desk: InstalledDesk, postgres_url: str) -> None:
    """What came after the dump is there again, once: the servers have the mails, and the next polls take them."""
    dump = desk.folder / "desk.dump"
    desk.postgres("pg_dump", "--format=custom", f"--file={dump}")
    (ours,) = desk.inbox(CARL)
    # Of earlier mails a desk without the old key knows the Message-ID alone.
    answers = {"In_Reply_To": str(ours["Message-ID"])}
    desk.send(f"Carl <{CARL}>", str(ours["Reply-To"]), "Re: Offer", "By Friday, please.", **answers)
    desk.send(f"Ann <{ANN}>", SUPPORT, "Scanner", "It hums.")
    desk.wait(lambda: "By Friday, please." in _comments(desk) and _tickets(desk)["Scanner"], "mail is not taken in")
    desk.wait(lambda: _told_of(desk, "Scanner") == 1, "the admin is not told")
    had = _tickets(desk), _comments(desk)

    desk.stop()
    empty_database_anew(postgres_url, desk.database_url)
    desk.postgres("pg_restore", "--no-owner", "--exit-on-error", str(dump))
    # Of a mailbox that was just being read the backup says so, for five minutes.
    desk.ask("UPDATE mail.mailbox SET lease_token = NULL, lease_until = NULL")
    restored = _tickets(desk), _comments(desk)
    old = fingerprint(_first_key(desk).encode())
    assert old in desk.say("db", "keys", "list")
    desk.say("db", "keys", "retire", old)
    _give_keys(desk, NEW_KEY)
    desk.start("both", "beat")
    desk.wait(lambda: "By Friday, please." in _comments(desk) and _tickets(desk)["Scanner"], "mail is lost")
    compared = desk.say("reconcile").splitlines()
    # The restored desk does not know that it wrote of them before.
    desk.wait(lambda: _told_of(desk, "Scanner") == 2, "the admin is not told again")

    assert restored == ({"Printer": 1, "Offer": 1}, {"It still burns.": 1})
    assert (_tickets(desk), _comments(desk)) == had
    assert had == ({"Printer": 1, "Offer": 1, "Scanner": 1}, {"It still burns.": 1, "By Friday, please.": 1})
    assert [line.partition(";")[0] for line in compared] == ["support: no gaps", "sales: no gaps"]


def _write_to_an_address_of_the_retired_key(desk: InstalledDesk, address: str) -> None:
    """It is no better than the plain address by now."""
    desk.send(f"Ann <{ANN}>", address, "Another printer", "It burns, too.")

    desk.wait(lambda: _tickets(desk)["Another printer"], "the mail opens no ticket")
    assert len(_comments(desk)) == 2


def _upgrade_a_desk_of_the_first_version(desk: InstalledDesk, postgres_url: str) -> None:
    """A database at revision 0001 with rows of the web application, the same settings, and one command."""
    desk.stop()
    empty_database_anew(postgres_url, desk.database_url)
    desk.say("db", "upgrade", "0001")
    desk.ask(FIRST_ROWS)
    had = len(desk.inbox(ANN))

    assert "The database went from 0001 to " in desk.say("db", "upgrade")
    desk.say("user", "staff", "add", ADA, "--role", "admin", "--name", "Ada")
    desk.start("both", "beat")
    _wait_for_polls(desk, "support")
    assert _tickets(desk) == {"Old printer": 1, "Older printer": 1}
    (row,) = desk.ask("SELECT number FROM mail.ticket WHERE ticket_id = 't-old'")
    desk.send(f"Ann <{ANN}>", SUPPORT, f"Re: [SD-{row['number']}] Old printer", "Is the part there?")
    desk.wait(lambda: "Is the part there?" in _comments(desk), "the old ticket gets no comment")
    desk.ask(BY_WEB)

    desk.wait(lambda: "The part is here." in _words(desk.inbox(ANN)[had:]), "the customer is told nothing")
    assert _comments(desk) == {"We ordered a part.": 1, "Is the part there?": 1, "The part is here.": 1}
    assert "Printer" not in _tickets(desk)


def _first_key(desk: InstalledDesk) -> str:
    return (desk.folder / "secrets/secret_key").read_text().strip()


def _give_keys(desk: InstalledDesk, signs: str, *verify: str) -> None:
    keys = ", ".join(f'"{key}"' for key in verify)
    desk.environ |= {"SUPPORTDESK_DESK__SECRET_KEY": signs, "SUPPORTDESK_DESK__PREVIOUS_SECRET_KEYS": f"[{keys}]"}


def _wait_for_polls(desk: InstalledDesk, name: str) -> None:
    """Wait until a mailbox was read to the end once more."""
    (row,) = desk.ask("SELECT clock_timestamp() AS now")
    polled = "SELECT FROM mail.mailbox WHERE name = %s AND polled_at > %s AND refused_times = 0"
    desk.wait(lambda: desk.ask(polled, name, row["now"]), f"mailbox {name} is not read")


def _wait_for_mails(desk: InstalledDesk, address: str, count: int) -> None:
    desk.wait(lambda: len(desk.inbox(address)) >= count, f"{address} gets no mail")


def _alerts(desk: InstalledDesk) -> Counter[str]:
    """The alerts in the admin's inbox by their subjects."""
    subjects = (str(mail["Subject"]) for mail in desk.inbox(ADA))
    return Counter(one.removeprefix("Desk: ") for one in subjects if one.startswith("Desk: "))


def _told_of(desk: InstalledDesk, title: str) -> int:
    return sum(title in str(mail["Subject"]) for mail in desk.inbox(ADA))


def _tickets(desk: InstalledDesk) -> Counter[str]:
    return Counter(row["title"] for row in desk.ask('SELECT title FROM "Ticket"'))


def _comments(desk: InstalledDesk) -> Counter[str]:
    return Counter(row["content"].strip() for row in desk.ask('SELECT content FROM "Comment"'))


def _words(mails: list[EmailMessage]) -> str:
    bodies = (mail.get_body(("plain",)) for mail in mails)
    return "\n".join(body.get_content() for body in bodies if body)
