"""The plans by which PostgreSQL executed each statement, those inside triggers included (auto_explain)."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event

# The settings with which the plan of each statement comes as a notice, with the rows that each step read.
AUTO_EXPLAIN = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
}
READERS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Sample Scan", "Tid Scan")
BITMAP = "Bitmap Index Scan"
# One more than all steps of a plan together may read of a large table.
MANY = 1_000
# The indexes of what waits. Only a claim walks them, what parks old news, and what counts the questions to one of the
# staff; who knows a row's id must not look for it among all that wait.
WAITING = ("ledger_undecided_idx", "event_undecided_idx", "event_undecided_transaction_idx", "outbox_due_idx")
WALKERS = ("SKIP LOCKED", "mail.event.happened_at <", "SELECT count(*) AS count_1 FROM mail.")


@dataclass(slots=True)
class Plans:
    """The statements that were executed, each with its plan."""

    executed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def add_notice(self, notice: psycopg.errors.Diagnostic) -> None:
        """Keep the plan of a notice of auto_explain, and ignore other notices."""
        message = notice.message_primary or ""
        if message.startswith("duration:"):
            explained = json.loads(message.partition("plan:\n")[2])
            self.executed.append((" ".join(explained["Query Text"].split()), explained["Plan"]))

    def offenders(self, large: Mapping[str, float], spared: str = "") -> list[str]:
        """Each way in which a large table was read that will not do for a larger one, and by which statement.

        `spared` is the beginning of a statement that is let off.
        """
        return sorted(
            {
                f"{what}: {statement[:600]}"
                for statement, plan in self.executed
                for what in (*faults(plan, large), *full_index_scans(statement, plan))
                if not spared or not statement.startswith(spared)
            }
        )


def faults(plan: Mapping[str, Any], large: Mapping[str, float]) -> Iterator[str]:
    """What a plan does with large tables that it must not."""
    for node in nodes(plan):
        table, kind = node.get("Relation Name"), node["Node Type"]
        if kind == BITMAP and rows_read(node) > MANY:
            yield f"{kind} of {rows_read(node):.0f} entries of {node['Index Name']}"
        if table not in large or kind not in READERS:
            continue
        if kind == "Seq Scan":
            yield f"Seq Scan of {table}"
        elif rows_read(node) > MANY:
            yield f"{kind} of {rows_read(node):.0f} rows of {table}"


def full_index_scans(statement: str, plan: Mapping[str, Any]) -> Iterator[str]:
    """Which indexes of what waits are walked from end to end, however little waits now."""
    for node in () if any(words in statement for words in WALKERS) else nodes(plan):
        if node.get("Index Name") in WAITING and "Index Cond" not in node:
            yield f"Walk of {node['Index Name']}"


def rows_read(node: Mapping[str, Any]) -> float:
    """How many rows a step looked at, those included that it threw away."""
    dropped = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return float(node.get("Actual Loops", 0) * (node.get("Actual Rows", 0) + dropped))


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All steps of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def log_plans_to_sessions(connection: "psycopg.Connection[tuple[object, ...]]", database: str) -> None:
    """Send each statement's plan as a notice to its session, in later sessions of a database; as superuser only."""
    for name, value in AUTO_EXPLAIN.items():
        connection.execute(f"ALTER DATABASE \"{database}\" SET {name} = '{value}'".encode())


@contextmanager
def recorded_plans(engine: Engine) -> Iterator[Plans]:
    """Listen to what an engine's new connections are told."""
    plans = Plans()

    def listen(connection: "psycopg.Connection[tuple[object, ...]]", _record: object) -> None:
        connection.add_notice_handler(plans.add_notice)

    engine.dispose()
    event.listen(engine, "connect", listen)
    yield plans
    event.remove(engine, "connect", listen)
    engine.dispose()
