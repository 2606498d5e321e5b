"""A sentence is kept as JSON and read back, and what is none is refused."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mail.outbound.catalogue import Said, in_english, said
from mail.outbound.sentence_json import from_json, to_json
from tests.support.values.words import english

KEPT = [
    said("labels.status_open"),
    said("labels.now_with", noun="request", name="Zoë {x} “y” \n"),
    said("formats.days", count=0),
    said("labels.now_titled", title=said("labels.now_with", noun="ticket", name=said("labels.status_open"))),
    said("labels.now_titled", title=datetime(2026, 11, 2, 10, 1, tzinfo=UTC)),
    said("labels.now_titled", title=datetime(2026, 11, 2, 11, 1, 2, 3, tzinfo=timezone(timedelta(hours=-3.5)))),
    said("commands.help", usage="key", does="values"),
]


@pytest.mark.parametrize("sentence", KEPT, ids=lambda one: one.key)
def test_a_sentence_comes_back_from_json_as_it_was(sentence: Said) -> None:
    assert from_json(json.loads(json.dumps(to_json(sentence)))) == sentence


def test_text_that_an_earlier_version_kept_is_said_as_it_stands() -> None:
    assert english(from_json("The ticket {is} now resolved.")) == "The ticket {is} now resolved."


UNREADABLE: list[object] = [
    None,
    3,
    [],
    {},
    {"key": "labels.status_open"},
    {"key": 3, "values": {}},
    {"key": "labels.status_open", "values": []},
    {"key": "labels.status_open", "values": {}, "more": 1},
    {"key": "labels.now_titled", "values": {"title": None}},
    {"key": "labels.now_titled", "values": {"title": True}},
    {"key": "labels.now_titled", "values": {"title": 1.5}},
    {"key": "labels.now_titled", "values": {"title": ["a"]}},
    {"key": "labels.now_titled", "values": {"title": {"time": "yesterday"}}},
    {"key": "labels.now_titled", "values": {"title": {"time": "2026-11-02T10:01:00"}}},
    {"key": "labels.now_titled", "values": {"title": {"key": "labels.status_open"}}},
]


@pytest.mark.parametrize("stored", UNREADABLE, ids=repr)
def test_what_is_no_sentence_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match=r"sentence|Invalid isoformat"):
        from_json(stored)


def test_operators_read_a_sentence_in_english() -> None:
    assert in_english(said("reasons.yours")) == english(said("reasons.yours"))
