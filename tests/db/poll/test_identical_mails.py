"""Mails with the same words, and mails that a list or gateway changed: what is one mail, and what are two."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mail.mime.message_ids import peek
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.rows import NewMail, store
from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, query
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx.desk.example")
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
ALARM = "UPS 3 runs on battery."
EPOCH = "Thu, 01 Jan 1970 00:00:12 +0000"


@dataclass(frozen=True)
class Delivery:
    """A mail as it lies in a mailbox: when it came there, what our server wrote above it, and how it is numbered."""

    after: timedelta = timedelta()
    box: str = "support"
    queue: str | None = "A1"
    date: str | None = None
    uidvalidity: int = 7
    text: str = ALARM

    @property
    def at(self) -> datetime:
        return START + self.after

    def raw(self) -> bytes:
        received = f"Received: from ups.site.example by mx.desk.example\r\n id {self.queue};\r\n {self.at:%c} +0000\r\n"
        date = f"Date: {self.date}\r\n" if self.date else ""
        head = f"From: ups@site.example\r\nTo: {SUPPORT}\r\nSubject: UPS on battery\r\n{date}"
        return f"{received if self.queue else ''}{head}\r\n{self.text}\r\n".encode()


def deliver(services: Services, raw: bytes, delivery: Delivery) -> int:
    seen = peek(raw)
    with transaction(services.engine) as session:
        mailbox = ensure_mailbox(session, delivery.box, f"{delivery.box}@desk.example")
        uid = len(query(services, "SELECT FROM mail.ledger")) + 1
        place = (mailbox, "INBOX", delivery.uidvalidity, uid, delivery.at)
        row = store(session, NewMail(*place, seen.message_id, seen.refers, seen.fingerprint, raw))
    receive_due(services)
    assert row is not None
    return row


def tickets(services: Services) -> int:
    return len(query(services, 'SELECT FROM "Ticket"'))


def fates(services: Services) -> list[str]:
    return [row["fate"] for row in query(services, "SELECT fate FROM mail.ledger ORDER BY id")]


FIRST = Delivery()
SALES = Delivery(box="sales", queue="B1", after=SECOND)
# Deliveries of the same words in the order in which they are decided, and how many alarms they are.
ALARMS: list[tuple[str, tuple[Delivery, ...], int]] = [
    ("days apart", (FIRST, Delivery(43 * 60 * MINUTE, queue="A2")), 2),
    ("a minute apart", (FIRST, Delivery(MINUTE, queue="A2")), 2),
    ("in one second, by two deliveries", (FIRST, Delivery(queue="A2")), 2),
    ("every minute", tuple(Delivery(n * MINUTE, queue=f"A{n}") for n in range(5)), 5),
    ("without Received, days apart", (Delivery(queue=None), Delivery(DAY, queue=None)), 2),
    ("without Received, numbered anew", (Delivery(queue=None), Delivery(queue=None, uidvalidity=8)), 1),
    ("numbered anew", (FIRST, Delivery(uidvalidity=8)), 1),
    ("restored, and two of them", (FIRST, Delivery(DAY, queue="A2"), Delivery(DAY, queue="A2", uidvalidity=8)), 2),
    ("in two mailboxes", (FIRST, SALES), 1),
    ("in two mailboxes, minutes apart", (FIRST, Delivery(4 * MINUTE, "sales", "B1")), 1),
    ("in two mailboxes, days apart", (FIRST, Delivery(3 * DAY, "sales", "B1")), 2),
    (
        "twice in two mailboxes",
        (FIRST, SALES, Delivery(3 * MINUTE, queue="A2"), Delivery(3 * MINUTE, "sales", "B2")),
        2,
    ),
    (
        "twice in one, then in the other",
        (FIRST, Delivery(3 * MINUTE, queue="A2"), SALES, Delivery(3 * MINUTE, "sales", "B2")),
        2,
    ),
    ("with a clock that never runs", (Delivery(date=EPOCH), Delivery(DAY, queue="A2", date=EPOCH)), 2),
    ("with a Date that is none", (Delivery(date="now"), Delivery(DAY, queue="A2", date="now")), 2),
    ("with a Date, delivered twice", tuple(Delivery(queue=q, date=f"{START:%a, %d %b %Y %T} +0000") for q in "AB"), 1),
]


@pytest.mark.parametrize(("_kind", "deliveries", "alarms"), ALARMS, ids=[row[0] for row in ALARMS])
def test_an_alarm_without_a_name_is_told_from_the_next_by_its_arrival(
    services: Services, _kind: str, deliveries: tuple[Delivery, ...], alarms: int
) -> None:
    for one in deliveries:
        deliver(services, one.raw(), one)

    assert tickets(services) == alarms
    assert fates(services).count("not_applied") == len(deliveries) - alarms


def test_a_restored_mailbox_brings_none_of_its_alarms_again(services: Services) -> None:
    alarms = [Delivery(n * DAY, queue=f"A{n}") for n in range(3)]
    for one in alarms:
        deliver(services, one.raw(), one)

    for one in alarms:
        # Its server gives every mail the time of the restore.
        deliver(services, one.raw(), Delivery(9 * DAY, uidvalidity=8))

    assert (tickets(services), fates(services)) == (3, ["applied"] * 3 + ["not_applied"] * 3)


SENT = f"{START:%a, %d %b %Y %T} +0000"
BODY = "The reader in hall B is dark.\nPlease send somebody.\n\nMara"
LIST_FOOTER = "\n_______________________________________________\ndesk mailing list\nhttps://lists.desk.example/desk\n"
BANNER = "CAUTION: This email came from outside. Do not click links.\n\n"
SCANNED = "\n\n-- \nThis mail was scanned.\n"


def a_copy(text: str = BODY, dmarc: str | None = None, **headers: str) -> bytes:
    said = f"Authentication-Results: mx.desk.example; dmarc={dmarc} header.from=northlight.example\n" if dmarc else ""
    given = {"from": "Mara <mara@northlight.example>", "message_id": "<7@northlight.example>", "date": SENT}
    return said.encode() + a_raw_mail(text, **(given | {"subject": "Reader"} | headers))


def a_copy_with_parts(*texts: str) -> bytes:
    parts = "".join(f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n" for text in texts)
    head, _, _ = a_copy().decode().partition("MIME-Version")
    return f"{head.rstrip()}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n".encode()


# Two mails with one Message-ID in their order, and whether they are one.
COPIES: list[tuple[str, bytes, bytes, bool]] = [
    ("a list's footer", a_copy(), a_copy(BODY + LIST_FOOTER), True),
    ("a list's footer came first", a_copy(BODY + LIST_FOOTER), a_copy(), True),
    ("a list's tag and footer", a_copy(), a_copy(BODY + LIST_FOOTER, subject="[desk] Reader"), True),
    ("a list's tag in an answer", a_copy(subject="Re: Reader"), a_copy(subject="Re: [desk] Reader"), True),
    ("a list's footer as a part", a_copy(), a_copy_with_parts(BODY, LIST_FOOTER), True),
    ("a gateway's banner", a_copy(), a_copy(BANNER + BODY), True),
    ("a gateway's banner and tag", a_copy(), a_copy(BANNER + BODY, subject="[EXTERNAL] Reader"), True),
    ("banner here, footer there", a_copy(BANNER + BODY), a_copy(BODY + SCANNED), True),
    ("lines folded otherwise", a_copy(), a_copy(BODY.replace("\n", "  \n")), True),
    ("another text", a_copy(), a_copy("The charger in hall D smokes."), False),
    ("a word within", a_copy(), a_copy(BODY.replace("dark", "mended")), False),
    ("a line within", a_copy(), a_copy(BODY.replace("\n\n", "\nBring a ladder.\n\n")), False),
    ("another end in both", a_copy(BODY + "\nOne"), a_copy(BODY + "\nTwo"), False),
    ("another Date", a_copy(), a_copy(BODY + LIST_FOOTER, date=SENT.replace("+0000", "+0100")), False),
    ("no Date at all", a_copy(date=""), a_copy(BODY + LIST_FOOTER, date=""), False),
    ("another subject", a_copy(), a_copy(subject="Reader in hall C"), False),
    ("another sender", a_copy(), a_copy(BODY + LIST_FOOTER, **{"from": "otto@northlight.example"}), False),
    ("a long text below", a_copy(), a_copy(BODY + "\nMore words." * 40), False),
    ("another Message-ID", a_copy(), a_copy(BODY + LIST_FOOTER, message_id="<8@northlight.example>"), False),
]


@pytest.mark.parametrize(("_kind", "first", "second", "is_one"), COPIES, ids=[row[0] for row in COPIES])
@pytest.mark.parametrize("box", ["support", "sales"])
def test_a_mail_with_other_edges_is_one_and_a_message_id_used_again_is_two(
    services: Services, _kind: str, first: bytes, second: bytes, is_one: bool, box: str
) -> None:
    deliver(services, first, Delivery())
    deliver(services, second, Delivery(MINUTE, box))

    assert tickets(services) == (1 if is_one else 2)
    assert fates(services)[1] == ("not_applied" if is_one else "applied")


def last_row(services: Services) -> Any:
    return query(services, "SELECT fate, evidence FROM mail.ledger ORDER BY id DESC LIMIT 1")[0]


@pytest.mark.parametrize("first", [None, "fail"])
def test_no_proven_mail_is_taken_for_an_unproven_one_with_fewer_lines(services: Services, first: str | None) -> None:
    deliver(services, a_copy("The reader in hall B is dark.", first), Delivery())
    deliver(services, a_copy(dmarc="pass"), Delivery(MINUTE))

    last = last_row(services)
    assert (tickets(services), last["fate"]) == (2, "applied")
    assert "proves more than the same mail" in last["evidence"]["twin"]


@pytest.mark.parametrize("dmarc", [("pass", "pass"), ("pass", None), ("pass", "fail"), (None, "fail")])
def test_a_copy_with_other_edges_that_proves_no_more_is_the_same_mail(
    services: Services, dmarc: tuple[str | None, str | None]
) -> None:
    deliver(services, a_copy(dmarc=dmarc[0]), Delivery())
    deliver(services, a_copy(BODY + LIST_FOOTER, dmarc[1]), Delivery(MINUTE, "sales"))

    assert (tickets(services), last_row(services)["evidence"]["rule"]) == (1, "same_mail_twice")


# What somebody sends ahead of a mail, under its sender's address and its Message-ID, and what our server said of both.
AHEAD = ["The reader in hall B is dark.", "Please send somebody.\n\nMara", BANNER + "The reader in hall B is dark."]


@pytest.mark.parametrize("text", AHEAD)
@pytest.mark.parametrize("dmarc", [(None, None), ("fail", "fail"), ("fail", None), (None, "fail")])
def test_a_copy_with_fewer_words_that_came_ahead_keeps_no_words_out(
    services: Services, text: str, dmarc: tuple[str | None, str | None]
) -> None:
    deliver(services, a_copy(text, dmarc[0]), Delivery())
    deliver(services, a_copy(dmarc=dmarc[1]), Delivery(MINUTE))

    words = query(services, 'SELECT description FROM "Ticket" ORDER BY "createdAt" DESC LIMIT 1')
    assert (last_row(services)["fate"], words[0]["description"].strip()) == ("applied", BODY)
