"""`#for`: a mail of staff about no ticket opens one for who phoned, who is told nothing until `#tell`."""

from collections.abc import Collection

from desk.commands.arguments.addresses import bare, bare_address, is_link
from desk.commands.command import Changes, Command, Setting, Undo, Verdict, Who
from desk.tokens import is_ours
from mail.mime.addresses import Address, normalise
from mail.outbound.catalogue import Said, said

_LONGEST_NAME = 100


def for_nobody(argument: str, setting: Setting, changes: Changes) -> Verdict:
    """On a ticket it opens none; where it does, `desk/intake/off_ticket/personal.py::opened_for` reads it."""
    return said("writing.for_off_ticket")


def read_caller(argument: str, setting: Setting) -> Address | Said:
    """Who phoned, by an address that may follow a name; or why no ticket can be opened for them."""
    words = [word for word in argument.split() if not is_link(word)]
    named = [word for word in words if "@" in word]
    address = normalise(bare_address(named[0])) if len(named) == 1 else None
    if address is None:
        return said("writing.how_to_for")
    if is_ours(address, setting.circle.own) or address in setting.circle.lists:
        return said("writing.for_ours", email=address)
    if any(address == member.email for member in setting.staff):
        return said("writing.for_staff", email=address)
    name = " ".join(bare(word) for word in words if "@" not in word)
    return Address(name[:_LONGEST_NAME].strip(), address)


def names_somebody(argument: str, staff: Collection[str]) -> bool:
    """True where an address stands behind it; "for" begins many a sentence."""
    return "@" in argument and len(argument.split()) <= 1


COMMAND = Command(
    name="for",
    who=(Who.STAFF,),
    judge=for_nobody,
    undo=Undo.STAYS,
    takes="[NAME] ADDRESS",
    example="#for dora@acme.example",
    fits=names_somebody,
)
