"""A mail at which the connection breaks again and again, or a server that hangs, keeps no other mail out."""

import time
from collections.abc import Iterator

import pytest

from tests.support.database.services import MakeServices, query
from tests.support.servers.faulty_imap import FaultyServer, Trouble, running_faulty_imap
from tests.support.servers.mailboxes import ledger_rows
from worker.poll.run import Polled, poll_mailbox
from worker.runtime.services import Services

SHORT = {
    "LIMITS__POLL_LEASE_SECONDS": "5",
    "LIMITS__STEP_SECONDS": "1",
}


@pytest.fixture
def crooked() -> Iterator[FaultyServer]:
    with running_faulty_imap() as crooked:
        crooked.fill(*range(1, 8))
        yield crooked


@pytest.fixture
def services(make_services: MakeServices, crooked: FaultyServer) -> Services:
    return make_services(FROM_START="true", HOST="127.0.0.1", PORT=str(crooked.port), **SHORT)


def fates(services: Services) -> dict[int, str | None]:
    return {row["uid"]: row["fate"] for row in ledger_rows(services)}


def poll(services: Services, times: int) -> list[Polled]:
    return [poll_mailbox(services, "support") for _ in range(times)]


def test_a_mail_that_breaks_the_connection_is_put_aside_after_three_times_alone(
    services: Services, crooked: FaultyServer
) -> None:
    crooked.bad[4] = Trouble.CUT

    polled = poll(services, 5)

    assert [one.stored for one in polled] == [0, 3, 0, 1, 3]
    assert fates(services) == {uid: "quarantined" if uid == 4 else None for uid in range(1, 8)}
    assert "the connection broke each time" in ledger_rows(services)[3]["reason"]


def test_two_such_mails_beside_each_other_are_both_put_aside(services: Services, crooked: FaultyServer) -> None:
    crooked.bad = {4: Trouble.CUT, 5: Trouble.CUT}

    poll(services, 12)

    assert [uid for uid, fate in sorted(fates(services).items()) if fate == "quarantined"] == [4, 5]
    assert len(fates(services)) == 7


def test_a_server_that_hands_over_nothing_puts_no_mail_aside(services: Services, crooked: FaultyServer) -> None:
    crooked.bad = dict.fromkeys(range(1, 8), Trouble.CUT)
    poll(services, 8)

    crooked.bad = {}
    poll(services, 1)

    assert fates(services) == dict.fromkeys(range(1, 8))


def test_a_connection_that_breaks_now_and_then_charges_nobody(services: Services, crooked: FaultyServer) -> None:
    for _ in range(5):
        newest = max(crooked.mails)
        crooked.bad[newest] = Trouble.CUT
        poll(services, 3)
        crooked.bad = {}
        poll(services, 1)
        crooked.fill(newest + 1, newest + 2)
    poll(services, 1)

    assert set(fates(services).values()) == {None}
    assert query(services, "SELECT stuck_uid, stuck_times FROM mail.mailbox") == [{"stuck_uid": None, "stuck_times": 0}]


def test_the_only_mail_of_a_folder_can_be_put_aside(services: Services, crooked: FaultyServer) -> None:
    crooked.mails = {9: crooked.mails[1]}
    crooked.bad[9] = Trouble.CUT

    poll(services, 3)

    assert fates(services) == {9: "quarantined"}


@pytest.mark.parametrize("trouble", [Trouble.HANG, Trouble.TRICKLE])
@pytest.mark.parametrize("step", ["GREETING", "SELECT", "FETCH"])
def test_a_server_that_gives_trouble_never_holds_a_mailbox_longer_than_the_lease(
    services: Services, crooked: FaultyServer, step: str, trouble: Trouble
) -> None:
    crooked.troubles[step] = trouble
    began = time.monotonic()

    (polled,) = poll(services, 1)

    assert time.monotonic() - began < 5
    assert polled.trouble
    assert query(services, "SELECT trouble, lease_token FROM mail.mailbox") == [
        {"trouble": polled.trouble, "lease_token": None}
    ]


def test_what_came_before_a_break_is_stored(services: Services, crooked: FaultyServer) -> None:
    crooked.bad[6] = Trouble.CUT
    poll(services, 1)

    (polled,) = poll(services, 1)

    assert (polled.stored, list(fates(services))) == (5, [1, 2, 3, 4, 5])
    assert polled.trouble
