"""What our IMAP client promises when it reads, held against every IMAP server that this machine has."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from imapclient import DELETED, IMAPClient
from imapclient.exceptions import IMAPClientError, ProtocolError

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap import mailbox as imap
from mail.imap.batches import Bounds
from mail.imap.mailbox import Fetched, Mailbox, Oversized, Unfetched, open_mailbox
from mail.mime.headers import HEAD_BYTES
from mail.server import Security, Server
from seed.stack.child import free_port

WHEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def mail(subject: str, body: bytes = b"Hello\r\n") -> bytes:
    return b"From: anna@customer.example\r\nSubject: " + subject.encode() + b"\r\n\r\n" + body


def fill(mailbox: Mailbox, amount: int) -> list[int]:
    for number in range(amount):
        mailbox.append("INBOX", mail(f"Mail {number}"), when=WHEN + timedelta(hours=number))
    return mailbox.all_uids()


def test_an_empty_folder_has_no_uids(mailbox: Mailbox) -> None:
    assert mailbox.all_uids() == []


def test_the_last_uid_is_that_of_the_newest_mail(mailbox: Mailbox, other_session: IMAPClient) -> None:
    uids = fill(mailbox, 3)

    other_session.noop()

    assert other_session.search(["UID", "*"]) == uids[-1:]


def test_uids_after_the_newest_mail_are_none_though_the_server_names_the_last(mailbox: Mailbox) -> None:
    uids = fill(mailbox, 2)

    assert mailbox.uids_after(uids[-1]) == []


def test_uids_after_come_oldest_first(mailbox: Mailbox) -> None:
    uids = fill(mailbox, 4)

    assert mailbox.uids_after(uids[0]) == uids[1:] == sorted(uids[1:])


def test_a_mail_that_arrived_since_the_folder_was_opened_is_found(mailbox: Mailbox, other_session: IMAPClient) -> None:
    before = fill(mailbox, 1)

    other_session.append("INBOX", mail("Later"))

    assert len(mailbox.uids_after(before[-1])) == 1


def test_a_large_folder_is_searched_in_slices(
    mailbox: Mailbox, imap_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = fill(mailbox, 7)
    monkeypatch.setattr(imap, "SEARCH_SLICE", 3)

    with open_mailbox(imap_server) as reopened:
        reopened.select("INBOX")
        found = reopened.uids_after(uids[1])

    assert found == uids[2:]


def test_a_fetched_mail_is_byte_by_byte_what_was_put_there(mailbox: Mailbox) -> None:
    raw = mail("Bytes", b"\xff\xfe caf\xe9 \r\n.\r\n")
    mailbox.append("INBOX", raw)

    (fetched,) = mailbox.fetch(mailbox.all_uids())

    assert isinstance(fetched, Fetched)
    assert fetched.raw == raw


def test_a_fetched_mail_says_where_it_lies_and_when_it_came(mailbox: Mailbox) -> None:
    uidvalidity = mailbox.select("INBOX")
    uids = fill(mailbox, 1)

    (fetched,) = mailbox.fetch_after(0)

    assert isinstance(fetched, Fetched)
    assert (fetched.folder, fetched.uidvalidity, fetched.uid) == ("INBOX", uidvalidity, uids[0])
    assert fetched.internaldate == WHEN
    assert fetched.internaldate.utcoffset() == timedelta(0)


def test_fetching_leaves_a_mail_unseen(mailbox: Mailbox, other_session: IMAPClient) -> None:
    uids = fill(mailbox, 1)

    list(mailbox.fetch(uids))

    other_session.noop()
    assert other_session.search(["UNSEEN"]) == uids


@pytest.mark.parametrize("bounds", [Bounds(count=2), Bounds(size=150), Bounds(size=1)])
def test_mails_come_in_order_whatever_the_bounds(mailbox: Mailbox, bounds: Bounds) -> None:
    uids = fill(mailbox, 5)

    fetched = [one.uid for one in mailbox.fetch(uids, bounds)]

    assert fetched == uids


def test_a_mail_of_six_megabytes_arrives_whole(mailbox: Mailbox) -> None:
    raw = mail("Large", b"0123456789abcdef" * 16 * 4 + b"\r\n") * 6000
    mailbox.append("INBOX", raw)

    (fetched,) = mailbox.fetch_after(0)

    assert isinstance(fetched, Fetched)
    assert hashlib.sha256(fetched.raw).digest() == hashlib.sha256(raw).digest()


def test_a_mail_larger_than_we_take_is_named_and_its_neighbours_come(mailbox: Mailbox) -> None:
    mailbox.append("INBOX", mail("Small"))
    mailbox.append("INBOX", mail("Large", b"x" * 5000))
    mailbox.append("INBOX", mail("Small"))

    kinds = [type(one) for one in mailbox.fetch_after(0, Bounds(largest=4000))]

    assert kinds == [Fetched, Oversized, Fetched]


def test_of_a_mail_larger_than_we_take_only_the_headers_come(mailbox: Mailbox) -> None:
    raw = mail("Large", b"x" * 5000)
    mailbox.append("INBOX", raw, when=WHEN)

    (large,) = mailbox.fetch_after(0, Bounds(largest=4000))

    assert isinstance(large, Oversized)
    assert (large.head, large.size, large.internaldate) == (mail("Large", b""), len(raw), WHEN)


def test_of_endless_headers_only_the_beginning_comes(mailbox: Mailbox) -> None:
    mailbox.append("INBOX", b"X-Long: " + b"y" * 900 + b"\r\n" + b"".join([b" z" * 400 + b"\r\n"] * 200) + b"\r\nHello")

    (large,) = mailbox.fetch_after(0, Bounds(largest=4000))

    assert isinstance(large, Oversized)
    assert len(large.head) == HEAD_BYTES


def test_no_log_repeats_what_a_mail_says(mailbox: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mailbox.append("INBOX", mail("Hi", b"My password is swordfish.\r\n"))

    (fetched,) = mailbox.fetch_after(0, Bounds())

    assert isinstance(fetched, Fetched)
    assert b"swordfish" in fetched.raw
    assert "swordfish" not in caplog.text


def test_a_folder_says_when_each_mail_came(mailbox: Mailbox) -> None:
    uids = fill(mailbox, 3)

    dates = mailbox.dates([*uids, uids[-1] + 100])

    assert dates == {uid: WHEN + timedelta(hours=number) for number, uid in enumerate(uids)}


@pytest.mark.parametrize("trouble", ["refuses", "garbles", "leaves out"])
def test_a_mail_that_the_server_cannot_hand_over_is_named_and_its_neighbours_come(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    uids = fill(mailbox, 3)
    monkeypatch.setattr(mailbox.client, "fetch", damaged(mailbox.client, uids[1], trouble))

    brought = list(mailbox.fetch(uids))

    assert [(type(one), one.uid) for one in brought] == list(zip([Fetched, Unfetched, Fetched], uids, strict=True))


def damaged(client: IMAPClient, bad: int, trouble: str) -> Callable[[list[int], list[str]], dict[int, object]]:
    """Make the library's FETCH as it is on a server that has trouble with one mail."""
    whole = client.fetch

    def fetch(uids: list[int], parts: list[str]) -> dict[int, object]:
        if bad in uids and trouble == "refuses":
            raise IMAPClientError("fetch failed: The message cannot be read")
        if bad in uids and trouble == "garbles":
            raise ProtocolError("Tuple incomplete")
        return {uid: mail for uid, mail in whole(uids, parts).items() if uid != bad}

    return fetch


