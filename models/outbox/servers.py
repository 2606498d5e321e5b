"""Mails that wait for the server that is to take them."""

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from models.db.claims import Claimed
from models.db.statement import Statement, any_of

# Ends the claim on the rows that are not decided yet; no attempt is counted.
_PUT_OFF: Final = Statement(f"""
UPDATE mail.outbox SET due_at = now() + :pause, error = :error,
    claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = {any_of("ids")} AND claimed_by = :token AND num_nulls(fate) = 1
""")


def put_off(session: Session, claimed: Claimed, error: str, pause: timedelta) -> None:
    """Let claimed mails wait for a server that cannot be reached, so that those of other servers have their turn."""
    values = {"ids": list(claimed.ids), "token": claimed.token, "error": error, "pause": pause}
    _PUT_OFF.write(session, values)
