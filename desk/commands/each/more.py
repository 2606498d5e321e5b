"""`#more`: what the list or the conversation in the answered mail goes on with."""

from dataclasses import replace

from desk.commands.command import Changes, Command, Needs, Setting, Undo, Verdict, Who
from mail.outbound.catalogue import said


def go_on(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """The next page of what the answered mail showed, as its reader may see it by then."""
    reading = setting.reading
    if reading is None:
        return said("lists.goes_on_from_nothing")
    if reading.is_old:
        return said("lists.too_old")
    if reading.more is None:
        return said("lists.no_more")
    return replace(changes, ask=reading.more), said("lists.more")


COMMAND = Command(
    name="more",
    who=(Who.STAFF, Who.OWNER),
    judge=go_on,
    undo=Undo.NOTHING,
    needs=Needs.READ,
    anywhere=True,
    after_merge=True,
)
