"""The day as it is played: people write by SMTP, look into their inboxes by IMAP, and answer what they find there."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formataddr

from sqlalchemy import Engine

from mail.failures import TemporaryFailure
from models.daybook import Daybook, read_daybook
from seed.correspondents import Inbox, hand_in
from seed.day import DAY, REPORTED, Letter
from seed.letters import Written, write
from seed.mailserver import MailServer
from worker.clock import now
from worker.demo.expectations import missing
from worker.demo.scene import Scene, Sent
from worker.transaction import transaction

# Between two looks at the desk, and between two mails of the morning, in seconds.
LOOK_EVERY = 0.25
PACE = 0.1
# Beat asks for due reports every 30 seconds, so a day takes that long at least.
LONGEST_DAY = 90.0


@dataclass(slots=True)
class Player:
    """Plays the day on a desk that runs; `watch` is shown each new moment, `is_broken` says that waiting is no use."""

    engine: Engine
    mail: MailServer
    is_broken: Callable[[], object]
    watch: Callable[[Scene], None]
    sent: dict[str, Sent] = field(default_factory=dict)
    inboxes: dict[str, Inbox] = field(default_factory=dict)

    def play(self, longest: float = LONGEST_DAY) -> Scene:
        """Play until everything has arrived, a process of the desk has ended, or the time is up."""
        ends = time.monotonic() + longest
        scene = self.look()
        while time.monotonic() < ends and not self.is_broken():
            self._write_what_can_be_written(scene)
            scene = self.look()
            if not missing(scene):
                break
            time.sleep(LOOK_EVERY)
        return self.look_everywhere()

    def look_everywhere(self) -> Scene:
        """Look at the desk, and into the inbox of everybody who wrote or was written to."""
        book = self._read()
        writers = {sent.mail.sender for sent in self.sent.values()}
        readers = {mail.recipient for mail in book.posted} | {address for address, _ in REPORTED}
        for address in sorted(writers | readers):
            self._fetch(address)
        return self._shown(book)

    def look(self) -> Scene:
        """Look at the desk, and only into the inboxes that have something new."""
        book = self._read()
        for address in {mail.recipient for mail in Scene(self.sent, book, self.inboxes).undelivered()}:
            self._fetch(address)
        return self._shown(book)

    def _shown(self, book: Daybook) -> Scene:
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

    def _write_what_can_be_written(self, scene: Scene) -> None:
        for letter, mail in self._writable(scene):
            hand_in(self.mail, mail)
            self.sent[letter.word] = Sent(letter, mail, now())
            self.watch(Scene(dict(self.sent), scene.book, dict(self.inboxes)))
            time.sleep(PACE)

    def _writable(self, scene: Scene) -> Iterator[tuple[Letter, Written]]:
        for letter in (letter for letter in DAY if letter.word not in self.sent):
            mail = self._mail(scene, letter)
            if mail:
                yield letter, mail

    def _mail(self, scene: Scene, letter: Letter) -> Written | None:
        """What a letter says; None where it is not its time yet."""
        if letter.again:
            before = self.sent.get(letter.again)
            return before.mail if before else None
        original = scene.answered(letter) if letter.answers else None
        if letter.answers and original is None:
            return None
        return write(letter.word, now(), author=_author(scene, letter), original=original.raw if original else None)


def _author(scene: Scene, letter: Letter) -> str:
    ticket = scene.ticket(letter)
    return formataddr((ticket.owner_name, ticket.owner)) if ticket and ticket.owner else ""
