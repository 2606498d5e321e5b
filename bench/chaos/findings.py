"""The findings of a chaos run: every mail that was fed beside its effects, every mail sent beside what arrived."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection, Engine, text

from bench.chaos.faults import TakenMail
from bench.chaos.kills import WIRE_KINDS, Kill
from bench.chaos.plan import EITHER, TOLD, Act, Effect, Step
from seed.stack.mailhost.server import MailServer
from seed.story.correspondents import Inbox

MARKER = re.compile(r"\bmark\d+x\b")
# The texts in which a mail's words stand, by the effect that the mail had.
TEXTS = {
    Effect.TICKET: 'SELECT description FROM "Ticket"',
    Effect.COMMENT: 'SELECT content FROM "Comment"',
    Effect.NOTE: "SELECT text FROM mail.note",
}
LEDGER = "SELECT message_id, fate FROM mail.ledger WHERE fate IS DISTINCT FROM 'baseline'"
LEFT = """
SELECT (SELECT count(*) FROM mail.ledger WHERE fate IS NULL) + (SELECT count(*) FROM mail.event WHERE fate IS NULL)
    + (SELECT count(*) FROM mail.outbox WHERE fate IS NULL)
"""
SENT = "SELECT message_id, recipient FROM mail.outbox WHERE fate = 'sent'"
OUTBOX = "SELECT coalesce(fate, 'waiting') AS fate, count(*) FROM mail.outbox GROUP BY 1"
WRITTEN = "SELECT count(*) FROM mail.outbox WHERE ticket_number IS NOT NULL"
TOLD_TWICE = """
SELECT coalesce(sum(times - 1), 0) FROM (SELECT count(*) AS times FROM mail.outbox GROUP BY event_id, recipient) told
"""
REOPENED = "SELECT count(*) FROM \"TicketActivity\" WHERE description = 'Status changed from resolved to open'"
QUARANTINED = """
SELECT (SELECT count(*) FROM mail.ledger WHERE fate = 'quarantined')
    + (SELECT count(*) FROM mail.event WHERE fate = 'quarantined')
    + (SELECT count(*) FROM mail.outbox WHERE fate = 'failed')
"""
CHARGED = """
SELECT tries, count(*) FROM (
    SELECT tries FROM mail.ledger UNION ALL SELECT tries FROM mail.event UNION ALL SELECT tries FROM mail.outbox
) rows WHERE tries > 0 GROUP BY 1 ORDER BY 1
"""
ALONE = """
SELECT (SELECT count(*) FROM mail.ledger WHERE claimed_alone) + (SELECT count(*) FROM mail.event WHERE claimed_alone)
    + (SELECT count(*) FROM mail.outbox WHERE claimed_alone)
"""
PEOPLE = 'SELECT count(*) - count(DISTINCT lower(email)) FROM "User"'
ACTIVITIES = """
SELECT t.id, t.status::text AS status, count(DISTINCT c.id) AS comments,
    array(SELECT a.description FROM "TicketActivity" a WHERE a."ticketId" = t.id) AS said
FROM "Ticket" t LEFT JOIN "Comment" c ON c."ticketId" = t.id GROUP BY t.id
"""
MOST_EXAMPLES = 20
CHANGED = re.compile(r"Status changed from (\w+) to (\w+)")
# A kill shows at the proxy when it passes the answer on, or the kernel has closed the dead process's connections.
SOON = 3.0


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts of one run. `effects` has expected and found; the promises are the counts that must be 0."""

    effects: Mapping[str, tuple[int, int]]
    promises: Mapping[str, int]
    facts: Mapping[str, object]
    examples: Sequence[str]

    @property
    def sound(self) -> bool:
        """True where no promise is broken."""
        return not any(self.promises.values()) and all(a == b for a, b in self.effects.values())


def left_to_do(engine: Engine) -> int:
    """How many rows of all queues have no fate yet."""
    with engine.connect() as connection:
        return _number(connection, LEFT)


