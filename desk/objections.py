"""Why an answer of staff is not carried out as it stands: OBJECTIONS in order, and the first one holds the mail."""

from collections.abc import Callable

from desk.commands import mistyped
from desk.words import Words, read, stray
from mail.delimiter import DELIMITER
from mail.message import InboundMail

# A reading is this sure, or less, where the text may hold a forwarded or quoted mail among the sender's own words.
UNSURE = 0.5
SEND_AGAIN = "Nothing was done with it. Please mend it and answer the same mail again."


def own_words(mail: InboundMail, *, staff: bool) -> Words:
    """The mail's own words; no line counts as a command where they may hold somebody else's (SECURITY, Power)."""
    if mail.confidence > UNSURE:
        return read(mail.reply, staff=staff)
    return Words((), mail.reply, ())


def commands_among_others_words(mail: InboundMail, words: Words) -> str | None:
    """Commands never count in forwards, nor where trimming could not tell whose words they are."""
    if mail.confidence > UNSURE or not (read(mail.reply, staff=True).orders or stray(mail.reply)):
        return None
    return "It holds commands beside a forwarded or quoted mail, so they may be somebody else's; delete that mail."


def mistyped_commands(mail: InboundMail, words: Words) -> str | None:
    """A mistyped command holds the mail rather than sending it to the customer."""
    typos = mistyped(words.orders)
    if not typos:
        return None
    return "It holds a command that we do not know. " + " ".join(outcome.sentence for outcome in typos)


def stray_commands(mail: InboundMail, words: Words) -> str | None:
    """A command in the middle of the text was meant as one, and would go to the customer."""
    found = stray(words.text)
    return f"The command {found[0].line} stands amid the text; it counts at its top or bottom only." if found else None


def delimiter_left(mail: InboundMail, words: Words) -> str | None:
    """A text that still holds our delimiter holds the mail that was answered too."""
    left = DELIMITER.strip("- ").lower() in " ".join(words.text.lower().split())
    return "It still holds the line above which answers stand, and so the mail that you answered." if left else None


OBJECTIONS: tuple[Callable[[InboundMail, Words], str | None], ...] = (
    commands_among_others_words,
    mistyped_commands,
    stray_commands,
    delimiter_left,
)


def objection(mail: InboundMail, words: Words) -> str | None:
    """The first objection, as a sentence to its author; None where the answer may be carried out."""
    return next((reason for ask in OBJECTIONS if (reason := ask(mail, words))), None)
