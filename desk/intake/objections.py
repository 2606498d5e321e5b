"""Reasons why an answer of staff is held and not carried out: OBJECTIONS in order, and the first one counts."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from desk.commands.arguments.macros import macro_name
from desk.commands.each.say import COMMAND as SAY
from desk.commands.lines.letters import Readers, begins_like_a_letter, hands_over, name_words
from desk.commands.lines.many import read_many
from desk.commands.lines.mistyped import meant_command
from desk.commands.lines.parser import SPLIT, CommandLines, find_stray, parse_reply, stand_in
from desk.commands.merging import is_shown
from desk.commands.obey import answer_mistyped, is_internal
from desk.commands.table import COMMANDS
from desk.gate.leaks import long_lines
from desk.intake.assessment import Assessment, text_of
from desk.tokens import ReplyKind, proves
from desk.trust.threads import address_claims, reference_claims
from mail.inbound.message import InboundMail
from mail.outbound.catalogue import Said, said, together
from mail.quoting.labels import DELIMITERS
from mail.quoting.own_card import is_own_card

# With this confidence or less the text may hold a forwarded or quoted mail among the sender's own words.
UNSURE = 0.5
SEND_AGAIN = said("held.send_again")


def own_words(mail: InboundMail, *, staff: bool) -> CommandLines:
    """The sender's own words; where they may hold somebody else's, or what they do not see, no line is a command.

    The rule is in docs/security.md#what-a-mail-may-do.
    """
    words = _without_card(mail, parse_reply(mail.reply, staff=staff))
    if mail.confidence > UNSURE and stand_in(mail.unseen, words.orders) is None:
        return words
    return CommandLines((), mail.reply, ())


def _without_card(mail: InboundMail, words: CommandLines) -> CommandLines:
    """The words without the card of their author, where that is all that stands below commands.

    Who pressed a button, or typed a command alone, has signed nothing: a program did.
    """
    names = name_words(text for one in mail.senders for text in (one.name, one.email))
    is_card = bool(words.top) and not words.bottom and is_own_card(words.text, names)
    return replace(words, text="") if is_card else words


def commands_among_others_words(assessment: Assessment, words: CommandLines) -> Said | None:
    """Commands do not count in forwards, nor where the sender's own words could not be told from a quote."""
    mail = assessment.mail
    if mail.confidence > UNSURE or not (parse_reply(mail.reply, staff=True).orders or find_stray(mail.reply)):
        return None
    return said("held.others_words")


def unseen_commands(assessment: Assessment, words: CommandLines) -> Said | None:
    """A command that its sender may not see in their own mail may be of others (mail/html/visible_commands.py)."""
    mail = assessment.mail
    unseen = stand_in(mail.unseen, (*parse_reply(mail.reply, staff=True).orders, *find_stray(mail.reply)))
    return said("held.unseen_command", line=unseen.line) if unseen else None


def mistyped_commands(assessment: Assessment, words: CommandLines) -> Said | None:
    """A mistyped command would go to the customer as text."""
    answers = answer_mistyped(words.orders)
    if not answers:
        return None
    return together(said("held.unknown_command"), *dict.fromkeys(answer.sentence for answer in answers))


def lines_for_others(assessment: Assessment, words: CommandLines) -> Said | None:
    """A line with the number of a ticket and a command, which is for a mail about many, would go to the customer."""
    orders = (one.order for one in read_many(words.text).orders)
    meant = next((order.line for order in orders if order.name in COMMANDS), None)
    return said("held.for_many", line=meant) if meant else None


def unmarked_commands(assessment: Assessment, words: CommandLines) -> Said | None:
    """A line at the top or the bottom that lacks its sign, such as `/resolve`, would go to the customer as text."""
    lines = [line for line in words.text.splitlines() if line.strip()]
    staff = {name.lower() for one in assessment.facts.candidates for name in _callings(one.name, one.email)}
    for first, line in zip((True, False), (*lines[:1], *lines[-1:]), strict=False):
        if meant := meant_command(line, first=first, staff=staff):
            return said("held.looks_like_one", line=line.strip(), meant=meant)
    return None


