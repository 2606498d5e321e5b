"""What a search costs on 1,000,000 tickets: `python -m bench.hands search`.

usage: python -m bench.hands search [--tickets 1000000] [--times 40]

Starts a PostgreSQL of its own and fills it with tickets of some ninety words, which are as unevenly common as those of
people: of 30,000 the n-th stands n times less often than the first. A ticket is put together of three of 20,000 pieces,
so that its row of the index is, too, and has a word of its own. For each kind of search it prints the milliseconds of
the median, of 95 in 100 and of the slowest of so many times, for the first page and for the last.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from desk.reports.search.terms import read_line
from desk.ticket import Person, Role
from models.db.engine import make_engine
from models.reports.search.deadline import in_time
from models.reports.search.fill import index_people
from models.reports.search.find import SearchEnd, SearchFor, search_tickets
from models.reports.search.languages import stems
from models.reports.search.reach import begin_anew
from models.reports.search.tables import BLOCK
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.runtime.transaction import transaction

TICKETS, WORDS, PIECES, CUSTOMERS, AGENTS = 1_000_000, 30_000, 20_000, 100_000, 20
# The n-th word: four to twelve letters of a digest, so that as a rule no stem of it is another word.
_NTH = "translate(left(md5(n::text), 4 + n % 9), '0123456789', 'ghijklmnop')"
_NAME = "translate(left(md5(n::text), 7), '0123456789', 'ghijklmnop')"
_PIECE = "(SELECT {what} FROM piece WHERE id = 1 + (i::bigint * {prime}) % {pieces})"
FILL = """
CREATE TEMPORARY TABLE piece (id integer PRIMARY KEY, said text, words tsvector);
INSERT INTO piece (id, said) SELECT i, (SELECT string_agg({nth}, ' ') FROM (
    SELECT ceil(power({words}, random() + 0 * k))::integer AS n FROM generate_series(1, 25 + i % 10) k OFFSET 0
) AS said) FROM generate_series(1, {pieces}) i;
UPDATE piece SET words = to_tsvector('simple', said) || array_to_tsvector({stems});
INSERT INTO "User" (id, name, email, role, "updatedAt")
SELECT 'u' || n, 'Customer ' || {name}, {name} || n || '@shop' || n % 500 || '.example', 'customer', now()
FROM generate_series(0, {customers} - 1) n;
INSERT INTO "User" (id, name, email, role, "updatedAt")
SELECT 'a' || n, 'Agent ' || n, 'agent' || n || '@desk.example', 'agent', now() FROM generate_series(0, {agents}) n;
INSERT INTO mail.person (user_id) SELECT id FROM "User";
INSERT INTO "Ticket" (id, title, description, status, priority, category, "createdById", "assignedToId", "createdAt",
    "updatedAt")
SELECT 't' || i, left({first}, 40), 'own' || i || ' ' || {second}, 'closed', 'medium', 'billing',
    'u' || i::bigint * 7919 % {customers}, CASE WHEN i % 1000 = 7 THEN NULL
    WHEN i <= {tickets} / 50 THEN 'a' || {agents} ELSE 'a' || i % {agents} END, now(), now()
FROM generate_series(1, {tickets}) i;
INSERT INTO mail.ticket (number, ticket_id) OVERRIDING SYSTEM VALUE
SELECT 1000 + i, 't' || i FROM generate_series(1, {tickets}) i;
INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
SELECT 'c' || i, {third}, 't' || i, 'a0', now() FROM generate_series(1, {tickets}) i;
INSERT INTO mail.note (ticket_number, text, reason)
SELECT 1000 + i, 'secret' || i, 'staff_on_ticket' FROM generate_series(1, {tickets}, 10) i;
INSERT INTO mail.search (number, words)
SELECT n.number, {first_words} || {second_words} || {third_words} || to_tsvector('simple', 'customer shop' || m % 500
    || ' example') || array_to_tsvector(ARRAY['own' || i, '#' || n.number, '/' || n.number / {block},
    '@' || t."createdById", '>' || coalesce(t."assignedToId", '')] || ARRAY(
        SELECT '=' || word FROM unnest(tsvector_to_array(to_tsvector('simple', t.title))) word))
FROM mail.ticket n JOIN "Ticket" t ON t.id = n.ticket_id
CROSS JOIN LATERAL (SELECT n.number - 1000 AS i, substr(t."createdById", 2)::integer AS m) AS place
ORDER BY n.number;
UPDATE mail.search SET words_for_staff = words || array_to_tsvector(ARRAY['secret' || number - 1000])
WHERE number % 10 = 1
"""
AGENT = Person(1, "a3", "agent3@desk.example", "Agent 3", Role.AGENT, Role.AGENT)
LAST_AGENT = Person(1, f"a{AGENTS}", f"agent{AGENTS}@desk.example", "Agent", Role.AGENT, Role.AGENT)
NTH_WORDS = "SELECT {} FROM generate_series(1, {}) n ORDER BY n"
SECONDS = 600
PAGE = 20
COLUMNS = ("words", "words_for_staff")
INDEX = "CREATE INDEX search_{0}_idx ON mail.search USING gin ({0}) WITH (fastupdate = off)"
SIZES = """
SELECT pg_size_pretty(pg_relation_size('mail.search') + pg_relation_size(reltoastrelid)) AS rows,
    pg_size_pretty(pg_indexes_size('mail.search')) AS indexes FROM pg_class WHERE oid = 'mail.search'::regclass
