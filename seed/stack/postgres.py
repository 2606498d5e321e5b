"""A private PostgreSQL server: the desk's database on this machine alone, without root, without an installation."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from seed.stack.account import StackError, private_folder, server_uid
from seed.stack.binaries import postgres_bin
from seed.stack.child import Program, await_ready, log_tail, running, serving

DATABASE = "supportdesk"
SUPERUSER = "postgres"
# A socket's path fits into 108 bytes, its name `.s.PGSQL.12345` included.
SOCKET_FOLDER_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Cluster:
    """A folder of PostgreSQL's data with the programs that work on it, and how a server process of it is run.

    `fsync=False` is faster and may lose the data when the machine (not the server) dies.
    """

    program: Program
    binaries: Path
    data: Path
    fsync: bool

    def initialise(self) -> None:
        """Make the data, unless they are there already; raises StackError where initdb fails."""
        if (self.data / "PG_VERSION").exists():
            return
        words = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", f"--username={SUPERUSER}"]
        unsynced = [] if self.fsync else ["--no-sync"]
        initdb = replace(self.program, name="initdb", end=signal.SIGTERM)
        with running(initdb, [str(self.binaries / "initdb"), f"--pgdata={self.data}", *words, *unsynced]) as process:
            await_ready(initdb, process, lambda: False)
            if process.returncode:
                raise StackError(f"initdb made no database: {log_tail(initdb)}")

    def command(self, port: int, further: Mapping[str, str] | None = None) -> list[str]:
        """The command that runs the server on a port, with further settings, which win over our own."""
        durable = "on" if self.fsync else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(self.data) if len(os.fsencode(self.data)) <= SOCKET_FOLDER_LENGTH else "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "shared_buffers": "64MB",
            "max_connections": "100",
            "fsync": durable,
            "synchronous_commit": durable,
            "full_page_writes": durable,
        } | dict(further or {})
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *words]

    def is_ready(self, pid: int) -> bool:
        """True where the server of this process id takes connections."""
        # Line 1 is the process id, line 8 the state: they tell our server from one that took the port first.
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return lines[:1] == [str(pid)] and lines[7:8] == ["ready   "]

    def create_database(self, port: int) -> None:
        """Create the database `supportdesk` on a server that runs, unless it is there; StackError: nobody gets in."""
        address = ["--host=127.0.0.1", f"--port={port}", f"--username={SUPERUSER}"]
        # It fails where the database is there already; the connection shows whether all is well.
        createdb = [str(self.binaries / "createdb"), *address, DATABASE]
        subprocess.run(createdb, capture_output=True, check=False, timeout=60)
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=SUPERUSER, dbname=DATABASE, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            raise StackError(f"PostgreSQL runs on port {port}, but nobody gets in: {error}") from error


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
    binaries = postgres_bin(pg_bin, uid)
    folder.mkdir(parents=True, exist_ok=True)
    program = Program("PostgreSQL", folder / "postgres.log", uid, signal.SIGINT)
    with private_folder(folder / "data", uid, keep=keep) as data:
        cluster = Cluster(program, binaries, data, fsync)
        cluster.initialise()

        def command(port: int) -> list[str]:
            return cluster.command(port, settings)

        with serving(program, command, lambda _port, pid: cluster.is_ready(pid)) as port:
            cluster.create_database(port)
            yield f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{port}/{DATABASE}"
