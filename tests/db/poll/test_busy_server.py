"""A server that speaks of itself charges no mail: throttling, limits, log-in state, faults of its own; and ID."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from mail.failures import PermanentFailure, ServerBusy
from mail.imap.busy import LONGEST_SECONDS, busy_of
from mail.imap.mailbox import open_mailbox
from tests.support.database.services import MakeServices, execute, query
from tests.support.servers.faulty_imap import FaultyServer, running_faulty_imap
from tests.support.servers.mailboxes import ledger_rows
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services

THROTTLED = "NO Request is throttled. Suggested Backoff Time: 299961 milliseconds"
# What servers say of themselves, and for how many seconds they ask to be left alone.
OF_THE_SERVER = {
    THROTTLED: 299.961,
    "BAD Request is throttled. Suggested Backoff Time: 1500 milliseconds": 1.5,
    "NO [THROTTLED] Rate limit hit. Please retry after 30 seconds": 30,
    "NO [LIMIT] Account exceeded command or bandwidth limits. (Failure)": None,
    "NO Too many simultaneous connections. Try again in 5 minutes": 300,
    "NO [OVERQUOTA] Account exceeded bandwidth limits.": None,
    "NO [INUSE] Mailbox is locked by another session": None,
    "BAD User is authenticated but not connected.": None,
    "NO Not logged in": None,
    "NO Session has expired, please log in again": None,
    "NO Server busy, backoff time: 99999999999 seconds": LONGEST_SECONDS,
}
# What a server says of itself, and perhaps of one mail that it cannot read.
PERHAPS_OF_THE_MAIL = (
    "NO [SERVERBUG] Internal error occurred. Refer to server log for more information.",
    "NO [UNAVAILABLE] Temporary authentication failure.",
    "NO Server Unavailable. 15",
    "NO The service is temporarily unavailable",
)
OF_A_MAIL = (
    "NO Message is corrupt",
    "NO internal error",
    "NO [EXPUNGEISSUED] Some of the requested messages no longer exist",
    "BAD Could not parse command",
    "NO [NONEXISTENT] Unknown Mailbox: Support",
    "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
    "NO [NOPERM] Access denied",
)


@pytest.fixture
def crooked() -> Iterator[FaultyServer]:
    with running_faulty_imap() as crooked:
        crooked.fill(*range(1, 6))
        yield crooked


@pytest.fixture
def services(make_services: MakeServices, crooked: FaultyServer) -> Services:
    return make_services(FROM_START="true", HOST="127.0.0.1", PORT=str(crooked.port), LIMITS__STEP_SECONDS="2")


def let_the_pause_end(services: Services) -> None:
    execute(services, "UPDATE mail.mailbox SET lease_until = now() - interval '1 second' WHERE lease_token IS NULL")


def uids_of(crooked: FaultyServer) -> list[int]:
    with open_mailbox(crooked.server()) as mailbox:
        mailbox.select("INBOX")
        return mailbox.all_uids()


@pytest.mark.parametrize("words", [*OF_THE_SERVER, *PERHAPS_OF_THE_MAIL])
def test_a_server_that_speaks_of_itself_charges_no_mail_however_often(
    services: Services, crooked: FaultyServer, words: str
) -> None:
    crooked.refusals["FETCH"] = words
    for _ in range(7):
        polled = poll_mailbox(services, "support")
        let_the_pause_end(services)
        assert (polled.stored, polled.unfetched) == (0, ())
        assert polled.trouble

    crooked.refusals.clear()
    poll_mailbox(services, "support")
    poll_mailbox(services, "support")

    assert {row["uid"]: row["fate"] for row in ledger_rows(services)} == dict.fromkeys(range(1, 6))


@pytest.mark.parametrize("words", [*OF_THE_SERVER, *PERHAPS_OF_THE_MAIL])
def test_the_only_mail_of_a_folder_is_not_charged_either(services: Services, crooked: FaultyServer, words: str) -> None:
    crooked.mails = {9: crooked.mails[1]}
    crooked.refusals["FETCH"] = words

    for _ in range(6):
        poll_mailbox(services, "support")
        let_the_pause_end(services)

    assert ledger_rows(services) == []


@pytest.mark.parametrize("words", PERHAPS_OF_THE_MAIL)
def test_a_mail_that_the_server_cannot_read_keeps_no_other_out(
    services: Services, crooked: FaultyServer, words: str
) -> None:
    crooked.bad_words[3] = words

    for _ in range(7):
        poll_mailbox(services, "support")

    fates = {row["uid"]: row["fate"] for row in ledger_rows(services)}
    assert fates == {uid: "quarantined" if uid == 3 else None for uid in range(1, 6)}


def test_the_time_that_the_server_names_is_kept(services: Services, crooked: FaultyServer) -> None:
    crooked.refusals["FETCH"] = THROTTLED
    poll_mailbox(services, "support")
    (row,) = query(services, "SELECT lease_until - now() AS pause, trouble FROM mail.mailbox")
    came = len(crooked.commands)

    polled = poll_mailbox(services, "support")

    assert timedelta(seconds=290) < row["pause"] < timedelta(seconds=300)
    assert "throttled" in row["trouble"]
    assert "asked to be left alone until" in str(polled.trouble)
    assert len(crooked.commands) == came


@pytest.mark.parametrize(("words", "seconds"), OF_THE_SERVER.items())
def test_what_a_server_says_of_itself_and_for_how_long(words: str, seconds: float | None) -> None:
    busy = busy_of("it did not fetch", words)

    assert busy is not None
    assert not busy.maybe_the_mail
    assert busy.seconds == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("words", PERHAPS_OF_THE_MAIL)
def test_what_a_server_says_of_itself_or_of_a_mail(words: str) -> None:
    busy = busy_of("it did not fetch", words)

    assert busy is not None
    assert busy.maybe_the_mail


@pytest.mark.parametrize("words", OF_A_MAIL)
def test_what_a_server_says_of_a_mail_a_folder_or_a_login_is_no_word_about_itself(words: str) -> None:
    assert busy_of("it did not fetch", words) is None


@pytest.mark.parametrize("step", ["LOGIN", "SELECT", "SEARCH", "NOOP"])
def test_a_throttled_command_of_any_kind_is_a_passing_failure(crooked: FaultyServer, step: str) -> None:
    crooked.refusals[step] = THROTTLED

    with pytest.raises(ServerBusy):
        uids_of(crooked)


def test_a_server_that_refuses_flags_for_its_limits_keeps_no_mail_out(
    make_services: MakeServices, crooked: FaultyServer
) -> None:
    crooked.refusals["STORE"] = "NO [LIMIT] Too many flags"
    place = {"HOST": "127.0.0.1", "PORT": str(crooked.port)}
    services = make_services(FROM_START="true", AFTER="flag", **place)
    poll_mailbox(services, "support")
    crooked.fill(6)

    poll_mailbox(services, "support")

    assert [row["uid"] for row in ledger_rows(services)] == [1, 2, 3, 4, 5, 6]


def test_a_server_that_lists_id_is_told_who_we_are(services: Services, crooked: FaultyServer) -> None:
    crooked.capabilities = "ID"

    polled = poll_mailbox(services, "support")

    said = [command for command in crooked.commands if command.startswith("ID ")]
    assert polled.stored == 5
    assert len(said) == 1
    assert '"name" "SupportDesk"' in said[0]


def test_a_server_without_id_is_not_told(services: Services, crooked: FaultyServer) -> None:
    poll_mailbox(services, "support")

    assert not any(command.startswith("ID") for command in crooked.commands)


@pytest.mark.parametrize("words", ["NO go away", "BAD what is this"])
def test_a_server_that_does_not_take_our_id_is_read_all_the_same(crooked: FaultyServer, words: str) -> None:
    crooked.capabilities, crooked.refusals["ID"] = "ID", words

    assert uids_of(crooked) == [1, 2, 3, 4, 5]


def test_a_wrong_password_is_no_passing_failure(crooked: FaultyServer) -> None:
    crooked.refusals["LOGIN"] = "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"

    with pytest.raises(PermanentFailure), open_mailbox(crooked.server()):
        pass
