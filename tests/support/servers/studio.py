"""A studio on the database of a test, and requests to it that no browser would make."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from models.db.engine import make_engine
from tests.support.database.services import AGENT, a_raw_mail, execute, process
from tests.support.values.replies import answer, last_mail
from worker.cli.studio.serving import StudioServer, listen
from worker.cli.studio.window import Window
from worker.runtime.services import Services

# What a browser would obey, load and turn round if it were not shown as text.
HOSTILE = '<script>document.title="taken"</script><img src="https://evil.example/p.png"> \u202e'


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, body, and headers by their names in small letters."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Visitor:
    """Somebody who asks a studio at an address, with the cookie that they were given."""

    address: str
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Host and port of the studio."""
        return urlsplit(self.address).netloc

    def enter(self) -> Answer:
        """Use the printed address."""
        answer = self.get(self.address.removeprefix(f"http://{self.host}"))
        self.cookie = answer.headers.get("set-cookie", "").partition(";")[0]
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page; headers are named with underscores."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send a form as one of the studio's own pages does."""
        given = {"origin": f"http://{self.host}", "content_type": "application/x-www-form-urlencoded", **headers}
        return self.ask("POST", path, urlencode(form or {}), **given)

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """Ask with any method."""
        given = {name.replace("_", "-"): value for name, value in headers.items() if value}
        if self.cookie:
            given["cookie"] = self.cookie
        connection = HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            return Answer(answer.status, text, {name.lower(): value for name, value in answer.getheaders()})
        finally:
            connection.close()


@contextmanager
def running_studio(database_url: str, by: str = "", services: Services | None = None) -> Iterator[str]:
    """The address that a studio on this database would print; with `by` it writes in the name of who has it."""
    reads = make_engine(database_url, application_name="studio", read_only=True)
    writes = make_engine(database_url, application_name="studio") if by else None
    server = StudioServer(listen(0), Window(reads, writes, by, services))
    server.start()
    try:
        yield server.address
    finally:
        server.stop()
        for engine in filter(None, (reads, writes)):
            engine.dispose()


def desk_with_everything(services: Services) -> int:
    """Give a desk a ticket with answers and a note, and mails of each fate; the ticket's number."""
    agent, _ = AGENT
    number = process(services, a_raw_mail(f"It prints pink. {HOSTILE}", subject=f"Pink {HOSTILE}"))["ticket_number"]
    answer(services, last_mail(services, agent), "Hello Ann,\n\nturn it off and on: https://printer.example/pink")
    answer(services, last_mail(services, agent), "She has the old model.\n\n#note")
    process(services, a_raw_mail("Win!", message_id="<2@x>", auto_submitted="auto-replied", subject="News"))
    process(services, two_senders(3))
    execute(
        services,
        "UPDATE mail.outbox SET fate = 'held', reason = 'The recipient objected.' "
        "WHERE id = (SELECT min(id) FROM mail.outbox)",
        "UPDATE mail.event SET fate = 'quarantined', reason = 'It broke.' WHERE id = (SELECT min(id) FROM mail.event)",
    )
    return int(number)


def two_senders(number: int) -> bytes:
    """A mail that goes to quarantine."""
    mail = a_raw_mail("Two?", message_id=f"<{number}@two.example>", subject="Two senders")
    return mail.replace(b"\nTo:", b"\nFrom: b@x.example\nTo:", 1)
