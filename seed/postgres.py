"""A private PostgreSQL server: the desk's database on this machine alone, without root, without an installation."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from seed.account import StackError, room, server_uid
from seed.child import Program, await_ready, last_words, running, serving
from seed.postgres_binaries import postgres_bin

DATABASE = "supportdesk"
SUPERUSER = "postgres"
# A socket's path fits into 108 bytes, its name `.s.PGSQL.12345` included.
SOCKET_FOLDER_LENGTH = 90


@contextmanager
def running_postgres(
    folder: Path,
    *,
    pg_bin: Path | None = None,
    fsync: bool = True,
    keep: bool = True,
    settings: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run PostgreSQL with its data in the folder and give the URL of the database `supportdesk`.

    It trusts everyone on this machine, so it is for trying out and for tests. `fsync=False` is faster and
    may lose the data when the machine (not the server) dies. `keep=False` removes the data at the end.
    `settings` are further ones of the server.
    """
    uid = server_uid()
    programs = postgres_bin(pg_bin, uid)
    folder.mkdir(parents=True, exist_ok=True)
    program = Program("PostgreSQL", folder / "postgres.log", uid, signal.SIGINT)
    with room(folder / "data", uid, keep=keep) as data:
        _initialise(program, programs, data, fsync=fsync)

        def command(port: int) -> list[str]:
            own = _settings(data, port, fsync=fsync)
            return [str(programs / "postgres"), "-D", str(data), *_words(own | dict(settings or {}))]

        with serving(program, command, lambda _port, pid: _is_ready(data, pid)) as port:
            _create_database(programs, port)
            yield f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{port}/{DATABASE}"


def _initialise(program: Program, programs: Path, data: Path, *, fsync: bool) -> None:
    if (data / "PG_VERSION").exists():
        return
    words = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", f"--username={SUPERUSER}"]
    unsynced = [] if fsync else ["--no-sync"]
    initdb = replace(program, name="initdb", end=signal.SIGTERM)
    with running(initdb, [str(programs / "initdb"), f"--pgdata={data}", *words, *unsynced]) as process:
        await_ready(initdb, process, lambda: False)
        if process.returncode:
            raise StackError(f"initdb made no database: {last_words(initdb)}")


def _settings(data: Path, port: int, *, fsync: bool) -> dict[str, str]:
    socket_folder = str(data) if len(os.fsencode(data)) <= SOCKET_FOLDER_LENGTH else ""
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": socket_folder,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "shared_buffers": "64MB",
        "max_connections": "100",
        "fsync": "on" if fsync else "off",
        "synchronous_commit": "on" if fsync else "off",
        "full_page_writes": "on" if fsync else "off",
    }


def _words(settings: Mapping[str, str]) -> list[str]:
    return [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]


def _is_ready(data: Path, pid: int) -> bool:
    # Line 1 is the process id, line 8 the state: they tell our server from one that took the port first.
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return lines[:1] == [str(pid)] and lines[7:8] == ["ready   "]


def _create_database(programs: Path, port: int) -> None:
    address = ["--host=127.0.0.1", f"--port={port}", f"--username={SUPERUSER}"]
    # It fails where the database is there already; the connection shows whether all is well.
    subprocess.run([str(programs / "createdb"), *address, DATABASE], capture_output=True, check=False, timeout=60)
    try:
        psycopg.connect(host="127.0.0.1", port=port, user=SUPERUSER, dbname=DATABASE, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise StackError(f"PostgreSQL runs on port {port}, but nobody gets in: {error}") from error
