"""The day as it is played: people write by SMTP, look into their inboxes by IMAP, and answer what they find there."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formataddr

from sqlalchemy import Engine

from mail.failures import TemporaryFailure
from models.reports.daybook import Daybook, read_daybook
from seed.stack.mailhost.server import MailServer
from seed.story.correspondents import Inbox, send_mail
from seed.story.day import DAY, EXPECTED_REPORTS, DayMail
from seed.story.letters import FilledMail, write
from worker.demo.expectations import missing
from worker.demo.scene import Scene, SentLetter
from worker.runtime.clock import now
from worker.runtime.transaction import transaction

# Between two looks at the desk, and between two mails of the morning, in seconds.
LOOK_EVERY = 0.25
PACE = 0.1
# Beat asks for due reports every 30 seconds, so a day takes that long at least.
LONGEST_DAY = 90.0


@dataclass(slots=True)
class Player:
    """Plays the day in a language on a desk that runs.

    Calls `watch` with each new scene, and stops when `is_broken()` is true.
    """

    engine: Engine
    mail: MailServer
    is_broken: Callable[[], object]
    watch: Callable[[Scene], None]
    language: str
    sent: dict[str, SentLetter] = field(default_factory=dict)
    inboxes: dict[str, Inbox] = field(default_factory=dict)

    def play(self, longest: float = LONGEST_DAY) -> Scene:
        """Play until everything has arrived, a process of the desk has ended, or the time is up."""
        ends = time.monotonic() + longest
        scene = self.look()
        while time.monotonic() < ends and not self.is_broken():
            self._write_letters(scene)
            scene = self.look()
            if not missing(scene):
                break
            time.sleep(LOOK_EVERY)
        return self.look_everywhere()

    def look_everywhere(self) -> Scene:
        """Look at the desk, and into the inbox of everybody who wrote or was written to."""
        book = self._read()
        writers = {sent.mail.sender for sent in self.sent.values()}
        readers = {mail.recipient for mail in book.notices} | {address for address, _ in EXPECTED_REPORTS}
        for address in sorted(writers | readers):
            self._fetch(address)
        return self._show(book)

    def look(self) -> Scene:
        """Look at the desk, and only into the inboxes that have something new."""
        book = self._read()
        for address in {mail.recipient for mail in Scene(self.sent, book, self.inboxes).undelivered()}:
            self._fetch(address)
        return self._show(book)

    def _show(self, book: Daybook) -> Scene:
        scene = Scene(dict(self.sent), book, dict(self.inboxes))
        self.watch(scene)
        return scene

    def _read(self) -> Daybook:
        with transaction(self.engine) as session:
            return read_daybook(session)

    def _fetch(self, address: str) -> None:
        inbox = self.inboxes.setdefault(address, Inbox(address))
        try:
            inbox.fetch(self.mail)
        except TemporaryFailure:
            # The next look tries again, and the day's end says what stayed away.
            return

    def _write_letters(self, scene: Scene) -> None:
        """Hand in each letter of the day that is not sent and can be written by now."""
        for letter in DAY:
            mail = None if letter.word in self.sent else self._mail(scene, letter)
            if mail is None:
                continue
            send_mail(self.mail, mail)
            self.sent[letter.word] = SentLetter(letter, mail, now())
            self._show(scene.book)
            time.sleep(PACE)

    def _mail(self, scene: Scene, letter: DayMail) -> FilledMail | None:
        """The mail of a letter; None while what it answers or repeats is not there."""
        if letter.again:
            before = self.sent.get(letter.again)
            return before.mail if before else None
        original = scene.answered(letter) if letter.answers else None
        if letter.answers and original is None:
            return None
        ticket = scene.ticket(letter)
        author = formataddr((ticket.owner_name, ticket.owner)) if ticket and ticket.owner else ""
        raw = original.raw if original else None
        touched = scene.touched(letter)
        return write(letter.word, now(), author=author, original=raw, language=self.language, touched=touched)
