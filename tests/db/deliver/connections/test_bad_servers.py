"""Servers that refuse, hang or mix things up cost neither a mail, nor a second one, nor the time of others."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mail.server import Security
from mail.smtp.connection import SmtpServer
from tests.support.database.services import SUPPORT, execute, query
from tests.support.database.waiting_mails import ALL, ALL_SENT, FATES, more, recipients
from tests.support.servers.faulty_smtp import FaultySmtp, running_faulty_smtp
from worker.deliver import servers
from worker.deliver.run import deliver_due
from worker.deliver.servers import MEMORY, Memory, accounts
from worker.runtime.services import Services
from worker.settings.servers import SmtpSettings


@pytest.fixture
def services(make_desk: Callable[..., Services]) -> Services:
    return make_desk()


@pytest.mark.parametrize("full", ["greeting", "mail", "later", "silence", "reset"])
def test_a_server_that_takes_one_connection_gets_one_and_that_is_remembered(
    services: Services, server: FaultySmtp, full: str
) -> None:
    server.habits.most, server.habits.full = 1, full

    deliver_due(services)
    refused = server.connections - 1
    more(services, 6, mailbox="later")
    deliver_due(services)

    rows = query(services, "SELECT fate, error, tries FROM mail.outbox")
    assert [(row["fate"], row["error"], row["tries"]) for row in rows] == [("sent", None, 0)] * (ALL + 6)
    assert set(recipients(server).values()) <= {1, 2}
    # Others may be on their way when the first is refused.
    assert 1 <= refused <= 4
    assert server.connections == 1 + refused + 1
    assert MEMORY.most(accounts(services)[0].server, 4) == 1


def test_a_server_that_never_greets_a_second_connection_gets_all_mails_over_the_first(
    make_desk: Callable[..., Services], server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "HANGS_AFTER", 0.1)
    services = make_desk(LIMITS__STEP_SECONDS="1")
    server.habits.most, server.habits.full = 1, "never"

    for number in range(3):
        deliver_due(services)
        more(services, 6, mailbox=f"later{number}")
    waiting = server.connections - 3
    while MEMORY.is_opening_further(accounts(services)[0].server):
        time.sleep(0.05)
    deliver_due(services)

    rows = query(services, "SELECT fate, error, tries FROM mail.outbox")
    assert [(row["fate"], row["error"], row["tries"]) for row in rows] == [("sent", None, 0)] * (ALL + 18)
    # One stays where it is, and no other is opened beside it; then it is known that there is none to be had.
    assert (waiting, server.connections) == (1, 5)
    assert MEMORY.most(accounts(services)[0].server, 4) == 1


def test_a_server_that_serves_one_connection_after_the_other_is_not_held_up_by_a_second(
    services: Services, server: FaultySmtp
) -> None:
    server.habits.most, server.habits.full = 1, "queue"

    for number in range(3):
        deliver_due(services)
        more(services, 6, mailbox=f"later{number}")
    deliver_due(services)

    rows = query(services, "SELECT fate, error, tries FROM mail.outbox")
    assert [(row["fate"], row["error"], row["tries"]) for row in rows] == [("sent", None, 0)] * (ALL + 18)


@pytest.mark.parametrize("pipelining", [False, True])
def test_a_server_that_closes_after_each_mail_gets_them_all_the_same(
    services: Services, server: FaultySmtp, pipelining: bool
) -> None:
    server.habits.mails, server.habits.pipelining = 1, pipelining

    deliver_due(services)

    assert query(services, FATES) == ALL_SENT
    assert set(recipients(server).values()) == {1}


def shuffled(replies: Sequence[str]) -> Sequence[str]:
    return [replies[-1], *replies[:-1]]


FAULTS: dict[str, dict[str, Any]] = {
    "swallows what came along": {"swallows": True},
    "swallows it from the second mail on": {"swallows": True, "sound": 1},
    "hangs up from the second mail on, and then always": {"hangs_up": True, "sound": 1, "fails_for_good": True},
    "hangs up": {"hangs_up": True},
    "mixes its replies up": {"reorder": shuffled},
    "says that it is out of sequence": {"reorder": lambda _: ["503 5.5.1 one at a time"] * 3},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_offers_pipelining_and_breaks_on_it_is_asked_one_by_one_from_then_on(
    make_desk: Callable[..., Services], server: FaultySmtp, fault: str
) -> None:
    services = make_desk(LIMITS__STEP_SECONDS="0.5")
    server.habits.pipelining = True
    for habit, value in FAULTS[fault].items():
        setattr(server.habits, habit, value)

    deliver_due(services)
    seen = len(server.packets)
    more(services, 2, mailbox="later")
    deliver_due(services)

    assert {(row["fate"], row["attempts"]) for row in query(services, FATES)} == {("sent", 1)}
    assert max(Counter(taken.content for taken in server.taken).values()) == 1
    assert any(b"\n" in packet for packet in server.packets[:seen])
    assert not any(b"\n" in packet for packet in server.packets[seen:])


@pytest.mark.parametrize("pipelining", [False, True])
def test_of_what_is_in_flight_each_mail_has_its_own_answer_behind_the_last_dot(
    services: Services, server: FaultySmtp, pipelining: bool
) -> None:
    server.habits.pipelining = pipelining
    server.habits.judged = {
        "c1@customer.example": "451 4.3.0 later",
        "c2@customer.example": "421 4.3.2 going down",
        "c3@customer.example": "452 4.3.1 no space",
        "c4@customer.example": "550-5.7.1 this\r\n550 5.7.1 never",
        "c5@customer.example": "250-2.0.0 as\r\n250 4711",
    }

    deliver_due(services)

    rows = query(services, "SELECT split_part(recipient, '@', 1) AS who, fate, attempts, tries, claimed_by,"
        " due_at > now() AS later, coalesce(reason, error) AS why FROM mail.outbox")  # fmt: skip
    by_name = {str(row.pop("who")): row for row in rows}
    whys = {name: str(by_name[name].pop("why")) for name in by_name}
    waits = {"fate": None, "attempts": 1, "tries": 0, "claimed_by": None, "later": True}
    assert [by_name.pop(name) for name in ("c1", "c2", "c3")] == [waits] * 3
    assert by_name.pop("c4")["fate"] == "failed"
    assert {row["fate"] for row in by_name.values()} == {"sent"}
    assert [words in whys[name] for name, words in (("c1", "451"), ("c2", "421"), ("c3", "452"), ("c5", "4711"))] == [
        True
    ] * 4
    assert set(recipients(server).values()) == {1}


def test_a_late_answer_is_not_that_of_another_mail(make_desk: Callable[..., Services], server: FaultySmtp) -> None:
    services = make_desk(LIMITS__STEP_SECONDS="0.1", LIMITS__DELIVERY_LEASE_SECONDS="20")
    # Five steps are waited, and the answer comes when the next mails are on their way.
    server.habits.late_for = {"c2@customer.example": 0.6}
    server.habits.judged = {"c2@customer.example": "554 never"}

    deliver_due(services)

    rows = query(services, "SELECT recipient, fate FROM mail.outbox WHERE fate IS DISTINCT FROM 'sent'")
    assert rows == [{"recipient": "c2@customer.example", "fate": None}]
    assert set(recipients(server).values()) == {1}


def two_servers(services: Services, port: int, *, connections: int = 4) -> Services:
    """The same desk, whose mailbox "billing" has a server of its own at this port."""
    own = SmtpSettings(host="127.0.0.1", port=port, security=Security.PLAIN, connections=connections)
    (support,) = services.settings.mailbox
    update = {"name": "billing", "address": SUPPORT.replace("support", "billing"), "smtp": own}
    boxes = (support, support.model_copy(update=update))
    return replace(services, settings=services.settings.model_copy(update={"mailbox": boxes}))


@pytest.mark.parametrize("hangs", ["MAIL", "RCPT", "EHLO"])
def test_a_server_that_hangs_keeps_no_mail_of_another(
    make_desk: Callable[..., Services], server: FaultySmtp, hangs: str
) -> None:
    with running_faulty_smtp() as hanging:
        hanging.habits.hangs = hangs
        services = two_servers(make_desk(LIMITS__STEP_SECONDS="2"), hanging.port)
        more(services, 30, mailbox="billing")
        # Those of the server that hangs are due first.
        execute(services, "UPDATE mail.outbox SET due_at = now() - interval '1 hour' WHERE mailbox = 'billing'")
        done = threading.Thread(target=deliver_due, args=(services,))
        began = time.monotonic()
        done.start()
        while len(server.taken) < ALL and time.monotonic() - began < 20:
            time.sleep(0.02)
        took = time.monotonic() - began
        done.join(60)

    assert len(server.taken) == ALL
    assert took < 2
    waiting = query(services, "SELECT DISTINCT mailbox, fate, claimed_by, due_at > now() AS later FROM mail.outbox"
        " WHERE fate IS NULL")  # fmt: skip
    assert waiting == [{"mailbox": "billing", "fate": None, "claimed_by": None, "later": True}]


def test_a_slow_server_with_a_long_queue_leaves_the_others_their_turn(
    make_desk: Callable[..., Services], server: FaultySmtp
) -> None:
    with running_faulty_smtp() as slow:
        slow.habits.slow = 0.25
        services = two_servers(make_desk(), slow.port, connections=2)
        more(services, 20, mailbox="billing")
        execute(services, "UPDATE mail.outbox SET due_at = now() - interval '1 hour' WHERE mailbox = 'billing'")

        deliver_due(services)

    last = max(taken.ended for taken in server.taken)
    assert sum(taken.ended < last for taken in slow.taken) < len(slow.taken) / 2
    assert (len(server.taken), len(slow.taken), slow.most_open) == (ALL, 20, 2)


def test_lines_of_the_same_account_share_its_connections(services: Services, server: FaultySmtp) -> None:
    both = two_servers(services, server.port, connections=2)

    assert [(account.connections, account.lanes) for account in accounts(both)] == [(2, None)]


def test_what_is_known_of_a_server_is_forgotten_in_time() -> None:
    server, now = SmtpServer("mx.example", 25, Security.PLAIN, "", ""), [0.0]
    memory = Memory(clock=lambda: now[0])
    memory.takes_no_more_than(server, 2)
    memory.takes_one_by_one(server)
    with memory.opening(server):
        soon = (
            memory.most(server, 8),
            memory.most(server, 1),
            memory.can_pipeline(server),
            memory.never_answers(server),
        )
        now[0] = 700.0
        later = (memory.most(server, 8), memory.can_pipeline(server), memory.never_answers(server))
    now[0] = 90_000.0

    assert soon == (2, 1, False, False)
    assert later == (8, False, True)
    assert (memory.can_pipeline(server), memory.never_answers(server)) == (True, False)
