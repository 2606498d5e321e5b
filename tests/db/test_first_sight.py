"""At first sight of a folder old mails are left alone, unless they are asked for, then or later."""

from collections.abc import Callable

import pytest

from mail.server import Server
from tests.offices import run
from tests.postboxes import append, ledger
from worker import poll_store
from worker.office import Office
from worker.poll import poll_mailbox

OpenOffice = Callable[..., Office]


def test_mails_from_before_the_first_sight_are_left_alone(open_office: OpenOffice, server: Server) -> None:
    append(server, "old")
    office = open_office()

    first = poll_mailbox(office, "support")
    append(server, "new")
    second = poll_mailbox(office, "support")

    assert (first.stored, second.stored) == (0, 1)


def test_from_start_takes_what_was_there(open_office: OpenOffice, server: Server) -> None:
    append(server, "old", "older")

    polled = poll_mailbox(open_office(FROM_START="true"), "support")

    assert polled.stored == 2


def test_the_first_poll_says_what_it_left_alone(open_office: OpenOffice, server: Server) -> None:
    append(server, "one", "two", "three")
    office = open_office()

    polled = [poll_mailbox(office, "support") for _ in range(2)]

    assert [one.left_alone for one in polled] == [3, 0]


def test_from_start_takes_later_what_was_left_alone_first(open_office: OpenOffice, server: Server) -> None:
    append(server, "one", "two", "three")
    office = open_office()
    poll_mailbox(office, "support")
    append(server, "four")
    poll_mailbox(office, "support")

    later = [poll_mailbox(open_office(FROM_START="true"), "support") for _ in range(2)]

    assert [(one.stored, one.known) for one in later] == [(3, 0), (0, 0)]


def test_from_start_goes_on_where_a_crash_ended_it(
    open_office: OpenOffice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one", "two", "three")
    poll_mailbox(open_office(), "support")
    append(server, "four")
    poll_mailbox(open_office(), "support")
    office = open_office(FROM_START="true")
    monkeypatch.setattr(poll_store, "CHUNK", 1)

    def crash() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        poll_mailbox(office, "support", after_chunk=crash)
    run(office, "UPDATE mail.mailbox SET lease_until = now()")
    polled = poll_mailbox(open_office(), "support")

    assert polled.stored == 2
    assert len(ledger(office)) == 4
