"""The floors: what one process can do with the same mails on the same servers, doing far less than a desk must."""

import email
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message
from typing import Any

import psycopg

from bench.speed.floors.figures import Floor
from bench.speed.meter import cpu_between, cpu_seconds
from bench.speed.stage.servers import Desk, libpq_url
from mail.imap.mailbox import Fetched, open_mailbox
from worker.runtime.services import imap_server

TABLES = """
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL);
CREATE TABLE floor.ticket (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL,
    body text {compressed} NOT NULL, person bigint NOT NULL REFERENCES floor.person,
    at timestamptz NOT NULL DEFAULT now());
CREATE TABLE floor.mail (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message_id text,
    raw bytea {compressed} NOT NULL, ticket bigint NOT NULL REFERENCES floor.ticket);
CREATE TABLE floor.activity (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket bigint NOT NULL
    REFERENCES floor.ticket, said text NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""
PERSON = (
    "INSERT INTO floor.person (email) VALUES (%s) ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id"
)
TICKET = "INSERT INTO floor.ticket (title, body, person) VALUES (%s, %s, %s) RETURNING id"
MAIL = "INSERT INTO floor.mail (message_id, raw, ticket) VALUES (%s, %s, %s)"
HAS_LZ4 = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
ACTIVITY = "INSERT INTO floor.activity (ticket, said) VALUES (%s, %s)"


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What a floor reads of a mail."""

    message_id: str
    sender: str
    subject: str
    text: str


Work = Callable[[Desk], int]


def floors(desk: Desk) -> list[Floor]:
    """Measure all of them, one after the other."""
    return [_measure(desk, letter, what, work) for letter, (what, work) in FLOORS.items()]


def floor_c(desk: Desk) -> Floor:
    """Measure the one that counts most once more."""
    what, work = FLOORS["c"]
    return _measure(desk, "c", what, work)


def _measure(desk: Desk, letter: str, what: str, work: Work) -> Floor:
    with psycopg.connect(database_url(desk), autocommit=True) as connection:
        connection.execute(with_compression(connection, TABLES))
    servers, began, cpu = cpu_seconds(), time.monotonic(), time.process_time()
    mails = work(desk)
    took, cpu_spent = time.monotonic() - began, time.process_time() - cpu
    return Floor(letter, what, mails, took, cpu_spent, cpu_between(servers, cpu_seconds()))


def with_compression(connection: psycopg.Connection[Any], tables: str) -> bytes:
    """The tables with `{compressed}` as the desk's migrations have it: lz4, unless the server was built without it."""
    has_lz4 = connection.execute(HAS_LZ4).fetchone() == (True,)
    return tables.replace("{compressed}", "COMPRESSION lz4" if has_lz4 else "STORAGE EXTERNAL").encode()


def database_url(desk: Desk) -> str:
    """The desk's database in the form that libpq reads."""
    return libpq_url(desk.services.settings.database.url.get_secret_value())


def _fetch_all(desk: Desk) -> Iterator[bytes]:
    with open_mailbox(imap_server(desk.services.settings.mailbox[0], desk.services.limits)) as mailbox:
        mailbox.select("INBOX")
        for mail in mailbox.fetch_after(0):
            assert isinstance(mail, Fetched), "a mail was not handed over"
            yield mail.raw


def _fetch(desk: Desk) -> int:
    return sum(1 for _ in _fetch_all(desk))


def _parse_default(desk: Desk) -> int:
    return sum(bool(_read_default(raw)) for raw in _fetch_all(desk))


def _parse_compat32(desk: Desk) -> int:
    return sum(bool(_read_compat32(raw)) for raw in _fetch_all(desk))


def _write_four(desk: Desk) -> int:
    count = 0
    with psycopg.connect(database_url(desk)) as connection:
        for raw in _fetch_all(desk):
            mail = _read_default(raw)
            person = connection.execute(PERSON, [mail.sender]).fetchone()
            assert person
            ticket = connection.execute(TICKET, [mail.subject, mail.text.replace("\0", ""), person[0]]).fetchone()
            assert ticket
            connection.execute(MAIL, [mail.message_id, raw, ticket[0]])
            connection.execute(ACTIVITY, [ticket[0], f"Ticket created: {mail.subject}"])
            connection.commit()
            count += 1
    return count


def _read_default(raw: bytes) -> ReadMail:
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage), "the policy makes such"
    texts = [_content(part) for part in mail.walk() if not part.is_multipart()]
    text = next((one for one in texts if isinstance(one, str)), "")
    return ReadMail(str(mail["Message-ID"]), str(mail["From"]), str(mail["Subject"]), text)


def _content(part: Message) -> object:
    assert isinstance(part, EmailMessage), "the policy makes such"
    return part.get_content()


def _read_compat32(raw: bytes) -> ReadMail:
    mail = email.message_from_bytes(raw)
    texts = [_decode(part) for part in mail.walk() if not part.is_multipart()]
    text = next((one for one in texts if isinstance(one, str)), "")
    return ReadMail(str(mail["Message-ID"]), str(mail["From"]), str(mail["Subject"]), text)


def _decode(part: Message) -> str | bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes), "it is a leaf"
    if part.get_content_maintype() == "text":
        with suppress(LookupError):
            return content.decode(part.get_content_charset("utf-8"), "replace")
    return content


FLOORS: dict[str, tuple[str, Work]] = {
    "a": ("fetch", _fetch),
    "b default": ("fetch, parse and decode by policy.default", _parse_default),
    "b compat32": ("fetch, parse and decode by compat32", _parse_compat32),
    "c": ("fetch, policy.default, four inserts and a commit each", _write_four),
}
