"""The log: a JSON object a line for machines, and plain lines for people, with control characters escaped in both."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from worker.runtime.logs import bind_task, configure_logs, unbind_task

WHEN = 1_790_000_000.5
TIME = "2026-09-21T14:13:20.500000Z"


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    unbind_task()
    root.handlers, root.level = handlers, level


@pytest.fixture(params=[False, True])
def is_terminal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: request.param)
    configure_logs()
    return bool(request.param)


class Poll:
    name = "poll"


def line_of(message: str, *values: object, error: Exception | None = None, **extra: object) -> str:
    given = {"name": "worker.poll", "levelname": "WARNING", "created": WHEN, "msg": message, "args": values}
    exc_info = error and (type(error), error, error.__traceback__)
    record = logging.makeLogRecord(given | {"exc_info": exc_info} | extra)
    return logging.getLogger().handlers[0].format(record)


def raised(number: str) -> ValueError:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(number)
    return caught.value


def test_a_line_has_its_sentence_its_task_what_was_added_and_where_and_when(is_terminal: bool) -> None:
    bind_task("id-1", Poll())
    line = line_of("Row %s of %s", 5, "ledger", ledger_id=5, given={"a": ValueError("x")})
    if is_terminal:
        given = "given={'a': ValueError('x')}"
        words = f"{TIME} [warning] Row 5 of ledger [worker.poll] task_id=id-1 task=poll ledger_id=5 {given}"
        assert line == words
        return
    assert list(json.loads(line).items()) == [
        ("event", "Row 5 of ledger"),
        ("task_id", "id-1"),
        ("task", "poll"),
        ("ledger_id", 5),
        ("given", {"a": "ValueError('x')"}),
        ("logger", "worker.poll"),
        ("level", "warning"),
        ("timestamp", TIME),
    ]


def test_no_line_after_a_task_is_said_to_be_its_own(is_terminal: bool) -> None:
    bind_task("id-1", Poll())
    unbind_task()

    assert "id-1" not in line_of("It rests")


@pytest.mark.parametrize("sign", ["\x1b[31m", "\n", "\r", "\x00", "\x9b", "\u202e", "\u2028"])
def test_no_control_character_reaches_whoever_reads(is_terminal: bool, sign: str) -> None:
    said = line_of("Subject %s", f"a{sign}b", error=raised(f"c{sign}d"), address=f"e{sign}f")

    lines = said.splitlines()
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 1 or is_terminal
    assert "Subject a" in lines[0]


def test_a_traceback_is_in_the_line_of_machines_and_below_the_line_of_people(is_terminal: bool) -> None:
    said = line_of("Row 5 raised", error=raised("boom"))

    told = said.split("\n", 1)[1] if is_terminal else json.loads(said)["exception"]
    assert told.startswith("Traceback (most recent call last):")
    assert told.endswith("ValueError: invalid literal for int() with base 10: 'boom'")


def test_a_message_with_a_percent_sign_and_no_values_is_as_it_is(is_terminal: bool) -> None:
    assert "100 %s sure" in line_of("100 %s sure")


@pytest.mark.parametrize("name", ["celery.app.trace", "imapclient.imapclient", "imapclient.imaplib"])
def test_libraries_that_speak_of_every_step_are_quieter(name: str, is_terminal: bool) -> None:
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    assert logging.getLogger("worker.poll.run").isEnabledFor(logging.INFO)
