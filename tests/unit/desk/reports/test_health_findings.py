"""What is found wrong is a function of the facts: each bound on both of its sides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desk.reports.health.facts import AlarmKind, Health, MailboxState, OutboxState, Process, ProcessKind, Waiting
from desk.reports.health.findings import find_problems

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86400))
GB = 1024**3
WORKER = Process(
    kind=ProcessKind.WORKER,
    queues=("desk", "wire"),
    host="a.example",
    pid=1,
    version="1",
    key="k",
    clock_off=timedelta(0),
    disk_free=50 * GB,
    disk_total=100 * GB,
    started_at=NOW - DAY,
    silent=SECOND,
)
BEAT = replace(WORKER, kind=ProcessKind.BEAT, queues=())
BOX = MailboxState("support", read_at=NOW)
NEVER_READ = replace(BOX, read_at=None)
WELL = Health(at=NOW, processes=(WORKER, BEAT), mailboxes=(BOX,), reconciled_at=NOW)


def well_but(**changes: object) -> Health:
    return replace(WELL, **changes)  # type: ignore[arg-type]


def with_worker(**changes: object) -> Health:
    return well_but(processes=(replace(WORKER, **changes), BEAT))  # type: ignore[arg-type]


def with_box(**changes: object) -> Health:
    return well_but(mailboxes=(replace(BOX, **changes),))  # type: ignore[arg-type]


CASES: dict[str, tuple[Health, list[AlarmKind]]] = {
    "all is well": (WELL, []),
    "three beats missing": (with_worker(silent=55 * SECOND), []),
    "silent": (with_worker(silent=56 * SECOND), [AlarmKind.NO_WORKER] * 2),
    "another worker is there": (well_but(processes=(replace(WORKER, silent=DAY), WORKER, BEAT)), []),
    "no beat": (well_but(processes=(WORKER,)), [AlarmKind.NO_BEAT]),
    "a watch is no beat": (well_but(processes=(WORKER, replace(BEAT, kind=ProcessKind.WATCH))), [AlarmKind.NO_BEAT]),
    "read a while ago": (with_box(read_at=NOW - 15 * MINUTE), []),
    "unread": (with_box(read_at=NOW - 15 * MINUTE - SECOND), [AlarmKind.MAILBOX_SILENT]),
    "refused, and unread": (with_box(read_at=NOW - DAY, refused=1), [AlarmKind.MAILBOX_REFUSED]),
    "paused, unread and refused": (with_box(read_at=NOW - DAY, refused=1, paused_at=NOW - HOUR), []),
    "paused for long ago, and unread since": (
        with_box(read_at=NOW - DAY, resumes_at=NOW - 15 * MINUTE - SECOND),
        [AlarmKind.MAILBOX_SILENT],
    ),
    "a pause that is just over": (with_box(read_at=NOW - DAY, resumes_at=NOW - 15 * MINUTE), []),
    "a pause before the last look": (with_box(read_at=NOW - MINUTE, resumes_at=NOW - DAY), []),
    "never read, and just resumed": (with_box(read_at=None, resumes_at=NOW - MINUTE), []),
    "paused, and its certificate and consent end": (
        well_but(
            mailboxes=(replace(BOX, paused_at=NOW - HOUR, certificate_ends_at=NOW + DAY),),
            tokens={"support": NOW + DAY},
        ),
        [AlarmKind.CERTIFICATE, AlarmKind.TOKEN],
    ),
    "paused and refused ones before one that is unread": (
        well_but(mailboxes=(replace(BOX, paused_at=NOW), replace(BOX, refused=1), replace(BOX, read_at=NOW - DAY))),
        [AlarmKind.MAILBOX_REFUSED, AlarmKind.MAILBOX_SILENT],
    ),
    "two looks of an hour each": (with_box(read_at=NOW - 2 * HOUR, polled_every=HOUR), []),
    "more than two looks": (with_box(read_at=NOW - 2 * HOUR - SECOND, polled_every=HOUR), [AlarmKind.MAILBOX_SILENT]),
    "never read by a worker of yesterday": (
        well_but(processes=(WORKER, replace(WORKER, started_at=NOW), BEAT), mailboxes=(NEVER_READ,)),
        [AlarmKind.MAILBOX_SILENT],
    ),
    "never read, and whoever could is new": (
        well_but(
            processes=(
                replace(WORKER, queues=("desk",)),
                replace(WORKER, silent=HOUR),
                replace(WORKER, started_at=NOW),
                BEAT,
            ),
            mailboxes=(NEVER_READ,),
        ),
        [],
    ),
    "waits ten minutes": (well_but(mails=Waiting(1, 10 * MINUTE)), []),
    "waits longer": (well_but(mails=Waiting(1, 10 * MINUTE + SECOND)), [AlarmKind.UNDECIDED]),
    "stuck for a moment": (well_but(outbox=OutboxState(stuck=9, stuck_for=MINUTE)), []),
    "stuck": (well_but(outbox=OutboxState(stuck=1, stuck_for=11 * MINUTE)), [AlarmKind.OUTBOX_FAILING]),
    "some fail": (well_but(outbox=OutboxState(failed_lately=5, sent_lately=5)), []),
    "most fail": (well_but(outbox=OutboxState(failed_lately=5, sent_lately=4)), [AlarmKind.OUTBOX_FAILING]),
    "one of four fails": (well_but(outbox=OutboxState(failed_lately=4)), []),
    "a gigabyte free": (with_worker(disk_free=GB, disk_total=10 * GB), []),
    "less free": (with_worker(disk_free=GB - 1, disk_total=2 * GB), [AlarmKind.DISK]),
    "a large disk at its end": (with_worker(disk_free=9 * GB, disk_total=1000 * GB), [AlarmKind.DISK]),
    "a huge disk with room": (with_worker(disk_free=11 * GB, disk_total=9000 * GB), []),
    "a disk that cannot be seen": (with_worker(disk_free=None, disk_total=None), []),
    "compared yesterday": (well_but(reconciled_at=NOW - 30 * HOUR), []),
    "not compared": (well_but(reconciled_at=NOW - 31 * HOUR), [AlarmKind.RECONCILE]),
    "a new desk": (well_but(reconciled_at=None), []),
    "fourteen days left": (with_box(certificate_ends_at=NOW + 14 * DAY), []),
    "thirteen left": (with_box(certificate_ends_at=NOW + 13 * DAY), [AlarmKind.CERTIFICATE]),
    "an outgoing server with fourteen": (well_but(outgoing={"s:25": NOW + 14 * DAY}), []),
    "an outgoing server with thirteen": (
        well_but(outgoing={"s:25": NOW + 13 * DAY, "t:25": NOW + 30 * DAY}),
        [AlarmKind.OUTGOING_CERTIFICATE],
    ),
    "a week of consent": (well_but(tokens={"support": NOW + 7 * DAY}), []),
    "less consent": (well_but(tokens={"support": NOW + 6 * DAY}), [AlarmKind.TOKEN]),
    "a token of another": (well_but(tokens={"gone": NOW}), []),
    "a minute off": (with_worker(clock_off=-MINUTE), []),
    "more than a minute": (with_worker(clock_off=-MINUTE - SECOND), [AlarmKind.CLOCK]),
    "a clock of a process that is gone": (
        well_but(processes=(WORKER, BEAT, replace(WORKER, pid=2, silent=HOUR, clock_off=HOUR))),
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_bound_is_where_it_is_said(case: str) -> None:
    health, kinds = CASES[case]

    assert [one.kind for one in find_problems(health)] == kinds


def test_one_clock_or_disk_is_found_once_however_many_processes_there_are() -> None:
    off = replace(WORKER, clock_off=HOUR, disk_free=0)

    found = find_problems(well_but(processes=(off, replace(off, pid=2), BEAT)))

    assert [one.kind for one in found] == [AlarmKind.DISK, AlarmKind.CLOCK]


@pytest.mark.parametrize(
    ("processes", "follows"),
    [((WORKER, BEAT), False), ((WORKER,), True), ((replace(WORKER, queues=("desk",)), BEAT), True)],
    ids=["all are there", "no beat", "no worker that reads"],
)
def test_that_nobody_reads_follows_from_who_is_missing(processes: tuple[Process, ...], follows: bool) -> None:
    unread = well_but(processes=processes, mailboxes=(replace(BOX, read_at=NOW - DAY),), reconciled_at=NOW - 2 * DAY)

    found = {one.kind: one.follows for one in find_problems(unread)}

    assert (found[AlarmKind.MAILBOX_SILENT], found[AlarmKind.RECONCILE]) == (follows, follows)
