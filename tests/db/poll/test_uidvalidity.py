"""A folder that the server numbers anew loses no mail, repeats none, and brings none that was never ours."""

from datetime import UTC, datetime, timedelta

import pytest
from imapclient import IMAPClient

from mail.server import Server
from tests.support.database.services import MakeServices, a_raw_mail, execute, mailbox_of, query
from tests.support.servers.mailboxes import append, ledger_rows
from worker.intake.run import receive_due
from worker.poll import store
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services

NOW = datetime.now(UTC)
LONG_AGO, SOON = NOW - timedelta(days=400), NOW + timedelta(hours=1)
DESK = "Desk"


@pytest.fixture
def desk(make_services: MakeServices, server: Server) -> Services:
    """Services that know a folder with an old mail, and have taken one that came later."""
    with IMAPClient(server.host, server.port, ssl=False, timeout=20) as client:
        client.login(server.user, server.password)
        client.create_folder(DESK)
    append(server, "old", folder=DESK, when=LONG_AGO)
    services = make_services(**mailbox_of(server), FOLDER=DESK)
    poll_mailbox(services, "support")
    append(server, "ours", folder=DESK, when=SOON)
    poll_mailbox(services, "support")
    receive_due(services)
    return services


def number_anew(server: Server, *mails: tuple[str, datetime]) -> None:
    """Make the folder again, with these mails in this order, as after a restore or a move to another server."""
    with IMAPClient(server.host, server.port, ssl=False, timeout=20) as client:
        client.login(server.user, server.password)
        client.delete_folder(DESK)
        client.create_folder(DESK)
        for body, when in mails:
            client.append(DESK, a_raw_mail(body, message_id=f"<{body}@x>"), (), when)


def titles(services: Services) -> int:
    return int(query(services, 'SELECT count(*) AS all FROM "Ticket"')[0]["all"])


def test_a_mail_that_we_have_is_not_applied_twice(desk: Services, server: Server) -> None:
    number_anew(server, ("old", LONG_AGO), ("ours", SOON))

    poll_mailbox(desk, "support")
    receive_due(desk)

    assert titles(desk) == 1
    assert [(row["fate"], row["evidence"].get("rule")) for row in ledger_rows(desk)] == [
        ("applied", "new_ticket"),
        ("not_applied", "same_mail_twice"),
    ]


def test_a_mail_that_came_while_we_were_away_is_taken(desk: Services, server: Server) -> None:
    number_anew(server, ("old", LONG_AGO), ("ours", SOON), ("meanwhile", SOON))

    poll_mailbox(desk, "support")
    receive_due(desk)

    assert titles(desk) == 2


@pytest.mark.parametrize(
    "mails",
    [
        [("old", LONG_AGO), ("older", LONG_AGO), ("ours", SOON)],
        [("ours", SOON), ("old", LONG_AGO), ("older", LONG_AGO)],
        [("old", LONG_AGO), ("older", LONG_AGO)],
    ],
)
def test_a_mail_from_before_our_time_stays_where_it_is(
    desk: Services, server: Server, mails: list[tuple[str, datetime]]
) -> None:
    number_anew(server, *mails)

    for _ in range(3):
        poll_mailbox(desk, "support")
    receive_due(desk)

    assert titles(desk) == 1


def test_with_from_start_every_mail_is_ours(make_services: MakeServices, desk: Services, server: Server) -> None:
    number_anew(server, ("old", LONG_AGO), ("ours", SOON))

    poll_mailbox(make_services(**mailbox_of(server), FOLDER=DESK, FROM_START="true"), "support")
    receive_due(desk)

    assert titles(desk) == 2


def test_what_a_crash_left_out_of_the_renumbered_folder_is_taken_next(
    desk: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    number_anew(server, ("one", SOON), ("two", SOON), ("three", SOON), ("old", LONG_AGO))
    monkeypatch.setattr(store, "CHUNK", 1)

    def crash() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        poll_mailbox(desk, "support", after_chunk=crash)
    execute(desk, "UPDATE mail.mailbox SET lease_until = now()")
    polled = [poll_mailbox(desk, "support") for _ in range(2)]
    receive_due(desk)

    assert [(one.stored, one.known) for one in polled] == [(2, 0), (0, 0)]
    assert titles(desk) == 4
