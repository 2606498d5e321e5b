"""What becomes of mail from everybody who is not staff: a comment, a note for staff, or a new ticket."""

from dataclasses import replace

from desk.commands.obey import Changes, Setting, obey
from desk.commands.parser import CommandLines
from desk.intake import cc as copies
from desk.intake.assessment import Assessment, text_of
from desk.intake.decision import Act, Decision, KeepNote
from desk.intake.new_ticket import open_ticket
from desk.intake.objections import own_words
from desk.ticket import AFTER_CUSTOMER
from desk.trust.judge import Power, Proof
from mail.inbound.message import MailKind

COMMANDING = frozenset({Power.FULL, Power.NO_CC})
DENIED = "The mail server of its sender says that it is not theirs, so it is answered by nobody's program."
BY_LIST = "It came by a mailing list, which is not answered by a program."


def only_a_note(arrival: Assessment) -> Decision | None:
    """Mail to somebody else's signed address, or that its sender's server denies, is a note until it is accepted."""
    if arrival.trust.power is not Power.NOTE or arrival.ticket is None:
        return None
    reason = f"{arrival.thread.sentence} {arrival.trust.sentence}"
    return KeepNote(arrival.author, arrival.ticket.number, arrival.whole, reason)


def customer_on_ticket(arrival: Assessment) -> Decision | None:
    """A participant's mail is a comment; it opens a resolved ticket again, and closes one where they may command."""
    if arrival.ticket is None or not arrival.thread.fits or arrival.sender is None:
        return None
    words = _permitted_words(arrival)
    changes, outcomes = obey(words.orders, Setting(arrival.sender, arrival.ticket, ()))
    text, before = text_of(arrival.mail, words), arrival.ticket.status
    after = changes.status or (AFTER_CUSTOMER[before] if text else before)
    if after is None:
        return None
    return Act(
        person=arrival.sender,
        ticket=arrival.ticket.number,
        text=text,
        changes=Changes(status=after if after is not before else None, leaves=changes.leaves),
        outcomes=outcomes,
        reason=arrival.thread.sentence,
        cc=copies.added(arrival, arrival.ticket),
        proven=arrival.proven,
    )


def _permitted_words(arrival: Assessment) -> CommandLines:
    """The mail's own words; without any command where its sender may give none, or repeats a line of the ticket."""
    # A list may have put its own words below those of its member.
    may_command = arrival.trust.power in COMMANDING and arrival.mail.kind is MailKind.PERSON
    words = own_words(arrival.mail, staff=False)
    stands = arrival.known.commands if arrival.known else frozenset[str]()
    if may_command and not any(order.line in stands for order in words.orders):
        return words
    return CommandLines((), arrival.mail.reply, ())


def new_ticket(arrival: Assessment) -> Decision | None:
    """Everything else is a new ticket, which goes on from a closed one where its customer came back to it."""
    continues = arrival.ticket.number if arrival.ticket and arrival.thread.fits else None
    ticket = open_ticket(
        arrival.mail, arrival.facts, arrival.policy, continues=continues, reason=arrival.thread.sentence
    )
    denied, by_list = arrival.trust.proof is Proof.REFUTED, arrival.mail.kind is MailKind.LIST
    unanswered = DENIED if denied else BY_LIST if by_list else None
    return replace(ticket, cc=copies.added(arrival, None), unanswered=unanswered)
