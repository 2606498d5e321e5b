"""The statement that writes a pulse; a file of its own, since a beat imports nothing else of the database."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from models.db.light import ask_once

# A process that beats no more is forgotten after a day; its own row is left out, as a row is changed once at a time.
_BEAT: Final = """
WITH forgotten AS (
    DELETE FROM mail.pulse WHERE beat_at < now() - interval '1 day'
        AND (host, pid, kind) <> (%(host)s, %(pid)s, %(kind)s)
)
INSERT INTO mail.pulse (host, pid, kind, queues, version, key, clock_off, disk_free, disk_total, started_at)
VALUES (%(host)s, %(pid)s, %(kind)s, %(queues)s, %(version)s, %(key)s,
    extract(epoch FROM CAST(%(clock)s AS timestamptz) - clock_timestamp()), %(disk_free)s, %(disk_total)s,
    now() - make_interval(secs => %(age)s))
ON CONFLICT (host, pid, kind) DO UPDATE SET queues = excluded.queues, version = excluded.version, key = excluded.key,
    clock_off = excluded.clock_off, disk_free = excluded.disk_free, disk_total = excluded.disk_total,
    started_at = excluded.started_at, beat_at = now()
RETURNING (SELECT setting FROM pg_settings WHERE name = 'data_directory' AND (inet_client_addr() IS NULL
    OR inet_client_addr() = inet_server_addr()))
"""


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of a process: what it is, and how its machine stands.

    `clock` is what its clock shows, aware, and `age` the seconds since it began. Of the disks that it sees, the one
    with the least room counts, in bytes.
    """

    host: str
    pid: int
    kind: str
    queues: list[str]
    version: str
    key: str
    clock: Any
    age: float
    disk_free: int | None
    disk_total: int | None


def write_beat(url: str, beat: Beat) -> str | None:
    """Write a beat and forget processes that are gone for a day; raises models.db.light.Unreachable.

    Returns the folder of the database's data where that is on this machine and the role may know it.
    """
    row = ask_once(url, _BEAT, asdict(beat), application_name="supportdesk pulse")
    return row[0] if row else None
