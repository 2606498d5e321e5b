"""The findings of a robust run: each mail on the server beside its row in the ledger, and each effect counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, text

from desk.intake.rule_names import RuleName
from mail.imap.mailbox import Fetched, open_mailbox
from worker.runtime.services import Services, imap_server

# One row of the ledger should be one of these; the counts are compared with what the decisions say.
EFFECTS = {
    "tickets": (RuleName.NEW_TICKET, 'SELECT count(*) FROM "Ticket"'),
    "comments": (RuleName.CUSTOMER_ON_TICKET, 'SELECT count(*) FROM "Comment"'),
    "activities of new tickets": (
        RuleName.NEW_TICKET,
        "SELECT count(*) FROM \"TicketActivity\" WHERE action = 'created'",
    ),
}
# The text after the colon names an address.
HELD = "SELECT split_part(reason, ':', 1) f, count(*) n FROM mail.outbox WHERE fate = 'held' GROUP BY 1"
WITHOUT_REASON = """
SELECT (SELECT count(*) FROM mail.ledger WHERE fate IS NOT NULL AND coalesce(reason, '') = '')
    + (SELECT count(*) FROM mail.outbox WHERE fate IN ('held', 'failed') AND coalesce(reason, error, '') = '')
"""
RAW = """
SELECT l.uid, l.fate, l.error, string_agg(c.content, ''::bytea ORDER BY c.position) AS raw
FROM mail.ledger l LEFT JOIN mail.raw_chunk c ON c.ledger_id = l.id
WHERE l.fate IS DISTINCT FROM 'baseline' GROUP BY l.id
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts of one run; `fates` counts ledger rows by fate and rule, `held` outgoing mails by why they are held."""

    on_server: int
    fates: Mapping[tuple[str, str], int]
    open_events: int
    open_outbox: int
    outbox: Mapping[str, int]
    held: Mapping[str, int]
    lost: int = 0
    doubled: int = 0
    altered: int = 0
    without_reason: int = 0
    effects: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def decided(self) -> int:
        """How many ledger rows have a fate."""
        return sum(count for (fate, _), count in self.fates.items() if fate != "undecided")

    @property
    def at_rest(self) -> bool:
        """True where every mail of the server is decided and nothing waits to be announced or sent."""
        return self.decided >= self.on_server and not self.open_events and not self.open_outbox

    @property
    def sound(self) -> bool:
        """True where nothing was lost, doubled or altered, and every fate has its reason."""
        wrong = (self.lost, self.doubled, self.altered, self.without_reason)
        even = all(expected == found for expected, found in self.effects.values())
        return self.at_rest and not any(wrong) and even


def read_findings(services: Services, *, compare: bool = True) -> Findings:
    """Count mails, fates and effects; with `compare`, fetch every mail again and compare its bytes with the ledger."""
    with services.engine.connect() as connection:
        seen = _count(services, connection)
        return _with_comparison(services, connection, seen) if compare else seen


def _count(services: Services, connection: Connection) -> Findings:
    with open_mailbox(imap_server(services.settings.mailbox[0], services.limits)) as mailbox:
        mailbox.select("INBOX")
        on_server = len(mailbox.all_uids())
    rows = connection.execute(
        text("SELECT coalesce(fate, 'undecided') f, coalesce(evidence->>'rule', '') r, count(*) n FROM mail.ledger "
             "WHERE fate IS DISTINCT FROM 'baseline' GROUP BY 1, 2")
    )  # fmt: skip
    return Findings(
        on_server=on_server,
        fates={(row.f, row.r): row.n for row in rows},
        open_events=_number(connection, "SELECT count(*) FROM mail.event WHERE fate IS NULL"),
        # A mail that another server put off is due later, and counts as finished for now.
        open_outbox=_number(connection, "SELECT count(*) FROM mail.outbox WHERE fate IS NULL AND due_at <= now()"),
        outbox=_count_by_name(connection, "SELECT coalesce(fate, 'waiting') f, count(*) n FROM mail.outbox GROUP BY 1"),
        held=_count_by_name(connection, HELD),
    )


def _with_comparison(services: Services, connection: Connection, seen: Findings) -> Findings:
    rows = list(connection.execute(text(RAW)))
    ledger = {row.uid: bytes(row.raw or b"") for row in rows}
    times = Counter(row.uid for row in rows)
    lost = altered = 0
    with open_mailbox(imap_server(services.settings.mailbox[0], services.limits)) as mailbox:
        mailbox.select("INBOX")
        for mail in mailbox.fetch_after(0):
            lost += mail.uid not in ledger
            altered += isinstance(mail, Fetched) and ledger.get(mail.uid, mail.raw) != mail.raw
    return replace(
        seen,
        lost=lost,
        doubled=sum(count - 1 for count in times.values()),
        altered=altered,
        without_reason=_number(connection, WITHOUT_REASON),
        effects={
            name: (seen.fates.get(("applied", rule), 0), _number(connection, statement))
            for name, (rule, statement) in EFFECTS.items()
        },
    )


def _count_by_name(connection: Connection, statement: str) -> dict[str, int]:
    return {str(row.f): row.n for row in connection.execute(text(statement))}


def _number(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())


def show(findings: Findings, console: Console) -> None:
    """Print the findings as a table; words of mails never stand in it."""
    table = Table(title="Robust run")
    table.add_column("what")
    table.add_column("count", justify="right")
    for name, count in _table_rows(findings):
        table.add_row(Text(name), Text(str(count)))
    console.print(table)
    console.print("All is well." if findings.sound else "Something is wrong: see the counts above.")


def _table_rows(findings: Findings) -> list[tuple[str, object]]:
    fates = [(f"{fate} by {rule}" if rule else fate, count) for (fate, rule), count in sorted(findings.fates.items())]
    effects = [(f"{name}: decided, found", f"{a}, {b}") for name, (a, b) in findings.effects.items()]
    return [
        ("mails on the server", findings.on_server),
        *fates,
        *effects,
        ("lost", findings.lost),
        ("twice in the ledger", findings.doubled),
        ("other bytes than the server's", findings.altered),
        ("fate without a reason", findings.without_reason),
        *((f"outgoing mails {fate}", count) for fate, count in sorted(findings.outbox.items())),
        *((f"  held: {reason}", count) for reason, count in sorted(findings.held.items())),
        ("events not announced", findings.open_events),
    ]
