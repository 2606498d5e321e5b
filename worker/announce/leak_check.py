"""The last look at a mail before it may go out: it must not show one person what was given to another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from desk.gate.leaks import (
    MAC,
    all_forms_of,
    begun_by,
    find_signatures,
    find_signatures_in_html,
    is_alive,
    is_signed,
    lines_of_note,
    long_lines,
    secret_lines,
)
from desk.gate.verdict import Withhold
from desk.notices.held import HeldMail
from desk.ticket import Role
from desk.tokens import Keys
from mail.inbound.parse import parse
from mail.mime.charset import decode
from models.announce.leak_texts import public_texts, secret_notes
from models.outbox.rows import read_grants
from models.outbox.writing import FileOut, NewMail
from models.people.rows import read_people
from models.tickets.attachments import content_of
from worker.announce.reports import CHART_ID

# Of a file only so much is looked at, and mails within mails only so deep.
MOST_BYTES = 2 * 1024 * 1024
MOST_DEPTH = 3
MOST_SHOWN = 80
SIGNATURE = "(a signature of ours)"

_HEADER = re.compile(rb"(?:From |[!-9;-~]{1,60}:[ \t])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a mail as text or as HTML of ours, and how it is called in the reason."""

    name: str
    text: str
    is_html: bool = False

    @property
    def signatures(self) -> frozenset[tuple[int, str]]:
        """What looks like a signature of ours in it, as (outbox id, MAC)."""
        return find_signatures_in_html(self.text) if self.is_html else find_signatures(self.text)

    @property
    def lines(self) -> frozenset[str]:
        """The lines that it shows, as `long_lines` gives them."""
        return long_lines(all_forms_of(self.text) if self.is_html else self.text)


def leaks(
    session: Session, keys: Keys, row: NewMail, files: Sequence[FileOut], *, noted: bool, known: str = ""
) -> Withhold | None:
    """Why a written mail must not go as it stands: it holds somebody else's live signature, or a line of a note.

    Staff see what customers were given; what staff were given is for nobody else. Their notes are for no customer.
    `files` are the mail's, `noted` says that its ticket has notes at all, and the lines of `known` are no secret: a
    signature may stand in every mail, and so in notes. A customer who asked to read is shown tickets of theirs, whose
    notes are looked at as well.
    """
    pieces = list(_pieces(session, row, files))
    numbers = dict.fromkeys((*([row.ticket_number] if noted and row.ticket_number else []), *_shown_in(row)))
    found = (_find_note_line(session, row, number, pieces, known) for number in numbers)
    return _find_signature(session, keys, row, pieces) or next((one for one in found if one), None)


def _shown_in(row: NewMail) -> Sequence[int]:
    """The tickets that a mail lists or shows, whatever ticket it is about."""
    return row.listed["tickets"] if row.listed else ()


def _pieces(session: Session, row: NewMail, files: Sequence[FileOut]) -> Iterator[Piece]:
    yield Piece("subject", row.subject)
    yield Piece("text", row.text)
    yield Piece("HTML", row.html, is_html=True)
    for file in files:
        if file.content_id != CHART_ID:
            name = f"file “{file.filename[:MOST_SHOWN]}”"
            yield Piece("name of a file", file.filename)
            yield from (Piece(name, text) for text in _texts(file.filename, content_of(session, file.sha256)))


def _texts(filename: str, content: bytes, depth: int = 0) -> Iterator[str]:
    """The text of a file, and of the mails and files within it; nothing of what holds no text."""
    content = content[:MOST_BYTES]
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    yield decode(content).text
    if depth < MOST_DEPTH and (filename.lower().endswith(".eml") or _HEADER.match(content)):
        mail = parse(content)
        yield mail.text
        for file in mail.attachments:
            yield from _texts(file.filename, bytes(file.content), depth + 1)


def _find_signature(session: Session, keys: Keys, row: NewMail, pieces: list[Piece]) -> Withhold | None:
    signatures = {signed: piece.name for piece in reversed(pieces) for signed in piece.signatures}
    # What the mail gives its own recipient is no leak, and needs no asking. The row is dated when it is written.
    grants = read_grants(session, sorted({number for number, _ in signatures} - {row.id}))
    shown_to = [(grants[number], mac, name) for (number, mac), name in signatures.items() if number in grants]
    # A customer may well pass on to the desk what the desk wrote to them.
    others = [
        (grant, mac, name)
        for grant, mac, name in shown_to
        if grant.person != row.person_number and (grant.role != Role.CUSTOMER or row.role == Role.CUSTOMER)
    ]
    owners = read_people(session, sorted({grant.person for grant, _, _ in others if grant.person}))
    for grant, mac, name in others:
        if is_alive(grant, owners.get(grant.person or 0), row.dated) and is_signed(keys, mac, grant):
            return Withhold(f"Its {name} holds a signed address of somebody else; who has it could write as them.")
    return None


def without_signatures(session: Session, keys: Keys, held: HeldMail) -> HeldMail:
    """A held mail, to be quoted to its sender, without the signatures of ours that it holds itself.

    Otherwise an agent who passes on what a colleague was sent, or writes to an address of theirs, would never be asked
    whether that mail is theirs.
    """
    whole = held.whole
    parts = (whole.text or "", *whole.recipients, *whole.commands, *(name for name, _ in whole.files)) if whole else ()
    signatures = frozenset[tuple[int, str]]().union(*map(find_signatures, (held.subject, *parts)))
    if not signatures:
        return held
    grants = read_grants(session, sorted({number for number, _ in signatures}))
    ours = {mac for number, mac in signatures if number in grants and is_signed(keys, mac, grants[number])}

    def shown(text: str) -> str:
        return MAC.sub(lambda found: f".{SIGNATURE}" if found[1].lower() in ours else found[0], text)

    masked = whole and replace(
        whole,
        text=whole.text and shown(whole.text),
        recipients=tuple(map(shown, whole.recipients)),
        commands=tuple(map(shown, whole.commands)),
        files=tuple((shown(name), size) for name, size in whole.files),
    )
    return replace(held, subject=shown(held.subject), whole=masked)


def _find_note_line(session: Session, row: NewMail, number: int, pieces: list[Piece], known: str) -> Withhold | None:
    if row.role != Role.CUSTOMER or row.person_number is None:
        return None
    notes = secret_notes(session, number, row.person_number)
    open_lines = long_lines(known)
    lines = {line: piece.name for piece in reversed(pieces) for line in piece.lines - open_lines}
    if not any(begun_by(lines_of_note(note.text), lines) for note in notes):
        return None
    public = public_texts(session, number, row.person_number, before=row.id)
    leaked = begun_by(secret_lines(notes, public), lines)
    if not leaked:
        return None
    line = min(leaked).rstrip("\n")
    name = next(name for written, name in lines.items() if written.startswith(line))
    return Withhold(f"Its {name} holds a line of an internal note of the ticket: “{line[:MOST_SHOWN]}”")
