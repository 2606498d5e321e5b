"""What nobody waits for is sent with the next statement that is read, or with the commit: its error leaves nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InternalError, OperationalError
from sqlalchemy.orm import Session

from models.db.errors import is_infrastructure
from models.db.statement import Statement
from models.db.work import Work
from models.supportdesk.tables import User
from tests.support.database.services import a_raw_mail, execute, query, store_in_ledger
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ADD = Statement("INSERT INTO probe (id, word) VALUES (:id, :word)")
WORDS = Statement("SELECT id, word FROM probe ORDER BY id")
TOUCH = Statement("UPDATE probe SET word = word || :more WHERE id = :id")
LET = Statement("SELECT set_config('statement_timeout', :most, true)")
SLEEP = Statement("SELECT pg_sleep(:seconds)")
CUT = Statement("SELECT pg_terminate_backend(:pid, 5000)")
PID = Statement("SELECT pg_backend_pid() AS pid")


@pytest.fixture
def engine(fresh_engine: Engine) -> Engine:
    """An engine with a table of words, whose ids are unique and whose rows of the word `late` are refused at COMMIT."""
    with fresh_engine.begin() as connection:
        connection.execute(text("CREATE TABLE probe (id bigint PRIMARY KEY, word text NOT NULL)"))
        connection.execute(text("CREATE TABLE place (word text PRIMARY KEY)"))
        connection.execute(text("INSERT INTO place VALUES ('first'), ('second')"))
        connection.execute(
            text("ALTER TABLE probe ADD FOREIGN KEY (word) REFERENCES place (word) DEFERRABLE INITIALLY DEFERRED")
        )
    return fresh_engine


def words(engine: Engine) -> list[tuple[int, str]]:
    with transaction(engine) as session:
        return [(row.id, row.word) for row in WORDS.rows(session)]


def write(engine: Engine, *rows: tuple[int, str | None], read: bool = False) -> None:
    """Write rows in one transaction, and read after each where `read` is set."""
    with transaction(engine) as session:
        for row, word in rows:
            ADD.write(session, {"id": row, "word": word})
            if read:
                WORDS.rows(session)


def test_what_waits_is_there_for_the_next_statement_and_after_the_commit(engine: Engine) -> None:
    with transaction(engine) as session:
        ADD.write(session, {"id": 1, "word": "first"})
        seen = WORDS.rows(session)
        ADD.write(session, {"id": 2, "word": "second"})

    assert [tuple(row) for row in seen] == [(1, "first")]
    assert words(engine) == [(1, "first"), (2, "second")]


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([(1, "first"), (1, "second"), (2, "second")], IntegrityError),
        ([(1, "first"), (2, None)], IntegrityError),
        ([(1, "first"), (2, "nowhere")], IntegrityError),
        ([(1, "first"), (2, "a\0b")], DataError),
    ],
)
def test_what_is_refused_leaves_nothing(
    engine: Engine, rows: list[tuple[int, str | None]], error: type[Exception], *, read: bool
) -> None:
    with transaction(engine) as session:
        before = PID.one(session).pid

    with pytest.raises(error) as raised:
        write(engine, *rows, read=read)

    assert not is_infrastructure(raised.value)
    assert "second" not in str(raised.value)
    assert words(engine) == []
    with transaction(engine) as session:
        assert PID.one(session).pid == before


def test_what_waits_is_not_sent_where_the_block_raises(engine: Engine) -> None:
    def fail() -> None:
        with transaction(engine) as session:
            ADD.write(session, {"id": 1, "word": "first"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert words(engine) == []


@pytest.mark.parametrize("run", [ADD.write, ADD.rows])
def test_nothing_is_sent_after_the_end_by_a_connection_of_others(engine: Engine, run: Callable[..., None]) -> None:
    with transaction(engine) as session:
        WORDS.rows(session)

    with pytest.raises(AttributeError, match="wire"):
        run(session, {"id": 1, "word": "first"})

    assert words(engine) == []


def test_what_one_left_waiting_is_not_sent_by_the_next(engine: Engine) -> None:
    # As where a signal comes while a work is rolled back.
    with engine.connect() as connection:
        ADD.write(Work(connection), {"id": 1, "word": "first"})

    assert words(engine) == []


def test_time_that_runs_out_is_raised_where_it_is_waited_for(engine: Engine) -> None:
    def wait() -> None:
        with transaction(engine) as session:
            ADD.write(session, {"id": 1, "word": "first"})
            LET.write(session, {"most": "50ms"})
            SLEEP.write(session, {"seconds": 30})

    with pytest.raises(OperationalError, match="statement timeout") as raised:
        wait()

    assert not is_infrastructure(raised.value)
    assert words(engine) == []


def cut(engine: Engine, *, read: bool) -> None:
    with transaction(engine) as session:
        pid = PID.one(session).pid
        ADD.write(session, {"id": 1, "word": "first"})
        with transaction(engine) as other:
            CUT.rows(other, {"pid": pid})
        if read:
            WORDS.rows(session)


@pytest.mark.parametrize("read", [True, False])
def test_a_connection_that_is_cut_between_is_trouble_and_leaves_the_pool(
    engine: Engine, caplog: pytest.LogCaptureFixture, *, read: bool
) -> None:
    with pytest.raises(DBAPIError) as raised:
        cut(engine, read=read)

    assert is_infrastructure(raised.value)
    # Else the pool would try to roll back what is lost, and say so at length.
    assert not caplog.records
    assert words(engine) == []


def test_of_two_that_wait_for_each_other_one_fails_as_trouble(engine: Engine) -> None:
    write(engine, (1, "first"), (2, "second"))
    both = Barrier(2)

    def touch(first: int, second: int) -> BaseException | None:
        try:
            with transaction(engine) as session:
                TOUCH.rows(session, {"id": first, "more": ""})
                both.wait(10)
                TOUCH.write(session, {"id": second, "more": ""})
        except DBAPIError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        errors = [one for one in pool.map(touch, (1, 2), (2, 1)) if one]

    assert [is_infrastructure(one) for one in errors] == [True]


def test_an_error_that_was_passed_over_lets_nothing_be_committed(engine: Engine) -> None:
    def pass_over() -> None:
        with transaction(engine) as session:
            ADD.write(session, {"id": 1, "word": "first"})
            with pytest.raises(IntegrityError):
                ADD.rows(session, {"id": 1, "word": "second"})

    with pytest.raises(InternalError, match="an earlier statement"):
        pass_over()

    assert words(engine) == []


def test_what_sqlalchemy_is_asked_is_of_the_same_transaction(engine: Engine) -> None:
    def both(*, fail: bool) -> int:
        with transaction(engine) as session:
            ADD.write(session, {"id": 1, "word": "first"})
            seen = session.scalar(text("SELECT count(*) FROM probe"))
            session.add(User(id="u", email="u@x.example", updated_at=NOW))
            ADD.write(session, {"id": 2, "word": "second"})
            if fail:
                raise RuntimeError
        return int(seen or 0)

    with pytest.raises(RuntimeError):
        both(fail=True)
    after = words(engine)
    seen = both(fail=False)

    assert (after, seen, words(engine)) == ([], 1, [(1, "first"), (2, "second")])
    with transaction(engine) as session:
        assert session.scalar(text('SELECT count(*) FROM "User"')) == 1


def test_an_object_that_cannot_be_stored_takes_the_statements_with_it(engine: Engine) -> None:
    def both() -> None:
        with transaction(engine) as session:
            ADD.write(session, {"id": 1, "word": "first"})
            session.add_all(
                [User(id="u", email="u@x.example", updated_at=NOW), User(id="v", email="u@x.example", updated_at=NOW)]
            )

    with pytest.raises(IntegrityError):
        both()

    assert words(engine) == []


def test_a_session_of_sqlalchemys_own_waits_for_each(engine: Engine) -> None:
    with Session(engine) as session:
        ADD.write(session, {"id": 1, "word": "first"})
        with pytest.raises(IntegrityError):
            ADD.write(session, {"id": 1, "word": "second"})
        session.rollback()

    assert words(engine) == []


def test_a_statement_that_commits_itself_may_wait_as_well(engine: Engine) -> None:
    with autocommit(engine) as session:
        ADD.write(session, {"id": 1, "word": "first"})

    assert words(engine) == [(1, "first")]


def test_what_is_refused_at_the_end_of_a_mail_is_charged_to_this_mail_alone(services: Services) -> None:
    for number in range(3):
        store_in_ledger(services, a_raw_mail(f"It is {number}.", message_id=f"<{number}@x>"))
    # The fate is the last write of a mail, and is sent with its COMMIT.
    execute(services, "ALTER TABLE mail.ledger ADD CHECK (fate <> 'applied' OR message_id <> '1@x')")

    receive_due(services)

    found = query(services, "SELECT fate, tries, error FROM mail.ledger ORDER BY id")
    assert [(row["fate"], row["tries"]) for row in found] == [("applied", 0), (None, 1), ("applied", 0)]
    assert "CheckViolation" in found[1]["error"]
    assert query(services, 'SELECT count(*) AS n FROM "Ticket"') == [{"n": 2}]
