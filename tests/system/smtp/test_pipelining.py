"""MAIL, RCPT and DATA in one flight: quick where the server can, and no mail goes astray where it cannot (RFC 2920)."""

from collections.abc import Iterator, Sequence

import pytest

from mail.smtp.connection import Connection, NotBegun, PipeliningBroke, Refused, open_smtp
from mail.smtp.pipelining import Flight, Next, content, weigh
from tests.support.servers.faulty_smtp import FaultySmtp, account_at, running_faulty_smtp

SENDER, ANN, BOB = "support@desk.example", "ann@customer.example", "bob@customer.example"
MAIL = b"Subject: Hello\r\n\r\nHello\r\n.\r\n..\r\n"
# What stands in the connection's packet where all three go in one.
FLIGHT = f"MAIL FROM:<{SENDER}>\nRCPT TO:<{ANN}>\nDATA".encode()


@pytest.fixture
def server() -> Iterator[FaultySmtp]:
    with running_faulty_smtp() as server:
        server.habits.pipelining = True
        yield server


def test_three_commands_go_in_one_flight_where_the_server_offers_it(server: FaultySmtp, connection: Connection) -> None:
    connection.send(SENDER, ANN, MAIL)
    connection.send(SENDER, ANN, MAIL)

    assert server.packets[1:] == [FLIGHT, FLIGHT]
    assert server.got(ANN) == [MAIL.replace(b"\r\n.", b"\r\n..")] * 2


@pytest.mark.parametrize(("offers", "asks"), [(False, True), (True, False)])
def test_one_by_one_where_it_does_not_or_where_that_is_wanted(server: FaultySmtp, offers: bool, asks: bool) -> None:
    server.habits.pipelining = offers
    with open_smtp(account_at(server), "desk.example", pipelining=asks) as connection:
        connection.send(SENDER, ANN, MAIL)

    assert server.packets[1:4] == FLIGHT.split(b"\n")


@pytest.mark.parametrize("careless", [False, True])
@pytest.mark.parametrize("refusal", ["550 5.1.1 nobody", "451 4.2.1 later", "250"])
def test_a_refused_recipient_gets_nothing_and_the_connection_goes_on(
    server: FaultySmtp, connection: Connection, careless: bool, refusal: str
) -> None:
    server.habits.careless = careless
    if refusal != "250":
        server.habits.refused[ANN] = refusal
        with pytest.raises(Exception, match=refusal[:3]) as raised:
            connection.send(SENDER, ANN, MAIL)
        assert getattr(raised.value, "code", 0) == int(refusal[:3])

    connection.send(SENDER, BOB, MAIL)

    # What ended the DATA that nobody may have: an empty message to nobody.
    assert server.got(ANN) == []
    empty = [((), b"")] if careless and refusal != "250" else []
    assert [(one.recipients, one.content) for one in server.taken[:-1]] == empty
    assert (server.got(BOB) != [], server.connections) == (True, 1)


# Replies to MAIL, RCPT and DATA as the good server gives them, put in another order or number.
MIXED = {
    "the 354 first": lambda replies: [replies[2], *replies[:2]],
    "the 354 second": lambda replies: [replies[0], replies[2], replies[1]],
    "no 354": lambda replies: [*replies[:2], "250 fine"],
    "one too many": lambda replies: ["250 fine", *replies],
    "out of sequence": lambda _: ["503 5.5.0 one at a time"] * 3,
    "a refusal of DATA alone": lambda replies: [*replies[:2], "503 bad sequence"],
    "not known": lambda replies: [replies[0], "500 what?", "500 what?"],
    "MAIL is refused, and DATA is not": lambda replies: ["550 no", *replies[1:]],
}


@pytest.mark.parametrize("mixed", MIXED)
def test_of_a_server_that_mixes_its_replies_up_nobody_gets_anything(
    server: FaultySmtp, connection: Connection, mixed: str
) -> None:
    server.habits.reorder = MIXED[mixed]

    with pytest.raises(PipeliningBroke):
        connection.send(SENDER, ANN, MAIL)

    assert server.taken == []


@pytest.mark.parametrize("fault", ["swallows", "hangs_up"])
def test_a_server_that_loses_what_came_along_is_left_with_nothing_sent(server: FaultySmtp, fault: str) -> None:
    setattr(server.habits, fault, True)

    with (
        open_smtp(account_at(server, timeout=0.3), "desk.example") as connection,
        pytest.raises(PipeliningBroke, match="broke off"),
    ):
        connection.send(SENDER, ANN, MAIL)

    assert server.taken == []


