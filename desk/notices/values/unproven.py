"""The warning in mails to staff about a ticket or a mail whose sender our own mail server refuted."""

from typing import Final

from desk.notices.events import ChangeSet
from desk.notices.recipients import Notice
from desk.tokens import ReplyKind
from mail.outbound.catalogue import Said, said

THIS_MAIL: Final = "unproven.this_mail"
OPENING_MAIL: Final = "unproven.opening_mail"
HOW_TO_ACCEPT: Final = said("unproven.how_to_accept")


def warning_of(notice: Notice, change_set: ChangeSet) -> tuple[Said, ...]:
    """The sentences that a mail to staff says above all else; none where nothing is refuted, and for customers."""
    ticket, cause = change_set.ticket, change_set.cause
    # A question to staff about a mail in their own name says itself what shows that it may not be theirs.
    if ticket is None or not notice.person.is_staff or notice.template.kind is ReplyKind.CONFIRM:
        return ()
    sentences = [warning(THIS_MAIL, cause.sender)] if cause and cause.refuted else []
    if ticket.unproven:
        is_both = cause is not None and cause.refuted and cause.sender == ticket.unproven
        sentences += [HOW_TO_ACCEPT] if is_both else [warning(OPENING_MAIL, ticket.unproven), HOW_TO_ACCEPT]
    return tuple(sentences)


def warning(mail: str, sender: str) -> Said:
    """The warning about one mail, which is THIS_MAIL or OPENING_MAIL; `sender` is the address in its From."""
    return said(mail, domain=sender.rpartition("@")[2])
