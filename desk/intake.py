"""What becomes of a mail: RULES in order, and the first verdict wins."""

from collections.abc import Callable
from dataclasses import dataclass

from desk import opening
from desk.commands import Changes, Setting, obey
from desk.decisions import Act, Decision, Hold, KeepNote, NotApplied, Quarantine, Refuse
from desk.events import TooLarge
from desk.facts import Facts, Policy, StaffTrust
from desk.objections import SEND_AGAIN, objection, own_words
from desk.threads import Thread, Void, find_thread
from desk.ticket import AFTER_CUSTOMER, AFTER_STAFF, Person, Status, Ticket
from desk.tokens import Kind, is_ours
from desk.words import Words
from mail.message import InboundMail

ANSWER_A_NOTIFICATION = (
    "Answer the mail that we sent you about the ticket, from the address that it was sent to; "
    "its reply address is your key."
)
NO_SERVER_PROOF = (
    "Its token is yours and alive, but this desk also wants proof from your mail server "
    '(trust.staff is "both"), and there was none.'
)
ASK_AN_ADMIN = "Please answer in the web application, or ask an admin of the desk."


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail on its way in: everything that a rule looks at."""

    mail: InboundMail
    facts: Facts
    policy: Policy
    thread: Thread

    @property
    def sender(self) -> Person | None:
        """The sender where the desk knows them."""
        return self.facts.sender

    @property
    def ticket(self) -> Ticket | None:
        """The ticket that the mail belongs to, whether or not its sender fits."""
        known = self.facts.tickets.get(self.thread.number or 0)
        return known.ticket if known else None

    @property
    def proven(self) -> bool:
        """True where the sender shows a live signed grant of their own (SECURITY, section Evidence)."""
        return self.thread.fits and self.thread.grant is not None


def same_mail_twice(arrival: Arrival) -> Decision | None:
    """The same mail in two mailboxes or under a new UID has its effect once."""
    if arrival.facts.twin is None:
        return None
    return NotApplied(f"This is the same mail as ledger row {arrival.facts.twin}, which was taken in already.")


def no_single_sender(arrival: Arrival) -> Decision | None:
    """Identity is the one mailbox of the one From header (RFC 5322, 3.6.2)."""
    senders = {address.email for address in arrival.mail.senders}
    if len(senders) == 1:
        return None
    found = "no address" if not senders else f"{len(senders)} addresses"
    return Quarantine(f"From holds {found}; a mail needs exactly one sender.")


def our_own_address(arrival: Arrival) -> Decision | None:
    """A mail that claims to come from the desk itself is a loop or a forgery."""
    if not is_ours(arrival.mail.senders[0].email, arrival.policy.own_addresses):
        return None
    return Quarantine("From is an address of the desk itself.")


def too_large(arrival: Arrival) -> Decision | None:
    """Of such a mail only the headers are here; who wrote it is told, but no robot is, and nobody twice a day.

    Else a forged From would let anybody fill another's mailbox with our answers.
    """
    oversize = arrival.facts.oversize
    if oversize is None:
        return None
    largest = arrival.policy.largest_mail
    reason = f"It has {oversize.size} bytes, and {largest} are taken; its body is still on the server."
    if arrival.mail.automatic is not None:
        return NotApplied(f"{reason} It is automatic mail, which is not answered.")
    if oversize.told:
        return NotApplied(f"{reason} Its sender was told so of another mail within a day.")
    return Refuse(arrival.mail.senders[0], TooLarge(oversize.size, largest), f"{reason} Its sender is told.")


def automatic_mail(arrival: Arrival) -> Decision | None:
    """What no person wrote never changes a ticket and is never answered (RFC 3834, section 2)."""
    if arrival.mail.automatic is None:
        return None
    # A stranger's robot that merely names a ticket is kept off it, as the stranger is.
    if arrival.ticket is None or not (arrival.thread.fits or arrival.thread.grant):
        return NotApplied(f"Automatic mail that belongs to no ticket: {arrival.mail.automatic}")
    return KeepNote(
        arrival.mail.senders[0], arrival.ticket.number, _whole(arrival), f"Automatic mail: {arrival.mail.automatic}"
    )


def staff_without_power(arrival: Arrival) -> Decision | None:
    """From is a claim: staff's mail has power only with their own live token, or it is held."""
    if arrival.sender is None or not arrival.sender.is_staff:
        return None
    if arrival.proven and arrival.policy.staff_trust is StaffTrust.TOKEN:
        return None
    if arrival.proven:
        return Hold(arrival.sender, NO_SERVER_PROOF, ASK_AN_ADMIN)
    return Hold(
        arrival.sender, f"It came without a live token of yours. {arrival.thread.sentence}", ANSWER_A_NOTIFICATION
    )


