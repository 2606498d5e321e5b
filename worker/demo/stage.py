"""A demo's desk from its first process to its last: the servers, and the workers and beat on them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from models.db.engine import make_engine
from seed.stack.mailhost.server import MailServer
from seed.stack.servers import Existing, running_stack
from worker.demo.ground import only_these_settings, prepare_broker, prepare_database, write_settings
from worker.demo.processes import DeskProcess, running_beat, running_workers
from worker.runtime.clock import now


@dataclass(frozen=True, slots=True)
class Stage:
    """A desk that runs: where its files, servers and processes are."""

    folder: Path
    settings: Path
    database_url: str
    mail: MailServer
    engine: Engine
    processes: tuple[DeskProcess, ...]

    def why_broken(self) -> list[str]:
        """A sentence for each process that ended by itself."""
        return [why for one in self.processes if (why := one.why_gone())]


@contextmanager
def set_stage(folder: Path, existing: Existing, language: str) -> Iterator[Stage]:
    """Start servers and desk, fresh, in a language, and stop them all at the end.

    Raises seed.stack.account.StackError, worker.demo.ground.DemoRefused, and the errors of database and broker.
    """
    with ExitStack() as parts:
        stack = parts.enter_context(running_stack(folder, existing=existing, fsync=False, keep=False))
        assert stack.mail is not None
        settings = write_settings(folder, stack, stack.mail, now(), language)
        engine = make_engine(stack.database_url, application_name="supportdesk demo")
        parts.callback(engine.dispose)
        prepare_broker(stack.redis_url)
        parts.enter_context(only_these_settings(settings))
        # Workers and beat refuse to start on a database that is not ready.
        prepare_database(engine, language)
        beat = parts.enter_context(running_beat(folder))
        workers = parts.enter_context(running_workers(folder))
        yield Stage(folder, settings, stack.database_url, stack.mail, engine, (*beat, *workers))
