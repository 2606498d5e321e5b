"""`#cc`: people take part in the ticket from now on, or no longer."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from desk.commands.arguments.addresses import bare_address, is_link
from desk.commands.command import Changes, Circle, Command, Effect, Setting, Undo, Verdict, Who, on_ticket
from desk.ticket import Ticket
from desk.tokens import is_ours
from mail.mime.addresses import normalise
from mail.outbound.catalogue import Said, said, together

ADD, REMOVE = "+", "-"
# No mail of a person names more in one line.
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Cc(Effect):
    """People are added to a ticket by their folded addresses, and others of it are taken off."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def cc(argument: str, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """Those behind `+` or no sign take part from now on, those behind `-` no longer; each refusal says why."""
    circle = _as_left_by(setting.circle, changes)
    added, removed, refused = list[str](), list[str](), list[Said]()
    for sign, word in _signed(argument):
        now = replace(
            circle, members=frozenset((circle.members | {*added}) - {*removed}), room=circle.room - len(added)
        )
        found = _removal(word, ticket, now) if sign == REMOVE else _addition(word, ticket, now, setting)
        if isinstance(found, Said):
            refused.append(found)
        elif sign == REMOVE:
            removed.append(found)
        else:
            added.append(found)
    if not (added or removed):
        return together(*refused) if refused else said("writing.how_to_cc")
    sentences = (
        *((said("writing.cc_added", names=", ".join(added)),) if added else ()),
        *((said("writing.cc_removed", names=", ".join(removed)),) if removed else ()),
        *refused,
    )
    return replace(changes, effects=(*changes.effects, Cc(tuple(added), tuple(removed)))), together(*sentences)


def _as_left_by(circle: Circle, changes: Changes) -> Circle:
    """Who takes part after the commands that stand above in the same mail."""
    for one in changes.effects:
        if isinstance(one, Cc):
            members = (circle.members | {*one.added}) - {*one.removed}
            circle = replace(circle, members=members, room=circle.room - len(one.added) + len(one.removed))
    return circle


def _signed(argument: str) -> Iterator[tuple[str, str]]:
    """Each word with its sign, which may stand before a space; links behind addresses are left out."""
    sign = ADD
    for word in argument.replace(",", " ").replace(";", " ").split()[:MOST_NAMED]:
        if is_link(word):
            continue
        first, rest = (word[0], word[1:]) if word[0] in (ADD, REMOVE, "\u2013", "\u2212") else ("", word)
        sign = (ADD if first == ADD else REMOVE) if first else sign
        if bare := bare_address(rest):
            yield sign, bare
            sign = ADD


def _addition(word: str, ticket: Ticket, circle: Circle, setting: Setting) -> str | Said:
    """The folded address of somebody who may be added, or why nobody is."""
    address = normalise(word)
    if address is None:
        return said("writing.cc_no_address", name=word)
    if circle.room < 1 and address not in circle.members:
        return said("writing.cc_full", name=address, count=setting.limits.people_in_cc)
    barred = (
        ("writing.cc_owner", address == ticket.customer.email),
        ("writing.cc_already", address in circle.members),
        ("writing.cc_ours", is_ours(address, circle.own)),
        ("writing.cc_list", address in circle.lists),
        ("writing.cc_staff", any(address == member.email for member in setting.staff)),
    )
    why = next((key for key, holds in barred if holds), None)
    return said(why, name=address) if why else address


def _removal(word: str, ticket: Ticket, circle: Circle) -> str | Said:
    """The address of the one who is named, whole or by a beginning that nobody else has; or why nobody is removed."""
    wanted = normalise(word) or word.casefold()
    if wanted == ticket.customer.email:
        return said("writing.cc_not_owner", name=wanted)
    fitting = [wanted] if wanted in circle.members else sorted(one for one in circle.members if one.startswith(wanted))
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return said("writing.cc_which", name=word, names=", ".join(fitting))
    if ticket.customer.email.startswith(wanted):
        return said("writing.cc_not_owner", name=ticket.customer.email)
    return said("writing.cc_unknown", name=word)


def names_people(argument: str, staff: Collection[str]) -> bool:
    """True where every word behind it is an address, or has a sign: "cc" is a word of letters, too."""
    words = argument.replace(",", " ").split()
    return bool(words) and all(word[0] in (ADD, REMOVE) or "@" in word for word in words)


COMMAND = Command(
    name="cc",
    who=(Who.STAFF,),
    judge=on_ticket(cc),
    undo=Undo.VALUES,
    takes="+ADDRESS -NAME",
    example="#cc +ann@acme.example -bob",
    fits=names_people,
)
