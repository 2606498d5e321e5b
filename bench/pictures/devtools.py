"""A headless Chromium to click with and to take pictures of, over the pipe of its DevTools protocol."""

import base64
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from bench.pictures.look import QUIET

# The browser reads commands from descriptor 3 and writes to 4.
START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execvp(sys.argv[3], sys.argv[3:])"
)
SECONDS = 30.0


@dataclass(slots=True)
class Seen:
    """What a page showed: its status and HTML, the hosts that were asked for anything, and what the browser minds."""

    url: str
    status: int
    html: str
    hosts: set[str]
    faults: list[str]


@dataclass(slots=True)
class Browser:
    """One tab of a browser."""

    process: subprocess.Popen[bytes]
    commands: int
    answers: int
    session: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    _number: int = 0
    _buffer: bytes = b""

    def __enter__(self) -> Self:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # Killed at once, its children would still write into the profile while that is deleted.
        self.session = ""
        with suppress(AssertionError, OSError, subprocess.TimeoutExpired):
            self.ask("Browser.close")
            self.process.wait(SECONDS)
        self.process.kill()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)

    def ask(self, method: str, **values: Any) -> dict[str, Any]:
        """The result of a command; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while True:
            got = self._next(deadline)
            if got.get("id") == self._number:
                assert "error" not in got, (method, got["error"])
                return dict(got["result"])
            self.events.append(got)

    def open(self, url: str, pages: int = 1) -> Seen:
        """Go to an address, and say what was seen when all of it was there; it may lead to a further page by itself."""
        self.events.clear()
        failed = self.ask("Page.navigate", url=url).get("errorText", "")
        assert not failed, (url, failed)
        return self._loaded(pages)

    def click(self, selector: str) -> Seen:
        """Click what a selector of CSS finds first, and say what page came of it."""
        self.events.clear()
        found = self.run(f"(e => {{ if (e) e.click(); return !!e; }})(document.querySelector({json.dumps(selector)}))")
        assert found, f"there is no {selector}"
        return self._loaded()

    def run(self, script: str) -> Any:
        """The value of a script in the page."""
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def look_as(self, width: int, height: int, *, dark: bool = False) -> None:
        """Be a screen of so many pixels, of somebody who likes it light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=scheme)

    def shoot(self, file: Path, *, whole: bool = False) -> None:
        """Write a picture of the page, or with `whole` also of what is below the screen."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _loaded(self, pages: int = 1) -> Seen:
        deadline = time.monotonic() + SECONDS
        while len(self._of("Page.loadEventFired")) < pages:
            self.events.append(self._next(deadline))
        html = str(self.run("document.documentElement.outerHTML"))
        # What the page still asks for, such as its icon, follows the load.
        documents = [one for one in self._of("Network.responseReceived") if one["type"] == "Document"]
        asked = [one["request"]["url"] for one in self._of("Network.requestWillBeSent")]
        hosts = {urlsplit(url).netloc for url in asked if not url.startswith("data:")}
        last = documents[-1]["response"]
        return Seen(last["url"], last["status"], html, hosts, list(self._faults()))

    def _faults(self) -> Iterator[str]:
        for one in self._of("Log.entryAdded"):
            yield f"{one['entry']['text']} {one['entry'].get('url', '')}"
        for one in self._of("Runtime.exceptionThrown"):
            yield str(one["exceptionDetails"].get("text"))
        for one in self._of("Runtime.consoleAPICalled"):
            yield f"console: {one['args']}"
        for one in self._of("Network.loadingFailed"):
            yield f"not loaded: {one.get('errorText')} {one.get('blockedReason', '')}"

    def _of(self, method: str) -> list[dict[str, Any]]:
        return [one["params"] for one in self.events if one.get("method") == method]

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self.answers], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the browser did not answer"
            got = os.read(self.answers, 1 << 20)
            assert got, "the browser has ended"
            self._buffer += got
        one, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(one))


@contextmanager
def running_browser(chromium: str, folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in this folder."""
    to_browser, commands = os.pipe()
    answers, from_browser = os.pipe()
    options = [*QUIET, "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(to_browser), str(from_browser), chromium, *options],
        pass_fds=(to_browser, from_browser),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    with Browser(process, commands, answers) as browser:
        yield browser
