"""When the certificates of outgoing servers end, as they were last shown; those of mailboxes are in their rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base, Now
from models.db.statement import Statement

# One that ends soon is looked at each hour, so that the all-clear comes soon after it was renewed.
_DUE: Final = Statement("""
SELECT asked.server FROM unnest(CAST(:servers AS text[])) AS asked (server)
LEFT JOIN mail.outgoing_server known ON known.server = asked.server
WHERE known.server IS NULL OR known.looked_at < now() - interval '1 day'
    OR (known.looked_at < now() - interval '1 hour' AND known.certificate_ends_at < now() + interval '15 days')
ORDER BY known.looked_at NULLS FIRST
""")
# A server that could not be asked keeps what it showed before.
_KEEP: Final = Statement("""
INSERT INTO mail.outgoing_server (server, certificate_ends_at) VALUES (:server, CAST(:ends AS timestamptz))
ON CONFLICT (server) DO UPDATE SET looked_at = now(),
    certificate_ends_at = coalesce(excluded.certificate_ends_at, outgoing_server.certificate_ends_at)
""")
_FORGET: Final = Statement("DELETE FROM mail.outgoing_server WHERE looked_at < now() - interval '30 days'")
_ENDS: Final = Statement("""
SELECT server, certificate_ends_at FROM mail.outgoing_server
WHERE server = ANY(CAST(:servers AS text[])) AND certificate_ends_at IS NOT NULL ORDER BY server
""")


class OutgoingServerRow(Base):
    """An outgoing server by host and port, and when the certificate ends that it showed; None where it showed none."""

    __tablename__ = "outgoing_server"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    server: Mapped[str] = mapped_column(Text, primary_key=True)
    certificate_ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    looked_at: Mapped[Now]


def unseen_servers(session: Session, servers: Sequence[str]) -> list[str]:
    """Those of the servers whose certificate nobody saw today, or whose ends soon and nobody saw within an hour."""
    return [row.server for row in _DUE.rows(session, {"servers": list(servers)})]


def keep_certificate(session: Session, server: str, ends: datetime | None) -> None:
    """Keep when the certificate of a server ends, that it was looked at now, and no server that is long unused."""
    _KEEP.write(session, {"server": server, "ends": ends})
    _FORGET.write(session)


def certificates_of(session: Session, servers: Sequence[str]) -> dict[str, datetime]:
    """When the certificate of each of the servers ends, where that is known."""
    rows = _ENDS.rows(session, {"servers": list(servers)})
    return {row.server: row.certificate_ends_at for row in rows}
