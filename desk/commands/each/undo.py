"""`#undo`: what the author's last mail changed is put back, once, within half an hour."""

from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who
from mail.outbound.catalogue import said


def stands_beside(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """Alone in its mail it is carried out by a rule of its own (desk/intake/personal.py); beside others never."""
    return said("commands.undo_alone")


COMMAND = Command(
    name="undo",
    who=(Who.STAFF, Who.OWNER),
    judge=stands_beside,
    undo=Undo.STAYS,
)
