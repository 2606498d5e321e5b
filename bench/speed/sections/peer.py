"""django-helpdesk beside us: the same mails from the same IMAP server into the same PostgreSQL, by its own command."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from bench.speed.floors.figures import Floor
from bench.speed.mails import Mail
from bench.speed.meter import cpu_between, cpu_seconds
from bench.speed.stage.child import ready_child
from bench.speed.stage.servers import Stage, fill_mailbox, libpq_url, mailbox_user

NAME = "helpdesk"


@dataclass(frozen=True, slots=True)
class Peer:
    """What it took, and the tickets and follow-ups that it made."""

    took: Floor
    tickets: int
    followups: int


def measure(stage: Stage, python: Path, mails: Sequence[Mail]) -> Peer:
    """Give it a database and a mailbox with the mails, and let it take them in."""
    user, file = mailbox_user(NAME), stage.folder / "helpdesk.json"
    fill_mailbox(stage, user, mails)
    stage.administer(f"CREATE DATABASE {NAME}")
    url = libpq_url(make_url(stage.database_url).set(database=NAME).render_as_string(hide_password=False))
    words = [url, str(stage.imap.port), user, stage.imap.password, str(file)]
    # With -P the script's folder is not on the path, where the script would be taken for the package of its name.
    command = [str(python), "-P", str(Path(__file__).with_name("helpdesk.py")), *words]
    with ready_child("django-helpdesk", command, folder=stage.folder) as process:
        before = cpu_seconds()
        process.tell("go")
        process.hear("done")
        servers = cpu_between(before, cpu_seconds())
    stage.administer(f"DROP DATABASE {NAME} WITH (FORCE)")
    result = json.loads(file.read_text())
    what = f"django-helpdesk {result['version']}"
    took = Floor("", what, len(mails), result["seconds"], result["cpu"], servers)
    return Peer(took, result["tickets"], result["followups"])
