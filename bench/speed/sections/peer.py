"""django-helpdesk beside us: the same mails from the same IMAP server into the same PostgreSQL, by its own command."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from bench.speed.mails import Mail
from bench.speed.servers import Stage, libpq_url
from mail.imap.mailbox import open_mailbox
from mail.server import Security, Server

NAME = "helpdesk"
TIMEOUT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Peer:
    """What it took: mails a second, CPU milliseconds a mail of its process, and the tickets it made."""

    version: str
    rate: float
    cpu: float
    tickets: int
    followups: int


def measure(stage: Stage, python: Path, mails: Sequence[Mail]) -> Peer:
    """Give it a database and a mailbox with the mails, and let it take them in."""
    user, file = f"{NAME}@desk.example", stage.folder / "helpdesk.json"
    server = Server("127.0.0.1", stage.imap.port, Security.PLAIN, user, stage.imap.password)
    with open_mailbox(server) as mailbox:
        for mail in mails:
            mailbox.append("INBOX", mail.raw)
    stage.administer(f"CREATE DATABASE {NAME}")
    url = libpq_url(make_url(stage.database_url).set(database=NAME).render_as_string(hide_password=False))
    words = [url, str(stage.imap.port), user, stage.imap.password, str(file)]
    script = Path(__file__).with_name("helpdesk.py")
    subprocess.run([str(python), str(script), *words], check=True, timeout=TIMEOUT_SECONDS, cwd=stage.folder)
    stage.administer(f"DROP DATABASE {NAME} WITH (FORCE)")
    result = json.loads(file.read_text())
    count = len(mails)
    return Peer(
        version=result["version"],
        rate=count / result["seconds"],
        cpu=1000 * result["cpu"] / count,
        tickets=result["tickets"],
        followups=result["followups"],
    )
