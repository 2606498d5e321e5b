"""A desk that is restored from a dump: what comes back, what is sent again, and what became of mail that came since."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from mail.imap.mailbox import open_mailbox
from mail.server import Server
from models.schema.repair import damage
from seed.stack.account import server_uid
from seed.stack.binaries import postgres_bin
from tests.support.database.databases import drop_database, plain_url
from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    a_raw_mail,
    mailbox_of,
    query,
    services_on,
)
from tests.support.servers.real_processes import Sink, a_sink
from worker.admin import migrate
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.poll.reconcile import reconcile_mailbox
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services

PAGE = Path(__file__).parents[4] / "docs/operations.md"
# What the page calls the file and the new database.
POSTGRES = re.compile(r"(?:sudo -u postgres )?(?:pg_dump|pg_restore|createdb|psql) ")
DUMP, RESTORED, ROLE = "/var/backups/supportdesk/supportdesk.dump", "supportdesk_restored", "supportdesk"


@dataclass(frozen=True, slots=True)
class Restored:
    """The desk after it was restored, and its mailbox; the last mail that was sent to whom before, and all since."""

    services: Services
    server: Server
    sent: Mapping[str, str]
    sink: Sink


def commands_of(heading: str) -> list[str]:
    """The command lines of a section of the page."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\$ (.+)$", section, re.MULTILINE)
    return [line for line in lines if POSTGRES.match(line)]


def append(server: Server, title: str, **headers: str) -> None:
    """Append a customer's mail to the inbox, from an address of its own."""
    usual = {"message_id": f"<{title}@x>", "subject": title, "from": f"{title}@customer.example"}
    with open_mailbox(server) as mailbox:
        mailbox.append("INBOX", a_raw_mail(f"About {title}.", **usual | headers))


def work(services: Services, *, deliver: bool = True) -> None:
    """Take in what is new and write what is to be sent; send it, too, unless it is to stay due."""
    poll_mailbox(services, "support")
    while receive_due(services).done:
        pass
    announce_due(services)
    if deliver:
        deliver_due(services)


def numbers(services: Services) -> dict[str, int]:
    """The number of each ticket, by its title."""
    found = 'SELECT t.number, k.title FROM mail.ticket t JOIN "Ticket" k ON k.id = t.ticket_id ORDER BY 1'
    return {row["title"]: row["number"] for row in query(services, found)}


def rules(services: Services) -> list[str]:
    """The rule by which each mail of the ledger was decided, in the order of their coming."""
    return [row["evidence"]["rule"] for row in query(services, "SELECT evidence FROM mail.ledger ORDER BY id")[1:]]


def run(line: str, url: str, restored_url: str, dump: Path) -> None:
    """Run a command line of the page with this PostgreSQL's programs, on the dump of the test."""
    address, programs = make_url(url), postgres_bin(None, server_uid())
    environ = {"PGHOST": str(address.host), "PGPORT": str(address.port), "PGUSER": "postgres"}
    urls = {"DATABASE_URL": plain_url(url), "RESTORED_URL": plain_url(restored_url)}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    words = line.removeprefix("sudo -u postgres ").replace(DUMP, str(dump))
    subprocess.run(
        words, shell=True, check=True, capture_output=True, env=os.environ | environ | urls | {"PATH": path}, timeout=60
    )  # fmt: skip


@pytest.fixture
def restored(
    request: pytest.FixtureRequest, make_services: MakeServices, server: Server, fresh_database: str, tmp_path: Path
) -> Iterator[Restored]:
    """A desk that was dumped while mails about `two` were due, and restored after `three` and `four` had come."""
    after, dump = request.param, tmp_path / "dump"
    if not (postgres_bin(None, server_uid()) / "pg_dump").exists():
        pytest.skip("pg_dump is not among the programs of this PostgreSQL, so nothing is dumped and restored")
    url = make_url(fresh_database).set(database=RESTORED, username=ROLE).render_as_string(hide_password=False)
    with a_sink() as (sink, port), psycopg.connect(plain_url(fresh_database), autocommit=True) as superuser:
        settings = mailbox_of(server) | {"AFTER": after, "FROM_START": "true", "SMTP__PORT": str(port)}
        settings |= {"MOVE_TO": "Archive"} if after == "move" else {}
        services = make_services(ADMIN, AGENT, **settings)
        append(server, "one")
        work(services)
        append(server, "two")
        work(services, deliver=False)
        run(commands_of("## Backup")[0], fresh_database, url, dump)
        for title in ("three", "four"):
            append(server, title)
        work(services)
        sent = query(services, "SELECT message_id, recipient FROM mail.outbox WHERE fate = 'sent' ORDER BY id")
        superuser.execute(f"CREATE ROLE {ROLE} LOGIN".encode())
        try:
            for line in commands_of("## Restore"):
                run(line, fresh_database, url, dump)
            again = services_on(url, **settings)
            sink.taken.clear()
            yield Restored(again, server, {str(row["recipient"]): str(row["message_id"]) for row in sent}, sink)
            again.engine.dispose()
        finally:
            drop_database(fresh_database, url)
            superuser.execute(f"DROP ROLE {ROLE}".encode())


@pytest.mark.parametrize("restored", ["flag", "move"], indirect=True)
def test_what_becomes_of_mail_that_came_after_the_dump(restored: Restored, request: pytest.FixtureRequest) -> None:
    services, server = restored.services, restored.server
    with services.engine.connect() as connection:
        whole = (damage(connection), migrate.current(services.engine))
    work(services)
    gaps = reconcile_mailbox(services, "support", repair=True).gaps
    moved = "move" in request.node.name
    by_itself = list(numbers(services))
    if moved:
        with open_mailbox(server) as mailbox:
            mailbox.select("Archive")
            mailbox.move(mailbox.all_uids(), "INBOX")
        work(services)

    assert (whole, gaps) == (((), migrate.newest()), ())
    assert by_itself == (["one", "two"] if moved else ["one", "two", "three", "four"])
    assert numbers(services) == {"one": 1001, "two": 1002, "three": 2003, "four": 2004}
    again = ["same_mail_twice", "same_mail_twice"] if moved else []
    assert rules(services) == ["new_ticket", "new_ticket", *again, "new_ticket", "new_ticket"]
    twice = {recipient for recipient, name in restored.sent.items() if restored.sink.taken[name]}
    # The last mail to Bob that was sent before was about `four`; that one is written anew.
    assert (twice, restored.sink.taken.total()) == ({"two@customer.example"}, 6)


@pytest.mark.parametrize("restored", ["leave"], indirect=True)
def test_an_answer_to_a_forgotten_mail_reaches_its_ticket_without_power(restored: Restored) -> None:
    work(restored.services)
    forgotten = restored.sent["three@customer.example"]
    refers = {"in_reply_to": f"<{forgotten}>", "references": f"<three@x> <{forgotten}>"}

    append(restored.server, "three", message_id="<late@x>", subject="Re: [SD-1003] three", **refers)
    work(restored.services)

    last = query(restored.services, "SELECT ticket_number, evidence FROM mail.ledger ORDER BY id DESC LIMIT 1")[0]
    assert (last["ticket_number"], last["evidence"]["rule"]) == (2003, "customer_on_ticket")
    assert last["evidence"]["proof"] == "claimed"
