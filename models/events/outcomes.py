"""Answers to commands, alerts and held mails as the JSON that an event keeps; held mails are read elsewhere."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from desk.commands.command import CommandAnswer
from desk.notices.events import Alert, AlertKey
from desk.notices.held import HeldMail
from mail.outbound.sentence_json import from_json, to_json

_SENTENCES = ("title", "sentence", "advice")


def outcome_to_json(answer: CommandAnswer) -> dict[str, Any]:
    """The answer to one command as JSON."""
    detail = [to_json(line) for line in answer.detail]
    return {"line": answer.line, "done": answer.done, "sentence": to_json(answer.sentence), "detail": detail}


def held_to_json(held: HeldMail) -> dict[str, Any]:
    """A held mail as JSON; it is read back in `models/announce/held.py`."""
    return {**asdict(held), "reason": to_json(held.reason), "advice": to_json(held.advice)}


def alert_to_json(alert: Alert) -> dict[str, Any]:
    """An alert as JSON."""
    sentences = {name: to_json(getattr(alert, name)) for name in _SENTENCES}
    return {"key": alert.key, **sentences, "about": list(alert.about)}


def alert_from_json(stored: Mapping[str, Any]) -> Alert:
    """The alert that `alert_to_json` made, or an earlier version, which kept its sentences as text.

    ValueError: a sentence cannot be read.
    """
    key = AlertKey(stored.get("key", AlertKey.EARLIER))
    title, sentence, advice = (from_json(stored[name]) for name in _SENTENCES)
    return Alert(key, title, sentence, advice, tuple(stored.get("about", ())))


def outcome_from_json(stored: Mapping[str, Any]) -> CommandAnswer:
    """The answer that `outcome_to_json` made, or an earlier version, of which all sentences were text.

    ValueError: a sentence cannot be read.
    """
    detail = stored.get("detail") or ()
    lines = detail.splitlines() if isinstance(detail, str) else detail
    return CommandAnswer(
        line=str(stored["line"]),
        done=bool(stored["done"]),
        sentence=from_json(stored["sentence"]),
        detail=tuple(from_json(line) for line in lines),
    )
