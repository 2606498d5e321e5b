"""The Message-IDs by which mails find their ticket, and how the text of each mail was read."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from mail.inbound.message import NO_MORE_WORDS, InboundMail, MoreWords
from mail.mime.message_ids import id_hash
from models.db.base import SCHEMA, Base, Bytes, Now, String
from models.db.statement import Statement

MOST_REFERENCES = 50


class KnownMessageId(Base):
    """A Message-ID that belongs to a ticket, by hash; `refers` where a mail of the ticket only named it.

    `known_at` is when it became the ticket's own, or for one that was only named, when it was named first.
    """

    __tablename__ = "message_id"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    hash: Mapped[Bytes] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    refers: Mapped[bool]
    known_at: Mapped[Now]


class Reading(Base):
    """How a mail's text became a comment: what trimming removed, how sure it was, what was repaired.

    `sign_off` is what its author wrote below the text, and `html` clean HTML of both; each may be empty.
    """

    __tablename__ = "reading"
    __table_args__ = (
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        Index(None, "ticket_number"),
        {"schema": SCHEMA},
    )

    ledger_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ledger.id"), primary_key=True)
    ticket_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    comment_id: Mapped[str | None] = mapped_column(Text)
    removed: Mapped[String]
    confidence: Mapped[float]
    repairs: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    sign_off: Mapped[String] = mapped_column(server_default=text("''"))
    html: Mapped[String] = mapped_column(server_default=text("''"))


# What is known by its own mail stays so. Who named it before, to come first, gains nothing by that.
_KNOWN_BEFORE = """
ON CONFLICT (hash, ticket_number) DO UPDATE SET refers = message_id.refers AND excluded.refers,
    known_at = CASE WHEN message_id.refers AND NOT excluded.refers THEN now() ELSE message_id.known_at END
"""
# A mail's reading, and the Message-IDs by which its ticket is found from now on. An id that was only referred to is a
# mail's own from then on. The ids go in one order, or two mails might wait for each other.
_KEEP = Statement(f"""
WITH kept AS (
    INSERT INTO mail.reading (ledger_id, ticket_number, comment_id, removed, confidence, repairs, sign_off, html)
    VALUES (:ledger, :ticket, :comment, :removed, :confidence, CAST(:repairs AS text[]), :sign_off, :html)
)
INSERT INTO mail.message_id (hash, ticket_number, refers)
SELECT hash, CAST(:ticket AS bigint), hash <> :own FROM unnest(CAST(:hashes AS bytea[])) AS known(hash)
ORDER BY 1, 2{_KNOWN_BEFORE}""")
# The Message-IDs of mails of ours, in the same order and for the same reason.
_KNOW_OURS = Statement(f"""
INSERT INTO mail.message_id (hash, ticket_number, refers)
SELECT hash, ticket, false FROM unnest(CAST(:hashes AS bytea[]), CAST(:tickets AS bigint[])) AS sent(hash, ticket)
ORDER BY 1, 2{_KNOWN_BEFORE}""")


def keep_reading_and_ids(
    session: Session,
    ledger_id: int,
    number: int,
    comment_id: str | None,
    mail: InboundMail,
    more: MoreWords = NO_MORE_WORDS,
) -> None:
    """Keep beside the comment what trimming removed from the mail, what was repaired in it, and `more` of its words.

    The ticket is found from then on by the mail's Message-ID. By those that the mail only refers to it is found where
    that shows nobody a word (`desk.trust.threads`).
    """
    own = [mail.message_id] if mail.message_id else []
    row = {
        "ledger": ledger_id,
        "ticket": number,
        "comment": comment_id,
        "removed": mail.removed,
        "confidence": mail.confidence,
        "repairs": list(mail.repairs),
        "sign_off": more.sign_off,
        "html": more.html,
        "own": id_hash(mail.message_id) if mail.message_id else b"",
        "hashes": list({id_hash(identifier) for identifier in (*own, *mail.refers[:MOST_REFERENCES])}),
    }
    _KEEP.write(session, row)


def index_our_ids(session: Session, sent: Sequence[tuple[int, str]]) -> None:
    """Add the Message-IDs of mails of ours to the index, given as (ticket number, Message-ID)."""
    if sent:
        tickets, ids = zip(*sent, strict=True)
        _KNOW_OURS.write(session, {"hashes": [id_hash(one) for one in ids], "tickets": list(tickets)})
