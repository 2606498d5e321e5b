"""Polling takes each mail of a real IMAP server into the ledger once, raw bytes first."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest

from mail.imap import Mailbox, open_mailbox
from mail.imap_chunks import Bounds
from mail.server import Security, Server
from models.mailboxes import take_lease
from seed.mailserver import MailServer
from tests.offices import a_raw_mail, an_office, rows, run
from worker import poll
from worker.office import Office
from worker.poll import FLAG, poll_mailbox
from worker.transaction import transaction

BOXES = count(1)
OpenOffice = Callable[..., Office]


@pytest.fixture
def server(mail_server: MailServer) -> Server:
    """A mailbox of its own for each test."""
    user = f"poll{next(BOXES)}@desk.example"
    return Server(mail_server.host, mail_server.imap_port, Security.PLAIN, user, mail_server.password)


@pytest.fixture
def open_office(fresh_database: str, server: Server) -> Iterator[OpenOffice]:
    opened: list[Office] = []

    def make(**further: str) -> Office:
        place = {"HOST": server.host, "PORT": str(server.port), "USER": server.user} | further
        settings = {f"MAILBOX__SUPPORT__{name}": value for name, value in place.items()}
        opened.append(an_office(fresh_database, **settings))
        return opened[-1]

    yield make
    for office in opened:
        office.engine.dispose()


def append(server: Server, *bodies: str) -> None:
    with open_mailbox(server) as mailbox:
        for body in bodies:
            mailbox.append("INBOX", a_raw_mail(body, message_id=f"<{body}@x>"))


def ledger(office: Office) -> list[dict[str, object]]:
    return rows(office, "SELECT * FROM mail.ledger WHERE fate IS DISTINCT FROM 'baseline' ORDER BY id")


def uids(server: Server, folder: str = "INBOX") -> list[int]:
    with open_mailbox(server) as mailbox:
        mailbox.select(folder)
        return mailbox.all_uids()


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


def test_polling_again_neither_fetches_nor_stores_again(open_office: OpenOffice, server: Server) -> None:
    append(server, "one")
    office = open_office(FROM_START="true")

    again = [poll_mailbox(office, "support") for _ in range(3)]

    assert [(polled.stored, polled.known) for polled in again] == [(1, 0), (0, 0), (0, 0)]


def test_the_raw_bytes_are_the_servers(open_office: OpenOffice, server: Server) -> None:
    append(server, "one")
    office = open_office(FROM_START="true")
    poll_mailbox(office, "support")

    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        there = [mail.raw for mail in mailbox.fetch_after(0) if hasattr(mail, "raw")]

    assert [row["content"] for row in rows(office, "SELECT content FROM mail.raw_chunk")] == there


def test_the_flag_is_set_after_the_bytes_are_committed(
    open_office: OpenOffice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    office = open_office(FROM_START="true", AFTER="flag")
    committed: list[int] = []
    real = Mailbox.flag

    def flag(mailbox: Mailbox, uids: list[int], word: str) -> bool:
        committed.append(len(ledger(office)))
        return real(mailbox, uids, word)

    monkeypatch.setattr(Mailbox, "flag", flag)
    poll_mailbox(office, "support")

    assert committed == [1]
    assert ledger(office)[0]["server_done_at"] is not None


def test_a_flag_that_a_crash_left_out_is_set_by_the_next_poll(
    open_office: OpenOffice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    office = open_office(FROM_START="true", AFTER="flag")
    flagged: list[str] = []

    def remember(mailbox: Mailbox, uids: list[int], word: str) -> bool:
        flagged.append(word)
        return True

    with monkeypatch.context() as patch:
        patch.setattr(poll, "_leave_mark", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            poll_mailbox(office, "support")
    run(office, "UPDATE mail.mailbox SET lease_until = now()")
    monkeypatch.setattr(Mailbox, "flag", remember)

    poll_mailbox(office, "support")

    assert flagged == [FLAG]
    assert ledger(office)[0]["server_done_at"] is not None


def test_mails_are_moved_to_a_folder_that_is_made_for_them(open_office: OpenOffice, server: Server) -> None:
    append(server, "one", "two")
    office = open_office(FROM_START="true", AFTER="move", MOVE_TO="Taken")

    poll_mailbox(office, "support")

    assert uids(server) == []
    assert len(uids(server, "Taken")) == 2
    assert len(ledger(office)) == 2


def test_a_mail_is_never_marked_as_seen(open_office: OpenOffice, server: Server) -> None:
    append(server, "one")
    poll_mailbox(open_office(FROM_START="true", AFTER="leave"), "support")

    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        unseen = mailbox._client.search(["UNSEEN"])

    assert len(unseen) == 1


def test_two_pollers_never_work_one_mailbox(open_office: OpenOffice, server: Server) -> None:
    append(server, "one")
    office = open_office(FROM_START="true")
    poll_mailbox(office, "support")
    append(server, "two")
    with transaction(office.engine) as session:
        take_lease(session, 1, timedelta(minutes=5))

    polled = poll_mailbox(office, "support")

    assert (polled.stored, polled.trouble) == (0, "another poller has the mailbox")


def test_a_poller_whose_lease_was_taken_over_stores_nothing(
    open_office: OpenOffice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    office = open_office(FROM_START="true")
    real = Mailbox.fetch_after

    def slow(mailbox: Mailbox, uid: int) -> object:
        run(office, "UPDATE mail.mailbox SET lease_token = gen_random_uuid()")
        return real(mailbox, uid)

    monkeypatch.setattr(Mailbox, "fetch_after", slow)
    polled = poll_mailbox(office, "support")

    assert polled.trouble == "another poller took the mailbox over"
    assert ledger(office) == []


def test_a_mail_that_cannot_be_fetched_gets_a_stub_and_the_next_goes_on(
    open_office: OpenOffice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "big" * 2000, "small")
    office = open_office(FROM_START="true")
    real = Mailbox.fetch_after
    monkeypatch.setattr(Mailbox, "fetch_after", lambda mailbox, uid: real(mailbox, uid, Bounds(largest=3000)))

    poll_mailbox(office, "support")

    assert [row["fate"] for row in ledger(office)] == ["quarantined", None]
    assert "could not be taken from the server" in str(ledger(office)[0]["reason"])
    assert len(uids(server)) == 2


def test_a_wrong_password_is_said_in_a_sentence_and_kept(open_office: OpenOffice, server: Server) -> None:
    office = open_office(PASSWORD="wrong")

    polled = poll_mailbox(office, "support")

    assert f"the login of {server.user}" in str(polled.trouble)
    assert rows(office, "SELECT trouble, lease_token FROM mail.mailbox") == [
        {"trouble": polled.trouble, "lease_token": None}
    ]


def test_the_bell_is_rung_after_each_chunk(open_office: OpenOffice, server: Server) -> None:
    append(server, "one")
    office = open_office(FROM_START="true")
    rung: list[int] = []

    poll_mailbox(office, "support", after_chunk=lambda: rung.append(len(ledger(office))))

    assert rung == [1]
