"""A mail of the outbox as the bytes and the envelope that go to the SMTP server."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desk.gate.verdict import next_attempt
from desk.tokens import envelope_address
from mail.outbound.compose import compose
from models.outbox.delivery import OutboxMail, outgoing
from worker.runtime.services import Services


@dataclass(frozen=True, slots=True)
class ReadyMail:
    """A mail ready to be handed over; `next_attempt` is None where this attempt is the last.

    `sender` is the envelope's, to which bounces go (RFC 5321, 4.4), and not the header's.
    """

    sender: str
    recipient: str
    message: bytes
    next_attempt: datetime | None


def ready_mail(session: Session, services: Services, outbox_mail: OutboxMail) -> ReadyMail:
    """Compose a mail; the same row gives the same bytes at each attempt."""
    sender = outbox_mail.mail.sender
    box = next((box for box in services.settings.mailbox if box.name == outbox_mail.grant.mailbox), None)
    if box and box.plus_addressing:
        # By this signed address a bounce of the mail is known.
        sender = envelope_address(services.policy.keys, outbox_mail.grant, box.address)
    message = compose(outgoing(session, outbox_mail))
    when = next_attempt(outbox_mail.attempts + 1, outbox_mail.begun_at, outbox_mail.now, services.policy.limits)
    return ReadyMail(sender, outbox_mail.recipient, message, when)