def _callings(name: str, email: str) -> tuple[str, ...]:
    return name, email, email.partition("@")[0]


def stray_commands(assessment: Assessment, words: CommandLines) -> Said | None:
    """A command in the middle of the text would go to the customer as text."""
    stray = find_stray(f"{words.text}\n{words.below}")
    return said("held.amid_the_text", line=stray[0].line) if stray else None


def delimiter_left(assessment: Assessment, words: CommandLines) -> Said | None:
    """A text that still holds our delimiter holds the quoted mail too."""
    text = " ".join(f"{words.text}\n{words.below}".lower().split())
    left = any(line.strip("- ").lower() in text for line in DELIMITERS.values())
    return said("held.delimiter_left") if left else None


def repeated_commands(assessment: Assessment, words: CommandLines) -> Said | None:
    """A command line that stands in the ticket already, in the same person's words, may be a quote."""
    ticket_lines = assessment.known_ticket.commands if assessment.known_ticket else frozenset[str]()
    repeated = next((order.line for order in words.orders if order.line in ticket_lines), None)
    return said("held.repeated", line=repeated) if repeated else None


def note_left(assessment: Assessment, words: CommandLines) -> Said | None:
    """A public answer that still holds a line of an internal note of staff would show that to the customer."""
    if assessment.answer_kind is ReplyKind.NOTE or _asks_for_note(words):
        return None
    titles = (order.argument for order in words.orders if order.name == SPLIT)
    public = "\n".join((words.text_and_notes, *titles, words.below))
    if assessment.known_ticket is None or not repeats(public, assessment.known_ticket.notes):
        return None
    return said("held.note_left")


def nothing_written(assessment: Assessment, words: CommandLines) -> Said | None:
    """An answer that holds nothing but the quoted mail would go to the customer as a mail without words."""
    mail = assessment.mail
    if words.text_and_notes or words.orders or any(not file.inline for file in mail.attachments):
        return None
    shows_pictures = any(not file.of_signature for file in mail.attachments)
    return None if shows_pictures else said("held.nothing_written")


def answers_a_note(assessment: Assessment, words: CommandLines) -> Said | None:
    """An answer to an internal mail that lost its signed address on the way would go to the customer."""
    if assessment.answer_kind is not None or _asks_for_note(words) or not words.text_and_notes:
        return None
    quoted = (assessment.facts.grants.get(claim.id) for claim in reference_claims(assessment.mail))
    if not any(grant.kind is ReplyKind.NOTE for grant in quoted if grant):
        return None
    return said("held.answers_a_note")


def address_unchecked(assessment: Assessment, words: CommandLines) -> Said | None:
    """An address of ours whose signature we cannot check, as after a key was retired, may be one for notes."""
    if assessment.answer_kind is not None or _asks_for_note(words) or not words.text_and_notes:
        return None
    facts, policy = assessment.facts, assessment.policy
    named = ((claim, facts.grants.get(claim.id)) for claim in address_claims(assessment.mail, policy.own_addresses))
    unchecked = (grant for claim, grant in named if grant and not proves(policy.keys, claim, grant))
    return said("held.address_unchecked") if any(unchecked) else None


def nobody_to_answer(assessment: Assessment, words: CommandLines) -> Said | None:
    """An answer on a ticket in nobody's name would reach nobody, so its author has to accept the sender first."""
    ticket = assessment.ticket
    if ticket is None or not ticket.customer.is_nobody or not text_of(assessment.mail, words):
        return None
    if assessment.answer_kind is ReplyKind.NOTE or {"note", "accept"} & {order.name for order in words.orders}:
        return None
    return said("held.nobody_gets_it", tag=ticket.tag)


def told_nothing(assessment: Assessment, words: CommandLines) -> Said | None:
    """An answer would be the first that a customer hears of a ticket which staff opened for them."""
    ticket = assessment.ticket
    if ticket is None or not ticket.untold or assessment.answer_kind is ReplyKind.NOTE or _asks_for_note(words):
        return None
    return said("writing.tell_first", email=ticket.customer.email) if text_of(assessment.mail, words) else None