def test_replies_that_come_late_are_waited_for(server: FaultySmtp, connection: Connection) -> None:
    server.habits.late = 0.3

    connection.send(SENDER, ANN, MAIL)

    assert len(server.got(ANN)) == 1


def test_the_last_answer_may_take_longer_than_a_step(server: FaultySmtp) -> None:
    server.habits.slow = 1.0
    with open_smtp(account_at(server, timeout=0.5), "desk.example") as connection:
        connection.send(SENDER, ANN, MAIL)

    assert len(server.got(ANN)) == 1


def test_a_connection_that_did_it_before_is_not_suspected(server: FaultySmtp, connection: Connection) -> None:
    server.habits.mails = 1
    connection.send(SENDER, ANN, MAIL)

    with pytest.raises(NotBegun) as raised:
        connection.send(SENDER, BOB, MAIL)

    assert not isinstance(raised.value, PipeliningBroke)
    assert server.got(BOB) == []


def test_one_by_one_a_250_to_data_is_no_acceptance(server: FaultySmtp) -> None:
    # A reply too many, and every other is taken for that of the command before it.
    server.habits.pipelining = False
    with open_smtp(account_at(server), "desk.example") as connection:
        server.habits.refused[ANN] = "250-x\r\n250 fine\r\n250 fine"

        with pytest.raises(NotBegun):
            connection.send(SENDER, ANN, MAIL)

    assert server.taken == []


def test_a_refusal_stands_where_the_server_closes_behind_it(server: FaultySmtp, connection: Connection) -> None:
    server.habits.refused[ANN] = "550 5.1.1 nobody"
    server.habits.hangs = "RSET"
    server.closing.set()

    with pytest.raises(Refused):
        connection.send(SENDER, ANN, MAIL)


OK, GO = (250, b"fine"), (354, b"go on")
NO, LATER, BYE, WRONG = (550, b"no"), (451, b"later"), (421, b"bye"), (503, b"bad sequence")
WEIGHED: list[tuple[Sequence[tuple[int, bytes]], Flight]] = [
    ([OK, OK, GO], Flight(Next.CONTENT)),
    ([OK, (251, b"it is forwarded"), GO], Flight(Next.CONTENT)),
    ([OK, OK, NO], Flight(Next.REFUSED, 2)),
    ([OK, NO, WRONG], Flight(Next.REFUSED, 1)),
    ([OK, LATER, (554, b"no valid recipients")], Flight(Next.REFUSED, 1)),
    ([NO, WRONG, WRONG], Flight(Next.REFUSED, 0)),
    ([LATER, OK, WRONG], Flight(Next.REFUSED, 0)),
    ([OK, NO, GO], Flight(Next.EMPTY, 1)),
    ([OK, LATER, GO], Flight(Next.EMPTY, 1)),
    ([NO, OK, GO], Flight(Next.BROKEN)),
    ([NO, NO, GO], Flight(Next.BROKEN)),
    ([OK, WRONG, WRONG], Flight(Next.BROKEN)),
    ([OK, OK, WRONG], Flight(Next.BROKEN)),
    ([(550, b"5.5.1 one at a time"), NO, NO], Flight(Next.BROKEN)),
    ([OK, GO, OK], Flight(Next.BROKEN)),
    ([OK, OK, OK], Flight(Next.BROKEN)),
    ([OK, OK, (-1, b"")], Flight(Next.BROKEN)),
    ([(220, b"hello"), OK, OK], Flight(Next.BROKEN)),
    ([OK, OK], Flight(Next.BROKEN)),
    ([BYE], Flight(Next.REFUSED, 0)),
    ([OK, BYE], Flight(Next.REFUSED, 1)),
    ([OK, OK, BYE], Flight(Next.REFUSED, 2)),
]


@pytest.mark.parametrize(("replies", "flight"), WEIGHED)
def test_what_three_replies_say(replies: Sequence[tuple[int, bytes]], flight: Flight) -> None:
    assert weigh(replies) == flight


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (b"", b"\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b"a\r\n.\r\nQUIT\r\n", b"a\r\n..\r\nQUIT\r\n.\r\n"),
        (b"a\r\n..b", b"a\r\n...b\r\n.\r\n"),
    ],
)
def test_no_line_of_a_message_ends_it(message: bytes, sent: bytes) -> None:
    assert content(message) == sent
