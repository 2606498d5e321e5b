"""The desk of a day: settings, people and processes on real servers, started for one story."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from desk.ticket import Role
from models.db.engine import make_engine
from models.people.staff import add_staff
from seed.stack.mailhost.server import MailServer
from tests.support.day.story import Day
from tests.support.servers.installed_desk import InstalledDesk, an_installed_desk
from worker.admin.migrate import upgrade
from worker.runtime.transaction import transaction

SETTINGS = """
[desk]
name = "SupportDesk"
address = "support@desk.example"
hold_answers = "2 min"
secret_key = "a key of a day, 32 bytes long and more"
[database]
url = "{database}"
[broker]
url = "{broker}"
[[mailbox]]
name = "support"
address = "support@desk.example"
host = "{host}"
security = "plain"
port = {imap}
user = "support@desk.example"
password = "{password}"
plus_addressing = true
authserv_id = "mx.desk.example"
after = "flag"
poll_every_seconds = 5
from_start = true
[smtp]
host = "{host}"
security = "plain"
port = {smtp}
[trust]
staff = "both"
[limits]
loop_of_customer = [60, 200, 600]
mails_to_customer = [200, 1000]
[routing]
default = {{ role = "agent", among = ["bob@desk.example"], strategy = "round_robin" }}
[[rule]]
name = "Invoices to Carol"
when = 'ticket.category == "billing"'
then = {{ assign = {{ role = "agent", among = ["carol@desk.example"], strategy = "round_robin" }} }}
"""

# A text of the desk that staff send by its name.
DRUM = "status: in_progress\n\nHello {customer},\n\nthe new drum for {ticket} left our house this morning.\n"


@contextmanager
def a_desk_at_work(folder: Path, mail: MailServer, database: str, broker: str, day: Day) -> Iterator[InstalledDesk]:
    """A desk with the staff of the day, on an empty database; a watch, a beat and a worker on each queue run."""
    with an_installed_desk(folder, mail, database, broker) as desk:
        desk.settings.touch(mode=0o600)
        desk.settings.write_text(
            SETTINGS.format(
                database=database,
                broker=broker,
                host=mail.host,
                imap=mail.imap_port,
                smtp=mail.smtp_port,
                password=mail.password,
            )
        )
        (folder / "macros").mkdir()
        (folder / "macros" / "drum.txt").write_text(DRUM)
        engine = make_engine(database, application_name="tests")
        upgrade(engine)
        with transaction(engine, quiet=True) as session:
            for one in day.people:
                if one.staff:
                    role = Role.ADMIN if one.first == "ada" else Role.AGENT
                    add_staff(session, one.address, role, name=one.name, now=datetime.now(UTC))
        engine.dispose()
        desk.environ["SWEEP_SECONDS"] = "0.5"
        desk.start("wire", "desk", "beat", "watch")
        yield desk
