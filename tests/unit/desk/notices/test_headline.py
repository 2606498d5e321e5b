"""The subject of an answer to staff says what happened, on one line of 78 characters at most."""

import pytest

from desk.commands.command import CommandAnswer
from desk.notices.held import HeldMail, Question
from desk.notices.labels import headline_of_held, headline_of_outcomes
from mail.outbound.catalogue import said
from tests.support.values.builders import a_ticket
from tests.support.values.words import ENGLISH, GERMAN, plain


def answers(*lines: str, refused: tuple[str, ...] = ()) -> tuple[CommandAnswer, ...]:
    done = tuple(CommandAnswer(line, done=True, sentence=said("formats.plain", text="So.")) for line in lines)
    return (*done, *(CommandAnswer(line, done=False, sentence=said("formats.plain", text="No.")) for line in refused))


OUTCOMES = [
    (answers("#resolve"), "[SD-1042] Done: #resolve · Printer"),
    (answers("#assign cat", "#priority high"), "[SD-1042] Done: #assign, #priority · Printer"),
    (answers(refused=("#assign nobody",)), "[SD-1042] Not done: #assign · Printer"),
    (answers("#close", refused=("#assign nobody",)), "[SD-1042] Partly done: #close, #assign · Printer"),
    (answers(""), "[SD-1042] Done: your mail · Printer"),
    (answers("", "#close"), "[SD-1042] Done: your mail, #close · Printer"),
]


@pytest.mark.parametrize(("outcomes", "subject"), OUTCOMES)
def test_it_says_what_was_done_on_which_ticket(outcomes: tuple[CommandAnswer, ...], subject: str) -> None:
    assert headline_of_outcomes(outcomes, a_ticket(title="Printer"), ENGLISH) == subject


def test_about_no_ticket_it_says_what_was_done_alone() -> None:
    assert headline_of_outcomes(answers("#help"), None, ENGLISH) == "Done: #help"


@pytest.mark.parametrize("lines", [("#close",), tuple(f"#{'x' * number} y" for number in range(1, 30))])
def test_it_is_cut_off(lines: tuple[str, ...]) -> None:
    subject = headline_of_outcomes(answers(*lines), a_ticket(title="A long title " * 20), ENGLISH)

    assert (len(subject) <= 78, subject[-1]) == (True, "…")


HELD = [
    (None, "Re: [SD-1042] Printer", "Not done: Re: [SD-1042] Printer"),
    (None, "", "Not done: a mail without a subject"),
    (Question.TOKEN, "Re: [SD-1042] Printer", "Waiting for your word: Re: [SD-1042] Printer"),
    (Question.PROVEN, "Chair", "Waiting for your word: Chair"),
    (Question.SPENT, "Re: [SD-1042] Printer", "Waiting for your word: a mail about SD-1042"),
    (Question.CLAIMED, "Re: [SD-1042] Pay at evil.example", "Waiting for your word: a mail about SD-1042"),
    (Question.REFUTED, "Pay at evil.example", "Waiting for your word: a mail under your address"),
]


@pytest.mark.parametrize(("question", "subject", "wanted"), HELD)
def test_it_says_that_a_mail_waits_and_repeats_no_words_that_nothing_proves(
    question: Question | None, subject: str, wanted: str
) -> None:
    assert headline_of_held(HeldMail(subject, plain("Why."), plain("What."), question=question), ENGLISH) == wanted


def test_it_is_in_the_language_of_its_reader() -> None:
    outcomes = answers("", "#close", refused=("#assign nobody",))
    held = [
        HeldMail(subject, plain("Why."), plain("What."), question=question) for _, subject, question in HELD_IN_GERMAN
    ]

    assert headline_of_outcomes(outcomes, None, GERMAN) == "Teilweise erledigt: Ihre Mail, #close, #assign"
    assert [headline_of_held(one, GERMAN) for one in held] == [wanted for wanted, *_ in HELD_IN_GERMAN]


HELD_IN_GERMAN = [
    ("Nicht erledigt: eine Mail ohne Betreff", "", None),
    ("Wartet auf Ihre Antwort: Stuhl", "Stuhl", Question.TOKEN),
    ("Wartet auf Ihre Antwort: eine Mail zu SD-7", "Re: [SD-7] Stuhl", Question.CLAIMED),
    ("Wartet auf Ihre Antwort: eine Mail unter Ihrer Adresse", "Stuhl", Question.REFUTED),
]
