"""How long the pages of the studio take on a desk of many years, with nothing of it kept from one page to the next.

usage: python -m bench.studio [--rows 1000000] [--times 5]

Starts a PostgreSQL of its own, fills it with so many tickets, mails that came and mails of ours, opens the studio on it
and asks for each page by HTTP. Prints the milliseconds of the median and the slowest of so many times.
"""

import argparse
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from models.db.engine import make_engine
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.cli.studio.serving import HOST, StudioServer, listen
from worker.cli.studio.window import Window

# Nothing else needs the triggers of the desk here; what they would make is made by the statements.
FILL = (
    "SET session_replication_role = replica",
    """INSERT INTO public."User" (id, email, name, role, "updatedAt")
        SELECT 'u' || n, 'c' || n || '@customer.example', 'C ' || n, 'customer'::"UserRole", now()
        FROM generate_series(1, 1000) n UNION ALL SELECT 'staff', 'bob@desk.example', 'Bob', 'agent', now()""",
    'INSERT INTO mail.person (user_id) SELECT id FROM public."User"',
    """INSERT INTO mail.staff (person_number, email, role)
        SELECT number, 'bob@desk.example', 'agent' FROM mail.person WHERE user_id = 'staff'""",
    """INSERT INTO public."Ticket" (id, title, description, status, priority, category, "createdById", "assignedToId",
        "createdAt", "updatedAt")
        SELECT 't' || n, 'Printer ' || n, repeat('It prints pink. ', 20),
            (CASE WHEN n % 100 = 0 THEN 'open' WHEN n % 100 = 1 THEN 'in_progress' ELSE 'closed' END)::"TicketStatus",
            'medium', 'technical_issue', 'u' || (1 + n % 1000), CASE WHEN n % 200 > 0 THEN 'staff' END, now(), now()
        FROM generate_series(1, :rows) n""",
    "INSERT INTO mail.ticket (ticket_id) SELECT 't' || n FROM generate_series(1, :rows) n",
    "INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example')",
    """INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate, reason, sender,
        ticket_number, decided_at, stored_at)
        SELECT (SELECT min(id) FROM mail.mailbox), 'INBOX', 1, n, 400, '', CASE WHEN n = 7 THEN 'dropped'
            WHEN n % 100000 = 0 THEN 'quarantined' ELSE 'applied' END, 'It opened a ticket.',
            'c' || (1 + n % 1000) || '@customer.example', 1000 + n, now() - (:rows - n) * interval '1 minute',
            now() - (:rows - n) * interval '1 minute' FROM generate_series(1, :rows) n""",
    """INSERT INTO mail.event (kind, ticket_number, cause, fate, happened_at, decided_at)
        SELECT 'ticket_opened', ticket_number, id, 'announced', stored_at, stored_at FROM mail.ledger ORDER BY id""",
    """INSERT INTO mail.raw_chunk (ledger_id, position, content)
        SELECT id, 0, convert_to('Subject: Printer ' || id || repeat(chr(10), 2) || repeat('It is pink. ', 20), 'UTF8')
        FROM mail.ledger""",
    """INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject,
        text, html, message_id, dated, token_expires_at, fate, reason, ticket_number, sent_at,
        event_id, written_at)
        SELECT 'ticket-opened', 'public', 'support', 'customer', 'c' || (1 + n % 1000) || '@customer.example', '',
            'support@desk.example', '', 'Printer ' || n, repeat('We have it. ', 20), '', n || '@desk.example', now(),
            now(), CASE WHEN n = 7 THEN 'held' ELSE 'sent' END, 'OK', 1000 + n, now(), n,
            now() - (:rows - n) * interval '1 minute'
        FROM generate_series(1, :rows) n""",
    "SET session_replication_role = DEFAULT",
)
PAGES = {
    "first page": "/",
    "tickets": "/tickets/list",
    "tickets, the last page": "/tickets/list?before=1040",
    "tickets that are open": "/tickets/list?status=open",
    "tickets of a customer": "/tickets/list?search=c7@customer.example",
    "words in titles, found": "/tickets/list?search=printer",
    "words in titles, not found": "/tickets/list?search=nothing+like+it",
    "a ticket": "/tickets/details/1500",
    "mails": "/mails/list",
    "mails, the last page": "/mails/list?before=40",
    "mails of a rare fate": "/mails/list?fate=dropped",
    "mails of a sender": "/mails/list?search=c7@customer.example",
    "a mail": "/mails/details/500",
    "outbox": "/outbox/list",
    "outbox, the last page": "/outbox/list?before=40",
    "mails of ours, held": "/outbox/list?fate=held",
    "mails to somebody unknown": "/outbox/list?search=nobody@customer.example",
    "a mail of ours": "/outbox/details/500",
    "quarantine": "/quarantine/list",
    "staff": "/staff/list",
    "a member of staff": "/staff/details/1001",
}


def main() -> int:
    """Fill, ask and print; 1 where a page has another status than 200."""
    parser = argparse.ArgumentParser(prog="python -m bench.studio", description="The studio on many rows.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder), fsync=False, keep=False) as url:
        engine = make_engine(url, application_name="bench")
        upgrade(engine)
        began = time.monotonic()
        _fill(engine, options.rows)
        print(f"{options.rows:,} of each in {time.monotonic() - began:.0f} s", flush=True)
        engine.dispose()
        return _measure(url, options.times)


def _fill(engine: Engine, rows: int) -> None:
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"rows": rows} if ":rows" in statement else {})
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _measure(url: str, times: int) -> int:
    reads = make_engine(url, application_name="studio", read_only=True)
    server = StudioServer(listen(0), Window(reads))
    server.start()
    address, _, token = server.address.removeprefix("http://").partition("/?token=")
    port, failed = int(address.partition(":")[2]), 0
    cookie = _ask(port, f"/?token={token}", "")[2].partition(";")[0]
    for name, path in PAGES.items():
        asked = [_ask(port, path, cookie) for _ in range(times)]
        statuses = {status for status, _, _ in asked}
        failed += statuses != {200}
        times_taken = [took for _, took, _ in asked]
        print(f"{name:<30} {median(times_taken):7.0f} {max(times_taken):7.0f} ms  {statuses - {200} or ''}")
    server.stop()
    reads.dispose()
    return 1 if failed else 0


def _ask(port: int, path: str, cookie: str) -> tuple[int, float, str]:
    """Status, milliseconds and cookie of a page."""
    connection, began = HTTPConnection(HOST, port, timeout=60), time.monotonic()
    connection.request("GET", path, headers={"cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    answer.read()
    took = (time.monotonic() - began) * 1000
    connection.close()
    return answer.status, took, answer.headers.get("set-cookie", "")


if __name__ == "__main__":
    sys.exit(main())
