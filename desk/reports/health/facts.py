"""What is known of how the desk is; all ages are the database's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from desk.limits import USUAL, Limits


class ProcessKind(StrEnum):
    """The kinds of process that have a pulse."""

    WORKER = "worker"
    BEAT = "beat"
    WATCH = "watch"


class AlarmKind(StrEnum):
    """What may be wrong; the values are keys of alarms in the database."""

    NO_WORKER = "no_worker"
    NO_BEAT = "no_beat"
    MAILBOX_REFUSED = "mailbox_refused"
    MAILBOX_SILENT = "mailbox_silent"
    UNDECIDED = "undecided"
    UNANNOUNCED = "unannounced"
    OUTBOX_FAILING = "outbox_failing"
    OUTBOX_PILING = "outbox_piling"
    DISK = "disk"
    RECONCILE = "reconcile"
    CERTIFICATE = "certificate"
    OUTGOING_CERTIFICATE = "outgoing_certificate"
    TOKEN = "token"  # noqa: S105  no secret
    CLOCK = "clock"


class Severity(StrEnum):
    """How bad a problem is: `critical` where mail does not come in, is not decided or does not go out."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its last beat, which is `silent` old.

    `clock_off` is how far its clock is ahead of the database's, and the disk that with the least room of its machine,
    in bytes.
    """

    kind: ProcessKind
    queues: tuple[str, ...]
    host: str
    pid: int
    version: str
    key: str
    clock_off: timedelta
    disk_free: int | None
    disk_total: int | None
    started_at: datetime
    silent: timedelta


@dataclass(frozen=True, slots=True)
class MailboxState:
    """A mailbox: when it was last read to the end, and what its server said since.

    `refused` counts the logins that its server refused in a row. `paused_until` is until when its server is left alone,
    and `polled_every` how often it is read at the latest. An operator has it paused since `paused_at`; `resumes_at` is
    the end of that pause, or of the last one.
    """

    name: str
    read_at: datetime | None = None
    trouble: str = ""
    refused: int = 0
    paused_until: datetime | None = None
    certificate_ends_at: datetime | None = None
    polled_every: timedelta = timedelta(0)
    paused_at: datetime | None = None
    resumes_at: datetime | None = None

    @property
    def pause(self) -> str:
        """That an operator has it paused, as a sentence for operators; empty where it is not."""
        return pause_in_words(self.name, self.paused_at, self.resumes_at) if self.paused_at else ""


def pause_in_words(mailbox: str, since: datetime, until: datetime | None) -> str:
    """That a mailbox is paused since a moment, till another one or till somebody resumes it."""
    end = f"until {until:%Y-%m-%d %H:%M} UTC" if until else f"until `supportdesk mailbox resume {mailbox}`"
    return f"An operator has paused mailbox {mailbox} since {since:%Y-%m-%d %H:%M} UTC, {end}; nobody reads it."


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in one queue: how much of it is due, and for how long the oldest has been."""

    due: int = 0
    oldest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class OutboxState:
    """The outbox: mails by state, and those that the server of their mailbox did not take for its own reasons.

    `failed_lately` and `sent_lately` are of the last hour; `error` is what was last said of `stuck` mails, of which the
    oldest is `stuck_for` old.
    """

    states: Mapping[str, int] = field(default_factory=dict)
    stuck: int = 0
    stuck_for: timedelta | None = None
    error: str = ""
    failed_lately: int = 0
    sent_lately: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """All that is known at one moment; `mailboxes` are those of the settings, and `first_mail_at` dates the desk.

    `tokens` says for mailboxes opened by OAuth when the consent ends, and `access_tokens` when the token of the moment
    does, which is renewed before. `outgoing` says for outgoing servers, by host and port, when the certificate ends
    that they showed. `others` counts what waits for a person.
    """

    at: datetime
    processes: tuple[Process, ...] = ()
    mailboxes: tuple[MailboxState, ...] = ()
    mails: Waiting = Waiting()
    events: Waiting = Waiting()
    due_mails: Waiting = Waiting()
    outbox: OutboxState = OutboxState()
    others: Mapping[str, int] = field(default_factory=dict)
    first_mail_at: datetime | None = None
    reconciled_at: datetime | None = None
    last_report: tuple[str, datetime] | None = None
    database_bytes: int = 0
    tokens: Mapping[str, datetime] = field(default_factory=dict)
    access_tokens: Mapping[str, datetime] = field(default_factory=dict)
    outgoing: Mapping[str, datetime] = field(default_factory=dict)
    limits: Limits = USUAL
