"""Old mail of a support mailbox, made up: threads of customers with the answers of staff, and what else lies there."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Final

SUPPORT: Final = "support@desk.example"
STAFF: Final = ("bob@desk.example", "cat@desk.example")
BEGAN: Final = datetime(2019, 3, 4, 8, 30, tzinfo=UTC)
TOPICS: Final = ("Printer", "Invoice 2019", "Login", "Delivery", "Broken link", "Feature wish", "Password", "Rechnung")
WORDS: Final = (
    "My printer prints only every second page. What can I do?",
    "The invoice has the wrong address. Please send a new one.",
    "From here on nothing works any more.\n\nFrom what I see the login page is empty.",
    "Thank you, that helped. One more thing: where is the manual?",
    "Grüße aus Köln, es geht noch immer nicht.",
)
ANSWERS: Final = ("Please switch it off and on again.", "A new invoice is on its way.", "We have looked into it.")


@dataclass(frozen=True, slots=True)
class OldLetter:
    """One mail: its bytes with LF as line end, when it was kept, and whether it lies in the folder of sent mails."""

    raw: bytes
    at: datetime
    is_sent: bool


def old_letters(count: int, seed: int = 1) -> list[OldLetter]:
    """So many mails, some 2.5 in a thread, in an order in which no answer comes before what it answers."""
    chance, letters, number = random.Random(seed), list[OldLetter](), 0  # noqa: S311  not for secrets
    while len(letters) < count:
        number += 1
        at = BEGAN + timedelta(minutes=37 * number + chance.randrange(30))
        letters += _thread(number, at, chance)
    return sorted(letters[:count], key=lambda letter: letter.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """What one mail says: its own Message-ID, empty for none, its people, words, times and those that it refers to."""

    own: str
    sender: str
    to: str
    subject: str
    words: str
    at: datetime
    refers: Sequence[str] = ()
    dated: datetime | None = None
    auto: bool = False


def _thread(number: int, at: datetime, chance: random.Random) -> Iterator[OldLetter]:
    customer = f"customer{number % max(number // 3, 7)}@shop{number % 11}.example"
    agent, topic = STAFF[number % len(STAFF)], f"{TOPICS[number % len(TOPICS)]} {number}"
    request = _Text(own=f"{number}.1", sender=customer, to=SUPPORT, subject=topic, words=chance.choice(WORDS), at=at)
    if number % 17 == 0:
        subject = f"Out of office: {topic}"
        yield _letter(replace(request, own=f"auto-{number}", subject=subject, words="I am away.", auto=True))
    named = number % 23 != 0
    yield _letter(request if named else replace(request, own=""))
    refers: tuple[str, ...] = (request.own,) if named else ()
    for turn in range(2, 2 + chance.choice((0, 1, 1, 2, 2, 3))):
        at += timedelta(minutes=chance.randrange(20, 4000))
        is_answer = turn % 2 == 0
        sender, to = (agent if number % 5 else SUPPORT, customer) if is_answer else (customer, SUPPORT)
        words = chance.choice(ANSWERS if is_answer else WORDS)
        # Now and then a clock is behind, and an answer seems older than what it answers.
        dated = at - timedelta(days=9) if number % 29 == 0 and turn == 2 else at
        answer = _Text(
            own=f"{number}.{turn}",
            sender=sender,
            to=to,
            subject=f"Re: {topic}",
            words=f"{words}\n\n> {topic}",
            at=at,
            refers=refers,
            dated=dated,
        )
        yield _letter(answer)
        refers = (*refers, answer.own)


def _letter(text: _Text) -> OldLetter:
    name = text.sender.partition("@")[0].title()
    fields = [f"From: {name} <{text.sender}>", f"To: {text.to}", f"Subject: {text.subject}"]
    fields += [f"Date: {format_datetime(text.dated or text.at)}"]
    fields += [f"Message-ID: <{text.own}@old.example>"] if text.own else []
    if text.refers:
        fields += [f"In-Reply-To: <{text.refers[-1]}@old.example>"]
        fields += ["References: " + " ".join(f"<{one}@old.example>" for one in text.refers)]
    fields += ["Auto-Submitted: auto-replied"] if text.auto else []
    fields += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    is_sent = text.sender in STAFF or text.sender == SUPPORT
    return OldLetter("\n".join((*fields, "", text.words, "")).encode(), text.at, is_sent)


def write_mbox(folder: Path, letters: Sequence[OldLetter]) -> list[Path]:
    """Two mbox files, of what came and of what was sent."""
    files = [folder / "Inbox.mbox", folder / "Sent.mbox"]
    for file, is_sent in zip(files, (False, True), strict=True):
        with file.open("wb") as out:
            for letter in letters:
                if letter.is_sent is is_sent:
                    quoted = letter.raw.replace(b"\nFrom ", b"\n>From ")
                    out.write(f"From someone {letter.at:%a %b %d %H:%M:%S %Y}\n".encode() + quoted + b"\n")
    return files


def write_maildir(folder: Path, letters: Sequence[OldLetter]) -> list[Path]:
    """Two maildirs."""
    for name in ("Inbox", "Sent"):
        for below in ("cur", "new", "tmp"):
            (folder / name / below).mkdir(parents=True)
    for number, letter in enumerate(letters):
        place = folder / ("Sent" if letter.is_sent else "Inbox") / ("cur" if number % 2 else "new")
        name = f"{letter.at.timestamp():.0f}.{number}.host{':2,S' if number % 2 else ''}"
        (place / name).write_bytes(letter.raw)
    return [folder / "Inbox", folder / "Sent"]


def write_eml(folder: Path, letters: Sequence[OldLetter]) -> list[Path]:
    """Two folders of files, whose lines end with CRLF."""
    for name in ("Inbox", "Sent"):
        (folder / name).mkdir(parents=True)
    for number, letter in enumerate(letters):
        file = folder / ("Sent" if letter.is_sent else "Inbox") / f"{number:06}.eml"
        file.write_bytes(letter.raw.replace(b"\n", b"\r\n"))
    return [folder / "Inbox", folder / "Sent"]


WRITERS: Final = {"mbox": write_mbox, "maildir": write_maildir, "eml": write_eml}