def staff_off_ticket(arrival: Arrival) -> Decision | None:
    """An answer to a mail that takes none, or whose ticket is gone, goes back to its author."""
    if arrival.sender is None or not arrival.sender.is_staff:
        return None
    if arrival.ticket is not None and _kind(arrival) is not Kind.NONE:
        return None
    reason = "The mail that you answered takes no answer, or belongs to no ticket."
    return Hold(arrival.sender, reason, ANSWER_A_NOTIFICATION)


def staff_on_ticket(arrival: Arrival) -> Decision | None:
    """Staff answer in public, keep a note, or command."""
    if arrival.sender is None or not arrival.sender.is_staff or arrival.ticket is None:
        return None
    words = own_words(arrival.mail, staff=True)
    reason = objection(arrival.mail, words)
    if reason:
        return Hold(arrival.sender, reason, SEND_AGAIN)
    return _staff_act(arrival, arrival.sender, arrival.ticket, words)


def another_persons_token(arrival: Arrival) -> Decision | None:
    """A mail to somebody else's signed address is a note until an agent accepts it."""
    if arrival.thread.void is not Void.ANOTHERS or arrival.ticket is None:
        return None
    return KeepNote(arrival.mail.senders[0], arrival.ticket.number, _whole(arrival), arrival.thread.sentence)


def customer_on_ticket(arrival: Arrival) -> Decision | None:
    """A participant's mail is a comment; it opens a resolved ticket again, and closes one where they prove it."""
    if arrival.ticket is None or not arrival.thread.fits or arrival.sender is None:
        return None
    words = own_words(arrival.mail, staff=False) if arrival.proven else Words((), arrival.mail.reply, ())
    changes, outcomes = obey(words.orders, Setting(arrival.sender, arrival.ticket, ()))
    text, before = _text(arrival, words), arrival.ticket.status
    after = changes.status or (AFTER_CUSTOMER[before] if text else before)
    if after is None:
        return None
    changed = Changes(status=after if after is not before else None)
    return Act(arrival.sender, arrival.ticket.number, text, changed, outcomes, arrival.thread.sentence)


def new_ticket(arrival: Arrival) -> Decision | None:
    """Everything else is a new ticket, which goes on from a closed one where its customer came back to it."""
    continues = arrival.ticket.number if arrival.ticket and arrival.thread.fits else None
    return opening.open_ticket(
        arrival.mail, arrival.facts, arrival.policy, continues=continues, reason=arrival.thread.sentence
    )


RULES: tuple[Callable[[Arrival], Decision | None], ...] = (
    same_mail_twice,
    no_single_sender,
    our_own_address,
    too_large,
    automatic_mail,
    staff_without_power,
    staff_off_ticket,
    staff_on_ticket,
    another_persons_token,
    customer_on_ticket,
    new_ticket,
)


def decide(mail: InboundMail, facts: Facts, policy: Policy) -> tuple[str, Decision]:
    """The name of the first rule with a verdict, and that verdict."""
    arrival = Arrival(mail, facts, policy, find_thread(mail, facts, policy))
    verdicts = ((rule.__name__, rule(arrival)) for rule in RULES)
    return next((name, verdict) for name, verdict in verdicts if verdict is not None)


def _kind(arrival: Arrival) -> Kind | None:
    return arrival.thread.grant.kind if arrival.thread.grant else None


def _whole(arrival: Arrival) -> str:
    return opening.said(arrival.mail.text, arrival.mail.attachments)


def _text(arrival: Arrival, words: Words) -> str:
    """What the mail says; empty where it holds only commands. Pictures of a signature say nothing beside those."""
    files = tuple(file for file in arrival.mail.attachments if not (words.orders and file.inline))
    if words.said or (words.orders and not files):
        return words.said
    return opening.said("" if words.orders else arrival.mail.text, files)


def _staff_act(arrival: Arrival, sender: Person, ticket: Ticket, words: Words) -> Decision:
    setting = Setting(sender, ticket, arrival.facts.candidates)
    changes, outcomes = obey(words.orders, setting)
    note = changes.note or _kind(arrival) is Kind.NOTE
    text = _text(arrival, words)
    status = changes.status or _after_answer(ticket.status, answered=bool(text) and not note)
    changes = Changes(status, changes.priority, changes.category, changes.assignee, note)
    return Act(sender, ticket.number, text, changes, outcomes, arrival.thread.sentence)


def _after_answer(status: Status, *, answered: bool) -> Status | None:
    after = AFTER_STAFF[status] if answered else status
    return after if after is not status else None
