"""Sentences as JSON, in which the database keeps them with what they answer or tell."""

from datetime import datetime
from typing import Any

from mail.outbound.catalogue import Said, Value, said


def to_json(sentence: Said) -> dict[str, Any]:
    """The sentence as JSON: `{"key": …, "values": {…}}`; a time in it is `{"time": …}` in ISO 8601."""
    return {"key": sentence.key, "values": {name: _value_to_json(value) for name, value in sentence.values}}


def _value_to_json(value: Value) -> object:
    match value:
        case Said():
            return to_json(value)
        case datetime():
            return {"time": value.isoformat()}
        case _:
            return value


def from_json(stored: object) -> Said:
    """The sentence that `to_json` made; text is one that an earlier version kept. ValueError: it is neither."""
    match stored:
        case str():
            return said("formats.plain", text=stored)
        case {"key": str(key), "values": {**values}, **others} if not others:
            return Said(key, tuple(sorted((str(name), _value_from_json(value)) for name, value in values.items())))
        case _:
            raise ValueError(f"no sentence can be read from {stored!r}")


def _value_from_json(stored: object) -> Value:
    match stored:
        case {"time": str(moment), **others} if not others:
            time = datetime.fromisoformat(moment)
            if time.tzinfo is None:
                raise ValueError(f"the time {moment} of a sentence has no offset")
            return time
        case bool() | None:
            raise ValueError(f"no sentence has the value {stored!r}")
        case str() | int():
            return stored
        case _:
            return from_json(stored)
