"""What the doctor finds about the tokens of mailboxes beside trying them: those that could not be renewed."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from models.ledger.access_tokens import list_tokens
from worker.admin.doctor.finding import Finding
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

NOT_RENEWED: Final = "The token of mailbox {0} could not be renewed and ends at {1} UTC: {2}"


def tokens(services: Services) -> Iterator[Finding]:
    """Every token is renewed; one that is missing or refused is found where it is tried."""
    names = {box.name for box in services.settings.mailbox if box.oauth}
    if not names:
        return
    with suppress(SQLAlchemyError), transaction(services.engine, quiet=True) as session:
        for entry in list_tokens(session):
            if entry.mailbox not in names:
                continue
            advice = ""
            if entry.trouble and entry.expires_at:
                advice = NOT_RENEWED.format(entry.mailbox, f"{entry.expires_at:%Y-%m-%d %H:%M}", entry.trouble)
            yield Finding(f"token of mailbox {entry.mailbox}", advice=advice)
