"""The studio as a server on this machine, from its socket to its end."""

import socket
from threading import Thread
from typing import Final

import uvicorn

from worker.cli.studio.application import Studio
from worker.cli.studio.gate import Gate
from worker.cli.studio.window import Window

# There is no option for another: whoever else shall look comes by a tunnel.
HOST: Final = "127.0.0.1"
WAIT_SECONDS: Final = 3


def listen(port: int) -> socket.socket:
    """A socket at a port of this machine that nobody outside reaches, 0 for a free one; raises OSError."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((HOST, port))
        taken.listen(128)
    except OSError:
        taken.close()
        raise
    return taken


class StudioServer:
    """A studio that answers in a thread of its own; `address` is where it lets a browser in, once."""

    def __init__(self, taken: socket.socket, window: Window) -> None:
        port = taken.getsockname()[1]
        gate = Gate(Studio(window).app, port, writes=window.writes is not None)
        self.address = f"http://{HOST}:{port}/?token={gate.token}"
        self._taken = taken
        self._server = uvicorn.Server(
            uvicorn.Config(
                gate,
                lifespan="off",
                loop="asyncio",
                http="h11",
                ws="none",
                # What others say of where a request came from counts for nothing here.
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_config=None,
                timeout_graceful_shutdown=WAIT_SECONDS,
            )
        )
        self._thread = Thread(target=self._server.run, args=([taken],), name="studio", daemon=True)

    def start(self) -> None:
        """Begin to answer; in a thread, for uvicorn would take the signals of the main one."""
        self._thread.start()

    def stop(self) -> None:
        """End, at the latest when what is being answered has taken WAIT_SECONDS."""
        self._server.should_exit = True
        self._thread.join(WAIT_SECONDS + 2)
        self._taken.close()
