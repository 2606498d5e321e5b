"""Floor d's worker: the least that keeps the desk's promises about mails, and nothing that makes it a desk.

The raw bytes first, claims that are owned and end, one transaction a mail, a thread for each answer, files once, and
two notices a mail in an outbox. No rules, trust, trimming or HTML.

usage: python -m bench.speed.floors.least [poll]

It is started by the benchmark with a desk's settings in the environment, begins when it is told a line, and tells its
CPU seconds at the end.
"""

import hashlib
import os
import sys
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bench.speed.floors import statements
from bench.speed.floors.reading import notices_of, owner_of, read_letter, read_names
from bench.speed.stage.servers import libpq_url
from mail.imap.mailbox import Fetched, open_mailbox
from worker.runtime.services import imap_server
from worker.settings.load import load_settings
from worker.settings.model import Settings

CHUNK = 50
REST_SECONDS = 0.005

Database = psycopg.Connection[tuple[Any, ...]]


def main() -> None:
    """Store all mails where this process polls, then take in until none is left."""
    settings = load_settings(None, os.environ)
    with psycopg.connect(libpq_url(settings.database.url.get_secret_value())) as database:
        database.execute(statements.SETTINGS)
        database.commit()
        print("ready", flush=True)
        sys.stdin.readline()
        cpu = time.process_time()
        if sys.argv[1:] == ["poll"]:
            _poll(settings, database)
        while _take_some(database) or _is_left(database):
            pass
        print(time.process_time() - cpu, flush=True)


def _poll(settings: Settings, database: Database) -> None:
    with open_mailbox(imap_server(settings.mailbox[0], settings.limits)) as mailbox:
        mailbox.select("INBOX")
        chunk: list[bytes] = []
        for mail in mailbox.fetch_after(0):
            assert isinstance(mail, Fetched), "a mail was not handed over"
            chunk.append(mail.raw)
            if len(chunk) == CHUNK:
                _store(database, chunk)
                chunk = []
        _store(database, chunk)
    database.execute(statements.POLLED)
    database.commit()


def _store(database: Database, chunk: Sequence[bytes]) -> None:
    with database.cursor() as cursor:
        cursor.executemany(statements.STORE, [(*read_names(raw), raw) for raw in chunk])
    database.commit()


def _take_some(database: Database) -> int:
    """Claim some mails and take each in; how many there were."""
    token = uuid4()
    rows = [row[0] for row in database.execute(statements.CLAIM, {"token": token})]
    database.commit()
    for row in sorted(rows):
        _take_in(database, row, token)
    return len(rows)


def _is_left(database: Database) -> bool:
    left = database.execute(statements.LEFT).fetchone() == (True,)
    database.commit()
    if left:
        # What is left is in the other process's hands, or on its way.
        time.sleep(REST_SECONDS)
    return left


def _take_in(database: Database, row: int, token: UUID) -> None:
    """One mail in one transaction, in three flights: lock it, find its thread, write what comes of it and commit."""
    locked = database.execute(statements.LOCK, [row, token]).fetchone()
    if locked is None:
        database.rollback()
        return
    letter = read_letter(locked[0])
    with database.pipeline():
        known = database.execute(statements.THREAD, [letter.refers])
        fresh = database.execute(statements.NUMBER)
    thread = known.fetchone()
    number = fresh.fetchone()
    assert number, "a sequence gives a number"
    ticket, owner, title = thread or (number[0], owner_of(number[0]), letter.subject)
    notices = notices_of(letter, ticket, title, owner)
    contents = [content for _, content in letter.files]
    values = {
        "mail": row,
        "ticket": ticket,
        "owner": owner,
        "sender": letter.sender,
        "title": title,
        "body": letter.text,
        "message_id": letter.message_id,
        "actions": ["commented"] if thread else ["created", "updated"],
        "names": [name for name, _ in letter.files],
        "digests": [hashlib.sha256(content).digest() for content in contents],
        "contents": contents,
        "recipients": notices.recipients,
        "ours": notices.message_ids,
        "subjects": notices.subjects,
        "texts": notices.texts,
        "htmls": notices.htmls,
    }
    with database.pipeline():
        database.execute(statements.COMMENT if thread else statements.OPEN, values)
        database.commit()


if __name__ == "__main__":
    main()
