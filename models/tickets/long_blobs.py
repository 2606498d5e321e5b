"""Blobs too long to be one parameter of a statement, of which the driver would make two copies."""

import struct
from typing import Any, Final

import psycopg
from sqlalchemy.orm import Session

from mail.mime.encodings import LongContent
from models.db.errors import as_sqlalchemys
from models.db.statement import Statement

# COPY knows no ON CONFLICT: who brings the same blob waits, and then asks in a statement of its own if it is there.
_WAIT: Final = Statement("SELECT pg_advisory_xact_lock(:lock)")
_ASK: Final = Statement("SELECT size FROM mail.blob WHERE sha256 = :sha256")
_COPY: Final = "COPY mail.blob (sha256, size, content) FROM STDIN (FORMAT binary)"
# Of PostgreSQL's binary form of COPY: the signature with flags and extension, and the end of the rows.
_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_END: Final = struct.pack("!h", -1)


def store_long_blob(session: Session, content: LongContent) -> None:
    """Store a long content once, piece by piece."""
    _WAIT.rows(session, {"lock": int.from_bytes(content.sha256[:8], signed=True)})
    if _ASK.one(session, {"sha256": content.sha256}) is not None:
        return
    driver: Any = session.connection().connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            # Three fields, each behind its length: the digest, the size as an integer of eight bytes, and the content.
            copy.write(_HEAD + struct.pack("!hi32siqi", 3, 32, content.sha256, 8, content.size, content.size))
            for piece in content.pieces():
                copy.write(piece)
            copy.write(_END)
    except psycopg.Error as error:
        raise as_sqlalchemys(_COPY, error, lost=driver.closed) from error
