"""What mails of ours gave to their recipients: the right to answer by a token, as it stands in mail.outbox."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from desk.tokens import Grant, ReplyKind
from models.db.statement import Statement, any_of

# The columns of a mail `a` of the outbox that its grant is made of.
GRANT: Final = """
a.id AS outbox_id, a.kind, a.mailbox, a.ticket_number, a.person_number, a.recipient, a.role AS power,
    a.token_expires_at, a.spent_at
"""
_GRANTS: Final = Statement(f"SELECT {GRANT} FROM mail.outbox a WHERE a.id = {any_of('ids')}")


def read_grants(session: Session, ids: Sequence[int]) -> dict[int, Grant]:
    """What these mails of ours gave to their recipients."""
    if not ids:
        return {}
    rows = _GRANTS.rows(session, {"ids": list(ids)})
    return {row.outbox_id: grant_of(row) for row in rows}


def grant_of(row: Row[*tuple[Any, ...]]) -> Grant:
    """What a mail of ours gave its recipient, of a row with `GRANT`."""
    return Grant(
        id=row.outbox_id,
        kind=ReplyKind(row.kind),
        mailbox=row.mailbox,
        ticket=row.ticket_number,
        person=row.person_number,
        address=row.recipient,
        role=row.power,
        expires_at=int(row.token_expires_at.timestamp()),
        spent=row.spent_at is not None,
    )
