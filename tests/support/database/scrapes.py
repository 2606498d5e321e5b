"""What a scrape of a desk says, read by the library's own parser."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from worker.admin.migrate import newest
from worker.runtime.health.probes.counters import Counters
from worker.runtime.health.probes.gauges import Gauges
from worker.runtime.health.probes.sight import Seen, Sight
from worker.runtime.services import Services

Labels = frozenset[tuple[str, str]]


def sight_of(services: Services, *, kept: float = -1.0, wait: float = 20.0) -> Sight:
    """A sight of the desk that looks anew each time."""
    return Sight(services, newest(), Counters(), kept, wait)


def scraped(sight: Sight) -> str:
    """The text of a scrape."""
    return text_of(sight.see(), sight.counters)


def text_of(seen: Seen, counters: Counters) -> str:
    """The text of a scrape that shows this."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Gauges(seen))
    registry.register(counters.registry)
    return generate_latest(registry).decode()


def families(text: str) -> list[Metric]:
    """The families of a scrape."""
    return list(text_string_to_metric_families(text))


def samples(text: str) -> dict[str, dict[Labels, float]]:
    """The values of a scrape by name and labels."""
    found: dict[str, dict[Labels, float]] = {}
    for family in families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def value(text: str, name: str, **labels: str) -> float:
    """One value of a scrape; KeyError where it is not there."""
    return samples(text)[name][frozenset(labels.items())]
