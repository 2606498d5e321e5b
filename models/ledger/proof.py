"""The proof class of a mail as SQL; mails are counted by it, so that what nothing proves limits nothing proven."""

from desk.intake.rule_names import RuleName
from desk.trust.judge import Proof

# The key in the evidence of a mail of staff by which they accepted who opened its ticket.
ACCEPTS = "accepts"


def proof_of(mail: str) -> str:
    """The proof class of a row of the ledger, given by its alias; where none was found, the mail is only claimed."""
    return f"coalesce({mail}.evidence ->> 'proof', '{Proof.CLAIMED}')"


def proof_of_cause(event: str) -> str:
    """The class of what the event with this id followed from; staff or the web application stand behind the others."""
    return f"""coalesce((
        SELECT {proof_of("cause")} FROM mail.event e JOIN mail.ledger cause ON cause.id = e.cause WHERE e.id = {event}
    ), '{Proof.PROVEN}')"""


def proof_by_cause(cause: str) -> str:
    """The same of the mail that caused it, given by its alias, which may be joined without a row."""
    return f"CASE WHEN {cause}.id IS NULL THEN '{Proof.PROVEN}' ELSE {proof_of(cause)} END"


def refuted_opener(ticket: str) -> str:
    """The sender of the refuted mail that opened a ticket, given by an expression for its number; NULL for all others.

    NULL also where staff have accepted that sender since, or who opened it has written to it in a proven mail.
    """
    return f"""(
        SELECT opening.sender FROM mail.ledger opening
        WHERE opening.ticket_number = {ticket} AND opening.evidence ->> 'rule' = '{RuleName.NEW_TICKET}'
            AND opening.evidence ->> 'proof' = '{Proof.REFUTED}'
            AND NOT EXISTS (
                SELECT FROM mail.ledger later WHERE later.ticket_number = {ticket} AND (
                    later.evidence ->> '{ACCEPTS}' IS NOT NULL
                    OR (later.person_number = opening.person_number AND later.evidence ->> 'proof' = '{Proof.PROVEN}'
                        AND later.evidence ->> 'rule' = '{RuleName.CUSTOMER_ON_TICKET}')
                )
            )
        ORDER BY opening.id LIMIT 1
    )"""
