"""Answers to commands are kept with their event as JSON, and read back."""

import json

from desk.commands.help import help_lines
from desk.commands.obey import STAFF_MAY, CommandAnswer
from mail.outbound.catalogue import said
from models.events.outcomes import outcome_from_json, outcome_to_json
from tests.support.values.builders import BOB
from tests.support.values.words import english

HELPED = CommandAnswer("#help", done=True, sentence=said("commands.introduction"), detail=help_lines(BOB, STAFF_MAY))


def test_an_answer_comes_back_as_it_was() -> None:
    assert outcome_from_json(json.loads(json.dumps(outcome_to_json(HELPED)))) == HELPED


def test_an_answer_of_an_earlier_version_is_read_with_its_words() -> None:
    stored = {"line": "#help", "done": True, "sentence": "You can write:", "detail": "#close: it is over\n#help"}

    answer = outcome_from_json(stored)

    assert (answer.line, answer.done, english(answer.sentence)) == ("#help", True, "You can write:")
    assert list(map(english, answer.detail)) == ["#close: it is over", "#help"]


def test_an_answer_of_an_earlier_version_without_detail_has_none() -> None:
    answer = outcome_from_json({"line": "#x", "done": False, "sentence": "No.", "detail": ""})

    assert (answer.done, answer.detail) == (False, ())
