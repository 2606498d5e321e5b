"""The ledger: one row for each mail on the server, and the raw bytes it brought."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from mail.mime.message_ids import id_hash
from models.db.base import SCHEMA, UNDECIDED, Base, Bytes, Claimable, Key, Now, Number, String, folded_address
from models.db.claims import Queue
from models.db.statement import Statement

CHUNK = 1024 * 1024


class LedgerRow(Claimable, Base):
    """One mail on the server: where it lies, what it refers to, what became of it and why.

    `fate` is NULL while undecided. A `baseline` row is the mark made at first sight of a folder. Of a `partial` mail
    only the headers were stored, since it is larger than the settings allow. Since `restored_at` it counts as
    a person's; at `waited_at` it began to wait for a word of its author. What was brought along from files has the date
    of that (`imported_at`), its own time as `internal_date`, and what the operator chose for it.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("mailbox_id", "folder", "uidvalidity", "uid"),
        CheckConstraint("fate IN ('applied', 'not_applied', 'quarantined', 'baseline', 'dropped')", name="fate"),
        Index("ledger_undecided_idx", "id", postgresql_where=text("fate IS NULL")),
        # Its condition is written otherwise than that of the index above: else a search for the parents of a mail might
        # read that index from end to end.
        Index("ledger_undecided_message_id_idx", "message_id_hash", postgresql_where=text(UNDECIDED)),
        Index("ledger_fingerprint_idx", "fingerprint"),
        Index("ledger_quarantined_idx", "id", postgresql_where=text("fate = 'quarantined'")),
        # The dropped mails that no admin was told of, and when they were last told of some.
        Index(
            "ledger_dropped_idx",
            "reported_at",
            "id",
            postgresql_where=text("fate = 'not_applied' AND (evidence -> 'drop') IS NOT NULL"),
        ),
        Index(None, "correspondent", "stored_at"),
        Index(
            "ledger_domain_stored_at_idx",
            text("split_part(sender, '@', 2)"),
            "stored_at",
            postgresql_where=text("ticket_number IS NOT NULL"),
        ),
        # How many mails of all senders were refuted lately (models.intake.history).
        Index("ledger_refuted_idx", "stored_at", postgresql_where=text("evidence ->> 'proof' = 'refuted'")),
        Index("ledger_ticket_idx", "ticket_number", "person_number"),
        Index("ledger_server_todo_idx", "mailbox_id", "id", postgresql_where=text("server_done_at IS NULL")),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    mailbox_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.mailbox.id"))
    folder: Mapped[String]
    uidvalidity: Mapped[Number]
    uid: Mapped[Number]
    internal_date: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    size: Mapped[Number]
    message_id: Mapped[str | None] = mapped_column(Text)
    message_id_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    refers_hashes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary), server_default=text("'{}'"))
    fingerprint: Mapped[Bytes]
    stored_at: Mapped[Now]
    server_done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    partial: Mapped[bool] = mapped_column(server_default=text("false"))
    reported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    restored_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    waited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    imported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    import_vouched: Mapped[bool] = mapped_column(server_default=text("false"))
    import_open: Mapped[bool] = mapped_column(server_default=text("false"))
    automatic: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[str | None] = mapped_column(Text)
    correspondent: Mapped[str | None] = mapped_column(Text, folded_address("sender"))
    recipients: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    ticket_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    person_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.person.number"))


class RawChunk(Base):
    """A megabyte of a mail's raw bytes; the chunks in order are the mail as the server gave it."""

    __tablename__ = "raw_chunk"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    ledger_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mail.ledger.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Bytes]


LEDGER = Queue(
    "mail.ledger",
    # A mail waits for the undecided mails before it that it refers to, or that carry its own Message-ID. The
    # condition is that of the index on their Message-IDs (UNDECIDED).
    fresh="""NOT EXISTS (
        SELECT 1 FROM mail.ledger p
        WHERE coalesce(p.fate, '') = '' AND p.id < q.id
            AND p.message_id_hash = ANY(q.refers_hashes || q.message_id_hash)
        OFFSET 0
    )""",
)

# Writes the fate of a mail, which ends its claim.
_SETTLE = Statement("""
UPDATE mail.ledger SET fate = :fate, reason = :reason, evidence = :evidence, ticket_number = :ticket,
    person_number = :person, sender = :sender, recipients = CAST(:recipients AS text[]), automatic = :automatic,
    decided_at = now(), claimed_by = NULL, claimed_until = NULL
WHERE id = :row
""")
# Stores a mail with its first chunk; no row where the ledger has the mail already.
_STORE = Statement("""
WITH stored AS (
    INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, internal_date, size, message_id, message_id_hash,
        refers_hashes, fingerprint, partial, server_done_at)
    VALUES (:mailbox_id, :folder, :uidvalidity, :uid, :internal_date, :size, :message_id, :message_id_hash,
        CAST(:refers_hashes AS bytea[]), :fingerprint, :partial,
        -- What is too large is neither flagged nor moved: nothing is left to do for it.
        CASE WHEN :partial THEN now() END)
    ON CONFLICT DO NOTHING RETURNING id
), content AS (
    INSERT INTO mail.raw_chunk (ledger_id, position, content) SELECT id, 0, :content FROM stored
)
SELECT id FROM stored
""")
# Stores one further chunk of a mail.
_STORE_RAW = Statement("INSERT INTO mail.raw_chunk (ledger_id, position, content) VALUES (:row, :position, :content)")


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail as the poller stores it: where it lies on the server, what it refers to, and its bytes.

    Where only its headers are in `raw`, `partial_of` is its size in bytes on the server, and there it stays.
    """

    mailbox_id: int
    folder: str
    uidvalidity: int
    uid: int
    internal_date: datetime | None
    message_id: str | None
    refers: tuple[str, ...]
    fingerprint: bytes
    raw: bytes
    partial_of: int | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """A mail that could not be fetched or stored: its place on the server and the error."""

    mailbox_id: int
    folder: str
    uidvalidity: int
    uid: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfetchedMail:
    """A mail that is recorded without being fetched: its place on the server, its fate and the reason."""

    mailbox_id: int
    folder: str
    uidvalidity: int
    uid: int
    fate: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail: its fate with reason and evidence, its ticket, its person and its addresses."""

    word: str
    reason: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    ticket: int | None = None
    person: int | None = None
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    automatic: str | None = None


