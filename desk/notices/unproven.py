"""The warning in mails to staff about a ticket or a mail whose sender our own mail server refuted."""

from typing import Final

from desk.notices.events import ChangeSet
from desk.notices.recipients import Notice
from desk.tokens import ReplyKind

WARNING: Final = (
    "The sender's address was not proven: our mail server says that {0} does not come from {1}. Do not trust the name."
)
THIS_MAIL: Final = "this mail"
OPENING_MAIL: Final = "the mail that opened this ticket"
HOW_TO_ACCEPT: Final = "If you know that it is theirs, answer with #accept on a line of its own."


def warning_of(notice: Notice, change_set: ChangeSet) -> str:
    """What a mail to staff says above all else, as one paragraph; empty where nothing is refuted, and for customers."""
    ticket, cause = change_set.ticket, change_set.cause
    # A question to staff about a mail in their own name says itself what shows that it may not be theirs.
    if ticket is None or not notice.person.is_staff or notice.template.kind is ReplyKind.CONFIRM:
        return ""
    sentences = [warning(THIS_MAIL, cause.sender)] if cause and cause.refuted else []
    if ticket.unproven:
        is_both = cause is not None and cause.refuted and cause.sender == ticket.unproven
        sentences += [HOW_TO_ACCEPT] if is_both else [warning(OPENING_MAIL, ticket.unproven), HOW_TO_ACCEPT]
    return " ".join(sentences)


def warning(mail: str, sender: str) -> str:
    """The warning about one mail, which is THIS_MAIL or OPENING_MAIL; `sender` is the address in its From."""
    return WARNING.format(mail, sender.rpartition("@")[2])
