"""Polling takes each mail of a real IMAP server into the ledger once, raw bytes first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import Mailbox, open_mailbox
from mail.server import Server
from models.ledger.mailboxes import take_lease
from tests.support.database.services import MakeServices, execute, mailbox_of, query
from tests.support.servers.mailboxes import append, ledger_rows, uids
from worker.poll import store
from worker.poll.lease import MailboxLease
from worker.poll.run import FLAG, poll_mailbox, poll_to_the_end
from worker.runtime.transaction import transaction


def test_polling_again_neither_fetches_nor_stores_again(make_services: MakeServices, server: Server) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true")

    again = [poll_mailbox(services, "support") for _ in range(3)]

    assert [(polled.stored, polled.known) for polled in again] == [(1, 0), (0, 0), (0, 0)]


def test_the_raw_bytes_are_the_servers(make_services: MakeServices, server: Server) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true")
    poll_mailbox(services, "support")

    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        there = [mail.raw for mail in mailbox.fetch_after(0) if hasattr(mail, "raw")]

    assert [row["content"] for row in query(services, "SELECT content FROM mail.raw_chunk")] == there


def test_the_flag_is_set_after_the_bytes_are_committed(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="flag")
    committed: list[int] = []
    real = Mailbox.flag

    def flag(mailbox: Mailbox, uids: list[int], word: str) -> bool:
        committed.append(len(ledger_rows(services)))
        return real(mailbox, uids, word)

    monkeypatch.setattr(Mailbox, "flag", flag)
    poll_mailbox(services, "support")

    assert committed == [1]
    assert ledger_rows(services)[0]["server_done_at"] is not None


def test_a_flag_that_a_crash_left_out_is_set_by_the_next_poll(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="flag")
    flagged: list[str] = []

    def remember(mailbox: Mailbox, uids: list[int], word: str) -> bool:
        flagged.append(word)
        return True

    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "flag", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            poll_mailbox(services, "support")
    execute(services, "UPDATE mail.mailbox SET lease_until = now()")
    monkeypatch.setattr(Mailbox, "flag", remember)

    poll_mailbox(services, "support")

    assert flagged == [FLAG]
    assert ledger_rows(services)[0]["server_done_at"] is not None


def test_mails_are_moved_to_a_folder_that_is_made_for_them(make_services: MakeServices, server: Server) -> None:
    append(server, "one", "two")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="move", MOVE_TO="Taken")

    poll_mailbox(services, "support")

    assert uids(server) == []
    assert len(uids(server, "Taken")) == 2
    assert len(ledger_rows(services)) == 2


def test_a_mail_is_never_marked_as_seen(make_services: MakeServices, server: Server) -> None:
    append(server, "one")
    poll_mailbox(make_services(**mailbox_of(server), FROM_START="true", AFTER="leave"), "support")

    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        unseen = mailbox.client.search(["UNSEEN"])

    assert len(unseen) == 1


def test_two_pollers_never_work_one_mailbox(make_services: MakeServices, server: Server) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true")
    poll_mailbox(services, "support")
    append(server, "two")
    with transaction(services.engine) as session:
        take_lease(session, 1, timedelta(minutes=5))

    polled = poll_mailbox(services, "support")

    assert (polled.stored, polled.trouble) == (0, "another poller has the mailbox")


def test_a_poller_whose_lease_was_taken_over_stores_nothing(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true")
    real = Mailbox.fetch

    def slow(mailbox: Mailbox, *arguments: Any) -> object:
        execute(services, "UPDATE mail.mailbox SET lease_token = gen_random_uuid()")
        return real(mailbox, *arguments)

    monkeypatch.setattr(Mailbox, "fetch", slow)
    polled = poll_mailbox(services, "support")

    assert polled.trouble == "another poller took the mailbox over"
    assert ledger_rows(services) == []


def test_a_mail_that_cannot_be_fetched_gets_a_stub_and_the_next_goes_on(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one", "two", "three")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="move", MOVE_TO="Taken")
    broken = uids(server)[1]
    real = IMAPClient.fetch

    def refuse(client: IMAPClient, wanted: Sequence[int], parts: Sequence[str]) -> object:
        if broken in wanted and "BODY.PEEK[]" in parts:
            raise IMAPClientError("internal error")
        return real(client, wanted, parts)

    monkeypatch.setattr(IMAPClient, "fetch", refuse)
    polled = poll_mailbox(services, "support")

    assert [row["fate"] for row in ledger_rows(services)] == [None, "quarantined", None]
    assert [one.uid for one in polled.unfetched] == uids(server) == [broken]


def test_a_folder_that_cannot_be_moved_to_keeps_no_mail_out(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="move", MOVE_TO="Taken")

    def refuse(*_: object) -> None:
        raise PermanentFailure("no quota")

    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "move", refuse)
        first = poll_mailbox(services, "support")
        append(server, "two")
        second = poll_mailbox(services, "support")
    poll_mailbox(services, "support")

    assert [(one.stored, one.trouble) for one in (first, second)] == [(1, "no quota"), (1, "no quota")]
    assert len(uids(server, "Taken")) == 2


def test_a_poll_stops_in_time_and_the_next_goes_on(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one", "two", "three")
    services = make_services(**mailbox_of(server), FROM_START="true")
    monkeypatch.setattr(store, "CHUNK", 1)
    monkeypatch.setattr(MailboxLease, "is_time_up", True)

    first = poll_mailbox(services, "support")
    rest = poll_to_the_end(services, "support")

    assert (first.stored, first.more) == (1, True)
    assert (rest.stored, rest.more, len(ledger_rows(services))) == (2, False, 3)


def test_a_wrong_password_is_said_in_a_sentence_and_kept(make_services: MakeServices, server: Server) -> None:
    services = make_services(**mailbox_of(server), PASSWORD="wrong")

    polled = poll_mailbox(services, "support")

    assert f"the login of {server.user}" in str(polled.trouble)
    assert query(services, "SELECT trouble, lease_token FROM mail.mailbox") == [
        {"trouble": polled.trouble, "lease_token": None}
    ]


def test_the_bell_is_rung_after_each_chunk(make_services: MakeServices, server: Server) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true")
    rung: list[int] = []

    poll_mailbox(services, "support", after_chunk=lambda: rung.append(len(ledger_rows(services))))

    assert rung == [1]


def test_the_bell_is_rung_when_all_that_is_stored_is_marked_on_the_server(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one", "two")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="flag")
    monkeypatch.setattr(store, "CHUNK", 1)
    marked: list[list[bool]] = []

    poll_mailbox(
        services,
        "support",
        after_chunk=lambda: marked.append([row["server_done_at"] is not None for row in ledger_rows(services)]),
    )

    assert marked == [[True], [True, True]]


@pytest.mark.parametrize("failure", [TemporaryFailure("no luck"), PermanentFailure("no luck")])
def test_the_bell_is_rung_even_where_the_server_cannot_be_marked(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="flag")
    rung: list[list[Any]] = []

    def refuse(*_: object) -> None:
        raise failure

    monkeypatch.setattr(Mailbox, "flag", refuse)
    polled = poll_mailbox(
        services, "support", after_chunk=lambda: rung.append([row["server_done_at"] for row in ledger_rows(services)])
    )

    assert (rung, polled.stored, polled.trouble) == ([[None]], 1, "no luck")