"""


def fill(engine: Engine, tickets: int) -> None:
    """Fill a migrated database, without its triggers."""
    pieces = {
        f"{name}{suffix}": _PIECE.format(what=what, prime=prime, pieces=PIECES)
        for name, prime in (("first", 7919), ("second", 104_729), ("third", 15_485_863))
        for suffix, what in (("", "said"), ("_words", "words"))
    }
    sizes = {"tickets": tickets, "customers": CUSTOMERS, "agents": AGENTS, "words": WORDS, "pieces": PIECES}
    spoken = {"nth": _NTH, "name": _NAME, "stems": stems("said", "ARRAY['english', 'german']"), "block": BLOCK}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in FILL.format(**sizes, **spoken, **pieces).split(";\n"):
            connection.execute(text(statement))


def _execute(engine: Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ("SET statement_timeout = 0", "SET maintenance_work_mem = '1GB'", *statements):
            connection.execute(text(statement))


def kinds(engine: Engine, tickets: int) -> dict[str, tuple[Callable[[random.Random], str], Person | None]]:
    """For each kind of search what makes a line of it, and who searches; None for an operator or an admin."""
    with engine.connect() as connection:
        words = connection.scalars(text(NTH_WORDS.format(_NTH, WORDS))).all()

    def word(chance: random.Random, low: int, high: int) -> str:
        return str(words[chance.randrange(low, high)])

    def rare(chance: random.Random) -> str:
        return word(chance, WORDS * 2 // 3, WORDS)

    def common(chance: random.Random) -> str:
        return word(chance, 0, 20)

    def two(chance: random.Random) -> str:
        return f"{word(chance, 20, 2000)} {word(chance, 20, 2000)}"

    def middle(chance: random.Random) -> str:
        return word(chance, 300, 3000)

    return {
        "a word of one ticket": (lambda chance: f"own{chance.randrange(1, tickets)}", None),
        "a rare word": (rare, None),
        "a common word": (common, None),
        "a word in between": (middle, None),
        "two words": (two, None),
        "a common and a rare word": (lambda chance: f"{common(chance)} {rare(chance)}", None),
        "two common words side by side": (lambda chance: f'"{common(chance)} {common(chance)}"', None),
        "a word of no ticket": (lambda chance: f"qqq{chance.randrange(9999)}", None),
        "a common word that is missing": (lambda chance: f"{rare(chance)} -{common(chance)}", None),
        "a number": (lambda chance: f"SD-{1000 + chance.randrange(tickets)}", None),
        "a part of an address": (lambda chance: f"{chance.randrange(10_000, CUSTOMERS)}@shop", None),
        "a domain": (lambda chance: f"shop{chance.randrange(500)}.example", None),
        "a common word, by an agent": (common, AGENT),
        "two words, by an agent": (two, AGENT),
        "a common word, by the agent of the oldest": (common, LAST_AGENT),
    }


def search(engine: Engine, line: str, viewer: Person | None, after: SearchEnd | None) -> float:
    """The milliseconds of one page."""
    began = time.perf_counter()
    with transaction(engine) as session, in_time(session, SECONDS):
        search_tickets(session, SearchFor(wanted=read_line(line), viewer=viewer, notes=True, most=PAGE, after=after))
    return (time.perf_counter() - began) * 1000


def figures(taken: Sequence[float]) -> str:
    """The median, 95 in 100 and the slowest, in a table's cells."""
    ordered = sorted(taken)
    return f"{median(ordered):.0f} | {ordered[int(len(ordered) * 0.95)]:.0f} | {ordered[-1]:.0f}"


def measure(engine: Engine, tickets: int, times: int) -> None:
    """Print a line of a table for each kind of search."""
    for name, (line_of, viewer) in kinds(engine, tickets).items():
        chance = random.Random(name)  # noqa: S311  no secret
        lines = [line_of(chance) for _ in range(times)]
        first = [search(engine, line, viewer, None) for line in lines]
        # Behind all but the oldest of those where the words stand as written; the last level follows from its top.
        last = [search(engine, line, viewer, SearchEnd(1, 1000 + PAGE)) for line in lines[: times // 2]]
        _say(f"| {name} | {figures(first)} | {figures(last)} |")


def main() -> None:
    """Fill, index, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.hands search", description="The search on many tickets.")
    parser.add_argument("--tickets", type=int, default=TICKETS)
    parser.add_argument("--times", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder), fsync=False, keep=False) as url:
        engine = make_engine(url, application_name="bench search")
        upgrade(engine)
        began = time.monotonic()
        _execute(engine, *(f"DROP INDEX mail.search_{column}_idx" for column in COLUMNS))
        fill(engine, options.tickets)
        _say(f"{options.tickets:,} tickets in {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        with transaction(engine) as session:
            begin_anew(session, ("english", "german"))
            index_people(session, range(1, CUSTOMERS + AGENTS + 2))
        _execute(engine, *(INDEX.format(column) for column in COLUMNS), "VACUUM ANALYZE")
        with engine.connect() as connection:
            rows, indexes = connection.execute(text(SIZES)).one()
        _say(f"indexed in {time.monotonic() - began:.0f} s; rows {rows}, their indexes {indexes}")
        measure(engine, options.tickets, options.times)
        engine.dispose()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