def at_rest(engine: Engine, fed: Sequence[Step]) -> bool:
    """True where every mail fed is in the ledger and nothing waits anywhere."""
    with engine.connect() as connection:
        return sum(1 for _ in connection.execute(text(LEDGER))) >= len(fed) and not _number(connection, LEFT)


def answerable(engine: Engine, message_ids: list[str]) -> set[str]:
    """The Message-IDs of those mails of the desk whose answers become public comments."""
    statement = text("SELECT message_id FROM mail.outbox WHERE kind = 'public' AND message_id = ANY(:ids)")
    with engine.connect() as connection:
        return set(connection.scalars(statement, {"ids": message_ids}))


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a run recorded: the mails it fed, those that the SMTP server took, and the kills."""

    fed: Sequence[Step]
    taken: Sequence[TakenMail]
    kills: Sequence[Kill]


def compare(engine: Engine, server: MailServer, ran: RunRecord) -> Findings:
    """Hold what was fed beside what is there, and what was sent beside what lies in the inboxes."""
    with engine.connect() as connection:
        found = {
            effect: Counter(chain.from_iterable(map(MARKER.findall, connection.scalars(text(statement)))))
            for effect, statement in TEXTS.items()
        }
        sent = {row.message_id: row.recipient for row in connection.execute(text(SENT))}
        received = _count_received(server, {*sent.values(), *(one.mail.recipient for one in ran.taken)})
        wrong = misplaced(ran.fed, found) | {
            "torn": torn_threads(ran.fed, found[Effect.TICKET]),
            "histories": _broken_histories(connection),
            "unexplained": [
                _all_of(one, times, ran) for one, times in received.items() if not is_explained(one, times, ran)
            ],
        }
        # What the plan calls for, and the history of each ticket.
        called_for = sum(TOLD[step.act] for step in ran.fed) + _number(connection, REOPENED)
        return Findings(
            effects=_compare_effects(connection, ran.fed, found)
            | {"notifications written": (called_for, _number(connection, WRITTEN))}
            | {"notifications sent and received": (len(sent), len(set(sent) & set(received)))},
            promises=_count_broken(connection, ran.fed, wrong)
            | {"received but not recorded as sent": len(set(received) - set(sent))},
            facts={"notifications sent twice, under one Message-ID": sum(times > 1 for times in received.values())}
            | _facts(connection),
            examples=list(chain.from_iterable(wrong.values()))[:MOST_EXAMPLES],
        )


def _compare_effects(
    connection: Connection, fed: Sequence[Step], found: Mapping[Effect, Counter[str]]
) -> dict[str, tuple[int, int]]:
    planned = Counter(step.effect for step in fed)
    effects = {f"{effect}s": (planned[effect], found[effect].total()) for effect in TEXTS}
    return effects | {"ledger rows": (len(fed), sum(1 for _ in connection.execute(text(LEDGER))))}


def _count_broken(connection: Connection, fed: Sequence[Step], wrong: Mapping[str, Sequence[str]]) -> dict[str, int]:
    ledger = Counter(row.message_id for row in connection.execute(text(LEDGER)))
    planned = Counter(step.message_id for step in fed)
    return {
        "mails lost": len(wrong["lost"]),
        "effects doubled": len(wrong["doubled"]),
        "effects of another kind, or where none belongs": len(wrong["odd"]),
        "threads torn into several tickets": len(wrong["torn"]),
        "mails without a ledger row": (planned - ledger).total(),
        "ledger rows doubled": (ledger - planned).total(),
        "tickets whose activities are not those of their mails": len(wrong["histories"]),
        "people doubled": _number(connection, PEOPLE),
        "notifications of one event to one person, doubled": _number(connection, TOLD_TWICE),
        "innocents in quarantine, or mails given up": _number(connection, QUARANTINED),
        "sent twice without a cut or a kill": len(wrong["unexplained"]),
        "rows without a fate": _number(connection, LEFT),
    }


def _facts(connection: Connection) -> dict[str, object]:
    return {
        **{f"outgoing mails {row.fate}": row.count for row in connection.execute(text(OUTBOX))},
        "rows decided under a claim taken alone": _number(connection, ALONE),
        **{f"rows charged {row.tries}": row.count for row in connection.execute(text(CHARGED))},
    }


def torn_threads(fed: Sequence[Step], tickets: Counter[str]) -> list[str]:
    """The threads that became more than one ticket."""
    openers = Counter(step.thread for step in fed if step.act is not Act.AGAIN and tickets[step.marker])
    return [f"topic{thread}x has {count} tickets" for thread, count in openers.items() if count > 1]


def misplaced(fed: Sequence[Step], found: Mapping[Effect, Counter[str]]) -> dict[str, list[str]]:
    """The markers that are nowhere, more than once, or somewhere else than planned."""
    wrong: dict[str, list[str]] = {"lost": [], "doubled": [], "odd": []}
    for step in (step for step in fed if step.act is not Act.AGAIN):
        times = {effect: markers[step.marker] for effect, markers in found.items()}
        total = sum(times.values())
        planned = {effect: int(effect is step.effect) for effect in found}
        either = step.act in EITHER and total == 1 and times[Effect.NOTE] == 0
        if times == planned or either:
            continue
        word = (
            "odd" if total == sum(planned.values()) or step.effect is Effect.NOTHING else "doubled" if total else "lost"
        )
        wrong[word].append(f"{step.marker} ({step.act}, topic{step.thread}x): {word}")
    return wrong


def _broken_histories(connection: Connection) -> list[str]:
    """The tickets whose activities are not: made once, given once, one a comment, and one path of statuses."""
    return [
        f"ticket {row.id}: {sorted(row.said)}"
        for row in connection.execute(text(ACTIVITIES))
        if not is_whole(list(row.said), row.status, row.comments)
    ]


def is_whole(said: list[str], status: str, comments: int) -> bool:
    """True where a ticket's activities are those of one opening, so many comments and one path to its status."""
    made = sum(one.startswith("Ticket created: ") for one in said)
    counts = (made, said.count("Ticket assigned"), said.count("Added a comment"))
    changes = [found.groups() for one in said if (found := CHANGED.fullmatch(one))]
    return counts == (1, 1, comments) and sum(counts) + len(changes) == len(said) and is_path(changes, status)


