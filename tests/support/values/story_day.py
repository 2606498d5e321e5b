"""The day of the demo without servers: each letter is taken in and announced, and what was written lies in inboxes."""

from dataclasses import replace
from email.utils import formataddr
from pathlib import Path

from mail.inbound.parse import parse
from models.reports.daybook import read_daybook
from models.schema.examples import plant
from seed.people import people
from seed.stack.mailhost.server import MailServer
from seed.stack.servers import Stack
from seed.story.correspondents import Delivered, Inbox
from seed.story.day import DAY, DayMail
from seed.story.letters import FilledMail, write
from seed.tickets import tickets
from tests.support.database.services import process, query
from tests.support.values.replies import raw_mail
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.demo.ground import write_settings
from worker.demo.scene import SENT, Scene, SentLetter
from worker.runtime.clock import now
from worker.runtime.services import Services, open_services
from worker.runtime.transaction import transaction
from worker.settings.load import load_settings


def demo_services(database_url: str, folder: Path, language: str) -> Services:
    """The services of a demo in a language, on a migrated database that has its people and tickets afterwards."""
    stack = Stack(database_url, "redis://127.0.0.1:1/0", None)
    file = write_settings(folder, stack, MailServer("127.0.0.1", 1, 1, 1, "demo"), now(), language)
    services = open_services(load_settings(file, {}), application_name="tests")
    with transaction(services.engine, quiet=True) as session:
        plant(session, people(now()), tickets(now(), language))
    return services


def play_day(services: Services, language: str) -> Scene:
    """Play the day to its end, with its report; what is in the outbox counts as sent, unless the gate holds it."""
    sent: dict[str, SentLetter] = {}
    inboxes: dict[str, Inbox] = {}
    scene = _scene(services, sent, inboxes)
    for letter in DAY:
        mail = _mail(scene, letter, language)
        process(services, mail.raw)
        sent[letter.word] = SentLetter(letter, mail, now())
        scene = _scene(services, sent, inboxes)
    start_due_reports(services)
    announce_due(services)
    return _scene(services, sent, inboxes)


def _mail(scene: Scene, letter: DayMail, language: str) -> FilledMail:
    if letter.again:
        return scene.sent[letter.again].mail
    original = scene.answered(letter) if letter.answers else None
    ticket = scene.ticket(letter)
    author = formataddr((ticket.owner_name, ticket.owner)) if ticket and ticket.owner else ""
    raw = original.raw if original else None
    touched = scene.touched(letter)
    return write(letter.word, now(), author=author, original=raw, language=language, touched=touched)


def _scene(services: Services, sent: dict[str, SentLetter], inboxes: dict[str, Inbox]) -> Scene:
    with transaction(services.engine) as session:
        book = read_daybook(session)
    for row in query(services, "SELECT * FROM mail.outbox WHERE fate IS NULL ORDER BY id"):
        inbox = inboxes.setdefault(row["recipient"], Inbox(row["recipient"]))
        if inbox.find(row["message_id"]) is None:
            raw = raw_mail(services, row)
            inbox.mails.append(Delivered(row["message_id"], raw, bool(parse(raw).attachments)))
    notices = tuple(replace(mail, fate=mail.fate or SENT) for mail in book.notices)
    return Scene(dict(sent), replace(book, notices=notices), inboxes)
