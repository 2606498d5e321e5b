"""What a demo stands on: a folder that no other demo uses, its settings, and a fresh database and broker."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from string import Template

from redis import Redis, RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

import seed
from models.schema.demo_mark import is_demo, is_empty, mark_demo
from models.schema.examples import plant
from seed.example_words import ENGLISH, example_words
from seed.people import people
from seed.stack.mailhost.server import MailServer
from seed.stack.servers import Existing, Stack
from seed.tickets import tickets
from worker.admin.migrate import reset, upgrade
from worker.runtime.clock import now
from worker.runtime.transaction import transaction

MOST_DEMOS = 20
BROKER_SECONDS = 5
BROKER_MARK = "supportdesk-demo"
SETTINGS = Path(next(iter(seed.__path__))) / "demo.toml"


class DemoRefused(Exception):
    """The demo cannot begin here, and nothing was changed; the message is the sentence that says why."""


@contextmanager
def own_folder(environ: Mapping[str, str]) -> Iterator[Path]:
    """Give an empty folder below the user's cache folder, locked for as long as the block runs; else DemoRefused.

    The logs that an earlier demo left there are deleted only now.
    """
    cache = Path(environ.get("XDG_CACHE_HOME") or "")
    # A relative path is no cache folder (XDG Base Directory Specification).
    base = (cache if cache.is_absolute() else Path.home() / ".cache") / "supportdesk" / "demo"
    base.mkdir(parents=True, exist_ok=True)
    for number in range(1, MOST_DEMOS + 1):
        with (base / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            folder = base / str(number)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            yield folder
            return
    raise DemoRefused(f"{MOST_DEMOS} demos run already, all in {base}.")


def existing_servers(environ: Mapping[str, str]) -> Existing:
    """The servers of DATABASE_URL, REDIS_URL and PG_BIN, which need not be started; None for each that is not set."""
    pg_bin = environ.get("PG_BIN")
    return Existing(
        environ.get("DATABASE_URL") or None, environ.get("REDIS_URL") or None, Path(pg_bin) if pg_bin else None
    )


def write_settings(folder: Path, stack: Stack, mail: MailServer, moment: datetime, language: str = ENGLISH) -> Path:
    """Write the demo's settings file, which holds its secrets, for nobody else to read."""
    blanks = {
        "secret_key": secrets.token_hex(32),
        "database_url": _quoted(stack.database_url),
        "broker_url": _quoted(stack.redis_url),
        "mail_host": mail.host,
        "imap_port": mail.imap_port,
        "smtp_port": mail.smtp_port,
        "mail_password": mail.password,
        "report_at": f"{moment:%H:%M}",
        "language": language,
        "outage": example_words(language).outage,
    }
    file = folder / "supportdesk.toml"
    file.touch(mode=0o600)
    file.write_text(Template(SETTINGS.read_text(encoding="utf-8")).substitute(blanks), encoding="utf-8")
    return file


def _quoted(text: str) -> str:
    # The two characters that end or escape a basic string of TOML.
    return text.replace("\\", "\\\\").replace('"', '\\"')


@contextmanager
def only_these_settings(file: Path) -> Iterator[None]:
    """Let our children read this settings file, whatever else the environment sets for a desk."""
    kept = dict(os.environ)
    for name in kept:
        if name.startswith("SUPPORTDESK_") or name in {"DATABASE_URL", "REDIS_URL"}:
            del os.environ[name]
    os.environ["SUPPORTDESK_CONFIG"] = str(file)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def prepare_database(engine: Engine, language: str = ENGLISH) -> None:
    """Make the desk in an empty database or in that of an earlier demo, with the example people and tickets.

    Raises DemoRefused where the database holds anything else, or cannot be reached.
    """
    try:
        with engine.connect() as connection:
            empty, ours = is_empty(connection), is_demo(connection)
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise DemoRefused(f"The database cannot be reached: {why}") from error
    if not empty and not ours:
        raise DemoRefused(
            "The database of DATABASE_URL is not empty and was not made by a demo, so it is left alone;"
            " name an empty one."
        )
    if ours:
        reset(engine)
    else:
        upgrade(engine)
    with engine.begin() as connection:
        mark_demo(connection)
    with transaction(engine, quiet=True) as session:
        plant(session, people(now()), tickets(now(), language))


def prepare_broker(url: str) -> None:
    """Empty the broker's database, which must be empty already or that of an earlier demo; else DemoRefused."""
    try:
        client = Redis.from_url(url, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS)
    except ValueError:
        raise DemoRefused("REDIS_URL cannot be read; it looks like redis://localhost:6379/0.") from None
    try:
        _empty(client)
    except RedisError as error:
        raise DemoRefused(f"The broker cannot be reached: {error}") from error


def _empty(client: Redis) -> None:
    with client as broker:
        if broker.dbsize() and not broker.exists(BROKER_MARK):
            raise DemoRefused(
                "The broker database of REDIS_URL is not empty and was not made by a demo, so it is left alone;"
                " name another one, such as /9 at the end."
            )
        broker.flushdb()
        broker.set(BROKER_MARK, "1")
