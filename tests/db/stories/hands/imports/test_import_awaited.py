"""What came to a mailbox since it was read is a mail of today, whose sender waits for an answer: no file takes it."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.db.stories.hands.imports.conftest import Bring
from tests.db.stories.hands.imports.test_import_trust import old
from tests.support.database.services import AGENT, a_raw_mail, execute, process, query
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
TICKETS = 'SELECT count(*) FROM "Ticket"'
READ_YESTERDAY = """INSERT INTO mail.mailbox (name, address, polled_at)
    VALUES ('support', 'support@desk.example', now() - interval '1 day')"""
LEFT_OUT = "came since mailbox support was read and was left out, as its server shows it yet: the same command takes"


def ago(hours: float) -> str:
    return format_datetime(datetime.now(UTC) - timedelta(hours=hours))


def received(hours: float) -> str:
    return f"by mx.desk.example; {ago(hours)}"


# As where a mailbox is paused, its folders are exported and brought along, and it is read again.
@pytest.mark.parametrize(
    "headers",
    [
        {"date": ago(2)},
        {"date": ago(24.5)},
        # Its sender's clock is behind, or it was long on its way.
        {"date": ago(24 * 9), "received": received(2)},
        {"date": ago(24 * 365 * 20), "received": received(1)},
    ],
)
def test_a_mail_that_came_since_the_mailbox_was_read_is_left_to_its_server(
    services: Services, bring: Bring, tmp_path: Path, headers: dict[str, str]
) -> None:
    execute(services, READ_YESTERDAY)
    file = old(tmp_path, **headers)

    tried, taken = bring("eml", file, "--dry-run", "--json"), bring("eml", file)

    assert (json.loads(tried.output)["awaited"], json.loads(tried.output)["tickets"]) == (1, 0)
    assert LEFT_OUT in taken.output
    row = process(services, file.read_bytes())
    assert (row["fate"], row["evidence"]["rule"]) == ("applied", "new_ticket")
    assert query(services, "SELECT count(*) FROM mail.outbox WHERE recipient = 'ann@customer.example'") == [
        {"count": 1}
    ]
    assert "1 was there already." in bring("eml", file).output


@pytest.mark.parametrize(
    "headers",
    [
        {"date": ago(26)},
        {"date": ago(1), "received": received(30)},
        # Of a clock that is ahead by years, which no server waits with.
        {"date": ago(-24 * 365 * 20)},
    ],
)
def test_what_came_before_is_brought_along(
    services: Services, bring: Bring, tmp_path: Path, headers: dict[str, str]
) -> None:
    execute(services, READ_YESTERDAY)

    assert "became 1 ticket and 0 comments" in bring("eml", old(tmp_path, **headers)).output


def test_where_a_mailbox_was_never_read_all_of_it_is_brought_along(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    assert "became 1 ticket and 0 comments" in bring("eml", old(tmp_path, date=ago(0))).output


def test_what_the_server_does_not_have_is_taken_once_the_mailbox_was_read(
    services: Services, bring: Bring, tmp_path: Path
) -> None:
    execute(services, READ_YESTERDAY)
    file = tmp_path / "sent.eml"
    file.write_bytes(a_raw_mail(date=ago(2), message_id="<sent@old.example>"))
    bring("eml", file)

    execute(services, "UPDATE mail.mailbox SET polled_at = now()")

    assert "became 1 ticket" in bring("eml", file).output
    assert query(services, TICKETS) == [{"count": 1}]
