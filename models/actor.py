"""Who and what a transaction's changes are put down to: the settings that the triggers read."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# The value holds for the transaction only, so a pooled connection carries nothing over.
_SET = text("SELECT set_config(:name, :value, true)")


def mark(session: Session, *, actor: int | None = None, cause: int | None = None, quiet: bool = False) -> None:
    """Put the transaction's changes down to a person's number and a mail's ledger id; quiet ones are no events."""
    settings = {
        "supportdesk.actor": None if actor is None else str(actor),
        "supportdesk.cause": None if cause is None else str(cause),
        "supportdesk.quiet": "on" if quiet else None,
    }
    for name, value in settings.items():
        if value is not None:
            session.execute(_SET, {"name": name, "value": value})
