"""At first sight of a folder old mails are left alone, unless they are asked for, then or later."""

import pytest

from mail.server import Server
from tests.support.database.services import MakeServices, execute, mailbox_of
from tests.support.servers.mailboxes import append, ledger_rows
from worker.poll import store
from worker.poll.run import poll_mailbox


def test_mails_from_before_the_first_sight_are_left_alone(make_services: MakeServices, server: Server) -> None:
    append(server, "old")
    services = make_services(**mailbox_of(server))

    first = poll_mailbox(services, "support")
    append(server, "new")
    second = poll_mailbox(services, "support")

    assert (first.stored, second.stored) == (0, 1)


def test_from_start_takes_what_was_there(make_services: MakeServices, server: Server) -> None:
    append(server, "old", "older")

    polled = poll_mailbox(make_services(**mailbox_of(server), FROM_START="true"), "support")

    assert polled.stored == 2


def test_the_first_poll_says_what_it_left_alone(make_services: MakeServices, server: Server) -> None:
    append(server, "one", "two", "three")
    services = make_services(**mailbox_of(server))

    polled = [poll_mailbox(services, "support") for _ in range(2)]

    assert [one.left_alone for one in polled] == [3, 0]


def test_from_start_takes_later_what_was_left_alone_first(make_services: MakeServices, server: Server) -> None:
    append(server, "one", "two", "three")
    services = make_services(**mailbox_of(server))
    poll_mailbox(services, "support")
    append(server, "four")
    poll_mailbox(services, "support")

    later = [poll_mailbox(make_services(**mailbox_of(server), FROM_START="true"), "support") for _ in range(2)]

    assert [(one.stored, one.known) for one in later] == [(3, 0), (0, 0)]


def test_from_start_goes_on_where_a_crash_ended_it(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one", "two", "three")
    poll_mailbox(make_services(**mailbox_of(server)), "support")
    append(server, "four")
    poll_mailbox(make_services(**mailbox_of(server)), "support")
    services = make_services(**mailbox_of(server), FROM_START="true")
    monkeypatch.setattr(store, "CHUNK", 1)

    def crash() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        poll_mailbox(services, "support", after_chunk=crash)
    execute(services, "UPDATE mail.mailbox SET lease_until = now()")
    polled = poll_mailbox(make_services(**mailbox_of(server)), "support")

    assert polled.stored == 2
    assert len(ledger_rows(services)) == 4
