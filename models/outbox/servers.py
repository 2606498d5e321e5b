"""Mails of a claimed batch by the mailbox that they come from, and those that wait for its server."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from models.db.claims import Claimed
from models.db.statement import Statement, any_of

_MAILBOXES: Final = Statement(f"SELECT id, mailbox FROM mail.outbox WHERE id = {any_of('ids')}")
# Ends the claim on the rows that are not decided yet; no attempt is counted.
_PUT_OFF: Final = Statement(f"""
UPDATE mail.outbox SET due_at = now() + :pause, error = :error,
    claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = {any_of("ids")} AND claimed_by = :token AND num_nulls(fate) = 1
""")


def mailboxes_of(session: Session, claimed: Claimed) -> Mapping[int, str]:
    """The names of the mailboxes of claimed mails, by row."""
    return {row.id: row.mailbox for row in _MAILBOXES.rows(session, {"ids": list(claimed.ids)})}


def put_off(session: Session, claimed: Claimed, error: str, pause: timedelta) -> None:
    """Let claimed mails wait for a server that cannot be reached, so that those of other servers have their turn."""
    values = {"ids": list(claimed.ids), "token": claimed.token, "error": error, "pause": pause}
    _PUT_OFF.rows(session, values)
