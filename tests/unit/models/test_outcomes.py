"""Answers to commands, alerts and held mails are kept with their event as JSON, and read back."""

import json
from typing import Any

from desk.commands.command import CommandAnswer, Setting
from desk.commands.obey import help_lines
from desk.notices.events import Alert, AlertKey
from desk.notices.held import HeldMail, Listed, Question, WholeMail
from mail.outbound.catalogue import said, together
from models.announce.held import held_of
from models.events.outcomes import alert_from_json, alert_to_json, held_to_json, outcome_from_json, outcome_to_json
from tests.support.values.builders import BOB
from tests.support.values.words import english, plain

HELP = help_lines(Setting(BOB, None, ()))
HELPED = CommandAnswer("#help", done=True, sentence=said("commands.introduction"), detail=HELP)


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


HELD = HeldMail(
    subject="Re: Printer",
    reason=together(said("held.names_by_tag", tag="SD-7"), said("held.why_not_shown")),
    advice=said("held.confirm_it"),
    whole=WholeMail("Hi.", "", ("a@x.example",), ("#close",), (("a.txt", 3),)),
    question=Question.CLAIMED,
    listed=(Listed(1, 2, shown=True, by_all=False),),
)


def test_a_held_mail_comes_back_as_it_was() -> None:
    assert held_of(json.loads(json.dumps(held_to_json(HELD)))) == HELD


def test_a_held_mail_of_an_earlier_version_is_read_with_its_words() -> None:
    words = {"subject": "Hi", "reason": "Why.", "advice": "What."}
    stored: dict[str, Any] = {**words, "whole": None, "question": None, "listed": []}

    assert held_of(stored) == HeldMail("Hi", plain("Why."), plain("What."))


def test_an_alert_comes_back_as_it_was() -> None:
    title = said("admins.news_title", tag="SD-7")
    alert = Alert(AlertKey.NEWS, title, said("admins.strangers"), said("admins.refused_advice"), ("SD-7",))

    assert alert_from_json(json.loads(json.dumps(alert_to_json(alert)))) == alert


def test_an_alert_of_an_earlier_version_is_read_with_its_words() -> None:
    alert = alert_from_json({"title": "One", "sentence": "Two.", "advice": "Three."})

    assert alert == Alert(AlertKey.EARLIER, plain("One"), plain("Two."), plain("Three."))