def store(session: Session, mail: NewMail) -> int | None:
    """Store a mail's raw bytes as an undecided ledger row; None where the ledger has it already."""
    row = _STORE.one(session, columns_of(mail) | {"content": mail.raw[:CHUNK]})
    if row is None:
        return None
    store_raw(session, row.id, mail.raw, start=CHUNK)
    return int(row.id)


def columns_of(mail: NewMail) -> dict[str, Any]:
    """The columns of a row that describe its mail, by name."""
    return {
        "mailbox_id": mail.mailbox_id,
        "folder": mail.folder,
        "uidvalidity": mail.uidvalidity,
        "uid": mail.uid,
        "internal_date": mail.internal_date,
        "size": len(mail.raw) if mail.partial_of is None else mail.partial_of,
        "message_id": mail.message_id,
        "message_id_hash": id_hash(mail.message_id) if mail.message_id else None,
        "refers_hashes": [id_hash(identifier) for identifier in mail.refers],
        "fingerprint": mail.fingerprint,
        "partial": mail.partial_of is not None,
    }


def store_raw(session: Session, row: int, raw: bytes, start: int = 0) -> None:
    """Store the bytes of a row's mail in chunks, beginning at byte `start`, which is a multiple of CHUNK."""
    for place in range(start, max(len(raw), 1), CHUNK):
        _STORE_RAW.rows(session, {"row": row, "position": place // CHUNK, "content": raw[place : place + CHUNK]})


def store_stub(session: Session, stub: Stub) -> int | None:
    """Store a quarantined row without bytes, so that the mail is neither forgotten nor in the way of the next."""
    mail = UnfetchedMail(
        mailbox_id=stub.mailbox_id,
        folder=stub.folder,
        uidvalidity=stub.uidvalidity,
        uid=stub.uid,
        fate="quarantined",
        reason=f"The mail could not be taken from the server: {stub.error}",
    )
    return store_unfetched(session, mail)


def store_unfetched(session: Session, mail: UnfetchedMail) -> int | None:
    """Store a row without bytes whose fate is known; its id, None where the ledger has it already."""
    values = asdict(mail) | {"size": 0, "fingerprint": b""}
    statement = insert(LedgerRow).values(**values, decided_at=func.now(), server_done_at=func.now())
    return session.scalar(statement.on_conflict_do_nothing().returning(LedgerRow.id))


def list_undone_on_server(session: Session, mailbox_id: int, folder: str, uidvalidity: int) -> list[tuple[int, int]]:
    """The rows that still want their flag or move on the server, as (row id, UID), oldest first."""
    here = (LedgerRow.mailbox_id == mailbox_id, LedgerRow.folder == folder, LedgerRow.uidvalidity == uidvalidity)
    statement = select(LedgerRow.id, LedgerRow.uid).where(*here, LedgerRow.server_done_at.is_(None))
    return [(row.id, row.uid) for row in session.execute(statement.order_by(LedgerRow.id))]


def set_done_on_server(session: Session, rows: Sequence[int]) -> None:
    """Record that the flag or move of these rows was done on the server."""
    session.execute(update(LedgerRow).where(LedgerRow.id.in_(rows)).values(server_done_at=func.now()))


def settle(session: Session, row: int, fate: Fate) -> None:
    """Write the fate of a row, which ends its claim."""
    _SETTLE.write(session, {**values_of(row, fate), "fate": fate.word})


def values_of(row: int, fate: Fate) -> dict[str, Any]:
    """What a statement writes of a fate into a row, without its word."""
    return {
        "row": row,
        "reason": fate.reason,
        "evidence": Jsonb(dict(fate.evidence)),
        "ticket": fate.ticket,
        "person": fate.person,
        "sender": fate.sender,
        "recipients": list(fate.recipients),
        "automatic": fate.automatic,
    }


def quarantine(session: Session, row: int, reason: str) -> None:
    """Put an undecided row into quarantine for an admin; its raw bytes and the error of its last try stay."""
    values = {"fate": "quarantined", "reason": reason, "decided_at": func.now(), "claimed_by": None}
    session.execute(update(LedgerRow).where(LedgerRow.id == row, LedgerRow.fate.is_(None)).values(**values))
