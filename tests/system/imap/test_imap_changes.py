"""What our IMAP client promises when it flags and moves mails, held against every IMAP server that this machine has."""

import pytest
from imapclient import DELETED, IMAPClient

from mail.imap.mailbox import Mailbox

MAIL = b"From: anna@customer.example\r\nSubject: Hello\r\n\r\nHello\r\n"


def fill(mailbox: Mailbox, amount: int) -> list[int]:
    for _ in range(amount):
        mailbox.append("INBOX", MAIL)
    return mailbox.all_uids()


def test_a_keyword_lasts(mailbox: Mailbox, other_session: IMAPClient) -> None:
    uids = fill(mailbox, 2)

    kept = mailbox.flag(uids[:1], "$Ticketed")

    other_session.noop()
    assert kept
    assert other_session.search(["KEYWORD", "$Ticketed"]) == uids[:1]


def test_a_server_that_keeps_no_keywords_is_not_asked_to(
    mailbox: Mailbox, other_session: IMAPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = fill(mailbox, 1)
    pretend_to_keep_only(mailbox, monkeypatch, (rb"\Seen", rb"\Deleted"))

    kept = mailbox.flag(uids, "$Ticketed")

    other_session.noop()
    assert not kept
    assert other_session.search(["UNKEYWORD", "$Ticketed"]) == uids


def test_a_system_flag_is_set_where_keywords_are_not_kept(
    mailbox: Mailbox, other_session: IMAPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = fill(mailbox, 1)
    pretend_to_keep_only(mailbox, monkeypatch, (rb"\Seen", rb"\Deleted"))

    kept = mailbox.flag(uids, r"\Seen")

    other_session.noop()
    assert kept
    assert other_session.search(["SEEN"]) == uids


# Each server is also taken for a poorer one: without MOVE, and without UIDPLUS.
@pytest.mark.parametrize("lacking", [set(), {"MOVE"}, {"MOVE", "UIDPLUS"}])
def test_moved_mails_lie_in_a_folder_that_did_not_exist(
    mailbox: Mailbox, other_session: IMAPClient, monkeypatch: pytest.MonkeyPatch, lacking: set[str]
) -> None:
    uids = fill(mailbox, 3)
    pretend_lacking(mailbox, monkeypatch, lacking)

    mailbox.move(uids[:2], "Processed")

    assert other_session.select_folder("Processed")[b"EXISTS"] == 2


@pytest.mark.parametrize("lacking", [set(), {"MOVE"}])
def test_moved_mails_leave_their_folder_and_the_others_stay(
    mailbox: Mailbox, other_session: IMAPClient, monkeypatch: pytest.MonkeyPatch, lacking: set[str]
) -> None:
    uids = fill(mailbox, 3)
    other_session.create_folder("Processed")
    pretend_lacking(mailbox, monkeypatch, lacking)

    mailbox.move(uids[:2], "Processed")

    other_session.noop()
    assert other_session.search() == uids[2:]


@pytest.mark.parametrize("lacking", [{"MOVE"}, {"MOVE", "UIDPLUS"}])
def test_moving_never_removes_what_somebody_else_has_marked(
    mailbox: Mailbox, other_session: IMAPClient, monkeypatch: pytest.MonkeyPatch, lacking: set[str]
) -> None:
    uids = fill(mailbox, 2)
    other_session.noop()
    other_session.add_flags([uids[1]], [DELETED], silent=True)
    pretend_lacking(mailbox, monkeypatch, lacking)

    mailbox.move([uids[0]], "Processed")

    other_session.noop()
    assert uids[1] in other_session.search()


def pretend_lacking(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, lacking: set[str]) -> None:
    real = mailbox.client.has_capability
    monkeypatch.setattr(mailbox.client, "has_capability", lambda word: word not in lacking and real(word))


def pretend_to_keep_only(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, flags: tuple[bytes, ...]) -> None:
    real = mailbox.client.select_folder
    monkeypatch.setattr(mailbox.client, "select_folder", lambda folder: real(folder) | {b"PERMANENTFLAGS": flags})
    mailbox.select("INBOX")


def test_a_folder_with_a_name_that_is_not_ascii_can_be_used(mailbox: Mailbox) -> None:
    uids = fill(mailbox, 1)

    mailbox.move(uids, "Erledigt & geprüft")
    mailbox.select("Erledigt & geprüft")

    assert len(mailbox.all_uids()) == 1
