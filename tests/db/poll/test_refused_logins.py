"""A server that refuses us is left alone for longer and longer, until something of what opens it changes."""

import pytest

from desk.reports.health.facts import AlarmKind
from mail.server import Server
from tests.support.database.services import MakeServices, execute, mailbox_of, query
from worker.poll.run import poll_mailbox
from worker.runtime.health.look import look_once
from worker.runtime.services import Services

PAUSE = """
SELECT round(extract(epoch FROM lease_until - now())) AS seconds, refused_times, lease_token, trouble FROM mail.mailbox
"""
LATER = "UPDATE mail.mailbox SET lease_until = now()"


@pytest.fixture
def services(make_services: MakeServices, server: Server) -> Services:
    """A desk whose password for the mailbox is wrong."""
    return make_services(**mailbox_of(server), PASSWORD="wrong", FROM_START="true")


def test_it_is_left_alone_for_1_2_4_8_and_then_15_minutes(services: Services) -> None:
    pauses = []
    for _ in range(6):
        poll_mailbox(services, "support")
        pauses.append(round(query(services, PAUSE)[0]["seconds"] / 60))
        execute(services, LATER)

    assert pauses == [1, 2, 4, 8, 15, 15]


def test_meanwhile_its_server_is_not_asked_and_everybody_is_told_why(services: Services) -> None:
    first = poll_mailbox(services, "support")
    execute(services, "UPDATE mail.mailbox SET refused_times = 4")

    polled = poll_mailbox(services, "support")

    (row,) = query(services, PAUSE)
    assert (first.refused, polled.refused, row["refused_times"]) == (True, False, 4)
    assert "left alone until" in (polled.trouble or "")
    assert "the login of" in (polled.trouble or "")
    assert [one.kind for one in look_once(services).problems if one.about == "support"] == [AlarmKind.MAILBOX_REFUSED]


def test_a_person_may_try_at_once(services: Services) -> None:
    poll_mailbox(services, "support")

    assert poll_mailbox(services, "support", at_once=True).refused


CHANGES = {
    "the password": {"PASSWORD": "demo"},
    "the folder": {"FOLDER": "INBOX", "PASSWORD": "demo"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_opens_it_ends_the_pause_and_the_trouble(
    change: str, services: Services, make_services: MakeServices, server: Server
) -> None:
    poll_mailbox(services, "support")

    polled = poll_mailbox(make_services(**mailbox_of(server), FROM_START="true", **CHANGES[change]), "support")

    (row,) = query(services, PAUSE)
    assert (polled.trouble, row["refused_times"], row["seconds"], row["trouble"]) == (None, 0, None, None)


def test_a_change_of_something_else_does_not(services: Services, make_services: MakeServices, server: Server) -> None:
    poll_mailbox(services, "support")
    other = make_services(**mailbox_of(server), PASSWORD="wrong", POLL_EVERY_SECONDS="7")

    assert "left alone until" in (poll_mailbox(other, "support").trouble or "")


def test_a_folder_that_is_not_there_is_a_refusal_too(make_services: MakeServices, server: Server) -> None:
    services = make_services(**mailbox_of(server), FOLDER="Nowhere")

    assert poll_mailbox(services, "support").refused


def test_a_server_that_is_away_neither_counts_nor_ends_it(
    services: Services, make_services: MakeServices, server: Server
) -> None:
    poll_mailbox(services, "support")

    away = poll_mailbox(make_services(**mailbox_of(server) | {"PORT": "1"}, PASSWORD="wrong"), "support")

    (row,) = query(services, PAUSE)
    assert (away.refused, row["refused_times"], row["seconds"]) == (False, 1, None)


def test_nothing_of_the_password_is_stored(services: Services) -> None:
    poll_mailbox(services, "support")

    (row,) = query(services, "SELECT opened_with, trouble FROM mail.mailbox")
    assert len(row["opened_with"]) == 32
    assert "wrong" not in row["trouble"]
