"""Mails in quarantine that an admin has tried again by mail."""

import logging

from desk.commands.each.quarantine import TryAgain
from desk.ticket import Person, Ticket
from mail.outbound.catalogue import said
from models.ledger.quarantine import give_back, read_quarantined
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction

logger = logging.getLogger(__name__)


def try_again(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: TryAgain) -> Deed:
    """Give a mail in quarantine back to intake, which takes it as if for the first time; that cannot be taken back."""
    number = str(effect.mail)
    case = next(iter(read_quarantined(transaction.session, [effect.mail])), None)
    if case is None:
        return Deed(refused=said("lists.not_in_quarantine", number=number))
    if not give_back(transaction.session, [effect.mail]):
        return Deed(refused=said("writing.not_on_hand", number=number))
    values = (effect.mail, case.reason, case.error or "none")
    logger.info("Ledger row %s is tried again by mail; it was in quarantine: %s Its last error: %s", *values)
    return Deed(before={"mail": effect.mail})
