"""What is wrong with the desk: one function from facts to findings, which status, watchman and doctor share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from desk.reports.health.facts import AlarmKind, Health, MailboxState, Process, ProcessKind, Severity
from mail.outbound.catalogue import Said, said

QUEUES: Final = ("wire", "desk")
# A process beats four times a minute: three beats in a row are missing, and a busy machine had ten seconds more. With
# the minute between two looks of a watchman whom cron starts, a missing process is told of within two minutes.
SILENT_AFTER: Final = timedelta(seconds=55)
# It is made once a day, by the day of UTC: at the start of a desk, and then after each midnight.
RECONCILE_WITHIN: Final = timedelta(hours=30)
CLOCK_OFF: Final = timedelta(minutes=1)
GIGABYTE: Final = 1024**3
# A disk is full where less than `alarm_free_gigabytes` are free, and on a large one already where less than a twentieth
# of it and less than this is.
ENOUGH_FREE: Final = 10 * GIGABYTE
LONGEST_WORDS: Final = 300

# Where one of these lasts, mails of ours may not arrive: whoever is to know it must be told otherwise.
MAIL_IS_BROKEN: Final = frozenset(
    {
        AlarmKind.NO_WORKER,
        AlarmKind.NO_BEAT,
        AlarmKind.UNANNOUNCED,
        AlarmKind.OUTBOX_FAILING,
        AlarmKind.OUTBOX_PILING,
        AlarmKind.DISK,
    }
)
# Where one of these lasts, the desk is not doing its work; the others will hinder it later.
STOPS_THE_DESK: Final = MAIL_IS_BROKEN | {AlarmKind.MAILBOX_REFUSED, AlarmKind.MAILBOX_SILENT, AlarmKind.UNDECIDED}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with what it is about, such as a mailbox, and what it says in words.

    It `follows` from another one of the same time, so nobody is told of it besides; where it lasted before, it still
    does.
    """

    kind: AlarmKind
    sentence: Said
    about: str = ""
    follows: bool = False

    @property
    def title(self) -> Said:
        """A few words that name it, also when it is over."""
        return title_of(self.kind, self.about)

    @property
    def advice(self) -> Said:
        """What to do, with what to type."""
        return said(f"alarms.{self.kind}_advice", about=self.about)


def title_of(kind: AlarmKind, about: str) -> Said:
    """A few words that name a trouble."""
    return said(f"alarms.{kind}_title", about=about)


def severity_of(kind: AlarmKind) -> Severity:
    """How bad a problem of this kind is."""
    return Severity.CRITICAL if kind in STOPS_THE_DESK else Severity.WARNING


def is_alive(process: Process) -> bool:
    """Whether a process has beaten lately."""
    return process.silent <= SILENT_AFTER


def find_problems(health: Health) -> tuple[Problem, ...]:
    """Everything that is wrong, in the order in which one would look at it."""
    return tuple(problem for check in CHECKS for problem in check(health))


def _workers(health: Health) -> Iterator[Problem]:
    for queue in _unserved(health):
        yield Problem(AlarmKind.NO_WORKER, _since_last_beat(health, ProcessKind.WORKER, queue), queue)


def _beat(health: Health) -> Iterator[Problem]:
    if not any(is_alive(one) for one in health.processes if one.kind is ProcessKind.BEAT):
        yield Problem(AlarmKind.NO_BEAT, _since_last_beat(health, ProcessKind.BEAT))


def _mailboxes(health: Health) -> Iterator[Problem]:
    unread_after = timedelta(minutes=health.limits.alarm_unread_minutes)
    for box in health.mailboxes:
        if box.paused_at:
            continue
        if box.refused:
            words = _words(box.trouble)
            yield Problem(
                AlarmKind.MAILBOX_REFUSED, said("alarms.mailbox_refused", count=box.refused, words=words), box.name
            )
            continue
        unread = _unread_since(health, box)
        if unread is not None and health.at - unread > max(unread_after, 2 * box.polled_every):
            sentence = said("alarms.mailbox_silent", time=unread, words=_words(box.trouble))
            yield Problem(AlarmKind.MAILBOX_SILENT, sentence, box.name, follows=_is_not_polled(health))


