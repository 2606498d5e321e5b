"""Many workers at once: whatever the order, each mail has its effect once and finds its own ticket."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from mail.mime.message_ids import peek
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.quarantine import give_back, read_quarantined
from models.ledger.rows import NewMail, store
from tests.support.database.services import ADMIN, AGENT, SUPPORT, MakeServices, a_raw_mail, query, store_in_ledger
from worker.announce.run import announce_due
from worker.intake import run as intake
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

SEED = 20261122
THREADS = 8
CONVERSATIONS = 8
LEFT = "SELECT count(*) AS n FROM mail.ledger WHERE fate IS NULL"
pytestmark = pytest.mark.services(ADMIN, AGENT, LIMITS__RETRY_SECONDS="0")


@pytest.fixture
def worker_services(services: Services, make_services: MakeServices) -> list[Services]:
    """Services for each worker, as each has its own connections."""
    return [make_services(LIMITS__RETRY_SECONDS="0") for _ in range(THREADS)]


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker claim one mail at a time, or the first would take all, and none would be worked beside another."""
    monkeypatch.setattr(intake, "BATCH", 1)


def at_once(work: Callable[[Services], object], worker_services: list[Services]) -> None:
    """Let all workers begin at the same moment."""
    start = Barrier(len(worker_services))

    def begin(services: Services) -> object:
        start.wait(10)
        return work(services)

    with ThreadPoolExecutor(len(worker_services)) as workers:
        list(workers.map(begin, worker_services))


def receive_all(worker_services: list[Services]) -> None:
    """Let all workers receive until nothing is undecided; a reply that waited for its parent is due only then."""
    for _ in range(10):
        at_once(receive_due, worker_services)
        if not query(worker_services[0], LEFT)[0]["n"]:
            return


def mail_of(conversation: int, place: int) -> bytes:
    headers = {"message_id": f"<{conversation}-{place}@x>", "from": f"c{conversation}@customer.example"}
    headers |= {"in_reply_to": f"<{conversation}-0@x>"} if place else {}
    return a_raw_mail(f"{conversation} says {place}", **headers)


def said(services: Services) -> list[tuple[int, int]]:
    """How many tickets and comments each conversation has come to."""
    found = query(
        services,
        'SELECT count(DISTINCT t.id) AS tickets, count(c.id) AS comments FROM "Ticket" t'
        ' LEFT JOIN "Comment" c ON c."ticketId" = t.id GROUP BY t."createdById"',
    )
    return [(row["tickets"], row["comments"]) for row in found]


@pytest.mark.parametrize("order", range(3))
def test_a_reply_beside_its_parent_gives_one_ticket_with_one_comment(
    worker_services: list[Services], services: Services, order: int
) -> None:
    mails = [mail_of(conversation, place) for conversation in range(CONVERSATIONS) for place in range(2)]
    random.Random(SEED + order).shuffle(mails)
    for raw in mails:
        store_in_ledger(services, raw)

    receive_all(worker_services)

    assert said(services) == [(1, 1)] * CONVERSATIONS


