"""Answers to commands, alerts and held mails as the JSON that an event keeps; held mails are read elsewhere."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from desk.commands.command import CommandAnswer
from desk.commands.reading.ask import Ask, Listed, Scope, View
from desk.notices.events import Alert, AlertKey
from desk.notices.held import HeldMail
from mail.outbound.sentence_json import from_json, to_json

_SENTENCES = ("title", "sentence", "advice")


def outcome_to_json(answer: CommandAnswer) -> dict[str, Any]:
    """The answer to one command as JSON."""
    detail = [to_json(line) for line in answer.detail]
    ask = {"ask": ask_to_json(answer.ask)} if answer.ask else {}
    return {"line": answer.line, "done": answer.done, "sentence": to_json(answer.sentence), "detail": detail, **ask}


def ask_to_json(ask: Ask) -> dict[str, Any]:
    """What is to be read as JSON, without what is empty."""
    return {name: value for name, value in asdict(ask).items() if value}


def ask_from_json(stored: Mapping[str, Any]) -> Ask:
    """What `ask_to_json` made. ValueError: there is no such view or kind of list."""
    scope = stored.get("scope")
    return Ask(
        view=View(stored["view"]),
        scope=Scope(scope) if scope else None,
        person=stored.get("person"),
        ticket=stored.get("ticket"),
        words=stored.get("words", ""),
        after=stored.get("after", ""),
        mail=stored.get("mail"),
    )


def listed_to_json(listed: Listed) -> dict[str, Any]:
    """What a mail lists, as its row in the outbox keeps it."""
    mails = {"mails": list(listed.mails)} if listed.mails else {}
    return {"tickets": list(listed.tickets), **mails, **({"more": ask_to_json(listed.more)} if listed.more else {})}


def listed_from_json(stored: Mapping[str, Any] | None) -> Listed | None:
    """What `listed_to_json` made; None where the mail lists nothing. ValueError: as `ask_from_json`."""
    if stored is None:
        return None
    more = stored.get("more")
    return Listed(tuple(stored["tickets"]), ask_from_json(more) if more else None, mails=tuple(stored.get("mails", ())))


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
        ask=ask_from_json(stored["ask"]) if "ask" in stored else None,
    )
