"""`#drop`: an answer that waits never goes out; it counts in an answer to our mail of that alone."""

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who
from mail.outbound.catalogue import said


def drop_nothing(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Elsewhere there is nothing to drop; where there is, `desk/commands/waiting.py` reads the word."""
    return said("commands.waits_for_no_word")


COMMAND = Command(
    name="drop",
    who=(Who.STAFF,),
    judge=drop_nothing,
    undo=Undo.NOTHING,
)
