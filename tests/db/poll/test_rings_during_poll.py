"""A mail that is told of while a poll is at work is never left for the next beat."""

from collections.abc import Callable

import pytest

from mail.failures import TemporaryFailure
from mail.server import Server
from tests.support.database.services import MakeServices, mailbox_of
from tests.support.servers.mailboxes import append, ledger_rows
from worker.poll.run import Polled, poll_mailbox, poll_to_the_end
from worker.poll.selection import Selection, select_new
from worker.runtime.services import Services


@pytest.fixture
def services(make_services: MakeServices, server: Server) -> Services:
    return make_services(**mailbox_of(server), FROM_START="true")


def in_mid_poll(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object], *, look: int) -> None:
    """Let something happen once, right after the poll's look of this number."""
    looks = []

    def looking(*words: object) -> Selection:
        selection = select_new(*words)  # type: ignore[arg-type]
        looks.append(selection)
        if len(looks) == look:
            deed()
        return selection

    monkeypatch.setattr("worker.poll.run.select_new", looking)


def test_a_mail_that_comes_while_others_are_fetched_is_taken_by_the_same_poll(
    services: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    in_mid_poll(monkeypatch, lambda: append(server, "two"), look=1)

    polled = poll_mailbox(services, "support")

    assert (polled.stored, polled.more, len(ledger_rows(services))) == (2, False, 2)


@pytest.mark.parametrize("before", [0, 1])
def test_a_ring_that_is_refused_after_the_last_look_is_made_up_for(
    services: Services, server: Server, make_services: MakeServices, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    append(server, *(["one"] * before))
    refused: list[Polled] = []
    other = make_services(**mailbox_of(server))

    def told() -> None:
        append(server, "late")
        refused.append(poll_mailbox(other, "support"))

    in_mid_poll(monkeypatch, told, look=1 + before)

    polled = poll_to_the_end(services, "support")

    assert [(one.stored, one.trouble) for one in refused] == [(0, "another poller has the mailbox")]
    assert polled.stored == len(ledger_rows(services)) == 1 + before


def test_a_ring_that_is_refused_before_the_last_look_asks_for_nothing_more(
    services: Services, server: Server, make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    other = make_services(**mailbox_of(server))
    in_mid_poll(monkeypatch, lambda: poll_mailbox(other, "support"), look=1)

    assert not poll_mailbox(services, "support").more


def test_polls_that_nobody_disturbs_ask_for_no_other(services: Services, server: Server) -> None:
    append(server, "one")

    assert [poll_mailbox(services, "support").more for _ in range(3)] == [False] * 3


def test_a_server_that_fails_is_not_asked_again_at_once(
    services: Services, make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_services(**mailbox_of(server))

    def break_off() -> None:
        poll_mailbox(other, "support")
        raise TemporaryFailure("the connection broke")

    in_mid_poll(monkeypatch, break_off, look=1)

    polled = poll_mailbox(services, "support")

    assert (polled.trouble, polled.more) == ("the connection broke", False)