def split_inside(assessment: Assessment, words: CommandLines) -> Said | None:
    """What is below `#split` goes to the customer, and nothing of a mail that stays internal may."""
    if all(order.name != SPLIT for order in words.orders):
        return None
    inside = assessment.answer_kind is ReplyKind.NOTE or _asks_for_note(words) or _text_asks_for_note(assessment, words)
    return said("writing.split_inside") if inside else None


def for_another(assessment: Assessment, words: CommandLines) -> Said | None:
    """What belongs to a ticket for somebody else would go to the customer of this one."""
    if assessment.ticket is None or all(order.name != "for" for order in words.orders):
        return None
    return said("writing.for_off_ticket")


def for_customer_or_staff(assessment: Assessment, words: CommandLines) -> Said | None:
    """Words beside an internal command may be for colleagues, and would go to the customer."""
    internal, ticket = next((order for order in words.orders if is_internal(order)), None), assessment.ticket
    if internal is None or ticket is None or assessment.answer_kind is ReplyKind.NOTE or _asks_for_note(words):
        return None
    staff = name_words(name for one in assessment.facts.candidates for name in (one.name, one.email))
    customer = name_words((ticket.customer.name, ticket.customer.email))
    text = text_of(assessment.mail, words)
    if not text or begins_like_a_letter(words.text, Readers(customer, staff, hands_over(words.orders))):
        return None
    return said("held.customer_or_note", line=internal.line)


def ticket_taken_away(assessment: Assessment) -> Said | None:
    """The right that a list gives on a ticket ends where SupportDesk shows that to its reader no longer."""
    grant, ticket, staff = assessment.thread.grant, assessment.ticket, assessment.staff
    if grant is None or ticket is None or staff is None or grant.ticket not in grant.listed:
        return None
    return None if is_shown(staff, ticket) else said("held.shown_no_longer", tag=ticket.tag)


def _asks_for_note(words: CommandLines) -> bool:
    return any(order.name == "note" for order in words.orders)


def _text_asks_for_note(assessment: Assessment, words: CommandLines) -> bool:
    """True where a text of the desk that is named makes the whole mail a note."""
    macros = assessment.policy.macros
    texts = (macros.get(macro_name(order.argument)) for order in words.orders if order.name == SAY.name)
    return any(text is not None and text.note for text in texts)


def repeats(text: str, notes: Iterable[str]) -> bool:
    """True where a text holds one of the long lines of a note."""
    lines = long_lines(text)
    return not all(lines.isdisjoint(long_lines(note)) for note in notes)


OBJECTIONS: tuple[Callable[[Assessment, CommandLines], Said | None], ...] = (
    commands_among_others_words,
    unseen_commands,
    mistyped_commands,
    lines_for_others,
    unmarked_commands,
    stray_commands,
    repeated_commands,
    delimiter_left,
    note_left,
    answers_a_note,
    address_unchecked,
    nothing_written,
    nobody_to_answer,
    for_another,
    split_inside,
    told_nothing,
    for_customer_or_staff,
)


# What may stand against words that a command brings, which are the desk's own and no letter that was typed.
OF_ADDED_WORDS: tuple[Callable[[Assessment, CommandLines], Said | None], ...] = (
    note_left,
    answers_a_note,
    address_unchecked,
    nobody_to_answer,
    told_nothing,
)


def objection(assessment: Assessment, words: CommandLines) -> Said | None:
    """The first objection, as a sentence to its author; None where the answer may be carried out."""
    return next((reason for check in OBJECTIONS if (reason := check(assessment, words))), None)


def objection_to_added(assessment: Assessment, words: CommandLines) -> Said | None:
    """The first objection to public words with what commands added to them; None where they may go out."""
    return next((reason for check in OF_ADDED_WORDS if (reason := check(assessment, words))), None)