def is_path(changes: Iterable[tuple[str | None, ...]], status: str) -> bool:
    """True where the changes, in some order, lead from `open` to the status, each one used up."""
    balance = Counter({"open": 1})
    for was, becomes in changes:
        balance[str(was)] -= 1
        balance[str(becomes)] += 1
    return {place: count for place, count in balance.items() if count} == {status: 1}


def _count_received(server: MailServer, addresses: set[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for address in sorted(addresses):
        inbox = Inbox(address)
        inbox.fetch(server)
        found.update(mail.message_id for mail in inbox.mails)
    return found


def is_explained(message_id: str, count: int, ran: RunRecord) -> bool:
    """True where each delivery but the last had its answer cut off by a proxy, or its process killed about then."""
    times = [one for one in ran.taken if one.mail.message_id == message_id]
    return len(times) == count and all(one.cut or _ended_by_kill(one, ran.kills) for one in times[:-1])


def _all_of(message_id: str, count: int, ran: RunRecord) -> str:
    """What is known of a mail that was sent twice, in seconds after it was first taken."""
    times = [one for one in ran.taken if one.mail.message_id == message_id]
    began = times[0].at if times else 0.0
    taken = [
        f"taken after {one.at - began:.1f} s from process {one.client}{', cut' if one.cut else ''}"
        + (f", left after {one.left_at - began:.1f} s" if one.left_at is not None else "")
        for one in times
    ]
    clients = {one.client for one in times}
    kills = [f"{kill.kind} killed after {kill.at - began:.1f} s" for kill in ran.kills if clients & kill.processes]
    return f"{message_id}: {count} in its inbox; {'; '.join([*taken, *kills])}"


def _ended_by_kill(taken: TakenMail, kills: Sequence[Kill]) -> bool:
    left = taken.left_at
    return left is not None and any(
        kill.kind in WIRE_KINDS and taken.client in kill.processes and abs(left - kill.at) <= SOON for kill in kills
    )


def _number(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())
