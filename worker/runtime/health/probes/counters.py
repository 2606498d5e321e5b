"""What became of mails since this process began: counters and histograms, as a scrape reads them.

They begin at nothing with each process, and rates are made of what they grow by, as is usual for counters.
"""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from models.reports.fates import Counted, Fated

# The fates of each table that are counted; the mark at the first sight of a folder is no mail.
FATES: Final = {
    Counted.MAILS: ("applied", "not_applied", "quarantined", "dropped"),
    Counted.EVENTS: ("announced", "parked", "quarantined", "dropped"),
    Counted.OUTBOX: ("sent", "failed", "held", "dropped"),
}
# Seconds, from what the path of a mail can do to a day's wait.
BUCKETS: Final = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)
SINCE: Final = "since this process began"
COUNTERS: Final = {
    Counted.MAILS: ("supportdesk_mails", f"Mails by what became of them, {SINCE}."),
    Counted.EVENTS: (
        "supportdesk_news",
        f"News of tickets by what became of them, {SINCE}; parked is too old to be told.",
    ),
    Counted.OUTBOX: ("supportdesk_outbox_mails", f"Mails of ours by what became of them, {SINCE}."),
}
BOUNCES: Final = ("supportdesk_bounces", f"Mails that said that a mail of ours did not arrive, {SINCE}.")
HISTOGRAMS: Final = {
    Counted.MAILS: (
        "supportdesk_mail_to_ticket_seconds",
        f"From the INTERNALDATE of a mail to its ticket, for mails decided {SINCE}.",
    ),
    Counted.OUTBOX: (
        "supportdesk_mail_to_notification_seconds",
        f"From a mail's INTERNALDATE, or another program's change, to each mail of ours about it, sent {SINCE}.",
    ),
}


class Counters:
    """The counters of one process, in a registry of their own: that of the library would tell of this process."""

    def __init__(self) -> None:
        # The text format has no place for when a counter began; the library would add a gauge for each.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry()
        self._fates = {table: Counter(*words, ["fate"], registry=registry) for table, words in COUNTERS.items()}
        self._bounces = Counter(*BOUNCES, registry=registry)
        self._seconds = {
            table: Histogram(*words, buckets=BUCKETS, registry=registry) for table, words in HISTOGRAMS.items()
        }
        for table, fates in FATES.items():
            for fate in fates:
                # A counter that first appears with its first count would never be seen to grow by it.
                self._fates[table].labels(fate)

    def count(self, table: Counted, rows: Iterable[Fated]) -> None:
        """Count rows of a table that have got their fate."""
        for row in rows:
            if row.fate in FATES[table]:
                self._fates[table].labels(row.fate).inc()
            if row.is_bounce:
                self._bounces.inc()
            if row.seconds is not None and table in self._seconds:
                self._seconds[table].observe(row.seconds)
