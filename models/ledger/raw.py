"""The raw bytes of a mail, read back from their chunks."""

from collections.abc import Iterator
from io import SEEK_END, BytesIO
from typing import Final

from sqlalchemy.orm import Session

from models.db.packed import Damaged, unpack
from models.db.statement import Statement

_CHUNK: Final = Statement(
    "SELECT content FROM mail.raw_chunk WHERE ledger_id = :row AND position = :position", binary=True
)
# What is packed of the ticket of a mail, where that is in the archive.
_PACKED: Final = Statement(
    """
SELECT p.content FROM mail.ledger l JOIN mail.archive_part p ON p.number = l.ticket_number
WHERE l.id = :row AND p.position = :position
""",
    binary=True,
)


def raw_of(session: Session, row: int, first: bytes = b"", size: int | None = None) -> bytes:
    """A mail's bytes as the server gave them, whose `first` chunk may be at hand; empty where none are stored.

    Where their number is known, nothing is asked once all are there. Those of an archived ticket are read there.
    """
    whole, position = BytesIO(first), 1 if first else 0
    whole.seek(0, SEEK_END)
    # One at a time, and into the buffer that becomes the bytes: a large mail is in memory once.
    while (size is None or whole.tell() < size) and (chunk := _CHUNK.one(session, {"row": row, "position": position})):
        whole.write(chunk.content)
        position += 1
    if not position:
        for content in _archived_chunks(session, row):
            whole.write(content)
    return whole.getvalue()


def _archived_chunks(session: Session, row: int) -> Iterator[bytes]:
    """The chunks of a mail in the archive, in their order; none where it is not there, or its archive is damaged."""
    try:
        for table, packed in unpack(_parts(session, row)):
            if table == "raw_chunk" and packed["ledger_id"] == str(row):
                yield bytes.fromhex(packed["content"].removeprefix("\\x"))
    except Damaged:
        return


def _parts(session: Session, row: int) -> Iterator[bytes]:
    position = 0
    while part := _PACKED.one(session, {"row": row, "position": position}):
        yield bytes(part.content)
        position += 1
