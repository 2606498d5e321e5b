"""The proof class of a mail as SQL; mails are counted by it, so that what nothing proves limits nothing proven."""

from desk.trust.judge import Proof


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
