"""Answers of staff that wait a little in the outbox, so that their authors may take them back (`desk.hold_answers`)."""

from enum import StrEnum
from typing import Final

from desk.notices.events import ChangeSet, EventKind
from desk.notices.recipients import Notice


class Waits(StrEnum):
    """Why a mail of ours is due a little later than it was written; it stands in its row, and no value ever changes."""

    FOR_UNDO = "may be taken back"
    BEHIND = "goes after an answer that may be taken back"


# Of a mail that was taken back before it went; it is held for good.
TAKEN_BACK: Final = "taken back"
WHY: Final[dict[str, str]] = {
    Waits.FOR_UNDO: "It waits until then, so that its author may take it back with #undo.",
    Waits.BEHIND: "It goes after an answer to the same person that waits until then, as its author may take that back.",
}


def may_be_taken_back(change_set: ChangeSet, notice: Notice) -> bool:
    """True of each mail that tells others of a mail of staff with a public answer.

    All of them wait alike: what is taken back was then told to nobody. An answer that has waited for a word of its
    author waits no second time.
    """
    cause, actor = change_set.cause, change_set.actor
    if cause is None or actor is None or cause.waited or notice.person.number == actor.number:
        return False
    remarks = (event.remark for event in change_set.events if event.kind is EventKind.COMMENT_ADDED)
    authors = (remark.author for remark in remarks if remark)
    # By whichever rule: staff without power write no comment.
    return actor.is_staff and any(one is not None and one.number == actor.number for one in authors)


def why_it_waits(reason: str | None, attempts: int) -> str:
    """The sentence for the reason in the row of a mail; any other reason is one itself.

    What was tried waits no longer for that: nobody can take it back.
    """
    if reason == TAKEN_BACK:
        return "Its author took it back with #undo before it went, and nobody gets it."
    if reason not in WHY:
        return reason or ""
    return "" if attempts else WHY[reason]
