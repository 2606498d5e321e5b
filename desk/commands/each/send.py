"""`#send`: an answer that waits goes out at once; it counts in an answer to our mail of that alone."""

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who
from mail.outbound.catalogue import said


def send_nothing(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Elsewhere there is nothing to send; where there is, `desk/commands/waiting.py` reads the word."""
    return said("commands.waits_for_no_word")


COMMAND = Command(
    name="send",
    who=(Who.STAFF,),
    judge=send_nothing,
    undo=Undo.NOTHING,
)
