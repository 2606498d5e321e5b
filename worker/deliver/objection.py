"""What follows when the send gate objects: the mail waits or is held, and a breaker may open."""

import shlex
from typing import Protocol

from sqlalchemy.orm import Session

from desk.gate.caps import fold
from desk.gate.verdict import Defer, Objection, Withhold
from desk.notices.events import Alert
from desk.trust.judge import Proof
from models.events.rows import add_alert
from models.outbox.breakers import STRANGERS, breaker_key, open_breaker
from models.outbox.rows import HELD, postpone, settle_outbox
from worker.deliver.undelivered import note_failure

# Which mails a breaker of each class holds, as the alert says it.
WHICH = {
    Proof.PROVEN: "",
    Proof.CLAIMED: " that answer mails without proof of their sender",
    Proof.REFUTED: " that answer mails which are not from them",
}

SENDS = "A reset sends what was held within the last day, unless it is given --without-held."


class JudgedMail(Protocol):
    """A mail of the outbox as the gate judged it: just written, or read again for delivery."""

    @property
    def id(self) -> int:
        """Its row of the outbox."""

    @property
    def recipient(self) -> str:
        """The address that it goes to."""

    @property
    def auto_submitted(self) -> str | None:
        """The header's value (RFC 3834, 5); None where a person wrote it."""


def carry_out_objection(session: Session, row: JudgedMail, objection: Objection) -> None:
    """Postpone a mail of the outbox, or hold it; where a person wrote it, its ticket gets a note that it was held."""
    if isinstance(objection, Defer):
        postpone(session, row.id, objection.until, objection.reason)
        return
    settle_outbox(session, row.id, HELD, objection.reason)
    if objection.opens:
        _open_loop_breaker(session, row.recipient, objection)
    if objection.stops_strangers:
        _open_strangers_breaker(session, objection)
    if row.auto_submitted is None:
        note_failure(session, row.id, objection.reason)


def _open_loop_breaker(session: Session, recipient: str, hold: Withhold) -> None:
    """Open the loop breaker, with an alert where it was not open already."""
    address = fold(recipient)
    if not open_breaker(session, breaker_key(address, hold.proof), hold.reason):
        return
    sentence = (
        f"{hold.reason} So {recipient} gets no more automatic mails{WHICH[hold.proof]}, which are held with the reason;"
        " what a person writes still goes."
    )
    # The address is a stranger's text, and this line is there to be copied into a shell.
    advice = f"Look at the latest mails from there. {SENDS} Then run: supportdesk loop reset {shlex.quote(address)}"
    add_alert(session, Alert(f"Mails with {recipient} may be a loop", sentence, advice))


def _open_strangers_breaker(session: Session, hold: Withhold) -> None:
    """Open the breaker of addresses never seen before, with an alert where it was not open already."""
    if not open_breaker(session, STRANGERS, hold.reason):
        return
    sentence = (
        f"{hold.reason} Somebody may send us mails under many people's addresses, so that our answers bother them."
        " Their tickets are there, but addresses that we do not know get no acknowledgement any more."
    )
    advice = f"Look at the latest tickets. {SENDS} Then run: supportdesk loop reset {shlex.quote(STRANGERS)}"
    add_alert(session, Alert("Many strangers write at once", sentence, advice))
