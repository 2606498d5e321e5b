"""`supportdesk retention run`: what it shows, what it does, and what it says where nothing is done."""

import json
from datetime import timedelta

import pytest

from models.db.statement import only_read
from models.removal import retention
from models.removal.retention import Kept, let_go
from tests.support.database.services import AGENT, EXAMPLE, SECRET, Supportdesk, a_raw_mail, execute, query
from worker.admin import retention as walks
from worker.admin.retention import let_go_all, let_go_for
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(AGENT, *(a_raw_mail(message_id=f"<{n}@x>", subject=f"{n}") for n in range(5)))
OVER = (
    "SET LOCAL session_replication_role = replica",
    "UPDATE mail.ledger SET stored_at = now() - interval '2 years', decided_at = now() - interval '2 years'",
    """UPDATE public."Ticket" SET status = 'closed', "closedAt" = now(), "updatedAt" = now() - interval '2 years'""",
)
RAW = "SELECT count(DISTINCT ledger_id) AS n FROM mail.raw_chunk"


@pytest.fixture(autouse=True)
def settings(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("SUPPORTDESK_DESK__SECRET_KEY", SECRET),
        ("SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD", "demo"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("SUPPORTDESK_RETENTION__RAW_DAYS", "400"),
    ):
        monkeypatch.setenv(name, value)
    execute(services, *OVER)


def test_a_dry_run_shows_what_would_go_and_changes_nothing(services: Services, supportdesk: Supportdesk) -> None:
    execute(services, "UPDATE mail.ledger SET fate = 'quarantined' WHERE id = 1")

    shown = supportdesk("--config", EXAMPLE, "retention", "run", "--dry-run")
    values = json.loads(supportdesk("--config", EXAMPLE, "retention", "run", "--dry-run", "--json").stdout)

    assert "bytes of mails that came" in shown.output
    assert "Nothing was changed." in shown.output
    sizes = query(services, "SELECT sum(octet_length(content)) AS n FROM mail.raw_chunk WHERE ledger_id <> 1")[0]["n"]
    assert values == [{"what": "raw", "days": 400, "gone": 4, "size": sizes, "still_needed": 1}]
    assert query(services, RAW) == [{"n": 5}]


def test_a_dry_walk_goes_through_where_nothing_may_be_written(services: Services) -> None:
    for kept in Kept:
        with transaction(services.engine) as session:
            only_read(session, 10)
            batch = let_go(session, kept, timedelta(days=400), 0, dry=True)

        assert batch.looked_at > 0, kept


def test_a_run_does_what_the_dry_run_showed_and_a_second_one_nothing(
    services: Services, supportdesk: Supportdesk
) -> None:
    runs = [
        json.loads(supportdesk("--config", EXAMPLE, "retention", "run", *words, "--json").stdout)[0]["gone"]
        for words in (["--dry-run"], [], [])
    ]

    assert runs == [5, 5, 0]
    assert query(services, RAW) == [{"n": 0}]


def test_without_days_it_says_that_everything_is_kept(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPPORTDESK_RETENTION__RAW_DAYS")

    result = supportdesk("--config", EXAMPLE, "retention", "run")

    assert (result.exit_code, query(services, RAW)) == (0, [{"n": 5}])
    assert "Everything is kept for ever" in result.output


def test_a_retention_that_would_take_what_is_needed_is_refused_at_load(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTDESK_RETENTION__RAW_DAYS", "5")

    result = supportdesk("--config", EXAMPLE, "retention", "run")

    assert (result.exit_code, query(services, RAW)) == (2, [{"n": 5}])
    assert "RAW_DAYS: must be 0, which keeps them, or 30 or more" in result.output


def test_ctrl_c_says_that_the_rest_is_left(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(walks, "let_go", interrupted)

    result = supportdesk("--config", EXAMPLE, "retention", "run")

    assert result.exit_code == 130
    assert "The same command goes on with the rest." in result.output


def test_a_walk_that_was_broken_off_keeps_its_batches_and_is_taken_up(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 2)
    monkeypatch.setattr(retention.let_go, "__kwdefaults__", {"dry": False, "most": 2})

    def stop(_kept: Kept, reached: int, _of: int) -> None:
        if reached == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        let_go_all(services.engine, {Kept.RAW: 400}, each=stop)
    left = query(services, RAW)

    assert (left, let_go_all(services.engine, {Kept.RAW: 400})[0].gone) == ([{"n": 1}], 1)


def test_a_walk_by_hand_takes_what_is_old_behind_what_is_young(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where old mail was brought along: its keys are the highest."""
    monkeypatch.setattr(retention.let_go, "__kwdefaults__", {"dry": False, "most": 2})
    execute(services, OVER[0], "UPDATE mail.ledger SET stored_at = now(), decided_at = now() WHERE id <= 3")

    assert let_go_all(services.engine, {Kept.RAW: 400})[0].gone == 2


def test_a_row_that_somebody_works_on_is_left_to_the_next_walk(services: Services) -> None:
    with services.engine.begin() as connection:
        connection.exec_driver_sql("SELECT FROM mail.ledger WHERE id = 2 FOR UPDATE")
        first = let_go_all(services.engine, {Kept.RAW: 400})[0].gone

    assert (first, let_go_all(services.engine, {Kept.RAW: 400})[0].gone) == (4, 1)


def test_where_there_is_no_time_left_the_next_ring_goes_on(services: Services) -> None:
    settings = services.settings.model_copy(
        update={"retention": services.settings.retention.model_copy(update={"raw_days": 400})}
    )
    more = let_go_for(Services(settings, services.engine, services.policy), -1.0)

    assert (more, query(services, RAW)) == (True, [{"n": 5}])
    assert (
        let_go_for(Services(settings, services.engine, services.policy), timedelta(minutes=1).total_seconds()) is False
    )
