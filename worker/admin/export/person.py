"""A copy of what the desk has of one person, for that person, as lines of JSON."""

from typing import BinaryIO

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk.tokens import is_ours
from models.db.clock import read_now
from models.removal.export.archived import archived_conversations
from models.removal.export.mails import PAGE, read_file, read_named, read_raw
from models.removal.export.people import read_people
from models.removal.export.person import (
    comments_elsewhere,
    conversations,
    facts_about,
    files_of,
    for_person,
    sent_to,
)
from models.removal.privacy.count import NOBODY, OWN_ADDRESS, count
from models.removal.privacy.find import DataSubject, Traces, find_subject, find_traces
from worker.admin.export.desk import FORMAT
from worker.admin.export.lines import Lines, Told
from worker.runtime.transaction import snapshot


class NoSuchPerson(Exception):
    """Nothing is known of the address, or it is the desk's own; the message says which."""


def export_person(
    engine: Engine,
    address: str,
    out: BinaryIO,
    *,
    own: frozenset[str] = frozenset(),
    with_notes: bool = False,
    each: Told = lambda *_: None,
) -> dict[str, int]:
    """Write what the desk has of who has a normalised address; how many lines of each kind that were.

    `own` are the addresses that the settings give the desk. Raises NoSuchPerson before anything is written.
    """
    if is_ours(address, own):
        raise NoSuchPerson(OWN_ADDRESS.format(address))
    with snapshot(engine) as session:
        person = find_subject(session, address)
        traces = find_traces(session, person)
        if count(session, person, traces).is_nothing:
            raise NoSuchPerson(NOBODY.format(address))
        lines = Lines(out)
        head = {"kind": "subject", "format": FORMAT, "at": read_now(session).isoformat()}
        lines.write(head | {"addresses": list(person.addresses), "with_notes": with_notes})
        for one in (*read_people(session, ids=list(person.users)), *facts_about(session, person)):
            lines.write(one)
        sent = sent_to(session, person)
        numbers = sorted({*traces.tickets, *(ticket for ticket in sent.values() if ticket)})
        for ticket in conversations(session, numbers):
            lines.write(for_person(ticket, person, with_notes=with_notes))
            each("ticket", lines.counts["ticket"], len(numbers))
        _write_others(session, person, numbers, lines, with_notes=with_notes)
        _write_mails(session, traces, sent, lines, each)
    return lines.counts


def _write_others(session: Session, person: DataSubject, numbers: list[int], lines: Lines, *, with_notes: bool) -> None:
    """Write what they said beyond the tickets of these numbers: in the archive, and as comments elsewhere."""
    for archived in archived_conversations(session, person, frozenset(numbers), with_notes=with_notes):
        lines.write(archived)
    for comment in comments_elsewhere(session, person, numbers):
        lines.write(comment)


def _write_mails(session: Session, traces: Traces, sent: dict[int, int | None], lines: Lines, each: Told) -> None:
    for kind, numbers in (("mail", list(traces.mails)), ("sent", list(sent))):
        for start in range(0, len(numbers), PAGE):
            for one in read_named(session, kind, numbers[start : start + PAGE]):
                if kind == "mail":
                    # How the desk judged it names others, such as staff and their servers.
                    shown = {key: value for key, value in one.items() if key != "evidence"}
                    lines.write_with_bytes(shown, "raw", read_raw(session, one["number"]))
                else:
                    lines.write(one)
            each(kind, lines.counts.get(kind, 0), len(numbers))
    for sha256, size in files_of(session, traces, sent):
        value = {"kind": "file", "sha256": sha256.hex(), "size": size}
        lines.write_with_bytes(value, "content", [read_file(session, sha256)])
