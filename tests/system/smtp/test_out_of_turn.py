"""Replies that come late, in pieces, cut off or unasked: none is taken for the answer to something else."""

from collections.abc import Iterator

import pytest

from mail.failures import TemporaryFailure
from mail.smtp.connection import Connection, Deferred, NotBegun, PipeliningBroke, Refused, Sent, open_smtp
from tests.support.servers.faulty_smtp import FaultySmtp, account_at, running_faulty_smtp

SENDER, ANN, BOB = "support@desk.example", "ann@customer.example", "bob@customer.example"
MAIL = b"Subject: Hello\r\n\r\nHello\r\n"


@pytest.fixture(params=[False, True], ids=["one by one", "in one flight"])
def server(request: pytest.FixtureRequest) -> Iterator[FaultySmtp]:
    with running_faulty_smtp() as server:
        server.habits.pipelining = request.param
        yield server


@pytest.mark.parametrize(
    "unasked", ["250 taken once more", "250-and\r\n250 more", "550 no", "354 go on", "?", "250 a\r\n250 b"]
)
def test_what_comes_unasked_behind_an_answer_is_not_the_answer_to_the_next_mail(
    server: FaultySmtp, connection: Connection, unasked: str
) -> None:
    server.habits.unasked["dot"] = unasked
    server.habits.refused[BOB] = "550 5.1.1 nobody"

    first = connection.send(SENDER, ANN, MAIL)
    with pytest.raises(Refused) as refused:
        connection.send(SENDER, BOB, MAIL)
    again = connection.send(SENDER, ANN, MAIL)

    assert (first, again) == (Sent(250, "taken"), Sent(250, "taken"))
    assert (refused.value.at_recipient, refused.value.reply) == (True, "5.1.1 nobody")
    assert len(server.got(ANN)) == 2


@pytest.mark.parametrize("unasked", ["250 taken", "250-taken\r\n250 or not", "354 go on", "421 bye"])
def test_nothing_is_sent_where_an_answer_came_before_there_was_anything_to_answer(
    server: FaultySmtp, connection: Connection, unasked: str
) -> None:
    server.habits.unasked["DATA"] = unasked
    server.habits.judged[ANN] = "554 not this one"

    with pytest.raises(NotBegun):
        connection.send(SENDER, ANN, MAIL)

    assert server.taken == []


def test_a_421_that_comes_unasked_ends_the_connection(server: FaultySmtp, connection: Connection) -> None:
    server.habits.unasked["dot"] = "421 4.3.2 shutting down"
    connection.send(SENDER, ANN, MAIL)

    with pytest.raises(NotBegun) as ended:
        connection.send(SENDER, BOB, MAIL)

    assert (ended.value.code, server.got(BOB)) == (421, [])


@pytest.mark.parametrize("pieces", [1, 3, 7])
def test_replies_of_several_lines_come_in_pieces(server: FaultySmtp, pieces: int) -> None:
    server.habits.pieces = pieces
    server.habits.judged[ANN] = "250-2.0.0 taken\r\n250-as number\r\n250 4711"
    server.habits.refused[BOB] = "550-5.1.1 there is\r\n550 5.1.1 nobody"
    with open_smtp(account_at(server), "desk.example") as connection:
        sent = connection.send(SENDER, ANN, MAIL)

        with pytest.raises(Refused) as refused:
            connection.send(SENDER, BOB, MAIL)

    assert sent == Sent(250, "2.0.0 taken as number 4711")
    assert refused.value.reply == "5.1.1 there is 5.1.1 nobody"


GREETINGS = {
    "each line is a reply of its own": "250 sink.example\r\n250 PIPELINING\r\n250 HELP",
    "a line has no code": "250-sink.example\r\nPIPELINING\r\n250 HELP",
    "lines are empty": "250-sink.example\r\n\r\n250-\r\n250-SIZE\r\n250-  \r\n250 ",
    "nothing behind the code": "250",
    "words that make no sense": "250-sink.example\r\n250-SIZE=lots\r\n250-AUTH=\r\n250-\x00\xff\r\n250 PIPE LINING",
    "an end of line alone": "250-sink.example\n250-SIZE\n250 HELP",
    "another code in the middle": "250-sink.example\r\n220-SIZE\r\n250 HELP",
}  # fmt: skip


@pytest.mark.parametrize("greeting", GREETINGS)
def test_a_greeting_of_broken_lines_keeps_no_mail(server: FaultySmtp, greeting: str) -> None:
    server.habits.greets = GREETINGS[greeting]
    server.habits.refused[BOB] = "550 5.1.1 nobody"

    with open_smtp(account_at(server, timeout=2), "desk.example") as connection:
        sent = connection.send(SENDER, ANN, MAIL)
        with pytest.raises(Refused) as refused:
            connection.send(SENDER, BOB, MAIL)

    assert (sent, refused.value.at_recipient) == (Sent(250, "taken"), True)
    assert not any(packet.startswith(b"HELO") for packet in server.packets)


CUT_OFF: dict[str, type[Exception] | None] = {
    "2": TemporaryFailure,
    "25": TemporaryFailure,
    "250-2.0.0 taken\r\n25": TemporaryFailure,
    "451 4.3.0 la": TemporaryFailure,
    "550 5": TemporaryFailure,
    "554-5.7.1 not\r\n554 th": TemporaryFailure,
    # What the server took must not go twice.
    "250": None,
    "250 2.0.0 tak": None,
}


@pytest.mark.parametrize("words", CUT_OFF)
def test_an_answer_that_is_cut_off_is_taken_only_where_it_says_that_the_mail_was(
    server: FaultySmtp, connection: Connection, words: str
) -> None:
    server.habits.judged[ANN] = words
    server.habits.cut_off = True

    if (failure := CUT_OFF[words]) is None:
        assert connection.send(SENDER, ANN, MAIL).code == 250
        return
    with pytest.raises(failure) as raised:
        connection.send(SENDER, ANN, MAIL)

    assert not isinstance(raised.value, (Deferred, Refused, NotBegun))


@pytest.mark.parametrize("words", ["550 5.", "55", "250", "250-"])
def test_of_an_answer_to_a_command_that_is_cut_off_nothing_is_believed(
    server: FaultySmtp, connection: Connection, words: str
) -> None:
    server.habits.refused[ANN], server.habits.cut_off = words, True

    with pytest.raises(NotBegun):
        connection.send(SENDER, ANN, MAIL)

    assert server.taken == []


def test_an_answer_that_comes_after_the_wait_is_nobodys(server: FaultySmtp) -> None:
    # It takes five steps of 0.1 seconds, and answers while the next mail is on its way.
    server.habits.slow = 0.8
    with open_smtp(account_at(server, timeout=0.1), "desk.example") as connection:
        with pytest.raises(TemporaryFailure) as late:
            connection.send(SENDER, ANN, MAIL)
        server.habits.slow = 0
        with pytest.raises(NotBegun):
            connection.send(SENDER, BOB, MAIL)

    assert not isinstance(late.value, NotBegun)
    assert server.got(BOB) == []


def test_a_server_that_loses_commands_later_is_suspected_too(server: FaultySmtp) -> None:
    server.habits.pipelining, server.habits.swallows, server.habits.sound = True, True, 1
    with open_smtp(account_at(server, timeout=0.3), "desk.example") as connection:
        connection.send(SENDER, ANN, MAIL)

        with pytest.raises(PipeliningBroke):
            connection.send(SENDER, BOB, MAIL)

    assert server.got(BOB) == []
