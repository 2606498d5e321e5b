"""The raw bytes of a mail, read back from their chunks."""

from io import SEEK_END, BytesIO
from typing import Final

from sqlalchemy.orm import Session

from models.db.statement import Statement

_CHUNK: Final = Statement(
    "SELECT content FROM mail.raw_chunk WHERE ledger_id = :row AND position = :position", binary=True
)


def raw_of(session: Session, row: int, first: bytes = b"", size: int | None = None) -> bytes:
    """A mail's bytes as the server gave them, whose `first` chunk may be at hand; empty where none are stored.

    Where their number is known, nothing is asked once all are there.
    """
    whole, position = BytesIO(first), 1 if first else 0
    whole.seek(0, SEEK_END)
    # One at a time, and into the buffer that becomes the bytes: a large mail is in memory once.
    while (size is None or whole.tell() < size) and (chunk := _CHUNK.one(session, {"row": row, "position": position})):
        whole.write(chunk.content)
        position += 1
    return whole.getvalue()