def _backlogs(health: Health) -> Iterator[Problem]:
    queues = (
        (AlarmKind.UNDECIDED, health.mails, "desk"),
        (AlarmKind.UNANNOUNCED, health.events, "desk"),
        (AlarmKind.OUTBOX_PILING, health.due_mails, "wire"),
    )
    for kind, waiting, queue in queues:
        if waiting.oldest is not None and waiting.oldest > _too_long(health):
            sentence = said(f"alarms.{kind}", count=waiting.due, minutes=int(waiting.oldest.total_seconds()) // 60)
            yield Problem(kind, sentence, follows=queue in _unserved(health))


def _outbox(health: Health) -> Iterator[Problem]:
    outbox = health.outbox
    if outbox.stuck_for is not None and outbox.stuck_for > _too_long(health):
        sentence = said("alarms.outbox_failing", count=outbox.stuck, words=_words(outbox.error))
        yield Problem(AlarmKind.OUTBOX_FAILING, sentence)
    elif outbox.failed_lately >= health.limits.alarm_failed_mails and outbox.failed_lately > outbox.sent_lately:
        sentence = said("alarms.outbox_failed", count=outbox.failed_lately, sent=outbox.sent_lately)
        yield Problem(AlarmKind.OUTBOX_FAILING, sentence)


def _disks(health: Health) -> Iterator[Problem]:
    full: dict[str, tuple[int, int]] = {}
    for one in health.processes:
        if is_alive(one) and _is_full(one, health.limits.alarm_free_gigabytes * GIGABYTE):
            found = one.disk_free or 0, one.disk_total or 0
            full[one.host] = min(full.get(one.host, found), found)
    for host, (free, total) in sorted(full.items()):
        sentence = said("alarms.disk", free=_gigabytes(free), total=_gigabytes(total))
        yield Problem(AlarmKind.DISK, sentence, host)


def _reconciliation(health: Health) -> Iterator[Problem]:
    last = health.reconciled_at or health.first_mail_at
    if last is not None and health.at - last > RECONCILE_WITHIN:
        follows = _is_not_polled(health)
        yield Problem(AlarmKind.RECONCILE, said("alarms.reconcile", time=last), follows=follows)


def _certificates(health: Health) -> Iterator[Problem]:
    left = timedelta(days=health.limits.alarm_certificate_days)
    for box in health.mailboxes:
        ends = box.certificate_ends_at
        if ends is not None and ends - health.at < left:
            yield Problem(AlarmKind.CERTIFICATE, said("alarms.certificate", time=ends), box.name)
    for server, ends in health.outgoing.items():
        if ends - health.at < left:
            yield Problem(AlarmKind.OUTGOING_CERTIFICATE, said("alarms.outgoing_certificate", time=ends), server)


def _tokens(health: Health) -> Iterator[Problem]:
    for box in health.mailboxes:
        ends = health.tokens.get(box.name)
        if ends is not None and ends - health.at < timedelta(days=health.limits.alarm_token_days):
            yield Problem(AlarmKind.TOKEN, said("alarms.token", time=ends), box.name)


def _clocks(health: Health) -> Iterator[Problem]:
    off = {one.host: one.clock_off for one in health.processes if is_alive(one) and abs(one.clock_off) > CLOCK_OFF}
    for host, amount in sorted(off.items()):
        key = "alarms.clock_ahead" if amount > timedelta(0) else "alarms.clock_behind"
        seconds = int(abs(amount).total_seconds())
        yield Problem(AlarmKind.CLOCK, said(key, about=host, count=seconds), host)


CHECKS: Final[tuple[Callable[[Health], Iterator[Problem]], ...]] = (
    _workers,
    _beat,
    _mailboxes,
    _backlogs,
    _outbox,
    _disks,
    _reconciliation,
    _certificates,
    _tokens,
    _clocks,
)


def _unserved(health: Health) -> tuple[str, ...]:
    """The queues that no living worker listens to."""
    served = {
        queue for one in health.processes if one.kind is ProcessKind.WORKER and is_alive(one) for queue in one.queues
    }
    return tuple(queue for queue in QUEUES if queue not in served)


def _is_not_polled(health: Health) -> bool:
    return "wire" in _unserved(health) or any(True for _ in _beat(health))


def _since_last_beat(health: Health, kind: ProcessKind, queue: str = "") -> Said:
    """That a process is missing, and where it was last seen."""
    last = min(
        (one for one in health.processes if one.kind is kind and (not queue or queue in one.queues)),
        key=lambda one: one.silent,
        default=None,
    )
    key = "no_worker" if queue else "no_beat"
    if last is None:
        return said(f"alarms.{key}_ever", about=queue)
    return said(f"alarms.{key}", about=queue, host=last.host, time=health.at - last.silent)


def _unread_since(health: Health, box: MailboxState) -> datetime | None:
    since = box.read_at
    if since is None:
        since = min(
            (one.started_at for one in health.processes if "wire" in one.queues and is_alive(one)), default=None
        )
    # One that was paused could be read again from the end of its pause on.
    return max(since, box.resumes_at or since) if since else None


def _is_full(process: Process, least: int) -> bool:
    """Whether the disk of its machine has too little room; False where nothing is known of it."""
    free, total = process.disk_free, process.disk_total
    return free is not None and bool(total) and (free < least or free < min(ENOUGH_FREE, (total or 0) / 20))


def _too_long(health: Health) -> timedelta:
    return timedelta(minutes=health.limits.alarm_waiting_minutes)


def _gigabytes(size: int) -> str:
    return f"{size / GIGABYTE:.1f}"


def _words(trouble: str) -> str:
    """What a server said, as the end of a sentence."""
    return trouble[:LONGEST_WORDS].rstrip(".") if trouble else "-"
