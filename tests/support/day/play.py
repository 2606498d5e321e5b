"""A day as it is played: people write by SMTP, the desk works, and each inbox is compared, wave by wave."""

import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from mail.mime.message_ids import peek
from seed.stack.mailhost.server import MailServer
from seed.story.correspondents import Delivered, Inbox
from tests.support.day.judge import Found, compare, compare_answers, strangers_words
from tests.support.day.programs import answer_to, new_mail, plain, pressed, recipients
from tests.support.day.reading import filled
from tests.support.day.story import WAITS, Day, Later, Letter, Person, Told, Wave
from tests.support.day.time_travel import Clock

WAIT_SECONDS, LOOK_EVERY = 20.0, 0.04
# What is left to do, but for what waits for a later moment; what is at work has its next try dated already.
LEFT = """SELECT
    (SELECT count(DISTINCT message_id) FROM mail.ledger WHERE message_id = ANY(%s)
        AND (fate IS NOT NULL OR claimed_by IS NULL AND due_at > now() + interval '10 s')) AS decided,
    (SELECT count(*) FROM mail.event WHERE fate IS NULL)
    + (SELECT count(*) FROM mail.ledger
        WHERE fate IS NULL AND (claimed_by IS NOT NULL OR due_at < now() + interval '10 s'))
    + (SELECT count(*) FROM mail.outbox
        WHERE fate IS NULL AND (claimed_by IS NOT NULL OR due_at < now() + interval '10 s')) AS open"""
OUTBOX = "SELECT message_id, recipient, template, ticket_number FROM mail.outbox WHERE fate = 'sent'"
FATES = "SELECT message_id, fate, reason, ticket_number FROM mail.ledger WHERE message_id = ANY(%s)"
TICKETS = "SELECT number FROM mail.ticket WHERE number > %s ORDER BY number"


