"""Held mails, and how staff are answered, as events keep them."""

from collections.abc import Mapping
from typing import Any

from desk.notices.held import HeldMail, Listed, Question, Receipt, WaitingMail, WholeMail
from mail.outbound.sentence_json import from_json
from models.announce.waiting import ListedRows


def waiting_of(held: HeldMail | None, listed: ListedRows) -> tuple[WaitingMail, ...]:
    """The earlier mails in the list of a question, each by its place there."""
    places = [(number, place) for number, place in enumerate(held.listed if held else (), 1) if place.event]
    rows = ((number, place, listed.questions.get(place.event or 0)) for number, place in places)
    return tuple(
        WaitingMail(number, place, held_of(row.held), row.came_at, bool(row.waits))
        for number, place, row in rows
        if row
    )


def held_of(details: Mapping[str, Any]) -> HeldMail:
    """A held mail as its event keeps it; an earlier version kept its sentences as text."""
    question = details.get("question")
    return HeldMail(
        **{
            **details,
            "reason": from_json(details["reason"]),
            "advice": from_json(details["advice"]),
            "whole": _whole(details.get("whole")),
            "question": Question(question) if question else None,
            "listed": tuple(Listed(**place) for place in details.get("listed", ())),
        }
    )


def _whole(details: Mapping[str, Any] | None) -> WholeMail | None:
    if not details:
        return None
    lists = {name: tuple(details[name]) for name in ("recipients", "commands")}
    files = tuple((str(name), int(size)) for name, size in details["files"])
    return WholeMail(**{**details, **lists, "files": files})


def receipt_of(details: Mapping[str, Any] | None) -> Receipt | None:
    """How a mail of staff is answered, as its event keeps it; None where that says nothing."""
    return Receipt(**{**details, "seen_by": tuple(details["seen_by"])}) if details else None
