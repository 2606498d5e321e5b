"""`supportdesk doctor --round-trip` sends each mailbox two mails of its own, and says what the servers made of them."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import OperationalError

from desk.tokens import MARK_HEADER, own_mark
from mail.failures import PermanentFailure
from mail.imap.mailbox import Mailbox, open_mailbox
from mail.server import Server
from models.db.clock import read_clock
from seed.stack.child import free_port
from tests.support.database.services import (
    ADMIN,
    AGENT,
    EXAMPLE,
    SECRET,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    mailbox_of,
    process,
    query,
)
from tests.support.servers.mailboxes import uids
from worker.admin.doctor.finding import Finding
from worker.announce.run import announce_due
from worker.cli.setup import own_mail
from worker.cli.setup.round_trip import round_trips
from worker.intake.run import receive_due
from worker.poll.run import FLAG, poll_mailbox
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

Edit = Callable[[bytes], bytes]
PART = "round trip of mailbox support"
PLUS = "plus addressing of mailbox support"
RESULTS = "Authentication-Results in mailbox support"
FROM = "From of mailbox support"
ARRIVED = r"A mail to \S+ arrived after \d+\.\d seconds\."


@dataclass(slots=True)
class Relay:
    """An outgoing server whose mails come into a mailbox as it `edit`s them; `then` is done after each.

    It refuses recipients with a `refused` word, and loses mails to those with a `lost` one.
    """

    mailbox: Server
    port: int
    edit: Edit = bytes
    refused: str = "no such word"
    lost: str = "no such word"
    then: Callable[[], object] = lambda: None

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _: list[str]) -> str:  # noqa: N802
        if self.refused in to:
            return "550 5.1.1 nobody has that address"
        envelope.rcpt_tos.append(to)
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.lost not in envelope.rcpt_tos[0]:
            await asyncio.to_thread(self._deliver, envelope.content)
        return "250 taken"

    def _deliver(self, raw: bytes) -> None:
        with open_mailbox(self.mailbox) as mailbox:
            mailbox.append("INBOX", self.edit(raw))
        self.then()


@contextmanager
def running(relay: Relay) -> Iterator[Relay]:
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


@pytest.fixture
def relay(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """The outgoing server, of whose mails the second is not waited for long."""
    for name, seconds in (("PAUSE", 0.02), ("SECOND_SECONDS", 0.3)):
        monkeypatch.setattr(own_mail, name, seconds)
    with running(Relay(server, free_port())) as relay:
        yield relay


MakeDesk = Callable[..., Services]


@pytest.fixture
def make_desk(make_services: MakeServices, server: Server, relay: Relay) -> MakeDesk:
    """A desk whose mailbox was read before, so that what comes from now on is for intake."""

    def make(**settings: str) -> Services:
        outgoing = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(relay.port)}
        services = make_services(ADMIN, AGENT, **mailbox_of(server), ADDRESS=server.user, **outgoing, **settings)
        poll_mailbox(services, "support")
        return services

    return make


def trip(services: Services, within: float = 5) -> dict[str, Finding]:
    return {one.part: one for one in round_trips(services, within)}


def test_all_is_well(make_desk: MakeDesk) -> None:
    found = trip(make_desk())

    assert list(found) == [PART, PLUS, RESULTS, FROM]
    assert not any(one.trouble or one.advice for one in found.values())
    assert re.fullmatch(ARRIVED, found[PART].found)
    assert re.fullmatch(ARRIVED.replace(r"\S+", r"poll\d+\+try\w+@desk\.example"), found[PLUS].found)
    assert found[RESULTS].found.startswith("The mail carries no Authentication-Results")
    assert "as it was sent" in found[FROM].found


def another_from(raw: bytes) -> bytes:
    return re.sub(rb"(?m)^From: .*$", b"From: Login <login@provider.example>\r", raw)


def another_id(raw: bytes) -> bytes:
    return re.sub(rb"(?m)^Message-ID: .*$", b"Message-ID: <%x@provider.example>\r" % abs(hash(raw)), raw)


def test_a_server_that_changes_from_is_named(relay: Relay, make_desk: MakeDesk, server: Server) -> None:
    relay.edit = another_from

    said = trip(make_desk())[FROM].trouble

    assert said.startswith(f"Mail is sent as {server.user} and arrives as login@provider.example, so people answer")
    assert f"127.0.0.1:{relay.port}" in said


KEPT: dict[str, Edit] = {
    "as they were sent": bytes,
    "with another From": another_from,
    "with another Message-ID": another_id,
    "with both": lambda raw: another_id(another_from(raw)),
}


@pytest.mark.parametrize("kept", KEPT)
def test_intake_knows_them_for_ours_and_does_nothing(kept: str, relay: Relay, make_desk: MakeDesk) -> None:
    relay.edit = KEPT[kept]
    services = make_desk(AFTER="leave")

    found = trip(services)
    poll_mailbox(services, "support")
    receive_due(services)
    announce_due(services)

    rules = query(services, "SELECT fate, evidence->>'rule' AS rule FROM mail.ledger WHERE fate <> 'baseline'")
    assert found[PART].found
    assert rules == [{"fate": "not_applied", "rule": "round_trip"}] * 2
    left = 'SELECT (SELECT count(*) FROM "Ticket") + (SELECT count(*) FROM mail.outbox) AS n'
    assert query(services, left) == [{"n": 0}]


def flagged(server: Server) -> int:
    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        return len(mailbox.client.search(["KEYWORD", FLAG]))


MOVED = {"AFTER": "move", "MOVE_TO": "Taken"}
# What `after` says, and how many mails are in the folder afterwards, flagged there, and moved.
AFTER: list[tuple[dict[str, str], tuple[int, int, int]]] = [
    ({"AFTER": "leave"}, (2, 0, 0)),
    ({"AFTER": "flag"}, (2, 2, 0)),
    (MOVED, (0, 0, 2)),
]


@pytest.mark.parametrize(("settings", "left"), AFTER)
def test_they_end_as_other_mails_do(
    settings: dict[str, str], left: tuple[int, int, int], make_desk: MakeDesk, server: Server
) -> None:
    trip(make_desk(**settings))

    moved = len(uids(server, "Taken")) if settings == MOVED else 0
    assert (len(uids(server)), flagged(server), moved) == left


def test_what_a_poller_takes_out_of_the_folder_first_is_seen_in_the_ledger(relay: Relay, make_desk: MakeDesk) -> None:
    services = make_desk(**MOVED)
    relay.then = lambda: poll_mailbox(services, "support")

    found = trip(services)

    assert (found[PART].found != "", found[PLUS].found != "") == (True, True)


def test_a_server_that_refuses_plus_addresses_is_told_once(relay: Relay, make_desk: MakeDesk, server: Server) -> None:
    relay.refused = "+try"

    said = trip(make_desk())

    assert ("nobody has that address" in said[PLUS].trouble, "is true" in said[PLUS].trouble) == (True, True)
    assert (said[PART].found != "", len(uids(server))) == (True, 1)


def test_a_server_that_moves_nothing_is_named(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermanentFailure("the server did not create folder 'Taken'")

    services = make_desk(**MOVED)
    monkeypatch.setattr(Mailbox, "move", refuse)

    said = trip(services)["after of mailbox support"].trouble

    assert said == "The mails stay as they came, although after is \"move\": the server did not create folder 'Taken'."


def test_where_the_database_goes_away_meanwhile_the_folder_still_shows_them(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("it is away"))

    services = make_desk()
    monkeypatch.setattr("worker.cli.setup.round_trip.latest_heads", away)

    assert trip(services)[PART].found


def test_an_outgoing_server_that_does_not_take_the_mail_is_named_with_its_words(
    relay: Relay, make_desk: MakeDesk, server: Server
) -> None:
    relay.refused = "@"

    (found,) = trip(make_desk()).values()

    assert re.search(f"^The {PART} failed: .*nobody has that address.*{server.user}", found.trouble)


def test_a_mail_that_never_comes_is_waited_for_no_longer_than_was_said(relay: Relay, make_desk: MakeDesk) -> None:
    relay.lost = "@"
    services = make_desk()

    (found,) = trip(services, within=0.2).values()

    assert "did not arrive in its folder INBOX within 0 seconds. Look for it in the folder of spam" in found.trouble


# A server that is not there, and a login that it refuses.
REFUSALS: dict[str, tuple[dict[str, str], str]] = {
    "SMTP is away": ({"SMTP__PORT": "1"}, "127.0.0.1:1 cannot be reached over SMTP: Connection refused."),
    "IMAP is away": ({"PORT": "1"}, "127.0.0.1:1 cannot be reached over IMAP: Connection refused."),
    "IMAP refuses the login": ({"PASSWORD": "wrong"}, f"The {PART} failed: the login of poll"),
    "there is no such folder": ({"FOLDER": "Nowhere"}, f"The {PART} failed: folder 'Nowhere' of"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_server_that_refuses_is_one_sentence(
    refusal: str, make_services: MakeServices, server: Server, relay: Relay
) -> None:
    settings, sentence = REFUSALS[refusal]
    usual = {**mailbox_of(server), "ADDRESS": server.user, "SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(relay.port)}

    (found,) = trip(make_services(**{**usual, **settings})).values()

    assert sentence in found.trouble
    assert uids(server) == []


@pytest.fixture
def doctor(
    supportdesk: Supportdesk, server: Server, relay: Relay, make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[str]]]:
    """The command alone with its round trip: its exit status and lines."""
    make_desk()
    mailbox = {f"MAILBOX__SUPPORT__{name}": value for name, value in mailbox_of(server).items()}
    settings = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(relay.port), "DESK__SECRET_KEY": SECRET,
                "MAILBOX__SUPPORT__PASSWORD": server.password, "MAILBOX__SUPPORT__ADDRESS": server.user}  # fmt: skip
    for name, value in (mailbox | settings).items():
        monkeypatch.setenv(f"SUPPORTDESK_{name}", value)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr("worker.admin.doctor.run.look_over", lambda _: iter(()))

    def run(*words: str) -> tuple[int, list[str]]:
        done = supportdesk("--config", EXAMPLE, "doctor", "--round-trip", *words)
        return done.exit_code, done.output.strip().splitlines()

    return run


def test_the_command_says_it_in_sentences_and_ends_with_0(doctor: Callable[..., tuple[int, list[str]]]) -> None:
    status, lines = doctor()

    assert (status, len(lines)) == (0, 4)
    assert re.fullmatch(f"{PART}: {ARRIVED}", lines[0])


def test_the_command_ends_with_1_where_something_is_wrong(
    doctor: Callable[..., tuple[int, list[str]]], relay: Relay
) -> None:
    relay.lost = "@"

    status, lines = doctor("--within", "1")

    assert (status, len(lines)) == (1, 1)


def test_ctrl_c_while_it_waits_is_one_sentence(
    doctor: Callable[..., tuple[int, list[str]]], relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(_: float) -> None:
        raise KeyboardInterrupt

    relay.lost = "@"
    monkeypatch.setattr("worker.cli.setup.own_mail.time.sleep", pressed)

    status, lines = doctor()

    assert (status, lines) == (130, [lines[-1]])
    assert lines[-1].startswith("Stopped by Ctrl-C")


def test_each_mail_has_a_mark_of_its_own(relay: Relay, make_desk: MakeDesk, server: Server) -> None:
    trip(make_desk())

    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        raws = [mail.raw for mail in mailbox.fetch_after(0) if hasattr(mail, "raw")]
    marks = {re.search(rf"(?m)^{MARK_HEADER}: (.+?)\r?$".encode(), raw) for raw in raws}
    assert len({mark[1] for mark in marks if mark}) == 2


def test_a_mark_that_somebody_has_seen_swallows_nobodys_mail(services: Services) -> None:
    """A stranger sends a copy of Ann's mail ahead, under a mark of the desk that is good still."""
    with transaction(services.engine, quiet=True) as session:
        at = int(read_clock(session).timestamp())
    hers = a_raw_mail("Where is my parcel?")
    mark = own_mark(services.policy.keys, at, "a1b2")

    copy = process(services, f"{MARK_HEADER}: {mark}\r\n".encode() + hers)
    mail = process(services, hers)

    assert (copy["fate"], copy["evidence"]["rule"]) == ("not_applied", "round_trip")
    assert (mail["fate"], mail["evidence"]["rule"]) == ("applied", "new_ticket")
