"""Threads of mails for a test of real processes, the effects that they must have, and waiting until they have them."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from redis import Redis
from sqlalchemy.exc import DBAPIError

from mail.imap.mailbox import open_mailbox
from tests.support.database.services import a_raw_mail, query
from tests.support.servers.real_processes import Desk
from worker.runtime.bell import QUEUES
from worker.runtime.services import Services, imap_server

LOOK_EVERY = 0.2


def append_threads(services: Services, word: str, threads: int, each: int) -> int:
    """Append threads of mails to the mailbox, first mails first; the number of mails."""
    box = services.settings.mailbox[0]
    with open_mailbox(imap_server(box, services.limits)) as mailbox:
        for place in range(each):
            for thread in range(threads):
                mailbox.append("INBOX", a_thread_mail(word, thread, place))
    return threads * each


def a_thread_mail(word: str, thread: int, place: int) -> bytes:
    """Mail number `place` of a thread, from 0; each but the first answers the one before it."""
    headers = {
        "from": f"Customer <{word}{thread}@customer.example>",
        "subject": f"{word} {thread}",
        "message_id": f"<{word}-{thread}-{place}@customer.example>",
    }
    if place:
        headers["in_reply_to"] = f"<{word}-{thread}-{place - 1}@customer.example>"
    return a_raw_mail(f"{word} {thread} {place}", **headers)


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of the mails of one word, each with the number of times that it is there.

    Tickets are named by title, comments by text, activities by action, and outgoing mails by template.
    """

    tickets: Counter[str]
    comments: Counter[str]
    activities: Counter[str]
    mails_out: Counter[str]

    @classmethod
    def expected(cls, word: str, threads: int, each: int) -> "Effects":
        """The effects that so many threads of mails must have."""
        answers = threads * (each - 1)
        return cls(
            Counter(f"{word} {thread}" for thread in range(threads)),
            Counter(f"{word} {thread} {place}" for thread in range(threads) for place in range(1, each)),
            Counter({"created": threads, "commented": answers, "updated": threads}),
            Counter({"ticket-opened": threads, "ticket-assigned": threads, "comment-to-agent": answers}),
        )


MINE = '"ticketId" IN (SELECT id FROM "Ticket" WHERE title LIKE :word || \' %\')'
NUMBERS = """
SELECT t.number FROM mail.ticket t JOIN "Ticket" p ON p.id = t.ticket_id WHERE p.title LIKE :word || ' %'
"""


def read_effects(services: Services, word: str) -> Effects:
    """The effects that the mails of one word have now."""

    def counted(statement: str) -> Counter[str]:
        return Counter(str(row["what"]) for row in query(services, statement, word=word))

    return Effects(
        counted("SELECT title AS what FROM \"Ticket\" WHERE title LIKE :word || ' %'"),
        counted(f'SELECT content AS what FROM "Comment" WHERE {MINE}'),
        counted(f'SELECT action AS what FROM "TicketActivity" WHERE {MINE}'),
        counted(f"SELECT template AS what FROM mail.outbox WHERE ticket_number IN ({NUMBERS})"),
    )


BLAME = " UNION ALL ".join(
    f"SELECT '{table}' AS place, id, tries, fate, error FROM mail.{table} WHERE tries > 0 OR fate = 'quarantined'"
    for table in ("ledger", "event", "outbox")
)


def blamed_rows(services: Services) -> list[dict[str, object]]:
    """The rows of all queues that were charged a try or put into quarantine."""
    return query(services, BLAME)


def count_decided(services: Services, word: str) -> int:
    """How many mails of one word have a fate."""
    counted = "SELECT count(*) AS n FROM mail.ledger WHERE fate IS NOT NULL AND message_id LIKE :word || '-%'"
    return int(query(services, counted, word=word)[0]["n"])


def count_unfinished(services: Services) -> int:
    """The number of rows without a fate; outgoing mails that wait for their next attempt are made due now."""
    with services.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL AND claimed_by IS NULL")
    counted = (f"(SELECT count(*) FROM mail.{table} WHERE fate IS NULL)" for table in ("ledger", "event", "outbox"))
    return int(query(services, f"SELECT {' + '.join(counted)} AS n")[0]["n"])


def await_decided(services: Services, word: str, mails: int, seconds: float = 60) -> None:
    """Wait until so many mails of a word have a fate."""
    await_condition(
        lambda: count_decided(services, word) >= mails,
        seconds,
        lambda: f"{count_decided(services, word)} of {mails} decided",
    )


def await_rest(services: Services, word: str, mails: int, seconds: float = 60) -> None:
    """Wait until so many mails of a word are decided and nothing is left to do anywhere."""
    ends = time.monotonic() + seconds
    await_decided(services, word, mails, seconds)
    await_condition(
        lambda: not count_unfinished(services),
        ends - time.monotonic(),
        lambda: f"{count_unfinished(services)} rows are left",
    )


def await_condition(holds: Callable[[], bool], seconds: float, state: Callable[[], str] = str) -> None:
    """Wait until a condition holds, also while the database is away; AssertionError with the state after so long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with suppress(DBAPIError):
            if holds():
                return
        time.sleep(LOOK_EVERY)
    raise AssertionError(f"not within {seconds:.0f} s: {state()}")


def mails_not_sent_once(desk: Desk) -> dict[str, int]:
    """How often each mail was sent that was not sent once; it may be sent as often as attempts were recorded."""
    out = query(desk.services, "SELECT message_id, attempts FROM mail.outbox WHERE fate = 'sent'")
    wrong = {str(row["message_id"]): desk.sink.taken[str(row["message_id"])] for row in out}
    most = {str(row["message_id"]): int(str(row["attempts"])) for row in out}
    return {name: times for name, times in wrong.items() if not 1 <= times <= most[name]}


def broker_keys(desk: Desk) -> dict[str, int]:
    """The number of messages in the broker: on each queue, and not yet acknowledged by a worker (`unacked`)."""
    with Redis.from_url(desk.broker_url) as broker:
        lengths = {queue: int(str(broker.llen(f"supportdesk:{queue}"))) for queue in sorted(set(QUEUES.values()))}
        return lengths | {"unacked": int(str(broker.hlen("supportdesk:unacked")))}
