"""Rules on mail of everybody who is not staff: it becomes a comment, a note for staff, or a new ticket."""

from dataclasses import replace

from desk.commands.command import Changes, Order, Setting
from desk.commands.lines.parser import CommandLines
from desk.commands.lines.thanks import is_thanks
from desk.commands.obey import obey
from desk.intake.assessment import Assessment, text_of
from desk.intake.cc import new_participants
from desk.intake.decision import Act, Decision, Drop, KeepNote, NotApplied
from desk.intake.new_ticket import new_subject, open_ticket
from desk.intake.objections import own_words
from desk.intake.staff import opened_by_staff
from desk.ticket import AFTER_CUSTOMER
from desk.trust.judge import Power, Proof
from desk.trust.missing import WITHHELD, find_missing
from mail.inbound.message import MailKind

COMMANDING = frozenset({Power.FULL, Power.NO_CC})
DENIED = "The mail server of its sender says that it is not theirs, so it is answered by nobody's program."
BY_PROGRAM = "A program wrote it, which is not answered by a program."
ONLY_THANKS = "It is thanks and nothing else, so the ticket stays as it is."
BY_LIST = "It came by a mailing list, which is not answered by a program."

STOP = Order("#stop", "stop", "")
# In characters.
LONGEST_OF_PROGRAM = 100

UNANSWERED = {MailKind.LIST: BY_LIST, MailKind.GENERATED: BY_PROGRAM}


def only_a_note(assessment: Assessment) -> Decision | None:
    """Mail with the power of a note, such as one to somebody else's signed address, becomes a note on its ticket."""
    if assessment.trust.power is not Power.NOTE or assessment.ticket is None:
        return None
    reason = f"{assessment.thread.sentence} {assessment.trust.sentence}"
    missing = find_missing(assessment.thread, assessment.trust, by_form=assessment.facts.by_form)
    why = {WITHHELD: missing}
    return KeepNote(assessment.author, assessment.ticket.number, assessment.full_text, reason, why)


def customer_on_ticket(assessment: Assessment) -> Decision | None:
    """A participant's mail becomes a comment, reopens a resolved ticket unless it only thanks, and obeys commands."""
    if assessment.ticket is None or not assessment.thread.fits or assessment.sender is None:
        return None
    words = permitted_words(assessment)
    if _says_stop(assessment) and all(order.name != STOP.name for order in words.orders):
        words = CommandLines((STOP, *words.top), _below_subject(words.text), words.bottom)
    setting = Setting(assessment.sender, assessment.ticket, (), reading=assessment.reading)
    changes, outcomes = obey(words.orders, setting)
    text, old_status = _with_subject(assessment, text_of(assessment.mail, words)), assessment.ticket.status
    # With a command beside them it is that which counts.
    would_open = changes.status is None and AFTER_CUSTOMER[old_status] is not old_status
    thanks = would_open and _is_only_thanks(assessment, text)
    new_status = changes.status or (AFTER_CUSTOMER[old_status] if text and not thanks else old_status)
    if new_status is None:
        return None
    return Act(
        person=assessment.sender,
        ticket=assessment.ticket.number,
        text=text,
        changes=Changes(status=new_status if new_status is not old_status else None, leaves=changes.leaves),
        outcomes=outcomes,
        reason=f"{assessment.thread.sentence} {ONLY_THANKS}" if thanks else assessment.thread.sentence,
        cc=new_participants(assessment, assessment.ticket),
        proven=assessment.is_proven,
    )


def _says_stop(assessment: Assessment) -> bool:
    """True where `#stop` is the subject of a mail that may command.

    So write programs that take the subject of List-Unsubscribe, and not its body (RFC 2369, section 3.2).
    """
    return _may_command(assessment) and assessment.mail.subject.strip().lower() == STOP.line


def _below_subject(text: str) -> str:
    """The text below such a subject; one line of it is what those programs write for themselves."""
    return text if "\n" in text.strip() or len(text) > LONGEST_OF_PROGRAM else ""


def _is_only_thanks(assessment: Assessment, text: str) -> bool:
    """True where the comment is short thanks to the desk, without a file; what is longer may ask for something.

    A logo in the signature is no file (mail/inbound/pictures.py).
    """
    mail, ticket = assessment.mail, assessment.ticket
    people = (assessment.sender, ticket.assignee if ticket else None)
    names = [name for person in people if person for name in (person.name, person.email.partition("@")[0]) if name]
    files = [file for file in mail.attachments if not file.of_signature]
    return not files and is_thanks(text, (*names, assessment.author.name))


def _with_subject(assessment: Assessment, text: str) -> str:
    """The text of a comment below the mail's subject, where that says something new; that alone where there is no text.

    Who answers our mail may write what matters into the subject, and sees no other place for it in a mail program.
    """
    ticket, grant = assessment.ticket, assessment.thread.grant
    # What a ticket was called that became part of this one is not known here, so its subject would seem new.
    if not text or ticket is None or assessment.facts.merged or _says_stop(assessment):
        return text
    answered = assessment.facts.answered.get(grant.id) if grant else None
    subject = new_subject(assessment.mail.subject, (ticket.title, *([answered.subject] if answered else [])))
    if not subject:
        return text
    return f"Subject: {subject}\n\n{text}" if assessment.mail.text.strip() else subject


def permitted_words(assessment: Assessment) -> CommandLines:
    """The sender's own words; without commands where they may give none, or repeat a line of the ticket."""
    words = own_words(assessment.mail, staff=False)
    ticket_lines = assessment.known_ticket.commands if assessment.known_ticket else frozenset[str]()
    if _may_command(assessment) and not any(order.line in ticket_lines for order in words.orders):
        return words
    return CommandLines((), assessment.mail.reply, ())


def _may_command(assessment: Assessment) -> bool:
    # A mailing list may have put its own words below those of its member.
    return assessment.trust.power in COMMANDING and assessment.mail.kind is MailKind.PERSON


def new_ticket(assessment: Assessment) -> Decision | None:
    """Every other mail opens a ticket, which continues a closed one where a participant answers that.

    A routing rule may drop what belongs to no ticket and is not of staff, unless an admin restored it.
    """
    continues = assessment.ticket.number if assessment.ticket and assessment.thread.fits else None
    ticket = open_ticket(
        assessment.mail, assessment.facts, assessment.policy, continues=continues, reason=assessment.thread.sentence
    )
    answers = continues is not None or assessment.thread.grant is not None
    if ticket.dropped_by and not (answers or assessment.staff or assessment.facts.restored):
        return NotApplied(f"Rule '{ticket.dropped_by}' drops it.", Drop.RULE, ticket.why)
    denied = assessment.trust.proof is Proof.REFUTED
    unanswered = DENIED if denied else UNANSWERED.get(assessment.mail.kind)
    # A forged mail shall make nobody a person of the web application.
    unproven = denied and assessment.sender is None
    if assessment.staff is not None:
        ticket = opened_by_staff(ticket, author=assessment.staff.email)
    return replace(ticket, cc=new_participants(assessment, None), unanswered=unanswered, unproven=unproven)