def test_a_reply_that_is_stored_first_and_decided_beside_its_parent_finds_its_ticket(
    worker_services: list[Services], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (1, 0):
        store_in_ledger(services, mail_of(1, place))
    # Both are read before either is decided.
    both = Barrier(2)
    monkeypatch.setattr(intake, "parse", lambda raw: met(both, parse(raw)))

    at_once(receive_due, worker_services[:2])

    assert said(services) == [(1, 1)]


def met(both: Barrier, mail: InboundMail) -> InboundMail:
    both.wait(10)
    return mail


def test_two_first_mails_of_one_new_sender_make_one_customer(
    worker_services: list[Services], services: Services
) -> None:
    for number in range(2 * THREADS):
        store_in_ledger(services, a_raw_mail(f"Question {number}", message_id=f"<{number}@x>"))

    receive_all(worker_services)

    customers = query(services, "SELECT email FROM \"User\" WHERE role = 'customer'")
    tickets = query(services, 'SELECT count(*) AS n FROM "Ticket"')
    assert (customers, tickets) == ([{"email": "ann@customer.example"}], [{"n": 2 * THREADS}])
    assert query(services, "SELECT id FROM mail.ledger WHERE tries > 0") == []


def test_mails_that_name_each_other_as_parent_both_get_through(
    worker_services: list[Services], services: Services
) -> None:
    for here, there in [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("e", "e")]:
        store_in_ledger(services, a_raw_mail(here, message_id=f"<{here}@x>", in_reply_to=f"<{there}@x>"))

    receive_all(worker_services)

    words = query(services, 'SELECT description AS said FROM "Ticket" UNION ALL SELECT content FROM "Comment"')
    assert sorted(str(row["said"]) for row in words) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("message_id", ["<1@customer>", ""])
def test_the_same_mail_in_two_mailboxes_has_its_effect_once(
    worker_services: list[Services], services: Services, message_id: str
) -> None:
    for number in range(THREADS):
        store_in(services, f"box{number % 2}", number, a_raw_mail(message_id=message_id))

    receive_all(worker_services)

    fates = query(services, "SELECT fate, count(*) AS n FROM mail.ledger GROUP BY fate ORDER BY fate")
    assert fates == [{"fate": "applied", "n": 1}, {"fate": "not_applied", "n": THREADS - 1}]
    assert said(services) == [(1, 0)]


def store_in(services: Services, mailbox: str, uid: int, raw: bytes) -> None:
    seen = peek(raw)
    with transaction(services.engine) as session:
        number = ensure_mailbox(session, mailbox, SUPPORT)
        store(session, NewMail(number, "INBOX", 7, uid, None, seen.message_id, seen.refers, seen.fingerprint, raw))


def poisoned(raw: bytes) -> InboundMail:
    if b"Message-Id: <1-0@x>" in raw:
        raise ValueError("poison")
    return parse(raw)


def test_a_poison_parent_does_not_block_its_replies_and_joins_them_later(
    worker_services: list[Services], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(4):
        store_in_ledger(services, mail_of(1, place))
    with monkeypatch.context() as broken:
        broken.setattr(intake, "parse", poisoned)
        receive_all(worker_services)
    without_parent = said(services)
    with transaction(services.engine) as session:
        given_back = give_back(session, [case.number for case in read_quarantined(session)])

    receive_all(worker_services)

    assert (without_parent, len(given_back)) == ([(1, 2)], 1)
    assert said(services) == [(1, 3)]


def test_an_innocent_beside_a_poison_mail_is_not_charged(
    worker_services: list[Services], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for conversation in range(CONVERSATIONS):
        store_in_ledger(services, mail_of(conversation, 0))
    monkeypatch.setattr(intake, "parse", poisoned)

    receive_all(worker_services)

    charged = query(services, "SELECT message_id, tries, fate FROM mail.ledger WHERE tries > 0")
    assert charged == [{"message_id": "1-0@x", "tries": 3, "fate": "quarantined"}]


def test_receive_and_announce_that_run_eight_times_at_once_have_their_effect_once(
    worker_services: list[Services], services: Services
) -> None:
    for conversation in range(CONVERSATIONS):
        for place in range(3):
            store_in_ledger(services, mail_of(conversation, place))

    receive_all(worker_services)
    at_once(announce_due, worker_services)

    assert said(services) == [(1, 2)] * CONVERSATIONS
    assert query(services, "SELECT title FROM \"Ticket\" WHERE description NOT LIKE '% says 0'") == []
    assert written(services) == {
        "comment-to-agent": 2 * CONVERSATIONS,
        "ticket-assigned": CONVERSATIONS,
        "ticket-opened": CONVERSATIONS,
    }
    assert query(services, "SELECT id FROM mail.event WHERE fate IS DISTINCT FROM 'announced' OR tries > 0") == []


def written(services: Services) -> dict[str, int]:
    found = query(services, "SELECT template, count(*) AS n FROM mail.outbox GROUP BY template")
    return {str(row["template"]): int(row["n"]) for row in found}