@dataclass(slots=True)
class Player:
    """Plays a day on a desk that runs, and collects a sentence for each thing that is not as the story says."""

    mail: MailServer
    database: psycopg.Connection[dict[str, Any]]
    day: Day
    numbers: dict[str, int] = field(default_factory=dict)
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    sent: dict[str, Letter] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    took: list[tuple[str, float]] = field(default_factory=list)

    def ask(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """The rows that a statement gives, or none where it only writes."""
        cursor = self.database.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description is not None else []

    def play(self) -> None:
        """Play the day from its first step to its last."""
        self.inboxes |= {one.address: Inbox(one.address) for one in self.day.people}
        clock = Clock(self.ask)
        for step in self.day.steps:
            began = time.monotonic()
            if isinstance(step, Wave):
                self._play_wave(step, clock)
            else:
                self._play_later(step, clock)
            self.took.append((step.name if isinstance(step, Wave) else "later", time.monotonic() - began))
        self._look_everywhere()

    def _play_wave(self, step: Wave, clock: Clock) -> None:
        sent: dict[str, Letter] = {}
        for letter in step.letters:
            try:
                raw = self._compose(letter)
            except AssertionError as error:
                self.faults.append(f"{step.name}: {letter.by} could not write: {error}")
                continue
            self._send(letter, raw)
            sent[peek(raw).message_id or ""] = letter
        self.sent |= sent
        self._settle(step.name, list(sent))
        if not step.held:
            clock.release_answers()
            self._settle(step.name, list(sent))
        self._learn(sent)
        self._judge(step.name, [one for letter in sent.values() for one in letter.told], sent)

    def _play_later(self, step: Later, clock: Clock) -> None:
        clock.advance(step.minutes)
        # What the sweeps of beat find is there when they have passed.
        expected = len(step.told)
        ends = time.monotonic() + WAIT_SECONDS
        news: list[Found] = []
        while len(news) < expected and time.monotonic() < ends:
            time.sleep(LOOK_EVERY)
            self._settle("later", [])
            news += self._fetch()
        self.faults += compare("later", step.told, news, self.numbers)

    def _compose(self, letter: Letter) -> bytes:
        raw = self._write(letter)
        domain = self.day.person(letter.by).address.partition("@")[2]
        # What the server of the desk found, whose word stands above all that a sender can write.
        found = "pass" if letter.vouched else "fail"
        return f"Authentication-Results: mx.desk.example; dmarc={found} header.from={domain}\r\n".encode() + raw

    def _write(self, letter: Letter) -> bytes:
        writer = self.day.person(letter.by)
        text, cc = filled(letter.text, self.numbers), [self._address(one) for one in letter.cc]
        if not letter.answers:
            return new_mail(writer, text, filled(letter.subject, self.numbers), cc)
        ours = self._last(letter)
        if letter.presses:
            return pressed(writer, ours, filled(letter.presses, self.numbers), text)
        return answer_to(writer, ours, text, cc)

    def _last(self, letter: Letter) -> bytes:
        key = (letter.of or letter.by, letter.answers, letter.about)
        mine = [one.raw for one in self.found if one.key == key]
        assert mine, f"there is no {letter.answers} about {letter.about} to answer"
        return mine[-1]

    def _address(self, first: str) -> str:
        return first if "@" in first else self.day.person(first).address

    def _send(self, letter: Letter, raw: bytes) -> None:
        sender = self.day.person(letter.by).address
        with smtplib.SMTP(self.mail.host, self.mail.smtp_port, "localhost", timeout=10) as smtp:
            smtp.sendmail(sender, recipients(raw), raw)

    def _settle(self, name: str, ids: list[str]) -> None:
        """Wait until the mails are decided, and nothing is left to do that is due."""
        ends = time.monotonic() + WAIT_SECONDS
        while True:
            left = self.ask(LEFT, ids)[0]
            if left["decided"] == len(ids) and not left["open"]:
                return
            if time.monotonic() > ends:
                self.faults.append(f"{name}: after {WAIT_SECONDS:.0f} s {left} of {len(ids)}")
                return
            time.sleep(LOOK_EVERY)

    def _learn(self, sent: dict[str, Letter]) -> None:
        """Learn the numbers of the tickets that the mails opened."""
        rows = {row["message_id"]: row for row in self.ask(FATES, list(sent))}
        for message_id, letter in sent.items():
            row = rows.get(message_id)
            if row is None:
                continue
            if (row["fate"] or WAITS) != letter.fate:
                self.faults.append(
                    f"The mail of {letter.by} “{plain(letter.text)[:60]}” is {row['fate']}: {row['reason']}"
                )
            if letter.subject and letter.opens and row["ticket_number"]:
                self.numbers[letter.opens[0]] = row["ticket_number"]
        known = max(self.numbers.values(), default=0)
        further = [word for one in sent.values() for word in one.opens if word not in self.numbers]
        for word, ticket in zip(further, self.ask(TICKETS, known), strict=False):
            self.numbers[word] = ticket["number"]

    def _fetch(self, *, everywhere: bool = False) -> list[Found]:
        """The mails of the desk that came since the last look, of all whom it has written to since, or of all."""
        outbox = {row["message_id"]: row for row in self.ask(OUTBOX)}
        told = {row["recipient"] for row in outbox.values() if (row["recipient"], row["message_id"]) not in self.seen}
        news: list[Found] = []
        for person in self.day.people:
            if everywhere or person.address in told:
                inbox = self.inboxes[person.address]
                before = len(inbox.mails)
                inbox.fetch(self.mail)
                news += filter(None, (self._found(person, mail, outbox) for mail in inbox.mails[before:]))
        self.found += news
        self.faults += [f"{one} has no inbox in this story" for one in told - self.inboxes.keys()]
        return news

    def _found(self, person: Person, mail: Delivered, outbox: dict[str, dict[str, Any]]) -> Found | None:
        row = outbox.get(mail.message_id)
        if row is None:
            letter = self.sent.get(mail.message_id)
            if letter is None or person.first not in letter.cc:
                self.faults.append(f"{person.first} has a mail that nobody sent: {mail.message_id}")
            return None
        if row["recipient"] != person.address or (person.address, mail.message_id) in self.seen:
            self.faults.append(f"{person.first} has a mail twice or one of somebody else: {row}")
        self.seen.add((person.address, mail.message_id))
        words, number = {number: word for word, number in self.numbers.items()}, row["ticket_number"]
        return Found(person.first, row["template"], words.get(number, str(number)) if number else None, mail.raw)

    def _judge(self, name: str, expected: Sequence[Told], sent: dict[str, Letter]) -> None:
        news = self._fetch()
        self.faults += compare(name, expected, news, self.numbers)
        self.faults += compare_answers(name, sent.values(), news, self.numbers)

    def _look_everywhere(self) -> None:
        """Look into every inbox once more, and for the words of each mail where they must not stand."""
        self._settle("at the end", [])
        self.faults += [f"at the end: surplus {one.key}" for one in self._fetch(everywhere=True)]
        self.faults += strangers_words(self.day, list(self.sent.values()), self.inboxes, self.numbers)
