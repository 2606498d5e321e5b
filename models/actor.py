"""Who and what a transaction's changes are put down to: the settings that the triggers read."""

from sqlalchemy.orm import Session

from models.asking import Ask

# The value holds for the transaction only, so a pooled connection carries nothing over.
_SET = Ask("""
SELECT set_config(name, value, true)
FROM unnest(CAST(:names AS text[]), CAST(:values AS text[])) AS given(name, value)
""")


def mark(session: Session, *, actor: int | None = None, cause: int | None = None, quiet: bool = False) -> None:
    """Put the transaction's changes down to a person's number and a mail's ledger id; quiet ones are no events."""
    settings = {
        "supportdesk.actor": None if actor is None else str(actor),
        "supportdesk.cause": None if cause is None else str(cause),
        "supportdesk.quiet": "on" if quiet else None,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    if given:
        _SET.rows(session, {"names": list(given), "values": list(given.values())})
