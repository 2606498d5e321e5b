"""A trial beside another desk: customers get nothing, all is listed, and nothing goes to them later by itself."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from desk.facts import Deliver
from desk.gate.verdict import TRIAL
from tests.support.database.services import ADMIN, AGENT, MakeServices, Supportdesk, a_raw_mail, process, query
from worker.deliver.run import deliver_due
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"


class Recipients:
    """An SMTP server that takes every mail and keeps whom they went to."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken += map(str, envelope.rcpt_tos)
        return "250 taken"


@pytest.fixture
def server() -> Iterator[tuple[Recipients, str]]:
    """The mail server, and its port."""
    keeper = Recipients()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port, server_hostname="keeper.example")
    controller.start()
    yield keeper, str(port)
    controller.stop()


@pytest.fixture
def trial(make_services: MakeServices, server: tuple[Recipients, str]) -> Services:
    return make_services(ADMIN, AGENT, OUTBOX__DELIVER="staff", SMTP__PORT=server[1])


def changed(services: Services, deliver: Deliver) -> Services:
    """The same desk, started again with the other setting."""
    return replace(services, policy=replace(services.policy, deliver=deliver))


def held(services: Services) -> list[tuple[str, str]]:
    rows = query(services, "SELECT recipient, reason FROM mail.outbox WHERE fate = 'held' ORDER BY id")
    return [(row["recipient"], row["reason"]) for row in rows]


def answer(services: Services) -> None:
    """Bob answers the customer by his own mail program."""
    (mail,) = query(services, "SELECT reply_to FROM mail.outbox WHERE recipient = :bob ORDER BY id LIMIT 1", bob=BOB)
    process(services, a_raw_mail("Try this.", message_id="<2@desk>", **{"from": BOB, "to": mail["reply_to"]}))


def test_staff_get_their_mails_and_customers_nothing(trial: Services, server: tuple[Recipients, str]) -> None:
    process(trial, a_raw_mail())

    deliver_due(trial)

    assert (server[0].taken, held(trial)) == ([BOB], [(ANN, TRIAL)])


def test_what_was_written_before_the_trial_is_held_when_its_turn_comes(
    trial: Services, server: tuple[Recipients, str]
) -> None:
    process(changed(trial, Deliver.ALL), a_raw_mail())

    deliver_due(trial)

    assert (server[0].taken, held(trial)) == ([BOB], [(ANN, TRIAL)])


def test_an_answer_of_staff_is_held_and_its_ticket_says_so(trial: Services) -> None:
    process(trial, a_raw_mail())
    answer(trial)

    notes = query(trial, "SELECT text FROM mail.note")
    assert held(trial) == [(ANN, TRIAL), (ANN, TRIAL)]
    assert [note["text"].endswith(TRIAL) for note in notes] == [True]


def test_the_list_says_why_and_shows_the_words(trial: Services, supportdesk: Supportdesk) -> None:
    process(trial, a_raw_mail())

    (listed,) = json.loads(supportdesk("outbox", "list", "--only", "held", "--json").output)

    shown = supportdesk("outbox", "show", listed["number"]).output
    assert (listed["recipient"], listed["reason"]) == (ANN, TRIAL)
    assert TRIAL in shown
    assert all(f"| {line}" in shown for line in listed["text"].splitlines())


def test_when_the_trial_ends_nothing_of_it_is_sent(
    trial: Services, server: tuple[Recipients, str], supportdesk: Supportdesk
) -> None:
    process(trial, a_raw_mail())
    deliver_due(trial)

    supportdesk("outbox", "retry", "--all")
    supportdesk("loop", "reset", ANN)
    deliver_due(changed(trial, Deliver.ALL))

    assert (server[0].taken, held(trial)) == ([BOB], [(ANN, TRIAL)])


def test_one_that_is_released_goes_after_the_trial_and_not_within(
    trial: Services, server: tuple[Recipients, str], supportdesk: Supportdesk
) -> None:
    process(trial, a_raw_mail())
    deliver_due(trial)
    (number,) = (row["id"] for row in query(trial, "SELECT id FROM mail.outbox WHERE fate = 'held'"))

    supportdesk("outbox", "release", number)
    deliver_due(trial)
    within = list(server[0].taken)
    supportdesk("outbox", "release", number)
    deliver_due(changed(trial, Deliver.ALL))

    assert (within, server[0].taken) == ([BOB], [BOB, ANN])
