"""The desk as lines of JSON: people, tickets with their conversations, mails with their bytes, files."""

from collections.abc import Callable
from typing import BinaryIO, Final

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.db.clock import read_now
from models.removal.export.archived import read_archive, rows_of
from models.removal.export.mails import count_rows, read_file, read_files, read_page, read_raw
from models.removal.export.people import count_people, read_people
from models.removal.export.tickets import ExportFilter, count_tickets, read_tickets
from worker.admin.export.lines import Lines, Told
from worker.admin.find_tickets import NO_TICKET
from worker.runtime.transaction import snapshot

# What a line means changes only with this number.
FORMAT: Final = 1


class NoSuchTicket(Exception):
    """Tickets were asked for that are not there; the message names them."""


def export_desk(engine: Engine, wanted: ExportFilter, out: BinaryIO, each: Told = lambda *_: None) -> dict[str, int]:
    """Write what is wanted, as it stood at one moment; how many lines of each kind that were.

    Raises NoSuchTicket before anything is written. Work goes on meanwhile, and the copy shows none of it.
    """
    lines = Lines(out)
    with snapshot(engine) as session:
        _check(session, wanted)
        since = wanted.since.isoformat() if wanted.since else None
        head = {"kind": "desk", "format": FORMAT, "at": read_now(session).isoformat(), "since": since}
        lines.write(head | {"tickets": wanted.values["tickets"]})
        if wanted.is_all:
            _write_people(session, lines, each)
        _write_tickets(session, wanted, lines, each)
        _write_archive(session, wanted, lines)
        totals = count_rows(session)
        for kind in ("mail", "sent"):
            _write_mails(session, kind, wanted, lines, lambda kind, done: each(kind, done, totals[kind]))
        _write_files(session, wanted, lines, lambda kind, done: each(kind, done, totals[kind]))
    return lines.counts


def _check(session: Session, wanted: ExportFilter) -> None:
    if wanted.tickets is None:
        return
    there = {one["number"] for number in wanted.tickets for one in read_tickets(session, ExportFilter([number]))}
    there |= {one["number"] for number in wanted.tickets for one, _ in read_archive(session, ExportFilter([number]))}
    if missing := sorted(set(wanted.tickets) - there):
        named = ", ".join(f"SD-{number}" for number in missing)
        raise NoSuchTicket(NO_TICKET.format(named))


def _write_people(session: Session, lines: Lines, each: Told) -> None:
    of, after = count_people(session), ""
    while page := read_people(session, after):
        for one in page:
            lines.write(one)
        after = page[-1]["id"]
        each("person", lines.counts["person"], of)


def _write_tickets(session: Session, wanted: ExportFilter, lines: Lines, each: Told) -> None:
    of, after = count_tickets(session, wanted), 0
    while page := read_tickets(session, wanted, after):
        for one in page:
            lines.write(one)
        after = page[-1]["number"]
        each("ticket", lines.counts["ticket"], of)


def _write_archive(session: Session, wanted: ExportFilter, lines: Lines) -> None:
    after = 0
    while page := read_archive(session, wanted, after):
        for one, parts in page:
            lines.write_with_rows(one, "rows", rows_of(session, one["number"], parts))
        after = page[-1][0]["number"]


def _write_mails(
    session: Session, kind: str, wanted: ExportFilter, lines: Lines, each: Callable[[str, int], None]
) -> None:
    after = 0
    while page := read_page(session, kind, wanted, after):
        for one in page:
            if kind == "mail":
                lines.write_with_bytes(one, "raw", read_raw(session, one["number"]))
            else:
                lines.write(one)
        after = page[-1]["number"]
        each(kind, lines.counts[kind])


def _write_files(session: Session, wanted: ExportFilter, lines: Lines, each: Callable[[str, int], None]) -> None:
    after = b""
    while page := read_files(session, wanted, after):
        for sha256, size in page:
            value = {"kind": "file", "sha256": sha256.hex(), "size": size}
            lines.write_with_bytes(value, "content", [read_file(session, sha256)])
        after = page[-1][0]
        each("file", lines.counts["file"])
