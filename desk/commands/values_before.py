"""What a mail changes on a ticket, by kind and with the values before, as `mail.command` keeps it for `#undo`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk.commands.command import Changes
from desk.commands.taking_back import ChangeKind
from desk.ticket import AFTER_CUSTOMER, AFTER_STAFF, Person, Status, Ticket


@dataclass(frozen=True, slots=True)
class Written:
    """What a mail wrote beside the fields of its ticket: the id of its comment, that of its note, and what came along.

    `people` says that somebody in Cc takes part from now on, `accepted` that a note became a comment, `sender` that it
    vouches for who opened the ticket. `deeds` are what its commands did besides (`kept_of`).
    """

    comment: str | None = None
    note: int | None = None
    people: bool = False
    accepted: bool = False
    sender: bool = False
    deeds: Mapping[str, Any] = field(default_factory=dict)


def before_of(
    ticket: Ticket, author: Person, changes: Changes, written: Written, owner: int | None
) -> Mapping[str, Any]:
    """What changes on a ticket, which is given as it was; `owner` is the number of who has it from now on.

    Of a field it is the value before (`was`) and afterwards (`is`), of a status also the one that it would have by the
    words alone (`by_words`), should these stay. Words alone of somebody who is not staff are read at once and cannot be
    taken back: of these there is nothing. Of a merge it is the ticket that it went `into`, and the status
    that it closed.
    """
    before: dict[ChangeKind, Any] = {ChangeKind.STATUS: _status(ticket, author, changes, written)}
    for kind, was, now in (
        (ChangeKind.PRIORITY, ticket.priority, changes.priority),
        (ChangeKind.CATEGORY, ticket.category, changes.category),
    ):
        before[kind] = {"was": was, "is": now} if now and now is not was else None
    had = ticket.assignee.number if ticket.assignee else None
    before |= {
        ChangeKind.ASSIGNEE: {"was": had, "is": owner} if had != owner else None,
        ChangeKind.COMMENT: written.comment,
        ChangeKind.NOTE: written.note,
        ChangeKind.PEOPLE: written.people,
        ChangeKind.ACCEPTED: written.accepted,
        ChangeKind.SENDER: written.sender,
        ChangeKind.MERGE: changes.merge_into and {"into": changes.merge_into, "was": ticket.status},
    }
    kept = {str(kind): value for kind, value in before.items() if value} | dict(written.deeds)
    return kept if author.is_staff or set(kept) - {ChangeKind.COMMENT} else {}


def kept_of(deeds: Sequence[tuple[ChangeKind, Mapping[str, Any]]]) -> dict[str, Any]:
    """What is kept of the deeds of a mail: a list for each kind, in the order in which they were done.

    Several waits in one mail are one: from what was before the first of them to what the last one says.
    """
    kept: dict[str, Any] = {}
    for kind, before in deeds:
        if kind is ChangeKind.WAIT and kind in kept:
            kept[kind][0]["is"] = before["is"]
        else:
            kept.setdefault(str(kind), []).append(dict(before))
    return kept


def _status(ticket: Ticket, author: Person, changes: Changes, written: Written) -> Mapping[str, Status] | None:
    was, now = ticket.status, changes.status
    if now is None or now is was or changes.merge_into is not None:
        return None
    by_words = (AFTER_STAFF if author.is_staff else AFTER_CUSTOMER)[was] if written.comment else was
    return {"was": was, "is": now, "by_words": by_words or was}
