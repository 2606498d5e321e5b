"""What follows when the send gate objects: the mail waits or is held, and a breaker may open."""

import shlex
from datetime import timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from desk.gate.caps import HOUR, fold
from desk.gate.verdict import Defer, Objection, Withhold
from desk.notices.events import Alert, AlertKey
from desk.trust.judge import Proof
from mail.outbound.catalogue import Said, said, together
from models.events.rows import add_alert
from models.outbox.breakers import STRANGERS, breaker_key, open_breaker
from models.outbox.rows import HELD, postpone, settle_outbox
from worker.deliver.undelivered import note_failure

# What follows for mails of each class, as the alert says it.
FOLLOWS = {
    Proof.PROVEN: "admins.loop_proven",
    Proof.CLAIMED: "admins.loop_claimed",
    Proof.REFUTED: "admins.loop_refuted",
}


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
    sentence = together(_limit(hold, "admins.loop_limit"), Said(FOLLOWS[hold.proof], (("address", recipient),)))
    # The address is a stranger's text, and this line is there to be copied into a shell.
    advice = said("admins.loop_advice", argument=shlex.quote(address))
    add_alert(session, Alert(AlertKey.LOOP, said("admins.loop_title", address=recipient), sentence, advice))


def _open_strangers_breaker(session: Session, hold: Withhold) -> None:
    """Open the breaker of addresses never seen before, with an alert where it was not open already."""
    if not open_breaker(session, STRANGERS, hold.reason):
        return
    sentence = together(_limit(hold, "admins.strangers_limit"), said("admins.strangers"))
    advice = said("admins.strangers_advice", argument=shlex.quote(STRANGERS))
    add_alert(session, Alert(AlertKey.STRANGERS, said("admins.strangers_title"), sentence, advice))


def _limit(hold: Withhold, key: str) -> Said:
    """Why a breaker opens: the limit that is full, or the reason where no limit is known."""
    if hold.limit is None:
        return said("formats.plain", text=hold.reason)
    hours = hold.limit.window > HOUR
    count = hold.limit.window // (HOUR if hours else timedelta(minutes=1))
    span = said("formats.hours" if hours else "formats.minutes", count=count)
    return Said(key, (("mails", hold.limit.most), ("span", span)))
