"""How the desk is as gauges: from what a look has seen to the families of a scrape, without clock and database.

No label holds a word of a mail or of a server: names are those of the settings, of hosts and of our own closed sets.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from desk.reports.health.facts import AlarmKind, Health, Process, ProcessKind
from desk.reports.health.findings import SILENT_AFTER, is_alive, severity_of
from models.reports.health.gather import ASKED, IN_QUARANTINE
from worker.runtime.health.look import Look
from worker.runtime.health.probes.sight import Seen
from worker.runtime.health.pulse import version_of_desk

Sample = tuple[tuple[str, ...], float]


# A registry knows collectors by their identity.
@dataclass(frozen=True, slots=True, eq=False)
class Gauges(Collector):
    """What was seen, as the library collects it."""

    seen: Seen

    def collect(self) -> Iterator[Metric]:
        """Every family; without a look only that there is none, which alerts are made of."""
        yield _gauge("supportdesk_up", "1 where the database could be read, else 0.", float(self.seen.look is not None))
        yield InfoMetricFamily("supportdesk_build", "This program.", {"version": version_of_desk()})
        if self.seen.look is None:
            return
        yield _gauge("supportdesk_look_seconds", "How long the database was read for these figures.", self.seen.seconds)
        yield _problems(self.seen.look)
        yield from _queues(self.seen.look.health, self.seen.unsent)
        yield from _mailboxes(self.seen.look.health)
        yield from _processes(self.seen.look.health)
        yield from _rest(self.seen.look.health)


def _problems(look: Look) -> Metric:
    found = [one.kind for one in look.problems if not one.follows]
    samples = [((str(kind), str(severity_of(kind))), float(found.count(kind))) for kind in AlarmKind]
    words = "Problems that supportdesk status names now, by kind; those that follow from another are left out."
    return _family("supportdesk_problems", words, ("problem", "severity"), samples)


def _queues(health: Health, unsent: tuple[int, int]) -> Iterator[Metric]:
    queues = {"mails": health.mails, "news": health.events, "outbox": health.due_mails}
    due = [((name,), float(waiting.due)) for name, waiting in queues.items()]
    oldest = [
        ((name,), 0.0 if waiting.oldest is None else waiting.oldest.total_seconds()) for name, waiting in queues.items()
    ]
    yield _family("supportdesk_queue_due", "What is due in each queue and not done yet.", ("queue",), due)
    yield _family("supportdesk_queue_oldest_seconds", "For how long the oldest of it has been due.", ("queue",), oldest)
    states = [(("new",), float(unsent[0])), (("after_error",), float(unsent[1]))]
    yield _family("supportdesk_outbox_waiting_mails", "Mails of ours that wait to be sent.", ("state",), states)
    words = "Mails of ours that wait because a server cannot be reached or refuses the desk."
    yield _gauge("supportdesk_outbox_stuck_mails", words, health.outbox.stuck)
    words = "Mails in quarantine, which a person has to look at."
    yield _gauge("supportdesk_quarantined_mails", words, health.others[IN_QUARANTINE])
    words = "Answers of staff that wait for a word of their author."
    yield _gauge("supportdesk_asked_mails", words, health.others[ASKED])


def _mailboxes(health: Health) -> Iterator[Metric]:
    lag, refused, trouble, certificate, token = [], [], [], [], []
    for box in health.mailboxes:
        name = (box.name,)
        refused.append((name, float(box.refused)))
        trouble.append((name, float(bool(box.trouble))))
        if box.read_at is not None:
            lag.append((name, (health.at - box.read_at).total_seconds()))
        if box.certificate_ends_at is not None:
            certificate.append((name, box.certificate_ends_at.timestamp()))
        if box.name in health.tokens:
            token.append((name, health.tokens[box.name].timestamp()))
    label, start = ("mailbox",), "supportdesk_mailbox_"
    yield _family(f"{start}lag_seconds", "Since a mailbox was last read to its end.", label, lag)
    yield _family(f"{start}refused_logins", "Logins that the server refused in a row.", label, refused)
    yield _family(f"{start}in_trouble", "1 where the last look failed; status has the server's words.", label, trouble)
    words = "When the certificate of the server ends."
    yield _family(f"{start}certificate_end_timestamp_seconds", words, label, certificate)
    words = "When the consent to read a mailbox by OAuth2 ends, where it does."
    yield _family(f"{start}token_end_timestamp_seconds", words, label, token)
    words, outgoing = "When the certificate of an outgoing server ends.", health.outgoing
    ends = [((server,), when.timestamp()) for server, when in outgoing.items()]
    yield _family("supportdesk_outgoing_certificate_end_timestamp_seconds", words, ("server",), ends)


def _processes(health: Health) -> Iterator[Metric]:
    alive = [one for one in health.processes if is_alive(one)]
    counts = [((str(kind),), float(sum(one.kind is kind for one in alive))) for kind in ProcessKind]
    yield _family(
        "supportdesk_processes", f"Processes that beat within the last {SILENT_AFTER.seconds} s.", ("kind",), counts
    )
    silent: dict[tuple[str, ...], float] = {}
    off: dict[tuple[str, ...], float] = {}
    keys: dict[tuple[str, ...], float] = {}
    free: dict[tuple[str, ...], float] = {}
    size: dict[tuple[str, ...], float] = {}
    for one in health.processes:
        seconds, name = one.silent.total_seconds(), _name(one)
        silent[name] = min(silent.get(name, seconds), seconds)
    for one in alive:
        clock, host = one.clock_off.total_seconds(), (one.host,)
        off[host] = max(off.get(host, clock), clock, key=abs)
        keys[(*_name(one), one.version, one.key)] = 1.0
        if one.disk_free is not None and one.disk_total is not None and one.disk_free <= free.get(host, one.disk_free):
            free[host], size[host] = one.disk_free, one.disk_total
    labels = ("kind", "host", "queues")
    words = "Age of the last pulse of the processes of one kind and host, the youngest of them."
    yield _of("supportdesk_pulse_age_seconds", words, labels, silent)
    words = "Processes that are there, with their version and the fingerprint of the key they sign with."
    yield _of("supportdesk_process_info", words, (*labels, "version", "key"), keys)
    words = "How far the clock of a host is ahead of the database's."
    yield _of("supportdesk_clock_offset_seconds", words, ("host",), off)
    yield _of("supportdesk_disk_free_bytes", "Room on the disk of a host that has the least.", ("host",), free)
    yield _of("supportdesk_disk_size_bytes", "Size of that disk.", ("host",), size)


def _rest(health: Health) -> Iterator[Metric]:
    yield _gauge("supportdesk_database_size_bytes", "Size of the database.", health.database_bytes)
    if health.reconciled_at is not None:
        words = "When the mailboxes were last compared with their servers."
        yield _gauge("supportdesk_reconciled_timestamp_seconds", words, health.reconciled_at.timestamp())


def _name(one: Process) -> tuple[str, ...]:
    return str(one.kind), one.host, ",".join(one.queues)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value)


def _of(name: str, words: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    return _family(name, words, labels, values.items())


def _family(name: str, words: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
