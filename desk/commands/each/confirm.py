"""`#confirm`: the word by which staff say that held mails are theirs; it counts in an answer to our question alone."""

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who
from mail.outbound.catalogue import said


def confirm_nothing(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Elsewhere there is nothing to confirm; where there is, `desk/commands/confirming.py` reads the word."""
    return said("commands.not_a_question")


COMMAND = Command(
    name="confirm",
    who=(Who.STAFF,),
    judge=confirm_nothing,
    undo=Undo.NOTHING,
    takes="[NUMBER]",
    example="#confirm 2",
)