def test_a_mail_deleted_between_list_and_fetch_is_left_out(mailbox: Mailbox, other_session: IMAPClient) -> None:
    uids = fill(mailbox, 3)

    delete(other_session, uids[1:2])
    fetched = [one.uid for one in mailbox.fetch(uids) if isinstance(one, Fetched)]

    assert fetched == [uids[0], uids[2]]


def test_a_mail_deleted_between_list_and_fetch_is_no_error(mailbox: Mailbox, other_session: IMAPClient) -> None:
    uids = fill(mailbox, 2)

    delete(other_session, uids)

    assert list(mailbox.fetch(uids)) == []


def test_uidvalidity_stays_while_the_folder_does(imap_server: Server, mailbox: Mailbox) -> None:
    first = mailbox.select("INBOX")

    with open_mailbox(imap_server) as again:
        second = again.select("INBOX")

    assert first == second > 0


def test_uidvalidity_changes_when_the_folder_is_made_anew(mailbox: Mailbox, other_session: IMAPClient) -> None:
    other_session.create_folder("Old")
    first = mailbox.select("Old")
    mailbox.select("INBOX")

    other_session.delete_folder("Old")
    other_session.create_folder("Old")

    assert mailbox.select("Old") != first


def test_a_folder_that_is_missing_is_a_permanent_failure_with_its_name(mailbox: Mailbox) -> None:
    with pytest.raises(PermanentFailure, match="'Nowhere'"):
        mailbox.select("Nowhere")


def test_a_wrong_password_is_a_permanent_failure_with_user_and_server(imap_server: Server) -> None:
    wrong = replace(imap_server, password="wrong")

    with (
        pytest.raises(PermanentFailure, match=f"{imap_server.user} at 127.0.0.1:{imap_server.port}"),
        open_mailbox(wrong),
    ):
        pass


def test_a_lost_connection_is_a_temporary_failure(mailbox: Mailbox) -> None:
    mailbox.client.socket().shutdown(2)

    with pytest.raises(TemporaryFailure):
        mailbox.all_uids()


def test_a_port_where_nobody_listens_is_a_temporary_failure_with_its_number() -> None:
    port = free_port()
    nobody = Server("127.0.0.1", port, Security.PLAIN, "anna", "demo", timeout=5)

    with pytest.raises(TemporaryFailure, match=f"127.0.0.1:{port} cannot be reached"), open_mailbox(nobody):
        pass


def test_a_password_is_not_sent_to_another_machine_in_the_clear() -> None:
    remote = Server("192.0.2.1", 143, Security.PLAIN, "anna", "demo", timeout=5)

    with pytest.raises(PermanentFailure, match="without TLS"), open_mailbox(remote):
        pass


def delete(other_session: IMAPClient, uids: list[int]) -> None:
    other_session.noop()
    other_session.add_flags(uids, [DELETED], silent=True)
    other_session.uid_expunge(uids)
